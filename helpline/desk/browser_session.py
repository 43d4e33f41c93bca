"""What the browser keeps: a signed cookie with its token, its language and the secret of its forms.

Whether a token is worth anything the database says (`operators/sessions.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask, Request, Response, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface

from helpline.desk import language

BELOW = "/desk"
_TOKEN = "token"  # noqa: S105 the name of a field
_BROWSER_DAYS = 180


class OfDeskOnly(SecureCookieSessionInterface):
    """Sessions below /desk only: a webhook has none, and does no work for one."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """None makes it one that cannot be written to."""
        is_ours = request.path == BELOW or request.path.startswith(f"{BELOW}/")
        return super().open_session(app, request) if is_ours else None


def set_up_cookies(app: Flask, derived: bytes, given: Sequence[str], is_secure: bool) -> None:
    """How the cookies of this application are made. Only the desk writes any.

    They are signed with the first key `given`, and believed with any of these: so one is changed without signing
    anybody out. Without one, the key `derived` from FINGERPRINT_KEY does both; forms are signed with that in any case,
    so that one that is open meanwhile can still be sent.
    """
    first, *older = given or (derived,)
    prefix = "__Host-" if is_secure else ""  # browsers take such a name from https and this host only
    app.session_interface = OfDeskOnly()
    app.config.update(
        SECRET_KEY=first,
        SECRET_KEY_FALLBACKS=older,
        WTF_CSRF_SECRET_KEY=derived,
        SESSION_COOKIE_NAME=f"{prefix}desk",
        SESSION_COOKIE_PATH="/",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SECURE=is_secure,
        SESSION_COOKIE_SAMESITE="Strict",
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session
    )


def token() -> str:
    """The token of this browser's session; nothing where there is none."""
    return str(session.get(_TOKEN, ""))


def keep(new: str) -> None:
    """Begin a session: nothing of what was before stays, but the language."""
    forget()
    session[_TOKEN] = new


def forget() -> None:
    """The session is over."""
    chosen = language.chosen()
    session.clear()
    language.choose(chosen)


def browser_known(is_secure: bool) -> str:
    """What an earlier sign-in left in this browser."""
    return request.cookies.get(_browser_name(is_secure), "")


def keep_browser(answer: Response, known: str, is_secure: bool) -> None:
    """Leave in this browser that somebody signed in here (`operators/throttle.py`)."""
    answer.set_cookie(
        _browser_name(is_secure),
        known,
        max_age=_BROWSER_DAYS * 86_400,
        httponly=True,
        secure=is_secure,
        samesite="Strict",
    )


def _browser_name(is_secure: bool) -> str:
    return "__Host-desk-browser" if is_secure else "desk-browser"
