"""The notice that every caller gets first, until its end: seen by all, put up and taken down by editors."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask import Blueprint, Response, g, request, url_for
from sqlalchemy.exc import SQLAlchemyError

from helpline.authentication import EDITOR, READER, let_in
from helpline.desk.desk import Desk
from helpline.desk.notice_preview import preview
from helpline.desk.shown import go_to, shown
from helpline.menus.dates import notice_now
from helpline.menus.windows import PARIS
from helpline.notices import kept
from helpline.notices.words import (
    LATEST,
    LONGEST,
    end_of,
    tidy,
    unknown_letters,
    why_no_end,
    why_refused,
)
from helpline.operators.audit import note
from helpline.records.engine import reading

_EVENING = 18
_NOTED = 60  # letters of each language, in the audit trail
_LARGEST_ID = 2**62
_SHORTEST_TO_EVENING = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Draft:
    """A notice as it was written into the form. `wrong` names what is wrong with a field, "end" among them."""

    words: Mapping[str, str]
    day: str
    time: str
    until: datetime | None = None
    wrong: Mapping[str, str] = field(default_factory=dict)
    letters: Mapping[str, str] = field(default_factory=dict)


def add_notice(routes: Blueprint, desk: Desk) -> None:
    """The page with what is up, and for editors the form for another one."""

    @routes.get("/notice")
    def notice() -> Response:
        return _page(desk, _empty(desk))

    @routes.post("/notice")
    def put_up_notice() -> Response:
        draft = _read(desk)
        if draft.wrong or draft.until is None:
            return _page(desk, draft, 400)
        if request.form.get("sure") != "yes":
            return _page(desk, draft, is_preview=True)
        who = g.operator.name
        with desk.engine.begin() as connection:
            made = kept.put_up(connection, draft.words, draft.until, who, desk.now())
            note(connection, desk.real(), who, "notice_put_up", str(made), _noted(draft.words))
        return _done(desk)

    @routes.post("/notice/down")
    def take_down_notice() -> Response:
        down = max(0, min(request.form.get("notice", default=0, type=int), _LARGEST_ID))
        with desk.engine.begin() as connection:
            if kept.take_down(connection, down, desk.now()):
                note(connection, desk.real(), g.operator.name, "notice_taken_down", str(down))
        return _done(desk)

    let_in(notice, READER)
    let_in(put_up_notice, EDITOR)
    let_in(take_down_notice, EDITOR)


def _noted(words: Mapping[str, str]) -> str:
    """How the words begin in each language, for the audit trail."""
    return " ".join(f"{code}: {text[:_NOTED]}" for code, text in words.items())


def _done(desk: Desk) -> Response:
    """Callers of this process know it at once, those of the others within seconds."""
    with suppress(SQLAlchemyError):
        desk.notices.look()
    return go_to(url_for("desk.notice"))


def _page(desk: Desk, draft: Draft, status: int = 200, is_preview: bool = False) -> Response:
    now, prompts = desk.now(), desk.wired.prompts()
    with reading(desk.engine).connect() as connection:
        up = kept.not_over(connection, now)
    of_calendar = notice_now(prompts.menus.calendar, now)
    seen = preview(prompts, draft.words, now, desk.wired.settings.sms_price) if is_preview else []
    return shown(
        "notice.html",
        status,
        page="notice",
        up=up if up and up.since <= now else None,
        of_calendar=of_calendar,
        line={code: prompts.menus.languages[code].name for code in prompts.languages},
        draft=draft,
        seen=seen,
        seconds_in_all=sum(each.seconds for each in seen),
        longest=LONGEST,
        first_day=now.astimezone(PARIS).date(),
        last_day=(now + LATEST).astimezone(PARIS).date(),
        days=LATEST.days,
    )


def _empty(desk: Desk) -> Draft:
    """Nothing written yet, until the next evening."""
    here = desk.now().astimezone(PARIS)
    end = here.replace(hour=_EVENING, minute=0)
    if end < here + _SHORTEST_TO_EVENING:
        end += timedelta(days=1)
    words = dict.fromkeys(desk.wired.prompts().languages, "")
    return Draft(words, f"{end:%Y-%m-%d}", f"{end:%H:%M}")


def _read(desk: Desk) -> Draft:
    """What was sent, with what is wrong with it."""
    form, languages = request.form, desk.wired.prompts().languages
    words = {code: tidy(form.get(f"words_{code}", "")) for code in languages}
    until = end_of(form.get("day", ""), form.get("time", ""))
    settings = desk.wired.settings
    ours = (settings.sms_sender, settings.voice_number, settings.adviser_number, settings.operator_phone)
    refused = {code: why_refused(text, ours) for code, text in words.items()}
    wrong = {**refused, "end": why_no_end(until, desk.now())}
    return Draft(
        words,
        form.get("day", ""),
        form.get("time", ""),
        until,
        {name: why for name, why in wrong.items() if why},
        {code: " ".join(unknown_letters(text)) for code, text in words.items()},
    )
