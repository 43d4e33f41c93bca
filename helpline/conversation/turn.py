"""One turn as values: what it is about, what is said, what is asked to be done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from helpline.conversation.session import Place, Session
from helpline.menus.pages import Option
from helpline.menus.shapes import Channel


@dataclass(frozen=True, slots=True)
class Context:
    """What a turn knows beside the session. `now` has a time zone.

    `key` is the MessageSid, or the CallSid and the turn: one effect, one key. `number` is who texts or calls, for
    effects only; empty if withheld. `notice`: what was put up at the desk, by language.
    """

    channel: Channel
    now: datetime
    key: str = ""
    spoken: bool = False
    number: str = field(default="", repr=False)
    notice: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a node with the keys that it offers."""

    place: Place


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a node without its keys: an apology, a warning. `about` is the node named in them."""

    node: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of a page again, without its words."""

    place: Place


@dataclass(frozen=True, slots=True)
class Choices:
    """Choices that are no page's own, by number. `confirm` asks whether the only one is right (calls).

    `more`: there are others, which key 6 shows.
    """

    options: tuple[Option, ...]
    confirm: bool = False
    more: bool = False


@dataclass(frozen=True, slots=True)
class Again:
    """A page of a call once more, in simpler words."""

    place: Place


@dataclass(frozen=True, slots=True)
class HowToMove:
    """The keys that work on every page, said in full once a call."""


@dataclass(frozen=True, slots=True)
class Languages:
    """The question which language to speak, each language in its own words."""


@dataclass(frozen=True, slots=True)
class InEachLanguage:
    """The words of a node in every language of the line: for a call of which no language is known."""

    node: str


@dataclass(frozen=True, slots=True)
class SwitchTo:
    """How to get the other languages, each in its own words."""

    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoticeFirst:
    """The notices that are up: the desk's, then the calendar's."""


Says = Page | Words | Keys | Choices | Again | HowToMove | Languages | InEachLanguage | SwitchTo | NoticeFirst


@dataclass(frozen=True, slots=True)
class Effect:
    """Something that a node asks to be done, by name.

    `shown` is the message that the caller answers, word for word; `heard` the key or the word that was answered,
    as it stands in our lists ("1", "arret", "rappel", "oui"); where none does, the name of what was understood. `of` is
    the dated kind that it is about, `form` what the caller answered to questions before, `item` which of their things.
    """

    name: str
    node: str
    language: str = ""
    shown: str = ""
    heard: str = ""
    of: str = ""
    form: tuple[tuple[str, str], ...] = ()
    item: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One of the things that a caller is reminded of, to choose among them. `occurrence` is its date, as text."""

    key: str
    kind: str
    occurrence: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an effect went, by name.

    `items` are what the caller is to choose among next, `about` is the thing that the answer names.
    """

    name: str
    items: tuple[Item, ...] = ()
    about: Item | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """The answer to one input. Nothing said is silence; `ends` closes a call.

    `effect` is still to be performed; `outcomes` names each one that was, with how it went.
    """

    session: Session
    says: tuple[Says, ...] = ()
    effect: Effect | None = None
    ends: bool = False
    outcomes: tuple[tuple[str, str], ...] = ()


Perform = Callable[[Effect, Context], Outcome]
PUT_THROUGH = ("person", "dial")  # the effect and the outcome after which one of us is called for the caller
ERASED = ("erase", "erased")  # the effect and the outcome after which nothing of a caller is kept
