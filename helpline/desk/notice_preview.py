"""How a notice reads and sounds before it is put up: beside the main menu by text, and first in a call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from helpline.conversation.engine import respond
from helpline.conversation.heard import Heard
from helpline.conversation.session import Session
from helpline.conversation.turn import Context
from helpline.menus import gsm7
from helpline.menus.prompts import Prompts
from helpline.menus.voice_form import WORDS_A_SECOND, count_words, pronounced
from helpline.sms.compose import compose

MENU = Heard("command", ("menu",))


@dataclass(frozen=True, slots=True)
class InLanguage:
    """A notice in one language. `texts` are what somebody gets who writes MENU, `alone` how many segments without it.

    `cost` is what the notice adds to that, `lost` are the words that a phone shows without an accent.
    """

    language: str
    name: str
    texts: tuple[str, ...]
    segments: int
    alone: int
    cost: Decimal
    lost: tuple[str, ...]
    spoken: str
    seconds: float


def preview(prompts: Prompts, words: Mapping[str, str], now: datetime, price: Decimal) -> list[InLanguage]:
    """The notice in each language of the line. `price` is that of a segment."""
    return [_in_language(prompts, code, words, now, price) for code in prompts.languages]


def _in_language(prompts: Prompts, code: str, words: Mapping[str, str], now: datetime, price: Decimal) -> InLanguage:
    without = Context("sms", now)
    alone, texts = (_texts(prompts, code, context) for context in (without, replace(without, notice=words)))
    language, text = prompts.menus.languages[code], words[code]
    count, before = _segments(texts), _segments(alone)
    return InLanguage(
        language=code,
        name=language.name,
        texts=texts,
        segments=count,
        alone=before,
        cost=price * (count - before),
        lost=gsm7.lost_accents(text),
        spoken=pronounced(text, language),
        seconds=count_words(pronounced(text, language)) / WORDS_A_SECOND,
    )


def _texts(prompts: Prompts, code: str, context: Context) -> tuple[str, ...]:
    return tuple(compose(prompts, respond(prompts, Session(language=code), MENU, context), context))


def _segments(texts: tuple[str, ...]) -> int:
    return sum(gsm7.segments(text) for text in texts)
