"""What was answered within this minute, for both channels: many callers ask the same at the same place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from helpline.conversation.session import Session
from helpline.conversation.turn import Turn

MOST = 2000  # answers, some 3 kB each

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")
_Notice = Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class _Minute(Generic[Asked, Answer]):
    """What all answers have in common, and the answers."""

    loaded: object
    notice: _Notice
    at: tuple[int, ...]
    answers: dict[Asked, Answer] = field(default_factory=dict)


class ThisMinute(Generic[Asked, Answer]):
    """The answers of this minute, to what was asked. Threads share one; what two write at once is the same.

    An answer hangs on the prompts that are loaded, the notice that is up, and the time by the minute. With another one
    of them all answers are forgotten.
    """

    def __init__(self) -> None:
        self._minute: _Minute[Asked, Answer] | None = None

    def get(self, loaded: object, notice: _Notice, now: datetime, asked: Asked) -> Answer | None:
        """What was answered to this."""
        return self._of(loaded, notice, now).get(asked)

    def keep(self, loaded: object, notice: _Notice, now: datetime, asked: Asked, answer: Answer) -> None:
        """Keep an answer for the rest of the minute, as long as there are not too many."""
        answers = self._of(loaded, notice, now)
        if len(answers) < MOST:
            answers[asked] = answer

    def _of(self, loaded: object, notice: _Notice, now: datetime) -> dict[Asked, Answer]:
        minute, at = self._minute, (now.toordinal(), now.hour, now.minute)
        if minute and minute.loaded is loaded and minute.notice == notice and minute.at == at:
            return minute.answers
        self._minute = minute = _Minute(loaded, notice, at)
        return minute.answers


def is_everybodys(here: Session, turn: Turn) -> bool:
    """Whether a turn would be the same for every caller at this place: nothing was done, and nobody told anything."""
    return not turn.outcomes and not here.form and not turn.session.form
