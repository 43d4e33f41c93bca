"""One place as a caller gets it, as values: its texts, and what is heard of it in a call, with its keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from helpline.conversation.forms import Form
from helpline.conversation.moves import resolve
from helpline.conversation.questions import kind_at, values_at
from helpline.conversation.session import Place, Session
from helpline.conversation.turn import Again, Context, Languages, Page, Says, Turn
from helpline.menus import gsm7
from helpline.menus.dates import date_values, today_in_paris
from helpline.menus.pages import put
from helpline.menus.prompts import Prompts
from helpline.menus.shapes import LANGUAGE, MAIN_MENU, Channel, Node
from helpline.menus.voice_form import VoicePage, seconds_of
from helpline.sms.compose import compose
from helpline.voice.speech import Recorded, speech
from helpline.voice.ssml import spoken_lines

EXAMPLE = timedelta(days=130)  # from now, so that every reminder of a paper is still to come


@dataclass(frozen=True, slots=True)
class Key:
    """A key that a page offers, and the place that it leads to."""

    key: str
    node: str


@dataclass(frozen=True, slots=True)
class TextRead:
    """A text message. `page` counts from 1; a page that takes several messages is there as often."""

    page: int
    body: str
    keys: tuple[Key, ...]

    @property
    def segments(self) -> int:
        return gsm7.segments(self.body)

    @property
    def is_gsm7(self) -> bool:
        return gsm7.is_gsm7(self.body)


@dataclass(frozen=True, slots=True)
class PieceRead:
    """What one voice says, or the recording that is played in its place: 'fr/menu.mp3'."""

    language: str
    lines: tuple[str, ...] = ()
    recording: str = ""


@dataclass(frozen=True, slots=True)
class CallRead:
    """What is heard at once in a call. `page` counts from 1; 0 is what follows a silence.

    `before_key`: seconds until the first key is named; None where none is, or where it is not known.
    """

    page: int
    pieces: tuple[PieceRead, ...]
    keys: tuple[Key, ...]
    before_key: float | None

    @property
    def seconds(self) -> float:
        """How long it takes to say; recordings are not counted."""
        return seconds_of(line for piece in self.pieces for line in piece.lines)


def state_today(prompts: Prompts, node: Node, now: datetime) -> tuple[str, str]:
    """The case of a computed place at a moment, and the place that it leads to."""
    led = resolve(prompts, Place(node.id), Context("sms", now)).node
    return next((case for case, target in node.cases.items() if target == led), ""), led


class PlaceReader:
    """Reads places in one language, as they are at one moment."""

    def __init__(self, prompts: Prompts, recordings: frozenset[str], language: str, now: datetime) -> None:
        self._prompts, self._recordings, self._code, self._now = prompts, recordings, language, now
        menus = prompts.menus
        self._locale = menus.languages[language].locale
        # {place} is whatever the conversation is about; the label of some menu stands for it.
        examples = [node for node in menus.nodes.values() if node.kind == "menu" and node.id != MAIN_MENU]
        self._dates = date_values(menus.calendar, now, self._locale)
        self._named = _label(examples, language)

    def texts(self, node: Node) -> list[TextRead]:
        """Its messages, in order; none of a place that only leads elsewhere."""
        form, values = self._example(node)
        found: list[TextRead] = []
        for number in range(len(self._prompts.form(node.id, self._code).sms)):
            turn = self._turn(node, form, Languages() if node.id == LANGUAGE else Page(Place(node.id, number)))
            for text in compose(self._prompts, turn, Context("sms", self._now)):
                found.append(TextRead(number + 1, put(text, values), self._keys(node, "sms", number)))
        return found

    def calls(self, node: Node) -> list[CallRead]:
        """What is heard of it, page by page, then what is said after a silence, if that differs."""
        forms = self._prompts.form(node.id, self._code)
        found = []
        for number, page in enumerate(forms.voice):
            says: Says = Languages() if node.id == LANGUAGE else Page(Place(node.id, number))
            found.append(self._heard(node, number + 1, says, page, self._keys(node, "voice", number)))
        if forms.again:
            found.append(self._heard(node, 0, Again(Place(node.id)), forms.again, ()))
        return found

    def _heard(self, node: Node, number: int, says: Says, page: VoicePage, keys: tuple[Key, ...]) -> CallRead:
        form, values = self._example(node)
        heard = speech(self._prompts, self._turn(node, form, says), self._recordings, Context("voice", self._now))
        pieces = [
            PieceRead(self._code, recording=piece.file)
            if isinstance(piece, Recorded)
            else PieceRead(piece.language, tuple(_filled(piece.ssml, values)))
            for piece in heard
        ]
        is_known = page.keys and not isinstance(says, Languages) and not any(piece.recording for piece in pieces)
        before = seconds_of(_filled(page.body, values)) if is_known else None
        return CallRead(number, tuple(pieces), keys, before)

    def _example(self, node: Node) -> tuple[Form, Mapping[str, str]]:
        """In the places of a dated kind a date of somebody stands for theirs."""
        values = {**self._dates, "place": self._named}
        kind = kind_at(self._prompts, Place(node.id))
        if kind is None:
            return (), values
        day = ("day", f"{today_in_paris(self._now) + EXAMPLE:%Y-%m-%d}")
        form: Form = (day, ("time", "14:30")) if kind.asks == "moment" else (day,)
        session = self._turn(node, form).session
        return form, {**values, **values_at(self._prompts, session, self._now, self._locale)}

    def _turn(self, node: Node, form: Form, *says: Says) -> Turn:
        return Turn(Session(language=self._code, place=Place(node.id), form=form), says)

    def _keys(self, node: Node, channel: Channel, number: int) -> tuple[Key, ...]:
        """Where the keys of a page lead."""
        offered = self._prompts.form(node.id, self._code).options(channel, number)
        keys = [int(option.key) for option in offered if option.key.isdigit()]
        return tuple(Key(str(key), node.options[key - 1]) for key in keys if 0 < key <= len(node.options))


def _filled(ssml: str, values: Mapping[str, str]) -> Iterator[str]:
    return (put(line, values) for line in spoken_lines(ssml))


def _label(nodes: list[Node], language: str) -> str:
    wordings = (node.wordings.get(language) for node in nodes)
    return next((wording.label for wording in wordings if wording and wording.label), "...")
