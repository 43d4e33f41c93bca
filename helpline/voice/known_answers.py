"""Answers to keys that were given within this minute: many callers press the same key at the same place.

An answer hangs on the place (which stands in the URL) and the keys, not on who calls. Where something was done for a
caller, or where they told something, none is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from helpline.conversation.heard import Heard
from helpline.conversation.session import Session
from helpline.conversation.turn import Turn
from helpline.prompts_folder import Loaded
from helpline.turns.this_minute import ThisMinute, is_everybodys

LONGEST = 400  # characters of what is asked


@dataclass(frozen=True, slots=True)
class Known:
    """A turn of a call from before: where the caller was, what was heard, the turn, and its TwiML."""

    here: Session
    heard: Heard
    turn: Turn
    twiml: str


class KnownAnswers:
    """The answers of this minute, by where the caller is and the keys. Threads share one."""

    def __init__(self) -> None:
        self._answers: ThisMinute[tuple[str, str], Known] = ThisMinute()

    def get(
        self, loaded: Loaded, notice: Mapping[str, str] | None, now: datetime, where: str, keys: str
    ) -> Known | None:
        """The answer that was given there, to these keys."""
        return self._answers.get(loaded, notice, now, (where, keys))

    def keep(
        self, loaded: Loaded, notice: Mapping[str, str] | None, now: datetime, where: str, keys: str, known: Known
    ) -> None:
        """Keep one for the rest of the minute, if it hangs on nothing else."""
        if len(where) + len(keys) <= LONGEST and is_everybodys(known.here, known.turn):
            self._answers.keep(loaded, notice, now, (where, keys), known)
