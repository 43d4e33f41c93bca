"""What a turn says, as speech: pieces in the voice of their language, or recordings in their place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from helpline.conversation.session import Place
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
from helpline.menus.dates import date_values, notice_now, today_in_paris, update_state
from helpline.menus.pages import Option, put
from helpline.menus.prompts import Prompts
from helpline.menus.shapes import MAIN_MENU, Language
from helpline.menus.voice_form import say_joined, spoken_text


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
    language = turn.session.language
    values = _values(prompts, language, context)
    pieces: list[Speech] = []
    for says in turn.says:
        for piece in _pieces(prompts, says, turn, values, recordings, context):
            last = pieces[-1] if pieces else None
            if isinstance(piece, Spoken) and isinstance(last, Spoken) and last.language == piece.language:
                pieces[-1] = Spoken(piece.language, say_joined(last.ssml, piece.ssml))
            else:
                pieces.append(piece)
    return pieces


def _values(prompts: Prompts, language: str, context: Context) -> Mapping[str, str]:
    state = update_state(prompts.menus.calendar, today_in_paris(context.now))
    return date_values(state, prompts.menus.languages[language].locale)


def _pieces(
    prompts: Prompts,
    says: Says,
    turn: Turn,
    values: Mapping[str, str],
    recordings: frozenset[str],
    context: Context,
) -> list[Speech]:
    code = turn.session.language
    language = prompts.menus.languages[code]
    match says:
        case Page(place):
            recorded = recording_of(place, code, recordings)
            if recorded:
                return [Recorded(recorded)]
            said = put(_page(prompts, place, language), values)
            return [Spoken(code, said if HowToMove() in turn.says else _with_way_out(prompts, place, said, language))]
        case Again(place):
            return [Spoken(code, put(_again(prompts, place, language), values))]
        case Words(node, about):
            named = prompts.form(about, code).spoken_label if about else ""
            return [
                Spoken(
                    code,
                    put(
                        prompts.form(node, code).voice[0].body,
                        {**values, "place": spoken_text(named, language).rstrip(".")},
                    ),
                )
            ]
        case Keys(place):
            return [Spoken(code, _keys(prompts, place, language))]
        case Choices(options, confirm):
            return [Spoken(code, _choices(options, confirm, language))]
        case HowToMove():
            return [Spoken(code, spoken_text(language.phrases["keys_spoken"], language))]
        case InEachLanguage(node):
            return [Spoken(other, put(prompts.form(node, other).voice[0].body, values)) for other in prompts.languages]
        case Languages():
            return _language_question(prompts)
        case SwitchTo(languages):
            return [_in_own_voice(prompts, other, "other_languages") for other in languages]
        case NoticeFirst():
            return _notice(prompts, turn, context)


def recording_of(place: Place, language: str, recordings: frozenset[str]) -> str:
    """The recording of a page: 'fr/menu.mp3', and for a second page 'fr/update.how.2.mp3'; none if there is none."""
    page = f".{place.page + 1}" if place.page else ""
    for ending in ("mp3", "wav"):
        file = f"{language}/{place.node}{page}.{ending}"
        if file in recordings:
            return file
    return ""


def _page(prompts: Prompts, place: Place, language: Language) -> str:
    pages = prompts.form(place.node, language.code).voice
    page = pages[min(place.page, len(pages) - 1)]
    return say_joined(page.body, page.keys)


def _with_way_out(prompts: Prompts, place: Place, said: str, language: Language) -> str:
    """The last page of a topic names the key of the menu, so that nobody is left in silence."""
    pages = prompts.form(place.node, language.code).voice
    if prompts.menus.nodes[place.node].kind != "topic" or place.page < len(pages) - 1:
        return said
    return say_joined(said, spoken_text(language.phrases["menu_spoken"], language))


def _again(prompts: Prompts, place: Place, language: Language) -> str:
    again = prompts.form(place.node, language.code).again
    if again:
        return say_joined(again.body, again.keys)
    return _keys(prompts, place, language)


def _keys(prompts: Prompts, place: Place, language: Language) -> str:
    pages = prompts.form(place.node, language.code).voice
    keys = pages[place.page].keys if place.page < len(pages) else ""
    ways = "main_keys_spoken" if place.node == MAIN_MENU else "keys_spoken"
    return say_joined(keys, spoken_text(language.phrases[ways], language))


def _choices(options: tuple[Option, ...], confirm: bool, language: Language) -> str:
    if confirm:
        return spoken_text(language.phrases["yes_it_is"], language)
    named = [language.phrases["key"].format(label=o.label, key=o.key) for o in options]
    return say_joined(*(spoken_text(text, language) for text in [*named, language.phrases["menu_spoken"]]))


def _language_question(prompts: Prompts) -> list[Speech]:
    pieces: list[Speech] = []
    for number, code in enumerate(prompts.languages, start=1):
        language = prompts.menus.languages[code]
        words = language.phrases["choose_language"].format(key=number)
        pieces.append(Spoken(code, spoken_text(words, language)))
    return pieces


def _in_own_voice(prompts: Prompts, code: str, phrase: str) -> Spoken:
    language = prompts.menus.languages[code]
    return Spoken(code, spoken_text(language.phrases[phrase], language))


def _notice(prompts: Prompts, turn: Turn, context: Context) -> list[Speech]:
    notice = notice_now(prompts.menus.calendar, context.now)
    if notice is None:
        return []
    asked = any(isinstance(says, Languages) for says in turn.says)
    codes = prompts.languages if asked else (turn.session.language,)
    return [
        Spoken(code, spoken_text(notice.words.get(code, ""), prompts.menus.languages[code]))
        for code in codes
        if notice.words.get(code)
    ]
