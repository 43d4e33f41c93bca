"""Texts that surely name no day, which are most: told by their words, which is quicker than to look for one."""

from __future__ import annotations

import re
from collections.abc import Iterable

from helpline.conversation.normalise import is_whole
from helpline.conversation.when.names import names_of
from helpline.conversation.when.number_words import ONES, ORDINALS, TENS
from helpline.conversation.when.tokens import MOST_TOKENS
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

_DIGIT = re.compile("[0-9]")
_ONE = frozenset(("un", "une", "one"))
_BEFORE_ONE = THE | {"au", "du"}
# Beside a name of a month or a weekday, a day without digits holds one of these. "Un" is a day behind an article only.
_TELLING = (
    TODAY.union(TOMORROW, YESTERDAY, MORNING, AFTERNOON, EVENING, NIGHT, UNITS, ONES, ORDINALS, TENS)
    | listed("aujourd aujour tonight tonite midi")
) - _ONE


def names_no_day(text: str, words: tuple[str, ...], languages: Iterable[str]) -> bool:
    """Whether `text`, whose words are `words`, surely holds no day. Of a long or a strange text that is not told."""
    if not is_whole(text):
        return False
    if len(words) > MOST_TOKENS:
        return True
    joined = "".join(words)
    if not joined.isascii() or _DIGIT.search(joined):
        return False
    if not _TELLING.isdisjoint(words) or not (_ONE.isdisjoint(words) or _BEFORE_ONE.isdisjoint(words)):
        return False
    names = names_of(tuple(languages))
    return not any(map(names.names_day, words))
