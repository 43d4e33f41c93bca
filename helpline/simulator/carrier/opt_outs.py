"""STOP as the carrier itself handles it: whom it blocks, and what it answers in its own name.

A bare short code leaves all of it to us. A long code answers the English words by itself, which still reach the
helpline as ordinary text. A messaging service tells the helpline (`OptOutType`) that it has answered already.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, cast

from helpline.simulator.carrier.journal import Message

Handling = Literal["none", "default", "advanced"]
Word = Literal["STOP", "START", "HELP", ""]

STOP_WORDS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
START_WORDS = frozenset({"START", "YES", "UNSTOP"})
HELP_WORDS = frozenset({"HELP", "INFO"})

STOPPED = "You have successfully been unsubscribed. You will not receive any more messages. Reply START to resubscribe."
STARTED = "You have successfully been re-subscribed to messages. Reply HELP for help. Reply STOP to unsubscribe."
HELPED = "Reply STOP to unsubscribe. Msg&Data Rates May Apply."


def handling(sender: str, chosen: str) -> Handling:
    """How opt-outs from texts of this sender are handled: as chosen, or as is usual for its kind."""
    if chosen:
        return cast(Handling, chosen)  # Behaviour takes no others
    if sender.startswith("MG"):
        return "advanced"
    return "default" if sender.startswith("+") else "none"


def word_of(body: str) -> Word:
    """Which keyword a text is. Only the whole text counts: "Stop please" is none."""
    alone = body.strip().upper()
    if alone in STOP_WORDS:
        return "STOP"
    if alone in START_WORDS:
        return "START"
    return "HELP" if alone in HELP_WORDS else ""


class OptOuts:
    """The numbers that the carrier blocks. They follow from the journal, so that a restart unblocks nobody."""

    def __init__(self, messages: Iterable[Message] = ()) -> None:
        self._blocked: set[str] = set()
        for message in messages:
            self._take(message.sender, message.opt_out)

    def is_blocked(self, number: str) -> bool:
        return number in self._blocked

    def heard(self, number: str, body: str, handled: Handling) -> tuple[Word, str]:
        """A text came from a number: the keyword that the carrier took it for, and its own answer, if any."""
        word = "" if handled == "none" else word_of(body)
        was_blocked = self.is_blocked(number)
        self._take(number, word)
        match word:
            case "STOP":
                return word, "" if was_blocked else STOPPED
            case "START":
                return word, STARTED if was_blocked else ""
            case "HELP":
                return word, "" if was_blocked else HELPED
            case _:
                return word, ""

    def _take(self, number: str, word: str) -> None:
        if word == "STOP":
            self._blocked.add(number)
        elif word == "START":
            self._blocked.discard(number)
