"""Texts that surely name no day, which are most: told by their words, which is quicker than to look for one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from helpline.conversation.normalise import is_whole
from helpline.conversation.when.named_days import IN
from helpline.conversation.when.names import names_of
from helpline.conversation.when.number_words import ONES, ORDINALS, TENS
from helpline.conversation.when.tokens import MOST_TOKENS, SIGNS
from helpline.conversation.when.words import (
    AFTERNOON,
    EVENING,
    MORNING,
    NIGHT,
    THE,
    TODAY,
    TOMORROW,
    UNITS,
    YESTERDAY,
    listed,
)

_DIGIT = re.compile(f"[0-9{SIGNS}]")
_ONE = frozenset(("un", "une", "one"))
_BEFORE_ONE = THE | {"au", "du"}
# Beside a name of a month or a weekday, a day without digits holds one of these. "Un" is a day behind an article only.
_TELLING = (
    TODAY.union(TOMORROW, YESTERDAY, MORNING, AFTERNOON, EVENING, NIGHT, ONES, ORDINALS, TENS)
    | listed("aujourd aujour tonight tonite midi mois month")
) - _ONE
_AWHILE = frozenset(UNITS)  # "dans un jour", and not "j'ai"


def names_no_day(text: str, words: tuple[str, ...], languages: Iterable[str], whole: bool = False) -> bool:
    """Whether `text`, whose words are `words`, surely holds no day. Of a long or a strange text that is not told.

    `whole`: nothing of the text was cut off when it was normalised, as is known.
    """
    if not whole and not is_whole(text):
        return False
    if len(words) > MOST_TOKENS:
        return True
    if _DIGIT.search("".join(words)):
        return False
    if not _TELLING.isdisjoint(words) or not (_ONE.isdisjoint(words) or _BEFORE_ONE.isdisjoint(words)):
        return False
    if not _AWHILE.isdisjoint(words) and not IN.isdisjoint(words):
        return False
    codes = tuple(languages)
    return not any(_names_day(word, codes) for word in words)


@lru_cache(maxsize=8192)
def _names_day(word: str, languages: tuple[str, ...]) -> bool:
    return names_of(languages).names_day(word)
