"""Signing in and out, and the choice of a language."""

from __future__ import annotations

import math
import re

from flask import Blueprint, Response, g, request, url_for

from helpline.authentication import open_to_all
from helpline.desk import browser_session, language
from helpline.desk.address import client_address
from helpline.desk.desk import Desk
from helpline.desk.shown import go_to, message, shown
from helpline.operators import audit, sessions
from helpline.operators.signing_in import Attempt, Refused, sign_in

_LONGEST_FIELD = 300
_ODD = re.compile(r"[\x00-\x1f\x7f-\x9f]")  # no address of ours has these


def add_sign_in(routes: Blueprint, desk: Desk) -> None:
    """Routes for whoever is not in yet, and for leaving."""

    @routes.get("/sign-in")
    @open_to_all
    def sign_in_form() -> Response:
        if sessions.find(desk.engine, browser_session.token(), desk.real()):
            return go_to(url_for("desk.today"))
        return shown("sign_in.html", notice="over" if request.args.get("over") else "")

    @routes.post("/sign-in")
    @open_to_all
    def sign_in_now() -> Response:
        outcome = sign_in(desk.door, _attempt(desk), desk.real())
        if isinstance(outcome, Refused):
            return _refused(outcome)
        browser_session.keep(outcome.session)
        g.operator = outcome.operator
        left = outcome.codes_left
        answer = go_to(url_for("desk.today")) if left is None else message("recovery_used", 200, left=left)
        browser_session.keep_browser(answer, outcome.browser, desk.is_secure)
        return answer

    @routes.post("/sign-out")
    @open_to_all
    def sign_out() -> Response:
        if g.operator:
            with desk.engine.begin() as connection:
                sessions.end(connection, browser_session.token())
                audit.note(connection, desk.real(), g.operator.name, "signed_out")
        browser_session.forget()
        return go_to(url_for("desk.sign_in_form"))

    @routes.post("/language")
    @open_to_all
    def choose_language() -> Response:
        language.choose(request.form.get("language", ""))
        back = request.form.get("back", "")
        return go_to(back if back.startswith("/desk/") and not _ODD.search(back) else url_for("desk.today"))


def _attempt(desk: Desk) -> Attempt:
    name, password, code = (_field(field) for field in ("name", "password", "code"))
    address = client_address(request.remote_addr, request.headers.get("X-Forwarded-For", ""))
    return Attempt(name, password, code, address, browser_session.browser_known(desk.is_secure))


def _field(name: str) -> str:
    """What was typed, without what PostgreSQL keeps in no text."""
    return request.form.get(name, "").replace("\0", "")[:_LONGEST_FIELD]


def _refused(outcome: Refused) -> Response:
    name = _field("name")
    if outcome.wait is None:
        return shown("sign_in.html", 403, notice="wrong", name=name)
    answer = shown("sign_in.html", 429, notice="wait", name=name, minutes=math.ceil(outcome.wait.total_seconds() / 60))
    answer.headers["Retry-After"] = str(math.ceil(outcome.wait.total_seconds()))
    return answer
