"""The desk's own words, in French and English, and which of them somebody reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

import yaml
from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_currency, format_decimal
from flask import request, session

from helpline.menus.windows import PARIS

WORDS = Path(__file__).parent / "words"
LANGUAGES = {"fr": "Français", "en": "English"}
DEFAULT = "fr"
_LOCALES = {"fr": "fr_FR", "en": "en_GB"}
_OF_SESSION = "language"

Texts = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Words:
    """The desk's words in one language. A name is its file and its place there: "today.title"."""

    language: str
    texts: Texts

    def __call__(self, name: str, /, **values: object) -> str:
        """The words of that name. KeyError where there are none."""
        return self.texts[name][self.language].format_map(values)

    def number(self, value: float) -> str:
        """12 345, or 12,345."""
        return format_decimal(value, locale=_LOCALES[self.language])

    def money(self, euros: Decimal) -> str:
        """0,14 €, or €0.14."""
        return format_currency(euros, "EUR", locale=_LOCALES[self.language])

    def day(self, day: date) -> str:
        """jeudi 3 décembre 2026"""
        return format_date(day, "full", locale=_LOCALES[self.language])

    def short_day(self, day: date) -> str:
        """3 déc."""
        return format_date(day, "d MMM", locale=_LOCALES[self.language])

    def lasting(self, time: timedelta) -> str:
        """12 minutes, 2 heures, 3 jours: what tells most."""
        at_least = max(time, timedelta(minutes=1))
        return format_timedelta(at_least, granularity="minute", threshold=1, locale=_LOCALES[self.language])

    def day_and_year(self, day: date) -> str:
        """3 déc. 2026"""
        return format_date(day, "d MMM y", locale=_LOCALES[self.language])

    def moment(self, moment: datetime) -> str:
        """3 déc. 2026, 10:00, in French time."""
        return format_datetime(moment, "d MMM y, HH:mm", tzinfo=PARIS, locale=_LOCALES[self.language])


def words_now() -> Words:
    """Those of whoever asks: as they chose, else as their browser says."""
    chosen = session.get(_OF_SESSION)
    if chosen not in LANGUAGES:
        chosen = request.accept_languages.best_match(LANGUAGES, DEFAULT)
    return words_in(str(chosen))


def words_in(language: str) -> Words:
    """Those of a language."""
    return Words(language, all_texts())


def choose(language: str) -> None:
    """Remember a language for this browser, if it is one of ours."""
    if language in LANGUAGES:
        session[_OF_SESSION] = language


def chosen() -> str:
    """What was chosen in this browser, or nothing."""
    return str(session.get(_OF_SESSION, ""))


@cache
def all_texts() -> Texts:
    """Every text of the desk, by name and language."""
    found: dict[str, Mapping[str, str]] = {}
    for file in sorted(WORDS.glob("*.yaml")):
        for name, texts in yaml.safe_load(file.read_text(encoding="utf-8")).items():
            found[f"{file.stem}.{name}"] = {language: text.strip() for language, text in texts.items()}
    return found
