"""Who answers a phone that the helpline calls, and what the carrier makes of it.

What it tells is AnsweredBy, as twilio.com/docs/voice/answering-machine-detection has it (November 2026).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

# The person at the phone decides, in the browser or over /phones.
PERSON = "person"
BUSY, NO_ANSWER, FAILED = "busy", "no-answer", "failed"
ENABLE, MESSAGE_END = "Enable", "DetectMessageEnd"
DETECTIONS = ("", ENABLE, MESSAGE_END)

# Who picks up by itself, and is told as what once its greeting is over. Only machines have one.
_MACHINES = {
    "machine": "machine_end_beep",
    "machine-silence": "machine_end_silence",
    "machine-other": "machine_end_other",
}
_OTHERS = {"human": "human", "fax": "fax", "silence": "unknown"}
BY_THEMSELVES = frozenset(_MACHINES | _OTHERS)
ANSWERERS = (PERSON, *_OTHERS, *_MACHINES, BUSY, NO_ANSWER, FAILED)


@dataclass(frozen=True, slots=True)
class Answerer:
    """Who answers: a share of all calls, or those to one number."""

    who: str
    share: float = 0.0
    number: str = ""

    def befalls(self, number: str, chance: Callable[[], float]) -> bool:
        return number == self.number if self.number else chance() < self.share

    def __str__(self) -> str:
        return f"{self.who}:{self.number or self.share}"


def who_answers(answerers: Iterable[Answerer], number: str, chance: Callable[[], float]) -> str:
    """The first of these whom a call befalls, or else the person at the phone."""
    return next((each.who for each in answerers if each.befalls(number, chance)), PERSON)


def answered_by(who: str, detection: str) -> str:
    """What the carrier tells of who answered; nothing where it was not asked to listen."""
    if not detection:
        return ""
    known: Mapping[str, str] = _OTHERS | {PERSON: "human"}
    if who in known:
        return known[who]
    return _MACHINES[who] if detection == MESSAGE_END else "machine_start"


def greets(who: str) -> bool:
    """Whether it speaks first, for a while, before it records."""
    return who in _MACHINES
