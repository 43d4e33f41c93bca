"""A text as a caller writes or says it: the day and time in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, time

from helpline.conversation.normalise import normalise
from helpline.conversation.when.names import names_of
from helpline.conversation.when.reckoning import meant_by, when_meant
from helpline.conversation.when.said import SaidDay, times_of
from helpline.conversation.when.scan import MOST_NAMED, Named, alone_in, in_plain_digits, named_in, with_weekday
from helpline.conversation.when.tokens import MOST_TOKENS, Tokens, count_in, plain
from helpline.conversation.when.values import MOST_OTHERS, Asked, When, answer_of
from helpline.menus.windows import PARIS

NOTHING = When(problem="none")


def hear_when(text: str, asked: Asked, now: datetime, languages: Iterable[str] = ()) -> When:
    """What `text` answers to somebody who was asked for a day, a time, or both, and who may write of nothing else.

    - A day without a year is the next such day, today included if the time named is still to come. If such a day was
      in the last 60 days, it is `past`, and next year's is offered.
    - The day comes before the month in both languages: 02/12 is 2 December. 12/25 is `impossible`, and offers 25/12.
      "03/27", where a paper may be meant, is March 2027 or 27 March: `ambiguous`.
    - "Samedi 12" where the next 12th is no Saturday is `ambiguous`: the next 12th that is one, if there is one soon,
      the next 12th, and the next Saturday are offered. So is "samedi 12 décembre", with the nearest Saturdays.
    - Asked for a moment, a day or a time alone is heard with the other part empty. Asked for a day, a time beside it
      is kept if it is plain. Asked for a time, days are left out.
    """
    here = _french(now)
    names, tokens = names_of(tuple(languages)), Tokens(plain(text))
    named = named_in(tokens, names, here, bare_times=asked != "time")
    if not named.clocks and (asked == "time" or not named.days):
        alone = alone_in(tokens, names, asked)
        named.clocks = alone.clocks
        named.days = named.days or alone.days
    if asked == "time":
        return _time(named)
    if not named.days and asked == "day":
        return NOTHING
    when = _when(named, asked, here)
    return NOTHING if asked == "moment" and when.month_only else when


def when_in(text: str, now: datetime, languages: Iterable[str] = ()) -> tuple[When, str]:
    """The day, and the time if there is one, that a text of anything holds; and the words left over, normalised.

    Problem "none", and all words, if it holds no day. What has only a time is no appointment. Nor is what is longer
    than the longest note of one: whoever writes so much speaks of something else.
    """
    here = _french(now)
    written = plain(text)
    if count_in(written) > MOST_TOKENS:
        return NOTHING, normalise(text)
    tokens = Tokens(written)
    named = named_in(tokens, names_of(tuple(languages)), here, bare_times=True)
    if not named.days:
        named = in_plain_digits(tokens)
    if not named.days:
        return NOTHING, normalise(text)
    when = _when(named, "day" if not named.clocks else "moment", here)
    return when, tokens.without(named.spans)


def _french(now: datetime) -> datetime:
    """`now` as the clocks of France show it."""
    return now.astimezone(PARIS).replace(tzinfo=None)


def _time(named: Named) -> When:
    at = _moment_named(named)
    times = (at.time(),) if at else _times(named)
    if times:
        return _of_times(times)
    return When(problem="impossible") if named.clocks or named.no_such_time else NOTHING


def _of_times(times: Sequence[time]) -> When:
    answers = tuple(answer_of(When(clock=clock), "time") for clock in times[1 : 1 + MOST_OTHERS])
    return When(clock=times[0], problem="ambiguous" if answers else "", others=answers)


def _moment_named(named: Named) -> datetime | None:
    """The moment in "dans 2 heures"."""
    return next((day.at for day in named.days if day.at), None)


def _times(named: Named) -> tuple[time, ...]:
    clocks = list(dict.fromkeys(named.clocks))[:MOST_NAMED]
    heard = [times_of(clock, named.part) for clock in clocks]
    return tuple(dict.fromkeys(found for times in heard for found in times))


def _when(named: Named, asked: Asked, now: datetime) -> When:
    days = with_weekday(named.days, named.next_week)
    at = _moment_named(named)
    times = (at.time(),) if at else _times(named)
    if named.clocks and not times:
        return When(problem="impossible")  # "14h du matin"
    if not days:
        return _of_times(times) if times else NOTHING
    future_today = not times or any(clock > now.time() for clock in times)
    heard = []
    for said in days:
        meant = meant_by(_of_a_paper(said, now.year, asked), now.date(), future_today, bool(times))
        heard.append(when_meant(meant, times, asked, now))
    return heard[0] if len(heard) == 1 else _one_of(heard, asked)


def _of_a_paper(said: SaidDay, this_year: int, asked: Asked) -> SaidDay:
    """ "03/27" on a paper is a month and a year; it may be the 27th too."""
    if asked == "moment" or said.year or not said.day or said.day > 12 or not 12 < said.month <= 31:
        return said
    if not this_year <= 2000 + said.month <= this_year + 10:
        return said
    return SaidDay(month=said.day, year=2000 + said.month, also=SaidDay(said.month, said.day))


def _one_of(heard: Sequence[When], asked: Asked) -> When:
    """Several days were named: the first that is to come, and the others to choose from."""
    able = [when for when in heard if when.day and when.problem in ("", "ambiguous")]
    if not able:
        return heard[0]
    answers: list[str] = []
    for when in able:
        moment = "" if asked == "day" else answer_of(when, "moment")
        answers += (moment or answer_of(when, "day"), *when.others)
    others = tuple(dict.fromkeys(answer for answer in answers if answer != answers[0]))[:MOST_OTHERS]
    if not others and all(when.problem == "" for when in able):
        return able[0]
    return replace(able[0], problem="ambiguous" if others else able[0].problem, others=others)
