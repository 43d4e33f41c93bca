"""Who may open a page of the desk, and what a browser may do with it. What a view states is what is asked for."""

from __future__ import annotations

import traceback
from pathlib import Path

import structlog
from flask import Blueprint, Response, current_app, g, request, session, url_for
from flask_wtf.csrf import CSRFError, generate_csrf, validate_csrf
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException
from wtforms import ValidationError

from helpline.authentication import EDITOR, EVERYBODY, READER, stated
from helpline.desk import browser_session
from helpline.desk.browser_session import BELOW
from helpline.desk.desk import Desk
from helpline.desk.language import LANGUAGES, words_now
from helpline.desk.pages import pages_for
from helpline.desk.shown import go_to, message
from helpline.operators import sessions
from helpline.operators.operator import Operator

# No script at all, nothing of anybody else's, in nobody's frame.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; media-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
POLICY_WITH_SCRIPT = f"{POLICY}; script-src 'self'"  # of a page that states it: for files of ours, never for a line
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
HTTPS_DAYS = 365
TOKEN_FIELD = "csrf_token"  # noqa: S105 the name of a field

log = structlog.get_logger(__name__)


def guard(routes: Blueprint, desk: Desk) -> None:
    """Have every request to these routes checked, and every answer say what a browser may do with it."""

    @routes.before_request
    def check() -> Response | None:
        if _came_from_elsewhere() and not session:
            # The browser kept its cookie back, since a link elsewhere led here: it sends it when a page of ours asks.
            # That page has no form, whose token would put another cookie in the place of the one that was kept back.
            return message("go_on", 200, onward=request.full_path.rstrip("?"))
        whom = stated(current_app.view_functions[request.endpoint or ""])
        g.operator = None
        if whom != EVERYBODY or request.method == "POST":
            g.operator = sessions.find(desk.engine, browser_session.token(), desk.real())
        refusal = _who(whom, g.operator)
        return refusal or (_form() if request.method == "POST" else None)

    @routes.context_processor
    def for_templates() -> dict[str, object]:
        words = words_now()
        return {
            "t": words,
            "languages": LANGUAGES,
            "service": desk.service,
            "operator": g.get("operator"),
            "pages": pages_for(g.get("operator")),
            "form_token": generate_csrf,
        }

    @routes.after_app_request  # what is no page of ours, or no method of one, belongs to no part of the application
    def say(answer: Response) -> Response:
        if request.path != BELOW and not request.path.startswith(f"{BELOW}/"):
            return answer
        for name, value in HEADERS.items():
            answer.headers.setdefault(name, value)
        answer.headers.setdefault("Cache-Control", "no-store")
        if desk.is_secure:
            answer.headers["Strict-Transport-Security"] = f"max-age={HTTPS_DAYS * 86_400}"
        return answer

    routes.register_error_handler(SQLAlchemyError, _database_down)
    routes.register_error_handler(Exception, _failed)


def _who(whom: str, operator: Operator | None) -> Response | None:
    """The answer to somebody who may not; none to who may."""
    if whom == EVERYBODY:
        return None
    if operator is None:
        return _to_sign_in()
    if whom == READER or (whom == EDITOR and operator.may_edit):
        return None
    return message("may_not", 403)


def _to_sign_in() -> Response:
    was_in = bool(browser_session.token())
    if was_in:
        browser_session.forget()
    return go_to(url_for("desk.sign_in_form", over="1" if was_in else None))


def _form() -> Response | None:
    """The refusal of a form that is not from a page of ours."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return message("not_ours", 403)
    if request.content_length is None:  # as no browser sends it; of one that is too large the beginning would be taken
        return message("not_ours", 411)
    try:
        validate_csrf(request.form.get(TOKEN_FIELD))
    except (ValidationError, CSRFError):
        return message("not_ours", 403)
    return None


def _came_from_elsewhere() -> bool:
    return request.method == "GET" and request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site")


def _database_down(error: Exception) -> Response:
    _log(error)
    return message("database_down", 503)


def _failed(error: Exception) -> Response:
    if isinstance(error, HTTPException):
        return message("not_found" if error.code == 404 else "failed", error.code or 500)
    _log(error)
    return message("failed", 500)


def _log(error: Exception) -> None:
    """Places only: paths and messages may hold a name or a secret."""
    places = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    log.error("the desk failed", route=request.endpoint, error=type(error).__name__, places=places[-5:])
