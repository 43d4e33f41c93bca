"""The shapes of the menus: immutable values that the files of `prompts/` are read into."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Literal

Channel = Literal["sms", "voice"]
CHANNELS: tuple[Channel, ...] = ("sms", "voice")

Kind = Literal["menu", "topic", "choose", "effect", "end"]

MAIN_MENU, LANGUAGE = "menu", "language"  # places that the program knows by name


@dataclass(frozen=True, slots=True)
class Source:
    """Where something was written, for whoever has to mend it."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of a node in one language, as its author wrote them.

    `pages` and `voice` hold one text a page; a line that begins with a digit is an option.
    `voice` and `again` are empty where the spoken words follow from `pages`. `dated` are words that name the place
    where a date stands beside them ("rdv" in "RDV 12/12 14h30"); without one they may name another place.
    """

    label: str
    keywords: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    voice: tuple[str, ...] = ()
    again: str = ""
    dated: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Node:
    """One place of the tree. `options` are the ids behind the keys 1, 2, 3 ... of every page.

    `by` is "keys" where an answer changes what is kept of the caller: a key or a plain yes, nothing else. `unclear` is
    the place that asks such a question again. `ask` is what a page asks for that is no choice: a "day", a "time", or a
    "moment"; it is noted in the session's form under that name, and `next` is shown. `of` is the dated kind that an
    effect, or such a question, is about.
    """

    id: str
    kind: Kind
    wordings: Mapping[str, Wording]
    options: tuple[str, ...] = ()
    choose: str = ""
    cases: Mapping[str, str] = field(default_factory=dict)
    effect: str = ""
    outcomes: Mapping[str, str] = field(default_factory=dict)
    facts: tuple[str, ...] = ()
    by: str = ""
    unclear: str = ""
    ask: str = ""
    next: str = ""
    of: str = ""
    source: Source = Source("", 0)


@dataclass(frozen=True, slots=True)
class Fact:
    """One sentence of truth with its source; `words` are phrases by which a wording shows that it states it."""

    id: str
    statements: Mapping[str, str]
    source: str
    status: str
    checked: date
    words: Mapping[str, tuple[str, ...]]
    note: str = ""
    written: Source = Source("", 0)


@dataclass(frozen=True, slots=True)
class Language:
    """A language of the line: its voice, its fixed words, and the words that work anywhere.

    `commands` maps a command (stop, menu, next ...) to the words for it, `keys` a key to its names; `word_lists` is
    what else the hearing knows about the language, by name. `small_words` tell a text's language; `spelling` maps how
    people write in a hurry to how the keywords are written; `spoken` maps what is written to what the voice says.
    """

    code: str
    name: str
    locale: str
    voice: str
    rate: str
    phrases: Mapping[str, str]
    commands: Mapping[str, tuple[str, ...]]
    keys: Mapping[str, tuple[str, ...]]
    word_lists: Mapping[str, tuple[str, ...]]
    stop_followers: tuple[str, ...]
    small_words: tuple[str, ...]
    filler: tuple[str, ...]
    spelling: Mapping[str, str]
    spoken: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Window:
    """When the monthly update is open: from the start of `opens` to the end of `closes`, Europe/Paris."""

    opens: date
    closes: date


@dataclass(frozen=True, slots=True)
class Notice:
    """A temporary message that comes first on both channels until `until`."""

    until: datetime
    words: Mapping[str, str]
    begins: datetime | None = None


@dataclass(frozen=True, slots=True)
class SendingHours:
    """When we may write to people unasked, French time: `weekdays` count from 0 (Monday).

    Moments are spread from `begins` to `spread_until`; what is late may go until `ends`.
    """

    begins: time
    spread_until: time
    ends: time
    weekdays: frozenset[int]
    holidays: str = "FR"


@dataclass(frozen=True, slots=True)
class AdviserHours:
    """When somebody is there to talk to callers, French time: `weekdays` count from 0 (Monday)."""

    begins: time
    ends: time
    weekdays: frozenset[int]
    holidays: str = "FR"


USUAL_HOURS = SendingHours(time(9), time(18), time(19), frozenset(range(6)))


@dataclass(frozen=True, slots=True)
class WaveRule:
    """A day on which we remind: `days` after (before, if negative) the window `opens` or `closes`.

    `if_closed` is where the day moves that no message may go on. `for_last` says that callers who chose one
    reminder only get this one.
    """

    name: str
    anchor: Literal["opens", "closes"]
    days: int
    if_closed: Literal["next", "before"]
    for_last: bool = False


@dataclass(frozen=True, slots=True)
class DatedWave:
    """One reminder of something that has a date of its own: so many days before it.

    `leaves`: it goes only if so much time is left before the thing. `also_if_done`: it goes also to who said of an
    earlier one that it is done: a paper that was asked for must still be handed in.
    """

    name: str
    days_before: int
    if_closed: Literal["next", "before"] = "before"
    leaves: timedelta = timedelta()
    also_if_done: bool = False


@dataclass(frozen=True, slots=True)
class DatedKind:
    """What callers can be reminded of that has a date of its own: an appointment, a paper that ends.

    `asks` is "moment" where it has a time of day, else "day". `most`: of each caller at once.
    """

    name: str
    asks: Literal["moment", "day"]
    most: int
    waves: tuple[DatedWave, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """The dates that matter, as `prompts/calendar.yaml` gives them.

    A calendar equals itself only, so that what follows from it can be remembered by it. No `adviser_hours`: nobody is
    there at fixed hours.
    """

    opens_day: int
    opens_day_february: int
    closes_day: int
    overrides: Mapping[tuple[int, int], Window]
    notices: tuple[Notice, ...] = ()
    hours: SendingHours = USUAL_HOURS
    waves: tuple[WaveRule, ...] = ()
    kinds: Mapping[str, DatedKind] = field(default_factory=dict)
    adviser_hours: AdviserHours | None = None


@dataclass(frozen=True, slots=True)
class Menus:
    """Everything that `prompts/` says, as one immutable value."""

    nodes: Mapping[str, Node]
    languages: Mapping[str, Language]
    facts: Mapping[str, Fact]
    calendar: Calendar
    service_words: Mapping[str, Mapping[str, str]]
    everywhere: Mapping[str, tuple[str, ...]]
