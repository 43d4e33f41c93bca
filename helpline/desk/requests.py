"""Call requests: who waits to be called, taking one, and what came of it. Calling is in `bridge.py`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask import Blueprint, Response, g, request, url_for
from phonenumbers import PhoneNumberFormat, format_number
from sqlalchemy import Connection

from helpline.authentication import EDITOR, READER, let_in
from helpline.call_requests import taking, waiting
from helpline.call_requests.bridging import number_of
from helpline.call_requests.waiting import A_PAGE, Request
from helpline.consent.reach import parsed_number
from helpline.desk.desk import Desk
from helpline.desk.masked import masked
from helpline.desk.shown import go_to, message, shown
from helpline.landlines import FRENCH
from helpline.operators import audit
from helpline.operators.audit import What
from helpline.records.engine import reading
from helpline.records.sealing import UnknownKey

# What an act leads to is told on the next page, by these names of "requests.told_...".
TOLD_IN_LIST = ("done", "again", "not_reached", "given_back", "not_yours", "gone")
TOLD_OF_ONE = (
    *("ringing", "rings_already", "unsure", "not_connected", "busy", "account", "no_calls", "refused", "too_many"),
    "gone",
)
WRONG = ("wrong_phone", "their_phone")
WELL = frozenset({"done", "again", "not_reached", "given_back", "ringing", "rings_already"})
SOON = timedelta(minutes=30)  # after a call that nobody answered
_LARGEST_ID = 2**62


def add_requests(routes: Blueprint, desk: Desk) -> None:
    """The list, a request's own page, and what is done there."""

    @routes.get("/requests")
    def requests() -> Response:
        now, name = desk.now(), _me()
        language = request.args.get("language", "")[:2]
        after = max(0, min(request.args.get("after", default=0, type=int), _LARGEST_ID))
        with reading(desk.engine).connect() as connection:
            found = waiting.waiting(connection, now, A_PAGE + 1, after, language)
            by_language = waiting.by_language(connection, now)
            taken = waiting.taken(connection, now)
            not_reached = waiting.not_reached(connection, now)
            restored = waiting.restored_to(connection)
        told = request.args.get("told", "")
        return shown(
            "requests.html",
            page="requests",
            now=now,
            found=found[:A_PAGE],
            next_after=found[A_PAGE - 1].id if len(found) > A_PAGE else 0,
            after=after,
            language=language,
            by_language=by_language,
            name_of=_names(desk),
            mine=[one for one in taken if one.taken_by == name],
            others=[one for one in taken if one.taken_by != name],
            not_reached=not_reached,
            restored=restored,
            a_page=A_PAGE,
            soon=SOON,
            told=told if told in TOLD_IN_LIST else "",
            well=told in WELL,
        )

    @routes.get("/requests/<request_id>")
    def one_request(request_id: str) -> Response:
        found = find(desk, request_id)
        if found is None:
            return message("not_found", 404)
        told = request.args.get("told", "")
        return own_page(desk, found, told if told in TOLD_OF_ONE else "")

    @routes.post("/requests/<request_id>/take")
    def take_request(request_id: str) -> Response:
        found = find(desk, request_id)
        if found is None:
            return message("not_found", 404)
        with desk.engine.begin() as connection:
            is_mine = taking.take(connection, found.id, _me(), desk.now())
            if is_mine:
                _note(connection, desk, "call_request_taken", found)
        if not is_mine:
            return go_to(url_for("desk.requests", told="gone"))
        return go_to(url_for("desk.one_request", request_id=found.id))

    @routes.post("/requests/<request_id>/result")
    def result_of_request(request_id: str) -> Response:
        found = find(desk, request_id)
        if found is None:
            return message("not_found", 404)
        return go_to(url_for("desk.requests", told=_end(desk, found, request.form.get("how", ""))))

    let_in(requests, READER)
    let_in(one_request, READER)
    let_in(take_request, EDITOR)
    let_in(result_of_request, EDITOR)


def find(desk: Desk, request_id: str) -> Request | None:
    """The request that an address names."""
    if not (request_id.isascii() and request_id.isdecimal() and len(request_id) < 19):
        return None
    with reading(desk.engine).connect() as connection:
        return waiting.one(connection, int(request_id))


def own_page(desk: Desk, found: Request, told: str = "", status: int = 200, phone: str = "") -> Response:
    """A request by itself. The number is there for the editor who has taken it, and for nobody else."""
    now = desk.now()
    is_mine = found.state == "taken" and found.taken_by == _me() and g.operator.may_edit
    number, is_sealed = "", False
    with reading(desk.engine).connect() as connection:
        restored = waiting.restored_to(connection)
        try:
            number = number_of(connection, desk.wired.consent.seals, found.id, _me()) if is_mine else ""
        except UnknownKey:
            is_sealed = True
    settings = desk.wired.settings
    return shown(
        "request.html",
        status,
        page="requests",
        now=now,
        one=found,
        restored=restored,
        is_mine=is_mine,
        is_free=found.state == "waiting" or found.is_forgotten(now),
        is_last_try=found.tries + 1 >= taking.MOST_TRIES,
        most_tries=taking.MOST_TRIES,
        number=_written(number),
        is_sealed=is_sealed,
        our_number=_written(settings.voice_number),
        adviser=masked(settings.adviser_number) if settings.adviser_number else "",
        name_of=_names(desk),
        told=told,
        well=told in WELL,
        is_wrong=told in WRONG,
        phone=phone,
    )


def _end(desk: Desk, found: Request, how: str) -> str:
    """Do what an operator says came of it; the name of what is told then."""
    now = desk.now()
    with desk.engine.begin() as connection:
        match how:
            case "give_back" if taking.give_back(connection, found.id, _me(), now):
                _note(connection, desk, "call_request_given_back", found)
                return "given_back"
            case "done" if taking.finish(connection, found.id, _me(), "done", now):
                _note(connection, desk, "call_request_done", found)
                return "done"
            case "no_answer" if state := taking.finish(connection, found.id, _me(), "no_answer", now):
                _note(connection, desk, "call_request_no_answer", found)
                return "again" if state == "waiting" else "not_reached"
    return "not_yours"


def _me() -> str:
    return str(g.operator.name)


def _note(connection: Connection, desk: Desk, what: What, about: Request) -> None:
    audit.note(connection, desk.real(), _me(), what, about=about.fingerprint)


def _names(desk: Desk) -> Callable[[str], str]:
    """How a language calls itself."""
    languages = desk.wired.prompts().menus.languages
    return lambda code: languages[code].name if code in languages else code


def _written(number: str) -> str:
    """A number as people here write it."""
    parsed = parsed_number(number)
    if parsed is None:
        return number
    is_french = parsed.country_code in FRENCH
    return format_number(parsed, PhoneNumberFormat.NATIONAL if is_french else PhoneNumberFormat.INTERNATIONAL)
