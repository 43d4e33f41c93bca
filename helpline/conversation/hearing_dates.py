"""Dates in what a caller writes, says or keys: as the answer to a question, and beside the name of what they are of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from helpline.conversation.beside_dates import parts_beside, stop_beside
from helpline.conversation.commands import CAREFUL, NONE
from helpline.conversation.ears import Ears
from helpline.conversation.endings import ENDING
from helpline.conversation.heard import SILENCE, STOP, Heard
from helpline.conversation.normalise import normalise, words_of
from helpline.conversation.when import Asked, When, answer_of, hear_digits, hear_when, names_no_day, when_in
from helpline.conversation.when.tokens import MOST_TOKENS
from helpline.conversation.where_told import may_tell_place, without_place
from helpline.menus.shapes import DatedKind

_KEYS = frozenset("0123456789*#")
_KEYS_AT_QUESTIONS = frozenset({("0",), ("0", "0"), ("*",), ("#",)})  # other digits are part of an answer
_AS_EVER = frozenset({"danger", "secret", "other_script", "empty", "dated"})
_MENU = "0"


def hear_answer(
    ears: Ears,
    text: str,
    heard: Heard,
    asked: Asked,
    kind: DatedKind | None,
    now: datetime,
    choices: bool = False,
) -> Heard:
    """What a text means to somebody who was asked for a day or a time; `heard` is what it means to anybody else.

    `choices`: some were offered, so that a digit is one of those.
    """
    if heard.kind in _AS_EVER or heard.is_stop:
        return heard
    if heard.kind == "command" and heard.values[0] in ENDING:
        return heard
    stop = stop_beside(ears, text, parts_beside(ears, text), of_a_question=True)
    if stop:
        return Heard(STOP.kind, STOP.values, heard.language, said=stop)
    if heard.kind == "key" and (choices or heard.values in _KEYS_AT_QUESTIONS):
        return heard
    when = hear_when(text, asked if asked == "time" else "day", now, tuple(ears.topics))
    if asked == "time" and when.problem == "none":  # another day, where a time was asked for
        asked, when = "day", hear_when(text, "day", now, tuple(ears.topics))
    answer = _heard(when, asked, kind)
    if answer.values[0]:
        return answer
    if heard.kind in ("key", "unknown"):
        return answer
    if heard.kind == "topics" and not ears.is_keyword(tuple(normalise(text).split())):
        return answer
    return answer if when.problem != "none" and heard.kind != "command" else heard


def hear_keys(keys: str, asked: Asked | None, kind: DatedKind | None, now: datetime) -> Heard:
    """What keys of a call mean, none of which is silence. Where a day or a time was asked for, they are its digits.

    A star there begins them anew; with none after it, it leads back.
    """
    pressed = tuple(key for key in keys if key in _KEYS)
    if not pressed:
        return Heard("unknown") if keys else SILENCE
    if asked is None or pressed == (_MENU,):
        return Heard("key", pressed[:2], literal=True)
    digits = "".join(key for key in "".join(pressed).rpartition("*")[2] if key.isdecimal())
    if not digits:
        return Heard("key", ("*" if "*" in pressed else "#",), literal=True)
    part: Asked = "time" if asked == "time" else "moment" if kind and kind.asks == "moment" else "day"
    return _heard(hear_digits(digits, part, now), asked, kind)


def dated_in(
    ears: Ears,
    text: str,
    words: tuple[str, ...],
    now: datetime,
    named: Callable[[], Sequence[str]],
    about: str = "",
    has_no_day: bool | None = None,
    whole: bool = False,
) -> Heard | None:
    """A date in a text that names its thing and says nothing else that matters: "RDV 12/12 14h30".

    `named` tells the places of which the whole text is a keyword. `about` is the kind that was just read back, which
    nobody needs to name. `has_no_day` says that the text surely names none, if that is known;
    `whole` that nothing was cut off its words.
    """
    if not ears.kinds or len(words) > MOST_TOKENS:
        return None
    has_place = may_tell_place(text, words, whole)
    if not has_place and (names_no_day(text, words, ears.topics) if has_no_day is None else has_no_day):
        return None
    when, words = _date_and_rest(ears, text, now, has_place)
    if when.problem == "none":
        return None
    if any(ears.commands.phrases.get(word, NONE).name in CAREFUL for word in words):
        return None  # "rdv du 12/12 fait"
    kind = ears.dated_kind(words) or (about if ears.says_nothing(words) else "")
    if not kind or any(name != kind for name in named()):
        return None
    heard = _heard(when, "moment" if ears.kinds[kind].asks == "moment" else "day", ears.kinds[kind])
    return None if heard.values[1:2] == ("none",) else Heard("dated", (kind, *heard.values))


def _date_and_rest(ears: Ears, text: str, now: datetime, has_place: bool) -> tuple[When, tuple[str, ...]]:
    """The date in a text, and its other words. A room or a name behind a day and a time is left out."""
    languages = tuple(ears.topics)
    shorter = without_place(text, ears.means) if has_place else text
    if shorter != text:
        when, left = when_in(shorter, now, languages)
        words = tuple(left.split())
        if when.day and when.clock and words[:1] == words_of(shorter)[:1]:  # it begins with the name of its thing
            return when, words
    when, left = when_in(text, now, languages)
    return when, tuple(left.split())


def _heard(when: When, asked: Asked, kind: DatedKind | None) -> Heard:
    """What was heard, as an answer; or what is wrong with it, and what may be meant."""
    has_time = kind is not None and kind.asks == "moment"
    if has_time and when.month_only:
        return Heard("answer", ("", "none"))
    answer = _as_answer(when, asked, has_time)
    if not when.problem and answer:
        return Heard("answer", (answer,))
    offered = (answer, *when.others) if when.problem == "ambiguous" and answer else when.others
    return Heard("answer", ("", when.problem or "none", *dict.fromkeys(offered)))


def _as_answer(when: When, asked: Asked, has_time: bool) -> str:
    if asked == "time":
        return answer_of(when, "time")
    return (answer_of(when, "moment") if has_time and when.clock else "") or answer_of(when, "day")
