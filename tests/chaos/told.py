"""What callers were told: by number, the last word on their reminders, and what they had said before."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

# As the answers begin or contain them; a test holds that prompts say so.
SAVED = "c'est noté : tous les rappels"
ACTIVE = "Vous recevez tous les rappels"
ASKS = "Ou écrivez OUI"
ENDED = "C'est fini."
NOT_ENDED = "votre STOP n'est pas enregistré"
DONE = "Pas d'autre rappel pour cette actualisation"
NOTHING_DUE = "Vous n'avez pas de rappel chez nous"
ASKS_TO_ERASE = "Voulez-vous effacer votre numéro"
ERASED = "C'est effacé"
LATER = "une panne"  # whatever could not be done, and how to try again
PHRASES = (SAVED, ACTIVE, ASKS, ENDED, NOT_ENDED, DONE, NOTHING_DUE, ASKS_TO_ERASE, ERASED, LATER)

Wish = Literal["stop", "done", "erase", "sign_up"]
CONFIRMED: dict[Wish, tuple[str, ...]] = {
    "stop": (ENDED,),
    "done": (DONE,),
    "erase": (ERASED,),
    "sign_up": (SAVED, ACTIVE),
}
TOLD_SO: dict[Wish, str] = {"stop": NOT_ENDED, "done": LATER, "erase": LATER, "sign_up": LATER}


@dataclass
class Person:
    """What one number said and was told. `last`: the last wish that was confirmed; `open`: one that was not, yet."""

    number: str
    said: set[Wish] = field(default_factory=set)
    last: Wish | None = None
    open: Wish | None = None
    confirmed_at: datetime | None = None


@dataclass
class Told:
    """Everybody's. Threads share it; each number belongs to one thread at a time."""

    people: dict[str, Person] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    odd: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, number: str) -> Person:
        with self._lock:
            return self.people.setdefault(number, Person(number))

    def count(self, what: str) -> None:
        with self._lock:
            self.counts[what] += 1

    def note_odd(self, what: str) -> None:
        """An answer that design.md does not know."""
        with self._lock:
            self.counts["odd"] += 1
            self.odd.append(what[:300])


def holds(messages: Sequence[str], *phrases: str) -> bool:
    whole = "\n".join(messages)
    return any(phrase.casefold() in whole.casefold() for phrase in phrases)
