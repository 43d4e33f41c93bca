"""What is an operator's own: their password, which they change by themselves."""

from __future__ import annotations

import math

from flask import Blueprint, Response, g, request, url_for

from helpline.authentication import READER, let_in
from helpline.desk import browser_session
from helpline.desk.address import client_address
from helpline.desk.desk import Desk
from helpline.desk.shown import go_to, shown
from helpline.operators.own_password import change
from helpline.operators.passwords import SHORTEST, why_refused
from helpline.operators.signing_in import Attempt, Refused

_LONGEST_FIELD = 300


def add_own(routes: Blueprint, desk: Desk) -> None:
    """A reader's own password is theirs, too."""

    @routes.get("/own")
    def own() -> Response:
        return _form(200, "changed" if request.args.get("changed") else "")

    @routes.post("/own")
    def change_own() -> Response:
        password, code, new = (request.form.get(field, "")[:_LONGEST_FIELD] for field in ("password", "code", "new"))
        wrong = why_refused(new, g.operator.name, desk.service)
        if wrong or new == password:
            return _form(400, wrong=wrong or "same")
        address = client_address(request.remote_addr, request.headers.get("X-Forwarded-For", ""))
        browser = browser_session.browser_known(desk.is_secure)
        attempt = Attempt(g.operator.name, password, code, address, browser)
        outcome = change(desk.door, g.operator, attempt, new, desk.real())
        if isinstance(outcome, Refused):
            return _refused(outcome)
        browser_session.keep(outcome.session)
        return go_to(url_for("desk.own", changed=1))

    for view in (own, change_own):
        let_in(view, READER)


def _refused(outcome: Refused) -> Response:
    if outcome.wait is None:
        return _form(403, "not_you")
    answer = _form(429, "wait", minutes=math.ceil(outcome.wait.total_seconds() / 60))
    answer.headers["Retry-After"] = str(math.ceil(outcome.wait.total_seconds()))
    return answer


def _form(status: int, notice: str = "", wrong: str = "", minutes: int = 0) -> Response:
    return shown("own.html", status, page="own", notice=notice, wrong=wrong, minutes=minutes, shortest=SHORTEST)
