"""Today: how each part does, what to do about it, and the figures."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, Response

from helpline.authentication import READER, let_in
from helpline.call_requests import waiting
from helpline.desk.desk import Desk
from helpline.desk.fact_reviews import how_many_due
from helpline.desk.figures import Day, counting
from helpline.desk.health import Found, told
from helpline.desk.plot import HEIGHT, WIDTH, Part, plot
from helpline.desk.shown import shown, soon_again
from helpline.menus.shapes import Calendar
from helpline.menus.waves import wave_of
from helpline.menus.windows import today_in_paris
from helpline.records.engine import reading
from helpline.reminders import held as holding
from helpline.reminders.health import standing
from helpline.reminders.spending import spending


def add_today(routes: Blueprint, desk: Desk) -> None:
    """The first page after signing in."""
    counted = counting(desk.engine, desk.parts.calendar)

    @routes.get("/", strict_slashes=False)  # a redirect would not know that the web server in front speaks https
    def today() -> Response:
        now = desk.now()
        health = told(_found(desk))
        figures = counted.at(now)
        answer = shown(
            "today.html",
            page="today",
            now=now,
            day=today_in_paris(now),
            health=health,
            troubles=[one for one in health if one.level != "well"],
            facts_due=_facts_due(desk),
            figures=figures,
            is_counting=counted.is_under_way,
            plots=_plots(figures.days) if figures else {},
            size=(WIDTH, HEIGHT),
        )
        return soon_again(answer) if counted.is_under_way else answer

    let_in(today, READER)


def _found(desk: Desk) -> Found:
    now, parts = desk.now(), desk.parts
    with reading(desk.engine).connect() as connection:
        stands = standing(connection, parts.calendar(), parts.last_tick(), now)
        asked = waiting.standing(connection, now)
        held = tuple(each for each in holding.held(connection) if _is_ahead(each, parts.calendar(), now))
        spent = spending(connection, parts.calendar(), now, desk.wired.settings.messages_a_day)
    return Found(parts.redis_is_up(), parts.refused_prompts(), stands, now, asked, held, spent)


def _is_ahead(held: holding.Held, calendar: Calendar, now: datetime) -> bool:
    """Whether what is held can still go."""
    wave = wave_of(calendar, held.occurrence, held.wave)
    return wave is None or wave.not_after > now


def _facts_due(desk: Desk) -> int:
    """How many facts are to be looked at again: something to do, though nothing fails for it."""
    with reading(desk.engine).connect() as connection:
        return how_many_due(connection, desk.wired.prompts().menus.facts.values(), today_in_paris(desk.now()))


def _plots(days: tuple[Day, ...]) -> dict[str, object]:
    sent = [
        (Part("delivered", day.delivered), Part("under_way", day.under_way), Part("failed", day.failed)) for day in days
    ]
    return {
        "people": plot([(Part("people", day.people),) for day in days]),
        "texts": plot([(Part("texts", day.texts),) for day in days]),
        "calls": plot([(Part("calls", day.calls),) for day in days]),
        "sent": plot(sent),
        "began": plot([(Part("began", day.began),) for day in days]),
        "ended": plot([(Part("ended", day.ended),) for day in days]),
    }
