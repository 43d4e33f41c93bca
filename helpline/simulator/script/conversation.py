"""A script: the file of conversations that tests and `helpline talk --script` play, read into values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import yaml

from helpline.menus.dates import PARIS

DOES = ("writes", "presses", "says", "silent", "other phone", "receives")
TURN_NAMES = (*DOES, "at", "later", "times", "every", "note", "answer")
NAMES = (
    "title",
    "note",
    "not yet",
    "channel",
    "when",
    "remembers",
    "languages",
    "memory",
    "calendar",
    "reminders",
    "sql",
    "number",
    "called",
    "answered by",
    "call back",
    "adviser",
    "greeting",
    "turns",
)
_UNITS = {"second": "seconds", "minute": "minutes", "hour": "hours", "day": "days"}
_LENGTH = re.compile(r"^([0-9]+) (second|minute|hour|day)s?$")
NO_ANSWER, NEXT_MESSAGE, HANGS_UP = "(no answer)", "(next message)", "(hangs up)"
OTHER_PHONE = "(calls another phone)"
BETWEEN_TEXTS, BETWEEN_KEYS = timedelta(seconds=30), timedelta(seconds=12)


@dataclass(frozen=True)
class Step:
    """One thing that a person does, and the answer to it; or a page that the helpline sends by itself (`receives`).

    `does` is writes, presses, says, silent or receives; `what` the words, the key or the page. Where the call is put
    through to an `other phone`, that is how it goes there: completed, busy, no-answer or failed. `times` repeats it,
    `every` so often.
    """

    does: str
    what: str
    answer: str = ""
    at: datetime | None = None
    later: timedelta | None = None
    times: int = 1
    every: timedelta | None = None
    written: dict[str, str] = field(default_factory=dict)

    def words(self, turn: int) -> str:
        """What is written the first, second ... time: "actu / menu" is "actu" and "menu" in turn."""
        if self.times == 1:
            return self.what
        choices = self.what.split(" / ")
        return choices[turn % len(choices)]


@dataclass(frozen=True)
class Conversation:
    """One conversation as its author wrote it. `greeting` is what a call begins with; without `when` it is of any day.

    `reminders` is what is active or in the way: none, all, last, called (all, by calls) or blocked, and things with
    their dates, with commas between them. `number` is withheld, landline or abroad. `called` is the page that a call
    of ours begins with, `answered_by` a machine that picks up; `call_back` says that the operator does not (off), or
    not any more (spent); `adviser` that somebody's phone rings for callers. `not_yet` says why the helpline does not
    answer so yet: these answers are a wish, and are never regenerated.
    """

    file: str
    title: str
    channel: str
    when: datetime | None
    steps: tuple[Step, ...]
    greeting: str = ""
    remembers: str = ""
    languages: tuple[str, ...] = ("fr", "en")
    memory: str = ""
    calendar: str = ""
    reminders: str = ""
    sql: str = ""
    number: str = ""
    called: str = ""
    answered_by: str = ""
    call_back: str = ""
    adviser: str = ""
    not_yet: str = ""
    written: dict[str, str] = field(default_factory=dict)

    @property
    def answers(self) -> tuple[str, ...]:
        """The greeting of a call, then the answers, in order."""
        given = tuple(step.answer for step in self.steps)
        return (self.greeting, *given) if self.channel == "voice" else given

    def with_answers(self, answers: tuple[str, ...]) -> Conversation:
        """The same conversation with other answers."""
        greeting, given = (answers[0], answers[1:]) if self.channel == "voice" else ("", answers)
        steps = tuple(replace(step, answer=answer) for step, answer in zip(self.steps, given, strict=True))
        return replace(self, greeting=greeting, steps=steps)


def read_conversations(path: Path) -> list[Conversation]:
    """The conversations of one file; ValueError names the one that cannot be read."""
    try:
        found = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - strings only: it makes no objects
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"{path.name} is no YAML: {error}") from error
    except RecursionError:
        raise ValueError(f"{path.name} is nested too deeply: conversations are a list") from None
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise ValueError(f"{path.name} holds no conversations: it is a list, and each one begins with '- title:'")
    return [_conversation(path.name, entry) for entry in found]


def _conversation(file: str, entry: Mapping[str, object]) -> Conversation:
    title = str(entry.get("title", "?"))
    try:
        return _read(file, title, entry)
    except ValueError as error:
        raise ValueError(f"{file}, '{title}': {error}") from error


def _read(file: str, title: str, entry: Mapping[str, object]) -> Conversation:
    if unknown := set(entry) - set(NAMES):
        raise ValueError(f"{', '.join(sorted(unknown))} means nothing here")
    written = {name: str(value) for name, value in entry.items() if name != "turns"}
    turns = entry.get("turns")
    is_empty = not turns and "called" not in written  # a machine that picks up does nothing
    if not isinstance(turns, list) or is_empty or written.get("channel") not in ("sms", "voice"):
        raise ValueError("needs 'channel: sms' or 'channel: voice', and turns")
    return Conversation(
        file=file,
        title=title,
        channel=written["channel"],
        when=_moment(written["when"]) if "when" in written else None,
        steps=tuple(_step(turn) for turn in turns),
        greeting=written.get("greeting", "").rstrip("\n"),
        remembers=written.get("remembers", ""),
        languages=tuple(written.get("languages", "fr, en").replace(",", " ").split()),
        memory=written.get("memory", ""),
        calendar=written.get("calendar", ""),
        reminders=written.get("reminders", ""),
        sql=written.get("sql", ""),
        number=written.get("number", ""),
        called=written.get("called", ""),
        answered_by=written.get("answered by", ""),
        call_back=written.get("call back", ""),
        adviser=written.get("adviser", ""),
        not_yet=written.get("not yet", ""),
        written=written,
    )


def _step(entry: object) -> Step:
    turn = {str(name): str(value) for name, value in entry.items()} if isinstance(entry, dict) else {}
    does = [name for name in DOES if name in turn]
    if len(does) != 1 or set(turn) - set(TURN_NAMES):
        raise ValueError(f"a turn says one of {', '.join(DOES)}; it has {', '.join(turn) or repr(entry)}")
    return Step(
        does=does[0],
        what=turn[does[0]].rstrip("\n") if does[0] != "silent" else "",
        answer=turn.get("answer", "").rstrip("\n"),
        at=_moment(turn["at"]) if "at" in turn else None,
        later=_length(turn["later"]) if "later" in turn else None,
        times=_times(turn.get("times", "1")),
        every=_length(turn["every"]) if "every" in turn else None,
        written=turn,
    )


def _times(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < len(text) <= 3 or not int(text):
        raise ValueError(f"'times: {text}' is no number of times")
    return int(text)


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=PARIS)


def _length(text: str) -> timedelta:
    match = _LENGTH.match(text)
    if not match:
        raise ValueError(f"'{text}' is no time: write for example '35 minutes' or '2 days'")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})
