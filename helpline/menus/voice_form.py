"""How a wording sounds in a call: sentences and keys, with pauses, and how long it takes to say.

The speed is counted at 120 words a minute (`domain/brief.md`); an elision counts as two words, a number as it is said.
Limits of a Say: 3000 characters, 4500 once URL-encoded (Twilio's pages, November 2026).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote
from xml.sax.saxutils import escape

from helpline.menus.pages import Option, fill, sentences, take_apart
from helpline.menus.shapes import Language, Node

WORDS_A_SECOND = 2.0
SAY_CHARACTERS, SAY_ENCODED = 3000, 4500

_SENTENCE_PAUSE = '<break time="400ms"/>'
_KEY_PAUSE = '<break time="250ms"/>'
_WORD = re.compile(r"[^\s'’\-.,;:!?()\"«»]+")


@dataclass(frozen=True, slots=True)
class VoicePage:
    """One prompt of a call. The texts may still hold date placeholders.

    `body` is said first, `keys` name the options; `words_before_key` counts the words of `body`.
    """

    body: str
    keys: str
    options: tuple[Option, ...]
    words_before_key: int

    @property
    def seconds_before_key(self) -> float:
        return self.words_before_key / WORDS_A_SECOND


def voice_pages(
    node: Node, language: Language, values: dict[str, str], longest_dates: Mapping[str, str]
) -> tuple[VoicePage, ...]:
    """The prompts of a node, from its `voice` words or, where there are none, derived from its text."""
    wording = node.wordings.get(language.code)
    if wording is None:
        return ()
    pages = wording.voice or wording.pages
    return tuple(
        voice_page(page, language, values, longest_dates, more=index < len(pages) - 1)
        for index, page in enumerate(pages)
    )


def voice_page(
    page: str,
    language: Language,
    values: dict[str, str],
    longest_dates: Mapping[str, str],
    more: bool = False,
) -> VoicePage:
    """One page of words as it is said."""
    parts = take_apart(fill(page, values))
    said = [_as_sentence(sentence) for line in parts.before for sentence in sentences(line)]
    after = [_as_sentence(sentence) for line in parts.after for sentence in sentences(line)]
    keys = [language.phrases["key"].format(label=option.label.rstrip("."), key=option.key) for option in parts.options]
    if more:
        keys.append(language.phrases["next_spoken"])
    body = [pronounced(sentence, language) for sentence in said]
    named = [pronounced(sentence, language) for sentence in [*keys, *after]]
    return VoicePage(
        body=_SENTENCE_PAUSE.join(escape(sentence) for sentence in body),
        keys=_KEY_PAUSE.join(escape(sentence) for sentence in named),
        options=parts.options,
        words_before_key=sum(count_words(fill(sentence, dict(longest_dates))) for sentence in body),
    )


def say_joined(*pieces: str) -> str:
    """Pieces of speech with a pause between them."""
    return _SENTENCE_PAUSE.join(piece for piece in pieces if piece)


def spoken_text(text: str, language: Language) -> str:
    """A short text as speech: sentences with pauses, pronounced, safe in XML."""
    return _SENTENCE_PAUSE.join(
        escape(pronounced(_as_sentence(sentence), language))
        for line in text.splitlines()
        for sentence in sentences(line)
    )


def _as_sentence(line: str) -> str:
    line = line.removeprefix("- ").strip().rstrip(":").strip()
    if not line:
        return ""
    line = line[0].upper() + line[1:]
    return line if line[-1] in ".!?" else line + "."


def pronounced(text: str, language: Language) -> str:
    """A text with the words of the language's `spoken` table as the voice is to say them."""
    if not language.spoken:
        return text
    return _any_of(tuple(language.spoken)).sub(lambda match: language.spoken[match[0]], text)


@lru_cache(maxsize=16)
def _any_of(spoken: tuple[str, ...]) -> re.Pattern[str]:
    words = sorted(spoken, key=len, reverse=True)
    return re.compile(r"(?<![\w.])(?:" + "|".join(re.escape(word) for word in words) + r")(?!\w)")


def count_words(text: str) -> int:
    """How many words a voice needs time for."""
    return len(_WORD.findall(text))


def seconds_of(lines: Iterable[str]) -> float:
    """How long it takes to say them."""
    return sum(count_words(line) for line in lines) / WORDS_A_SECOND


def over_say_limits(speech: str) -> bool:
    """Whether one Say with this speech is refused by Twilio."""
    if len(speech) > SAY_CHARACTERS:
        return True
    at_most = len("%FF") * len(speech.encode())  # which spares nearly every page to be encoded
    return at_most > SAY_ENCODED and len(quote(speech)) > SAY_ENCODED
