"""Where a caller is in the menus: a small immutable value with a compact text form.

The text form stands in Redis for texts and in the URL for calls, so it holds letters, digits, '.', '-' and '_' only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from helpline.conversation.changed import changed

TRAIL_LENGTH = 6
MOST_TURNS = 999_999
_VERSION, _BEFORE = "2", "1"  # the version before has no form, and is still read
_FIELDS = {_VERSION: 12, _BEFORE: 11}
_PLACE = re.compile(r"^([a-z][a-z0-9.]*)(?:P([0-9]{1,2}))?(?:I([0-9a-zA-Z.]{1,60}))?$")
_NAME, _ANSWER = re.compile(r"^[a-z]{1,12}$"), re.compile(r"^[0-9A-Za-z:-]{1,20}$")
_AS_SAVED = str.maketrans({":": "C", "-": "M"})
_AS_HEARD = {"C": ":", "M": "-"}
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"

DANGER_SAID = "d"
KEYS_SAID = "k"


@dataclass(frozen=True, slots=True)
class Place:
    """A page of a node, counted from 0.

    `item` is which of several things it is about: one of the caller's (`items.py`), or at a question the answer to it
    (`forms.py`).
    """

    node: str
    page: int = 0
    item: str = ""


NOWHERE = Place("")


@dataclass(frozen=True, slots=True)
class Session:
    """`place` is the message that was sent last, `choices` what its keys lead to where they are not the node's own.

    `bookmark` is the last topic page, for REPRISE. `misses` and `silences` count in a row. `turn` counts answers,
    `at` is when the last one was given (seconds since 1970; 0: never). `said` holds a letter for what is said once.
    `form` is what was answered to questions so far, by name: ("day", "2026-12-12").
    """

    language: str = ""
    place: Place = NOWHERE
    choices: tuple[Place, ...] = ()
    trail: tuple[Place, ...] = ()
    bookmark: Place = NOWHERE
    misses: int = 0
    silences: int = 0
    turn: int = 0
    at: int = 0
    said: str = ""
    form: tuple[tuple[str, str], ...] = ()

    def has_said(self, what: str) -> bool:
        return what in self.said

    def saying(self, what: str) -> Session:
        return self if what in self.said else changed(self, said="".join(sorted(self.said + what)))


def encode(session: Session) -> str:
    """The text form of a session."""
    return "-".join(
        (
            _VERSION,
            session.language,
            _place(session.place),
            _places(session.choices),
            _places(session.trail),
            _place(session.bookmark),
            str(session.misses),
            str(session.silences),
            str(min(session.turn, MOST_TURNS)),
            _base36(session.at),
            session.said,
            "_".join(f"{name}.{answer.translate(_AS_SAVED)}" for name, answer in session.form),
        )
    )


def decode(text: str) -> Session:
    """The session of a text form; a fresh one for what this version did not write."""
    fields = text.split("-")
    if len(fields) != _FIELDS.get(fields[0]):
        return Session()
    _, language, place, choices, trail, bookmark, misses, silences, turn, at, said, *form = fields
    try:
        return Session(
            language=language if language.isascii() and language.isalpha() else "",
            place=_read_place(place),
            choices=_read_places(choices),
            trail=_read_places(trail)[-TRAIL_LENGTH:],
            bookmark=_read_place(bookmark),
            misses=_read_count(misses),
            silences=_read_count(silences),
            turn=_read_count(turn),
            at=_read_base36(at),
            said=said if said.isalpha() and said.isascii() else "",
            form=_read_form(form[0]) if form else (),
        )
    except ValueError:
        return Session()


def _place(place: Place) -> str:
    page = f"P{place.page}" if place.page else ""
    return f"{place.node}{page}I{place.item}" if place.item else f"{place.node}{page}"


def _places(places: tuple[Place, ...]) -> str:
    return "_".join(_place(place) for place in places)


def _read_place(text: str) -> Place:
    return _read_item(text) if "I" in text else _read_page(text)


@lru_cache(maxsize=4096)
def _read_page(text: str) -> Place:
    """A page of the menus, of which there are not many: each is read once. What is a caller's own is never kept."""
    return _read_item(text)


def _read_item(text: str) -> Place:
    if not text:
        return NOWHERE
    match = _PLACE.match(text)
    if not match:
        raise ValueError(text)
    return Place(match[1], int(match[2] or 0), match[3] or "")


def _read_places(text: str) -> tuple[Place, ...]:
    places = tuple(_read_place(part) for part in text.split("_")) if text else ()
    if NOWHERE in places:
        raise ValueError(text)
    return places


def _read_form(text: str) -> tuple[tuple[str, str], ...]:
    pairs = [part.partition(".") for part in text.split("_")] if text else []
    form = tuple((name, "".join(_AS_HEARD.get(letter, letter) for letter in answer)) for name, _, answer in pairs)
    if not all(_NAME.match(name) and _ANSWER.match(answer) for name, answer in form):
        raise ValueError(text)
    return form


def _read_count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise ValueError(text)
    return int(text)


def _base36(number: int) -> str:
    if number == 0:
        return "0"
    digits = []
    while number:
        number, rest = divmod(number, 36)
        digits.append(_DIGITS[rest])
    return "".join(reversed(digits))


def _read_base36(text: str) -> int:
    if not (text.isascii() and text.isalnum() and len(text) <= 7):  # 7 digits reach the year 4453
        raise ValueError(text)
    return int(text, 36)
