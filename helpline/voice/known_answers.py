"""Answers to keys that were given within this minute: many callers press the same key at the same place.

An answer hangs on the prompts, the place (which stands in the URL), the keys, the time by the minute, and the notice
that is up: not on who calls. Where something was done for a caller, or where they told something, none is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from helpline.conversation.heard import Heard
from helpline.conversation.session import Session
from helpline.conversation.turn import Turn
from helpline.prompts_folder import Loaded

MOST, LONGEST = 2000, 400  # answers, some 3 kB each; characters of what is asked

_Notice = Mapping[str, str] | None
_Asked = tuple[str, str]  # where, and the keys


@dataclass(frozen=True, slots=True)
class Known:
    """A turn of a call from before: where the caller was, what was heard, the turn, and its TwiML."""

    here: Session
    heard: Heard
    turn: Turn
    twiml: str


@dataclass(frozen=True, slots=True)
class _Minute:
    """What all answers have in common, and the answers."""

    loaded: Loaded
    notice: _Notice
    at: tuple[int, ...]
    answers: dict[_Asked, Known] = field(default_factory=dict)


class KnownAnswers:
    """The answers of this minute. Threads share one; what two write at once is the same."""

    def __init__(self) -> None:
        self._minute: _Minute | None = None

    def get(self, loaded: Loaded, notice: _Notice, now: datetime, where: str, keys: str) -> Known | None:
        """The answer that was given there, to these keys."""
        return self._of(loaded, notice, now).get((where, keys))

    def keep(self, loaded: Loaded, notice: _Notice, now: datetime, where: str, keys: str, known: Known) -> None:
        """Keep one for the rest of the minute, if it hangs on nothing else."""
        answers = self._of(loaded, notice, now)
        told_something = known.here.form or known.turn.session.form
        is_short = len(where) + len(keys) <= LONGEST
        if is_short and len(answers) < MOST and not known.turn.outcomes and not told_something:
            answers[where, keys] = known

    def _of(self, loaded: Loaded, notice: _Notice, now: datetime) -> dict[_Asked, Known]:
        minute, at = self._minute, (now.toordinal(), now.hour, now.minute)
        if minute and minute.loaded is loaded and minute.notice == notice and minute.at == at:
            return minute.answers
        self._minute = minute = _Minute(loaded, notice, at)
        return minute.answers
