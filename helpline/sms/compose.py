"""What a turn says, as text messages: GSM-7, two segments at most, the keys on lines of their own."""

from __future__ import annotations

from collections.abc import Mapping

from helpline.conversation.again import last_said
from helpline.conversation.items import named_at
from helpline.conversation.notices import notices_now
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
from helpline.menus import gsm7
from helpline.menus.dates import date_values
from helpline.menus.pages import put, take_apart
from helpline.menus.prompts import Prompts
from helpline.menus.shapes import LANGUAGE


def compose(prompts: Prompts, turn: Turn, context: Context) -> list[str]:
    """The messages that answer, in order; none for silence. What fits into two segments is one message."""
    language = turn.session.language
    values = _values(prompts, language, context) if turn.says else {}
    own = _own(prompts, turn.session, context) if turn.says else {}
    pieces = [put(_piece(prompts, says, language, values, context), own) for says in turn.says]
    messages: list[str] = []
    for text in (gsm7.to_gsm7(piece) for piece in pieces if piece):
        joined = f"{messages[-1]}\n{text}" if messages else text
        if messages and gsm7.septets(joined) > gsm7.TWO_SEGMENTS:
            messages.append(text)
        elif messages:
            messages[-1] = joined
        else:
            messages.append(text)
    return messages


def last_message(prompts: Prompts, session: Session, context: Context) -> str:
    """The message that a session was left at, as its caller got it; nothing where there was none."""
    return "\n".join(compose(prompts, last_said(prompts, session, context), context))


def _values(prompts: Prompts, language: str, context: Context) -> Mapping[str, str]:
    return date_values(prompts.menus.calendar, context.now, prompts.menus.languages[language].locale)


def _own(prompts: Prompts, session: Session, context: Context) -> Mapping[str, str]:
    """The words for what is the caller's own: the dates that they answered, the thing that a page is about."""
    named = {"place": named_at(prompts, session, context.channel, context.now)}
    return {**values_at(prompts, session, context.now, prompts.menus.languages[session.language].locale), **named}


def _piece(prompts: Prompts, says: Says, language: str, values: Mapping[str, str], context: Context) -> str:
    match says:
        case Page(place) | Again(place):
            return put(_page_text(prompts, place, language), values)
        case Words(node, about):
            named = prompts.form(about, language).label if about else ""
            return put(put(_words(prompts, node, language), values), {"place": named})
        case Keys(place):
            pages = prompts.form(place.node, language).sms
            return pages[place.page].tail if place.page < len(pages) else _zero(prompts, language)
        case Choices(options, _, more):
            lines = [f"{option.key} {option.label}" for option in options]
            lines += [f"6 {prompts.menus.languages[language].phrases['next']}"] if more else []
            return "\n".join([*lines, _zero(prompts, language)])
        case Languages():
            question = _words(prompts, LANGUAGE, language)
            names = [prompts.menus.languages[code].phrases["language_option"] for code in prompts.languages]
            return "\n".join([question, *(f"{number} {name}" for number, name in enumerate(names, start=1))])
        case HowToMove() | InEachLanguage():  # of calls only
            return ""
        case SwitchTo(languages):
            return "\n".join(prompts.menus.languages[code].phrases["switch_back"] for code in languages)
        case NoticeFirst():
            return notice_words(prompts, language, context)


def notice_words(prompts: Prompts, language: str, context: Context) -> str:
    """The words of the notices that are up now, in the caller's language where they have it."""
    found = (words.get(language) or words.get("fr", "") for words in notices_now(prompts, context))
    return "\n".join(text for text in found if text)


def _page_text(prompts: Prompts, place: Place, language: str) -> str:
    pages = prompts.form(place.node, language).sms
    return pages[min(place.page, len(pages) - 1)].text


def _words(prompts: Prompts, node: str, language: str) -> str:
    page = prompts.form(node, language).sms[0]
    return "\n".join(take_apart(page.text).before)


def _zero(prompts: Prompts, language: str) -> str:
    return f"0 {gsm7.to_gsm7(prompts.menus.languages[language].phrases['menu'])}"
