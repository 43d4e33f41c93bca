"""Months and weekdays: babel's names, the usual abbreviations, and the usual slips."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from rapidfuzz.distance import OSA

from helpline.conversation.normalise import normalise
from helpline.conversation.when.words import listed

ALWAYS = ("fr", "en")  # People mix both, whatever the language of their menus.
MOST_LANGUAGES = 12

_MONTHS: Mapping[str, int] = {
    **dict.fromkeys(listed("jan janv janvie"), 1),
    **dict.fromkeys(listed("fev fevr fevier feb febuary"), 2),
    **dict.fromkeys(("mar", "mars", "mrs"), 3),
    **dict.fromkeys(listed("avr avri avil apr"), 4),
    **dict.fromkeys(("mai", "may"), 5),
    **dict.fromkeys(listed("juin jun jui"), 6),
    **dict.fromkeys(listed("juil jul juill juilet"), 7),
    **dict.fromkeys(listed("aou aout aug"), 8),
    **dict.fromkeys(listed("sep sept septembr"), 9),
    **dict.fromkeys(("oct", "octob"), 10),
    **dict.fromkeys(("nov", "novem"), 11),
    **dict.fromkeys(("dec", "decem"), 12),
}
_WEEKDAYS: Mapping[str, int] = {
    **dict.fromkeys(listed("lundy lindi ludi monday mondays"), 0),
    **dict.fromkeys(listed("mardy marddi tuesday tues teusday tusday"), 1),
    **dict.fromkeys(listed("mercredi mecredi mercredy wensday wenesday weds"), 2),
    **dict.fromkeys(listed("jeudy jedi jeud thurs thur thirsday"), 3),
    **dict.fromkeys(listed("vendredi vendrdi vendre"), 4),
    **dict.fromkeys(listed("samedi samdi satuday"), 5),
    **dict.fromkeys(listed("dimanche dimance"), 6),
}
_SHORT_WEEKDAYS: Mapping[str, int] = {
    **dict.fromkeys(listed("lun mon"), 0),
    **dict.fromkeys(listed("mar tue"), 1),
    **dict.fromkeys(listed("mer wed"), 2),
    **dict.fromkeys(listed("jeu thu"), 3),
    **dict.fromkeys(listed("ven fri"), 4),
    **dict.fromkeys(listed("sam sat"), 5),
    **dict.fromkeys(listed("dim sun"), 6),
}
# Of these a month is only heard beside a number: they say something else by themselves.
WEAK_MONTHS = listed("mar mars may mai march jun sep sept dec oct jui mrs jan")
_UNSURE_NAMES = 6  # letters of a name that a slip may hide; shorter ones are too near to other words
_TWO_SLIPS = 8
_NOT_NAMES = listed("sundry monde mondes")


@dataclass(frozen=True, slots=True)
class Names:
    """Months and weekdays by their plain names."""

    months: Mapping[str, int]
    weekdays: Mapping[str, int]

    def month(self, word: str) -> int:
        """The month that `word` names, 0 if none."""
        return self.months.get(word) or _near(word, _MONTH_SLIPS)

    def weekday(self, word: str) -> int:
        """The weekday that `word` names, Monday being 0; -1 if none."""
        return self.weekdays.get(word, -1) if word in self.weekdays else _near(word, _WEEKDAY_SLIPS) - 1

    def names_day(self, word: str) -> bool:
        """Whether `word` may name a month or a weekday."""
        return bool(self.month(word)) or self.weekday(word) >= 0 or self.short_weekday(word) >= 0

    def short_weekday(self, word: str) -> int:
        """The weekday of which `word` is a usual abbreviation, which may be another word too; -1 if none."""
        return _SHORT_WEEKDAYS.get(word, -1)


@lru_cache(maxsize=64)
def names_of(languages: tuple[str, ...]) -> Names:
    """The names in `languages`, beside the French and English ones."""
    months: dict[str, int] = {}
    weekdays: dict[str, int] = {}
    for code in (*languages[:MOST_LANGUAGES], *ALWAYS):
        _add(months, weekdays, code)
    return Names({**months, **_MONTHS}, {**weekdays, **_WEEKDAYS})


def _add(months: dict[str, int], weekdays: dict[str, int], code: str) -> None:
    try:
        locale = Locale.parse(code.replace("-", "_"))
    except (UnknownLocaleError, ValueError, TypeError):
        return
    for name, number in _each(locale.months, ("wide", "abbreviated")):
        months.setdefault(name, number)
    for name, number in _each(locale.days, ("wide",)):
        weekdays.setdefault(name, number)


def _each(data: Mapping[str, Mapping[str, Mapping[int, str]]], widths: Iterable[str]) -> Iterable[tuple[str, int]]:
    for form in ("format", "stand-alone"):
        for width in widths:
            for number, name in data.get(form, {}).get(width, {}).items():
                word = normalise(name)
                if len(word) > 2 and word.isalpha():
                    yield word, number


_MONTH_SLIPS: Mapping[str, int] = {
    name: number
    for language in ALWAYS
    for name, number in _each(Locale.parse(language).months, ("wide",))
    if len(name) >= _UNSURE_NAMES
}
_WEEKDAY_SLIPS: Mapping[str, int] = {
    name: number + 1
    for language in ALWAYS
    for name, number in _each(Locale.parse(language).days, ("wide",))
    if len(name) >= _UNSURE_NAMES
}


def _near(word: str, names: Mapping[str, int]) -> int:
    """The number of the name that `word` is a slip of: one letter, or two of a long name; 0 if of none."""
    if not 5 <= len(word) <= 11 or not word.isascii() or word in _NOT_NAMES:
        return 0
    return _nearest(word, names is _MONTH_SLIPS)


@lru_cache(maxsize=4096)
def _nearest(word: str, month: bool) -> int:
    best = (3, 0)
    for name, number in (_MONTH_SLIPS if month else _WEEKDAY_SLIPS).items():
        if name[0] == word[0]:
            most = 2 if len(name) >= _TWO_SLIPS and len(word) >= _TWO_SLIPS - 1 else 1
            slips = OSA.distance(word, name, score_cutoff=most)
            if slips <= most:
                best = min(best, (slips, number))
    return best[1]
