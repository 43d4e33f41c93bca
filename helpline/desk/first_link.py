"""The one-time link: a new operator chooses a password, sets up their app, and is in."""

from __future__ import annotations

import io

import segno
from flask import Blueprint, Response, g, request
from markupsafe import Markup

from helpline.authentication import open_to_all
from helpline.desk import browser_session
from helpline.desk.desk import Desk
from helpline.desk.shown import message, shown
from helpline.operators import codes, links, throttle
from helpline.operators.passwords import SHORTEST, why_refused
from helpline.records.engine import reading


def add_first_link(routes: Blueprint, desk: Desk) -> None:
    """The page that a link leads to. Looking at it does not use it up: a mail program may look first."""

    @routes.get("/link/<token>")
    @open_to_all
    def first_link(token: str) -> Response:
        found = _invitation(desk, token)
        return _form(desk, found) if found else message("no_link", 404)

    @routes.post("/link/<token>")
    @open_to_all
    def begin(token: str) -> Response:
        found = _invitation(desk, token)
        if found is None:
            return message("no_link", 404)
        password, code = request.form.get("password", ""), request.form.get("code", "")
        wrong = why_refused(password, found.operator.name, desk.service)
        if wrong:
            return _form(desk, found, wrong_password=wrong)
        if codes.step_of(found.totp_secret, code, desk.real()) is None:
            return _form(desk, found, wrong_code=True)
        kept = desk.door.passwords.hash(password)
        with desk.engine.begin() as connection:
            begun = links.accept(connection, desk.keys, token, kept, code, desk.real())
        if begun is None:
            return message("no_link", 404)
        browser_session.keep(begun.session)
        g.operator = begun.operator
        answer = shown("recovery_codes.html", codes=begun.recovery_codes)
        known = throttle.browser_known(desk.keys, begun.operator.name)
        browser_session.keep_browser(answer, known, desk.is_secure)
        return answer


def _invitation(desk: Desk, token: str) -> links.Invitation | None:
    with reading(desk.engine).connect() as connection:
        return links.invitation(connection, desk.keys, token, desk.real())


def _form(desk: Desk, found: links.Invitation, wrong_password: str = "", wrong_code: bool = False) -> Response:
    address = codes.address_for_app(found.totp_secret, found.operator.name, desk.service)
    secret = found.totp_secret
    return shown(
        "first_link.html",
        400 if wrong_password or wrong_code else 200,
        invited=found.operator,
        shortest=SHORTEST,
        qr=_qr(address),
        address=address,
        secret=" ".join(secret[place : place + 4] for place in range(0, len(secret), 4)),
        wrong_password=wrong_password,
        wrong_code=wrong_code,
    )


def _qr(text: str) -> Markup:
    """The code as SVG within the page: nothing is fetched, and nothing is styled in a way that the policy refuses."""
    drawn = io.BytesIO()
    segno.make(text, error="m").save(
        drawn, kind="svg", border=4, svgclass="qr", lineclass=None, xmldecl=False, svgns=False, omitsize=True
    )
    return Markup(drawn.getvalue().decode())  # noqa: S704 drawn by the library, from a text that it encodes
