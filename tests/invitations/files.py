"""Files of paper forms, written by tests."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from helpline.date.real import utc_now
from helpline.menus.dates import today_in_paris


def days_ago(days: int) -> str:
    """A day as the file says it."""
    return (today_in_paris(utc_now()) - timedelta(days=days)).isoformat()


def number_of(place: int) -> str:
    """A French mobile of nobody."""
    return f"+336399{place:05}"


def form(place: int, language: str = "fr", signed: str = "") -> str:
    """A line: somebody who signed three days ago, unless told."""
    return f"{number_of(place)};{language};PONT-{place};{signed or days_ago(3)}"


def file_of(folder: Path, lines: Iterable[str], name: str = "forms.csv") -> Path:
    """A file with a header and these lines."""
    path = folder / name
    path.write_text("\n".join(["number;language;form;signed", *lines]) + "\n", encoding="utf-8")
    return path
