"""What an editor does for somebody who asks: stop, erase, hand over what is kept. Each is asked about first."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from flask import Blueprint, Response, g, request, url_for
from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from helpline.authentication import EDITOR, let_in
from helpline.callers_command.export_file import export_of
from helpline.consent.kept import Kept, what_is_kept
from helpline.consent.withdrawal import Withdrawal
from helpline.consent.withdrawing import LOST, withdraw
from helpline.desk import looked_up
from helpline.desk.desk import Desk
from helpline.desk.language import DEFAULT, LANGUAGES, words_in
from helpline.desk.looked_up import LookedUp
from helpline.desk.person_file import to_read
from helpline.desk.person_shown import language_of
from helpline.desk.shown import go_to, shown
from helpline.menus.windows import today_in_paris
from helpline.operators import audit
from helpline.records.desk_tables import call_requests
from helpline.records.engine import reading
from helpline.records.sealing import UnknownKey
from helpline.records.tables import callers

# How an act went; "people.done_" with it are its words.
DONE = frozenset(
    {"stopped", "stopped_untold", "stopped_call_off", "stopped_untold_call_off", "call_off", "nothing_active"}
    | {"erased", "nothing_kept"}
)
_IN_JOURNAL = "in_journal"

Act = Callable[[LookedUp], Response]


def add_person_acts(routes: Blueprint, desk: Desk) -> None:
    """A page that asks, and what is done after a yes."""

    @routes.get("/people/<reference>/stop")
    def ask_to_stop(reference: str) -> Response:
        return _with(desk, reference, lambda found: _sure("stop", found))

    @routes.post("/people/<reference>/stop")
    def stop(reference: str) -> Response:
        return _with(desk, reference, lambda found: _told(found, _end(desk, found, erases=False)))

    @routes.get("/people/<reference>/erase")
    def ask_to_erase(reference: str) -> Response:
        return _with(desk, reference, lambda found: _sure("erase", found))

    @routes.post("/people/<reference>/erase")
    def erase(reference: str) -> Response:
        return _with(desk, reference, lambda found: _told(found, _end(desk, found, erases=True)))

    @routes.get("/people/<reference>/export")
    def ask_to_export(reference: str) -> Response:
        return _with(desk, reference, lambda found: _sure("export", found))

    @routes.post("/people/<reference>/export")
    def export(reference: str) -> Response:
        as_json = request.form.get("form") == "json"
        return _with(desk, reference, lambda found: _file(desk, found, as_json))

    for view in (ask_to_stop, stop, ask_to_erase, erase, ask_to_export, export):
        let_in(view, EDITOR)


def _with(desk: Desk, reference: str, act: Act) -> Response:
    found = looked_up.find(desk.keys, reference, desk.real())
    if found is None:
        return shown("people.html", 404, page="people", notice="over")
    return act(found)


def _sure(act: str, found: LookedUp) -> Response:
    return shown("person_sure.html", page="people", act=act, found=found)


def _told(found: LookedUp, outcome: str) -> Response:
    """How it went. Without a database there is no page of that person to go to."""
    if outcome in DONE:
        looked_up.mark_noted(found.reference)  # the audit trail has the act
        return go_to(url_for("desk.person", reference=found.reference, done=outcome))
    return shown("person_told.html", 503 if outcome == LOST else 202, page="people", told=outcome)


def _end(desk: Desk, found: LookedUp, *, erases: bool) -> str:
    """Stop or erase, as `helpline callers` does: how it went, in a word."""
    now = desk.now()
    withdrawal = Withdrawal(
        fingerprint=found.fingerprint,
        reason="operator",
        at=now,
        channel="operator",
        key=f"{secrets.token_hex(8)}.operator",
        erases=erases,
        tell=not erases and found.takes_texts,
    )
    is_noted = False

    def note(connection: Connection) -> None:
        nonlocal is_noted
        what: audit.What = "person_erased" if erases else "person_stopped"
        audit.note(connection, desk.real(), g.operator.name, what, about=found.fingerprint)
        is_noted = True

    before = _kept_if_there(desk, found)
    if withdraw(desk.wired.consent, withdrawal, now, beside=note) == LOST:
        return LOST
    after = _kept_if_there(desk, found)
    if not is_noted or before is None or after is None:
        return _IN_JOURNAL
    if erases:
        return "erased" if before.has_what_goes else "nothing_kept"
    is_called_off = before.is_called and not after.is_called
    if not before.is_reminded:
        return "call_off" if is_called_off else "nothing_active"
    is_told = any(message.kind == "stopped" and message.state == "planned" for message in after.messages)
    return f"{'stopped' if is_told else 'stopped_untold'}{'_call_off' if is_called_off else ''}"


def _kept_if_there(desk: Desk, found: LookedUp) -> Kept | None:
    """What is kept; None while the database cannot tell: a withdrawal does not wait for that."""
    try:
        return what_is_kept(desk.engine, found.fingerprint)
    except SQLAlchemyError:
        return None


def _file(desk: Desk, found: LookedUp, as_json: bool) -> Response:
    """Everything that is kept, for the person: to read in their language, or as `helpline callers export` has it."""
    try:
        number = _number(desk, found)
    except UnknownKey:
        return shown("person_told.html", 503, page="people", told="no_key")
    with desk.engine.begin() as connection:
        audit.note(connection, desk.real(), g.operator.name, "person_exported", about=found.fingerprint)
    kept, now = what_is_kept(desk.engine, found.fingerprint), desk.now()
    language = language_of(kept)
    words = words_in(language if language in LANGUAGES else DEFAULT)
    settings = desk.wired.settings
    if as_json:
        content, kind, ending = export_of(kept, number, found.fingerprint, settings, now), "application/json", "json"
    else:
        content, kind, ending = to_read(kept, number, found.fingerprint, settings, now, words), "text/html", "html"
    answer = Response(content, content_type=f"{kind}; charset=utf-8")
    name = f"{words('person.file_name')}-{today_in_paris(now)}.{ending}"  # a number in it would be told by a list
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _number(desk: Desk, found: LookedUp) -> str:
    """Their number, where it is kept: for what is sent, or for a call. UnknownKey if it cannot be read."""
    to_send = select(callers.c.number).where(callers.c.fingerprint == found.fingerprint)
    is_open = (call_requests.c.fingerprint == found.fingerprint, call_requests.c.number.is_not(None))
    with reading(desk.engine).connect() as connection:
        sealed = connection.scalar(to_send)
        if sealed is None:
            sealed = connection.scalar(select(call_requests.c.number).where(*is_open).limit(1))
    return desk.wired.consent.seals.open(sealed) if sealed else ""
