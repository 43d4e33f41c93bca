"""STOP, PAS MOI and EFFACER beside a date, or beside the name of what has one: "stop le rdv 12/12", "PAS MOI 12/12".

Whoever is not heard goes on getting reminders, so these win over the date, and over the question for one. Words that
may also begin a question ("annuler rdv", "arrêt le 12/12") do not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from helpline.conversation.commands import NONE, Named
from helpline.conversation.ears import Ears
from helpline.conversation.endings import ENDING
from helpline.conversation.normalise import is_whole, words_of
from helpline.conversation.stopping import LONGEST_STOP
from helpline.conversation.when import NOTHING, names_no_day, when_in
from helpline.conversation.when.tokens import MOST_TOKENS

_GLUED = re.compile(r"\d\D|\D\d")
_PIECE = re.compile(r"\d+|\D+")
_MOST_GLUED = 6  # words of letters and digits, and pieces of one

Parts = Sequence[tuple[tuple[str, ...], tuple[str, ...]]]

_ANY_MOMENT = datetime(2000, 1, 1, 12, tzinfo=UTC)  # only which words name a date matters


def stop_beside(ears: Ears, text: str, parts: Parts, of_a_question: bool = False) -> str:
    """The phrase of stopping in a text that holds nothing else but a date and the name of a dated kind.

    "Stop le 12/12" may speak of work that ends then; not where a day was just asked for (`of_a_question`).
    """
    stopping = ears.commands.stopping
    for said, name in parts:
        phrase = stopping.plain_phrase(said) if stopping.may_be_in(said) else ""
        if phrase and (ears.dated_kind(name) if name else of_a_question or not _since_a_day(ears, text, said)):
            return phrase
    return ""


def ending_beside(ears: Ears, parts: Parts) -> Named:
    """PAS MOI or EFFACER in a text that holds nothing else but a date and the name of a dated kind; NONE if neither."""
    for said, name in parts:
        named = ears.command_named(said) if any(map(ears.endings.may_tell, said)) else NONE
        if named.name in ENDING and (not name or ears.dated_kind(name)):
            return named
    return NONE


def parts_beside(
    ears: Ears, text: str, words: tuple[str, ...] | None = None, has_no_day: bool | None = None, whole: bool = False
) -> Parts:
    """The words of a text without its date, parted in two: what may be a command, and what may name a kind.

    The second part may be empty if there is a date. Nothing where no word may be one of what ends something. `words`
    are those of the text, and `has_no_day` says that it surely names none, if that is known; `whole`: nothing was cut
    off the text.
    """
    languages = tuple(ears.topics)
    words = words_of(text) if words is None else words
    if len(words) > MOST_TOKENS or ((whole or is_whole(text)) and not _may_end(ears, words)):
        return ()
    if names_no_day(text, words, languages) if has_no_day is None else has_no_day:
        when = NOTHING
    else:
        when, left = when_in(text, _ANY_MOMENT, languages)
        words = tuple(left.split())
    if not words or len(words) > LONGEST_STOP or not ears.endings.may_be_in(words):
        return ()
    parts: list[tuple[tuple[str, ...], tuple[str, ...]]] = []
    if when.problem != "none":
        parts.append((words, ()))
    for at in range(1, len(words)):
        parts += [(words[:at], _without_leading(ears, words[at:])), (words[at:], words[:at])]
    return parts


def _may_end(ears: Ears, words: tuple[str, ...]) -> bool:
    """Whether some of `words`, or what a date leaves of them, may be a word of what ends something."""
    glued = [_PIECE.findall(word) for word in words if _GLUED.search(word)]
    if len(glued) > _MOST_GLUED or any(len(pieces) > _MOST_GLUED for pieces in glued):
        return True
    left = ["".join(pieces[at:end]) for pieces in glued for end in range(len(pieces) + 1) for at in range(end)]
    return ears.endings.may_be_in((*words, *left))


def _without_leading(ears: Ears, words: tuple[str, ...]) -> tuple[str, ...]:
    """ "du rdv" and "pour mon rdv" name what "rdv" does."""
    leading = ears.commands.stopping.leading
    first = next((at for at, word in enumerate(words) if word not in leading), len(words) - 1)
    return words[first:]


def _since_a_day(ears: Ears, text: str, said: tuple[str, ...]) -> bool:
    """Whether the date is written as one from which on something is: "le 12/12", "from 12 december"."""
    words = words_of(text)
    beside = words[len(said)] if words[: len(said)] == said and len(words) > len(said) else words[0]
    return beside in ears.commands.stopping.leading
