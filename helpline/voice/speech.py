"""What a turn says, as speech: pieces in the voice of their language, or recordings in their place."""

from __future__ import annotations

from dataclasses import dataclass

from helpline.conversation.again import last_said
from helpline.conversation.items import named_at
from helpline.conversation.notices import notices_now
from helpline.conversation.pressed import can_send
from helpline.conversation.questions import values_at
from helpline.conversation.session import Place, Session
from helpline.conversation.turn import (
    Again,
    Choices,
    Context,
    HowToMove,
    InEachLanguage,
    Keys,
    Languages,
    NoticeFirst,
    Page,
    Says,
    SwitchTo,
    Turn,
    Words,
)
from helpline.menus.dates import date_values
from helpline.menus.forms import NodeForms
from helpline.menus.pages import Option, put
from helpline.menus.prompts import Prompts
from helpline.menus.shapes import MAIN_MENU
from helpline.menus.voice_form import say_joined, spoken_text
from helpline.voice.ssml import spoken_lines

_NAMED = "{place}"
FALLBACK = ("fr",)  # a notice always has French words


@dataclass(frozen=True, slots=True)
class Spoken:
    """Words for one voice, as the inside of a Say."""

    language: str
    ssml: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recording that is played, 'fr/menu.mp3'."""

    file: str


Speech = Spoken | Recorded


def speech(prompts: Prompts, turn: Turn, recordings: frozenset[str], context: Context) -> list[Speech]:
    """What is heard, in order; words of one voice that follow each other are one piece."""
    speaker = Speaker(prompts, turn, recordings, context)
    pieces: list[Speech] = []
    for says in turn.says:
        for piece in speaker.pieces(says):
            last = pieces[-1] if pieces else None
            if isinstance(piece, Spoken) and isinstance(last, Spoken) and last.language == piece.language:
                pieces[-1] = Spoken(piece.language, say_joined(last.ssml, piece.ssml))
            else:
                pieces.append(piece)
    return pieces


def last_words(prompts: Prompts, session: Session, context: Context) -> str:
    """What was said last in a call, as words on lines; nothing where nothing was."""
    pieces = speech(prompts, last_said(prompts, session, context), frozenset(), context)
    return "\n".join(line for piece in pieces if isinstance(piece, Spoken) for line in spoken_lines(piece.ssml))


class Speaker:
    """Says one turn of a call."""

    def __init__(self, prompts: Prompts, turn: Turn, recordings: frozenset[str], context: Context) -> None:
        self._prompts, self._turn, self._recordings, self._context = prompts, turn, recordings, context
        self._code = turn.session.language
        self._language = prompts.menus.languages[self._code]
        self._values = date_values(prompts.menus.calendar, context.now, self._language.locale)
        self._own = values_at(prompts, turn.session, context.now, self._language.locale)

    def pieces(self, says: Says) -> list[Speech]:
        """The speech for one thing that is said."""
        match says:
            case Page(place):
                recorded = recording_of(place, self._code, self._recordings)
                return [Recorded(recorded)] if recorded else [self._said(self._page(place))]
            case Again(place):
                return [self._said(self._again(place))]
            case Words(node, about):
                named = self._form(about).spoken_label if about else ""
                return [self._said(put(self._form(node).voice[0].body, {"place": self._spoken(named)}))]
            case Keys(place):
                return [self._said(self._keys(place))]
            case Choices(options, confirm, more):
                return [self._said(self._phrase("yes_it_is") if confirm else self._choices(options, more))]
            case HowToMove():
                return [self._said(self._phrase("keys_spoken"))]
            case InEachLanguage(node):
                forms = self._prompts.forms
                return [Spoken(code, forms[node, code].voice[0].body) for code in self._prompts.languages]
            case Languages():
                return self._in_own_voices(self._prompts.languages, "choose_language")
            case SwitchTo(languages):
                return self._in_own_voices(languages, "other_languages")
            case NoticeFirst():
                return self._notices()

    def _said(self, ssml: str) -> Spoken:
        if _NAMED in ssml:
            named = named_at(self._prompts, self._turn.session, "voice", self._context.now)
            ssml = put(ssml, {"place": self._spoken(named)})
        return Spoken(self._code, put(put(ssml, self._own), self._values))

    def _spoken(self, named: str) -> str:
        return spoken_text(named, self._language).rstrip(".")

    def _form(self, node: str) -> NodeForms:
        return self._prompts.form(node, self._code)

    def _phrase(self, name: str) -> str:
        return self._prompts.spoken_phrases[self._code, name]

    def _page(self, place: Place) -> str:
        """A page with its keys. The last of a topic names those of sending and of the menu: nobody is left in silence.

        Where the digits of a date are waited for, no key is named.
        """
        pages = self._form(place.node).voice
        if not pages:  # what had one may have lost it while a call went on
            return self._keys(place)
        number = min(place.page, len(pages) - 1)
        said = say_joined(pages[number].body, pages[number].keys)
        node = self._prompts.menus.nodes[place.node]
        if node.kind != "topic" or number < len(pages) - 1 or node.ask:
            return said
        send = self._phrase("send_spoken") if can_send(self._prompts, self._turn.session, self._context) else ""
        how = HowToMove() in self._turn.says
        return say_joined(said, send, "" if how else self._phrase("menu_spoken"))

    def _again(self, place: Place) -> str:
        again = self._form(place.node).again
        if again:
            return say_joined(again.body, again.keys)
        return self._page(place) if self._prompts.menus.nodes[place.node].ask else self._keys(place)

    def _keys(self, place: Place) -> str:
        pages = self._form(place.node).voice
        keys = pages[place.page].keys if place.page < len(pages) else ""
        return say_joined(keys, self._phrase("main_keys_spoken" if place.node == MAIN_MENU else "keys_spoken"))

    def _choices(self, options: tuple[Option, ...], more: bool) -> str:
        key = self._language.phrases["key"]
        more_named = [spoken_text(self._language.phrases["next_spoken"], self._language)] if more else []
        named = [spoken_text(key.format(label=option.label, key=option.key), self._language) for option in options]
        return say_joined(*named, *more_named, self._phrase("menu_spoken"))

    def _in_own_voices(self, languages: tuple[str, ...], phrase: str) -> list[Speech]:
        return [Spoken(code, self._prompts.spoken_phrases[code, phrase]) for code in languages]

    def _notices(self) -> list[Speech]:
        """The notices in the caller's language; in each language in turn where none is known yet."""
        asked = any(isinstance(says, Languages) for says in self._turn.says)
        wanted = self._prompts.languages if asked else (self._code,)
        languages = self._prompts.menus.languages
        found: list[tuple[str, str]] = []
        for words in notices_now(self._prompts, self._context):
            spoken = [code for code in wanted if words.get(code)] or [code for code in FALLBACK if words.get(code)]
            found += [(code, words[code]) for code in spoken if code in languages]
        in_turn = sorted(found, key=lambda one: self._prompts.languages.index(one[0]))
        return [Spoken(code, spoken_text(text, languages[code])) for code, text in in_turn]


def recording_of(place: Place, language: str, recordings: frozenset[str]) -> str:
    """The recording of a page: 'fr/menu.mp3', and for a second page 'fr/update.how.2.mp3'; none if there is none."""
    page = f".{place.page + 1}" if place.page else ""
    for ending in ("mp3", "wav"):
        file = f"{language}/{place.node}{page}.{ending}"
        if file in recordings:
            return file
    return ""
