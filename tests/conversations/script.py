"""The files of conversations, and how they are written back with new answers and nothing else changed."""

from __future__ import annotations

import json
from itertools import takewhile
from pathlib import Path

import yaml

from helpline.simulator.script.conversation import NAMES, TURN_NAMES, Conversation

FOLDER = Path(__file__).parent
_LONGEST_LINE = 110


def all_files() -> list[Path]:
    return sorted(FOLDER.glob("*.yaml"))


def write_conversations(path: Path, conversations: list[Conversation]) -> bool:
    """Write a file anew, keeping the comment at its top. Whether anything changed."""
    before = path.read_text(encoding="utf-8")
    comment = takewhile(lambda line: line.startswith("#"), before.splitlines())
    text = "\n".join(["\n".join([*comment, ""]), *(_conversation_text(each) for each in conversations)])
    path.write_text(text, encoding="utf-8")
    return text != before


def _conversation_text(conversation: Conversation) -> str:
    lines: list[str] = []
    written = {**conversation.written, "greeting": conversation.greeting}
    for name in NAMES:
        if name != "turns" and (written.get(name) or (name == "greeting" and conversation.channel == "voice")):
            lines += _value(name, written[name], block=name in ("greeting", "calendar"))
    lines.append("turns:" if conversation.steps else "turns: []")
    for step in conversation.steps:
        inside: list[str] = []
        for name in TURN_NAMES:
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
