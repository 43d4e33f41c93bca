"""Reminders: each wave, where it stands, the next ones; holding one back, pausing everything."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from flask import Blueprint, Response, g, request, url_for
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from helpline.authentication import EDITOR, READER, let_in
from helpline.desk import waves_shown
from helpline.desk.counted import Counted
from helpline.desk.desk import Desk
from helpline.desk.language import words_now
from helpline.desk.person_shown import kind_in_words
from helpline.desk.shown import go_to, shown, soon_again
from helpline.desk.wave_counts import Counts, counting
from helpline.menus.waves import Wave, wave_of
from helpline.operators import audit
from helpline.records.engine import reading
from helpline.reminders import held as holding
from helpline.reminders import pause as switch
from helpline.reminders.held import LONGEST_REASON, Key, key_of
from helpline.reminders.reconcile import restored_since

TOLD = frozenset({"held", "let_go", "paused", "paused_already", "resumed", "too_late", "too_far", "no_reason"})
WRONG = frozenset({"paused_already", "too_late", "too_far", "no_reason"})
MOST_AHEAD = timedelta(days=45)  # a hold is forgotten some day, which must not be before its wave
_SECONDS_A_REQUEST = 1.0
_MOST_DIGITS = 5  # of a reason, which stays for a year and is read by all: no number of anybody's

log = structlog.get_logger(__name__)


def add_waves(routes: Blueprint, desk: Desk) -> None:
    """The page, and what is done there."""
    counted = counting(desk.engine, desk.wired.prompts)

    @routes.get("/reminders")
    def reminders() -> Response:
        return _page(desk, counted)

    @routes.post("/reminders/hold")
    def hold_wave() -> Response:
        wave, why, now = _named_wave(desk), _reason(LONGEST_REASON), desk.now()
        if wave is None or wave.not_after <= now:
            return _back("too_late")
        if wave.begins > now + MOST_AHEAD:
            return _back("too_far")
        if not why:
            return _back("no_reason")
        with desk.engine.begin() as connection:
            if holding.hold(connection, wave, g.operator.name, why, now):
                about = f"{wave.occurrence} {wave.name}"
                audit.note(connection, desk.real(), g.operator.name, "wave_held", about=about, detail=why)
        _set_apart(desk)
        return _back("held")

    @routes.post("/reminders/let-go")
    def let_wave_go() -> Response:
        key = waves_shown.key_in(_field("wave"))
        if key is None:
            return _back()
        with desk.engine.begin() as connection:
            if holding.let_go(connection, key):
                audit.note(connection, desk.real(), g.operator.name, "wave_let_go", about=f"{key[1]} {key[2]}")
        _set_apart(desk)
        return _back("let_go")

    @routes.get("/reminders/pause")
    def pause_form() -> Response:
        return _pause_page(desk, counted)

    @routes.post("/reminders/pause")
    def pause_all() -> Response:
        why = _reason(switch.LONGEST_REASON)
        if not why:
            return _pause_page(desk, counted, "no_reason", 400)
        with desk.engine.begin() as connection:
            new = switch.pause(connection, "operator", why, desk.now())
            if new:
                audit.note(connection, desk.real(), g.operator.name, "sending_paused", detail=why)
        return _back("paused" if new else "paused_already")

    @routes.post("/reminders/resume")
    def resume_all() -> Response:
        with desk.engine.begin() as connection:
            ended = _resume(connection, desk.now())
            if ended:
                audit.note(connection, desk.real(), g.operator.name, "sending_resumed", detail=ended.reason)
        return _back("resumed" if ended else "")

    let_in(reminders, READER)
    for view in (hold_wave, let_wave_go, pause_form, pause_all, resume_all):
        let_in(view, EDITOR)


def _page(desk: Desk, counted: Counted[Counts]) -> Response:
    now, t = desk.now(), words_now()
    with reading(desk.engine).connect() as connection:
        pause, held = switch.paused(connection), holding.held(connection)
    by_key = {each.key: each for each in held}
    counts = counted.at(now)
    told = request.args.get("told", "")
    answer = shown(
        "waves.html",
        page="waves",
        told=told if told in TOLD else "",
        is_wrong=told in WRONG,
        pause=pause,
        held=held,
        others=waves_shown.others(counts, held) if counts else held,
        counts=counts,
        is_counting=counted.is_under_way,
        begun=waves_shown.begun(counts, by_key, now, t) if counts else [],
        ahead=waves_shown.ahead(counts, by_key, desk.wired.settings.sms_price, t) if counts else [],
        dated=waves_shown.dated(counts, t) if counts else [],
        language_in_words=lambda code: waves_shown.language_in_words(code, t),
        value_of=waves_shown.value_of,
        kind_in_words=kind_in_words,
        longest=LONGEST_REASON,
    )
    return answer if counts else soon_again(answer)  # once there is something, somebody may be writing a reason


def _pause_page(desk: Desk, counted: Counted[Counts], wrong: str = "", status: int = 200) -> Response:
    now, t = desk.now(), words_now()
    with reading(desk.engine).connect() as connection:
        pause, keys = switch.paused(connection), holding.held_keys(connection)
    counts = counted.at(now)
    return shown(
        "waves_pause.html",
        status,
        page="waves",
        pause=pause,
        wrong=wrong,
        waits=_waits(counts, keys, now) if counts else [],
        dated=counts.dated_ahead if counts else (),
        title=lambda wave: waves_shown.title(wave, t),
        longest=switch.LONGEST_REASON,
    )


def _waits(counts: Counts, held: frozenset[Key], now: datetime) -> list[tuple[Wave, int]]:
    """Which waves a pause of some days would touch, and for how many people; those that are held wait anyway."""
    begun = [(wave, figures.of("planned", "again")) for wave, figures in reversed(counts.begun) if wave.not_after > now]
    soon = [(each.wave, each.people) for each in counts.ahead if each.wave.begins <= now + timedelta(days=14)]
    return [(wave, count) for wave, count in (*begun, *soon) if count and key_of(wave) not in held]


def _resume(connection: Connection, now: datetime) -> switch.Pause | None:
    """End a pause, but that of a restored backup: that ends when it is known what happened since. What was ended."""
    found = switch.paused(connection)
    if found is None or found.by == "restore" or not switch.end(connection, found):
        return None
    if restored_since(connection) is not None:
        switch.pause(connection, "restore", "restored", now)
    return found


def _named_wave(desk: Desk) -> Wave | None:
    """The wave of the form, if the calendar has it."""
    key = waves_shown.key_in(_field("wave"))
    wave = wave_of(desk.wired.prompts().menus.calendar, key[1], key[2]) if key else None
    return wave if wave and key_of(wave) == key else None


def _field(name: str) -> str:
    """What was written, without what PostgreSQL keeps in no text."""
    return request.form.get(name, "").replace("\0", "")


def _reason(longest: int) -> str:
    """Why, as it was written; nothing where that holds a number, or nothing."""
    why = " ".join(_field("reason").split())[:longest]
    return why if sum(letter.isdigit() for letter in why) <= _MOST_DIGITS else ""


def _set_apart(desk: Desk) -> None:
    """Many at once; what is left, or cannot be done now, the next minute's planning does. No claim takes any of it."""
    try:
        holding.set_apart(desk.engine, desk.now(), _SECONDS_A_REQUEST)
    except SQLAlchemyError as error:
        log.warning("held messages are moved later", error=type(error).__name__)


def _back(told: str = "") -> Response:
    return go_to(url_for("desk.reminders", told=told or None))
