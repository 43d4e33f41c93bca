"""Plays one conversation of a script against a running server, as a phone would."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from helpline.settings import Settings
from helpline.simulator.line.call import Call
from helpline.simulator.line.texts import TextLine
from helpline.simulator.line.webhooks import Webhooks
from helpline.simulator.script.conversation import (
    BETWEEN_KEYS,
    BETWEEN_TEXTS,
    HANGS_UP,
    NEXT_MESSAGE,
    NO_ANSWER,
    Conversation,
    Step,
)
from helpline.simulator.script.dates import DatePassed, ServerDate
from helpline.simulator.twiml.reading import Fault, Heard, Play, Say

# What the helpline keeps of texts is forgotten in real time, which no time machine moves.
FORGOTTEN_AFTER = timedelta(days=3)
WITHHELD = "anonymous"


class Skipped(Exception):
    """A conversation that cannot be played here; the message says why."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One step with another answer than the script has. `number` counts from 1; the greeting of a call is the first."""

    number: int
    asked: str
    expected: str
    actual: str


def why_not(conversation: Conversation, languages: Sequence[str], has_dates: bool) -> str:
    """Why a conversation cannot be played against a server, whatever it answers; nothing if it can."""
    steps = conversation.steps
    if conversation.not_yet:
        return "they say what the helpline does not do yet"
    if conversation.memory == "down" or conversation.sql:
        return "a part of the helpline is out of order in them"
    if conversation.calendar:
        return "they have a calendar of their own"
    if conversation.reminders not in ("", "none"):
        return "the caller agreed to something before"
    if conversation.called:
        return "the helpline calls in them"
    if conversation.call_back:
        return "the operator calls nobody back in them, or nobody any more that day"
    if conversation.adviser:
        return "somebody's phone rings for callers in them"
    if conversation.number == "landline":
        return "the caller has a landline"
    if conversation.number == "abroad":
        return "the caller's number is of another country"
    if conversation.number and conversation.channel == "sms":
        return "texts from a withheld number do not come from a phone"
    if any(step.does == "receives" for step in steps):
        return "the helpline sends something by itself in them"
    if conversation.remembers and conversation.channel == "sms":
        return "the caller's language is remembered from another conversation"
    if conversation.languages != tuple(languages):
        return f"they are of a helpline in other languages than {', '.join(languages)}"
    if any(_is_forgotten(one, other) for one, other in _moments(conversation)):
        return f"more than {FORGOTTEN_AFTER.days} days pass, after which a session is forgotten"
    if not has_dates and (conversation.when or any(step.at or step.later or step.every for step in steps)):
        return "they need a given date, and this server has no time machine"
    return ""


def replay(
    conversation: Conversation, webhooks: Webhooks, settings: Settings, number: str, date: ServerDate | None
) -> list[Difference]:
    """Play it from a fresh number; where the server answers otherwise. Skipped if it does not get that far."""
    number = WITHHELD if conversation.number == "withheld" else number
    play = _call if conversation.channel == "voice" else _texts
    clock = _Clock(conversation, date)
    answers = list(play(conversation, webhooks, settings, number, clock))
    asked = [f"{step.does} {step.what!r}".removesuffix(" ''") for step in conversation.steps]
    asked = ["the call begins", *asked] if conversation.channel == "voice" else asked
    return [
        Difference(index, what, expected, actual)
        for index, (what, expected, actual) in enumerate(
            zip(asked, conversation.answers, answers, strict=True), start=1
        )
        if expected != actual
    ]


class _Clock:
    """The moments of a conversation, which the server's date follows."""

    def __init__(self, conversation: Conversation, date: ServerDate | None) -> None:
        self._date, self._now = date, conversation.when
        self._travel()

    def move(self, step: Step, usual: timedelta) -> None:
        if self._now:
            self.go_to(step.at or self._now + (step.later or usual))

    def wait(self, length: timedelta) -> None:
        if self._now:
            self.go_to(self._now + length)

    def go_to(self, moment: datetime) -> None:
        self._now = moment
        self._travel()

    def _travel(self) -> None:
        if self._date and self._now:
            try:
                self._date.travel_to(self._now)
            except DatePassed as error:
                raise Skipped(
                    "the time machine does not go to their date: forward only, three years at most"
                ) from error


def _texts(
    conversation: Conversation, webhooks: Webhooks, settings: Settings, number: str, clock: _Clock
) -> Iterator[str]:
    line = TextLine(webhooks, settings, number)
    for index, step in enumerate(conversation.steps):
        if index or step.at:
            clock.move(step, BETWEEN_TEXTS)
        messages: list[str] = []
        for again in range(step.times):
            if again:
                clock.wait(step.every or BETWEEN_TEXTS)
            words = step.words(again)
            messages = line.send(words, media=0 if words else 1)
        yield f"\n{NEXT_MESSAGE}\n".join(messages) or NO_ANSWER


def _call(
    conversation: Conversation, webhooks: Webhooks, settings: Settings, number: str, clock: _Clock
) -> Iterator[str]:
    if conversation.remembers:
        TextLine(webhooks, settings, number).send(conversation.remembers.upper())
    call = Call(webhooks, settings, number)
    try:
        yield _heard(_greeted(call), call)
        for step in conversation.steps:
            clock.move(step, BETWEEN_KEYS)
            yield _done_in_call(call, step)
    finally:
        call.hang_up()


def _greeted(call: Call) -> Iterator[Heard]:
    """What a call begins with, however long it rings before."""
    yield from call.begin()
    if call.rings_for:
        yield from call.pick_up()


def _done_in_call(call: Call, step: Step) -> str:
    if call.waits is None:
        return "(the call is over)"
    match step.does:
        case "presses":
            heard, _ = call.press(step.what)
        case "says" if not call.waits.speech:
            raise Skipped("something is said, and this server takes keys only (VOICE_SPEECH)")
        case "says":
            heard = call.say(step.what)
        case "silent":
            heard = call.silence()
        case _:
            raise Skipped("somebody writes in a call")
    return _heard(heard, call)


def _heard(heard: Iterable[Heard], call: Call) -> str:
    """What is heard, as a script writes it: the language of each voice, and its words."""
    lines: list[str] = []
    for piece in heard:
        match piece:
            case Say(_, language, said):
                lines += [f"{language.partition('-')[0]}: {line}" for line in said]
            case Play(url):
                lines.append(f"(plays {url})")
            case Fault(words):
                lines.append(f"(fault: {words})")
    return "\n".join([*lines, HANGS_UP] if call.is_over else lines)


def _moments(conversation: Conversation) -> Iterator[tuple[datetime, datetime]]:
    """Each moment with the one after it, as far as dates are given."""
    now = conversation.when
    for step in conversation.steps:
        if now is None:
            return
        after = step.at or now + (step.later or BETWEEN_TEXTS)
        yield now, after
        now = after


def _is_forgotten(one: datetime, other: datetime) -> bool:
    return other - one > FORGOTTEN_AFTER
