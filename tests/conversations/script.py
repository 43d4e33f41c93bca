"""The files of conversations: read into values, and written back with new answers and nothing else changed."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import takewhile
from pathlib import Path

import yaml

from helpline.menus.dates import PARIS

FOLDER = Path(__file__).parent

DOES = ("writes", "presses", "says", "silent", "receives")
_TURN_NAMES = (*DOES, "at", "later", "times", "every", "note", "answer")
_NAMES = (
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
    "greeting",
    "turns",
)
_UNITS = {"second": "seconds", "minute": "minutes", "hour": "hours", "day": "days"}
_LENGTH = re.compile(r"^([0-9]+) (second|minute|hour|day)s?$")
_LONGEST_LINE = 110


@dataclass(frozen=True)
class Step:
    """One thing that a person does, and the answer to it; or a page that the helpline sends by itself (`receives`).

    `does` is writes, presses, says, silent or receives; `what` the words, the key or the page. `times` repeats it,
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
    """One conversation as its author wrote it. `greeting` is what a call begins with.

    `reminders` is what is active or in the way: none, all, last or blocked. `number` is withheld or landline.
    `not_yet` says why the helpline does not answer so yet: these answers are a wish, and are never regenerated.
    """

    file: str
    title: str
    channel: str
    when: datetime
    steps: tuple[Step, ...]
    greeting: str = ""
    remembers: str = ""
    languages: tuple[str, ...] = ("fr", "en")
    memory: str = ""
    calendar: str = ""
    reminders: str = ""
    sql: str = ""
    number: str = ""
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


def all_files() -> list[Path]:
    return sorted(FOLDER.glob("*.yaml"))


def read_conversations(path: Path) -> list[Conversation]:
    """The conversations of one file; ValueError names the one that cannot be read."""
    found = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    return [_conversation(path.name, entry) for entry in found]


def write_conversations(path: Path, conversations: list[Conversation]) -> bool:
    """Write a file anew, keeping the comment at its top. Whether anything changed."""
    before = path.read_text(encoding="utf-8")
    comment = takewhile(lambda line: line.startswith("#"), before.splitlines())
    text = "\n".join(["\n".join([*comment, ""]), *(_conversation_text(each) for each in conversations)])
    path.write_text(text, encoding="utf-8")
    return text != before


def _conversation(file: str, entry: dict[str, str | list[dict[str, str]]]) -> Conversation:
    title = str(entry.get("title", "?"))
    unknown = set(entry) - set(_NAMES)
    if unknown:
        raise ValueError(f"{file}, '{title}': {', '.join(sorted(unknown))} means nothing here")
    written = {name: str(value) for name, value in entry.items() if name != "turns"}
    turns = entry["turns"]
    if not isinstance(turns, list) or written.get("channel") not in ("sms", "voice"):
        raise ValueError(f"{file}, '{title}': needs 'channel: sms' or 'channel: voice', and turns")
    return Conversation(
        file=file,
        title=title,
        channel=written["channel"],
        when=_moment(written["when"]),
        steps=tuple(_step(file, title, turn) for turn in turns),
        greeting=written.get("greeting", "").rstrip("\n"),
        remembers=written.get("remembers", ""),
        languages=tuple(written.get("languages", "fr, en").replace(",", " ").split()),
        memory=written.get("memory", ""),
        calendar=written.get("calendar", ""),
        reminders=written.get("reminders", ""),
        sql=written.get("sql", ""),
        number=written.get("number", ""),
        not_yet=written.get("not yet", ""),
        written=written,
    )


def _step(file: str, title: str, turn: dict[str, str]) -> Step:
    does = [name for name in DOES if name in turn]
    unknown = set(turn) - set(_TURN_NAMES)
    if len(does) != 1 or unknown:
        raise ValueError(f"{file}, '{title}': a turn says one of {', '.join(DOES)}; it has {', '.join(turn)}")
    return Step(
        does=does[0],
        what=turn[does[0]].rstrip("\n") if does[0] != "silent" else "",
        answer=turn.get("answer", "").rstrip("\n"),
        at=_moment(turn["at"]) if "at" in turn else None,
        later=_length(turn["later"]) if "later" in turn else None,
        times=int(turn.get("times", "1")),
        every=_length(turn["every"]) if "every" in turn else None,
        written=turn,
    )


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=PARIS)


def _length(text: str) -> timedelta:
    match = _LENGTH.match(text)
    if not match:
        raise ValueError(f"'{text}' is no time: write for example '35 minutes' or '2 days'")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def _conversation_text(conversation: Conversation) -> str:
    lines: list[str] = []
    written = {**conversation.written, "greeting": conversation.greeting}
    for name in _NAMES:
        if name != "turns" and (written.get(name) or (name == "greeting" and conversation.channel == "voice")):
            lines += _value(name, written[name], block=name in ("greeting", "calendar"))
    lines.append("turns:")
    for step in conversation.steps:
        inside: list[str] = []
        for name in _TURN_NAMES:
            if name == "answer":
                inside += _value(name, step.answer, block=True)
            elif name in step.written:
                inside += _value(name, step.written[name])
        lines += _as_entry(inside)
    return "\n".join(_as_entry(lines)) + "\n"


def _as_entry(lines: list[str]) -> list[str]:
    return [("- " if number == 0 else "  ") + line if line else "" for number, line in enumerate(lines)]


def _value(name: str, text: str, block: bool = False) -> list[str]:
    text = text.rstrip("\n")
    plain = f"{name}: {text}"
    if text and not block and "\n" not in text and len(plain) <= _LONGEST_LINE and _reads_as(plain, name, text):
        return [plain]
    if text and (block or "\n" in text or len(plain) > _LONGEST_LINE):
        lines = [f"{name}: |", *(f"  {line}" if line else "" for line in text.split("\n"))]
        if _reads_as("\n".join(lines), name, text):
            return lines
    return [f"{name}: {json.dumps(text, ensure_ascii=False)}"]


def _reads_as(written: str, name: str, text: str) -> bool:
    try:
        read = yaml.load(written, Loader=yaml.BaseLoader)
    except yaml.YAMLError:
        return False
    return isinstance(read, dict) and isinstance(read.get(name), str) and read[name].rstrip("\n") == text
