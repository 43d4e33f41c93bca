"""People: a number looked up, and what is kept of it. What is done for them is in `person_acts.py`.

A number is typed into a form and is in no address, no list and no log; each look is in the audit trail.
"""

from __future__ import annotations

import math
from datetime import timedelta

import structlog
from flask import Blueprint, Response, g, request, url_for

from helpline.authentication import READER, let_in
from helpline.consent.kept import what_is_kept
from helpline.consent.reach import takes_texts
from helpline.desk import looked_up
from helpline.desk.desk import Desk
from helpline.desk.language import words_now
from helpline.desk.look_up_limit import MOST, note_look
from helpline.desk.masked import masked
from helpline.desk.person_acts import DONE, add_person_acts
from helpline.desk.person_shown import person_shown
from helpline.desk.shown import go_to, shown
from helpline.setting_rules import e164

_LONGEST_NUMBER = 40

log = structlog.get_logger(__name__)


def add_people(routes: Blueprint, desk: Desk) -> None:
    """The form, and the page of somebody; readers may look."""

    @routes.get("/people")
    def people() -> Response:
        return _form()

    @routes.post("/people")
    def look_up() -> Response:
        typed = request.form.get("number", "")[:_LONGEST_NUMBER]
        number = e164(typed)
        if number is None:
            return _form("no_number", 400)
        now, fingerprint = desk.real(), desk.wired.consent.fingerprint(number)
        wait = note_look(desk.engine, g.operator, fingerprint, now)
        if wait is not None:
            return _too_often(wait)
        reference = looked_up.remember(desk.keys, fingerprint, masked(number), takes_texts(number), now)
        return go_to(url_for("desk.person", reference=reference))

    @routes.get("/people/<reference>")
    def person(reference: str) -> Response:
        found = looked_up.find(desk.keys, reference, desk.real())
        if found is None:
            return _form("over", 404)
        if not looked_up.was_noted(reference):
            wait = note_look(desk.engine, g.operator, found.fingerprint, desk.real())
            if wait is not None:
                return _too_often(wait)
        _apply_what_waits(desk)
        kept = what_is_kept(desk.engine, found.fingerprint)
        done = request.args.get("done", "")
        return shown(
            "person.html",
            page="people",
            found=found,
            person=person_shown(kept, words_now()),
            done=done if done in DONE else "",
        )

    for view in (people, look_up, person):
        let_in(view, READER)
    add_person_acts(routes, desk)


def _form(notice: str = "", status: int = 200, minutes: int = 0) -> Response:
    """The form. The number that was typed is not shown again: somebody else may look at the screen by now."""
    return shown("people.html", status, page="people", notice=notice, minutes=minutes, most=MOST)


def _too_often(wait: timedelta) -> Response:
    answer = _form("wait", 429, math.ceil(wait.total_seconds() / 60))
    answer.headers["Retry-After"] = str(math.ceil(wait.total_seconds()))
    return answer


def _apply_what_waits(desk: Desk) -> None:
    """A STOP that only the disk has counts already."""
    try:
        desk.wired.sender.apply_withdrawals(desk.now())
    except OSError as error:
        log.error("the journal of withdrawals cannot be read", error=error.strerror or type(error).__name__)
