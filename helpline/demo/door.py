"""Who may use the demo's page: a browser that was led here on purpose, and no page of somebody else's."""

from __future__ import annotations

import ipaddress
import traceback
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import structlog
from flask import Blueprint, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException

from helpline.demo.seats import MOST_ACTING, Seats
from helpline.setting_rules import LOCAL_HOSTS
from helpline.settings import Settings

WHOM = "whoever reaches the demo"
LARGEST_BODY = 16 * 1024  # the longest text, with each of its letters escaped
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

log = structlog.get_logger(__name__)


def guard(routes: Blueprint, settings: Settings) -> None:
    """Have every request to these routes checked, and every answer say what a browser may do with it."""
    is_ours = hosts_of(settings)
    acting = Seats(MOST_ACTING)

    @routes.before_request
    def check() -> Response | None:
        if not is_ours(request.host):
            return refused(403, f"This demo is not known as {request.host}: name it in PUBLIC_URL.")
        if request.method == "POST":
            return _check_head() or sit_down() or _check_body()
        # Somebody else's page may lead here, but must not keep connections of ours busy.
        if request.path != "/" and request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
            return refused(403, "Only the demo's own page may ask this.")
        return None

    def sit_down() -> Response | None:
        # Before the body is read, which may come slowly.
        g.has_seat = acting.take()
        return None if g.has_seat else refused(503, "Too much is done here at once. Try again in a moment.")

    @routes.teardown_request
    def get_up(_: BaseException | None) -> None:
        if g.pop("has_seat", False):
            acting.leave()

    routes.register_error_handler(Exception, _failed)

    @routes.after_request
    def say(answer: Response) -> Response:
        answer.headers.update(HEADERS)
        answer.headers.setdefault("Cache-Control", "no-store")
        return answer


def refused(status: int, message: str) -> Response:
    """An answer that says in words why not."""
    answer = jsonify(message=message)
    answer.status_code = status
    return answer


def hosts_of(settings: Settings) -> Callable[[str], bool]:
    """Whether a Host is one of this demo's.

    A name that somebody else made to lead here is not: their page would read ours. An address cannot be made so, and
    a demo that listens on every address of its machine takes them all.
    """
    known = {*LOCAL_HOSTS, _host(f"//{settings.host}"), _host(settings.public_url)}
    takes_addresses = _is_address(settings.host) and ipaddress.ip_address(settings.host).is_unspecified

    def is_ours(given: str) -> bool:
        host = _host(f"//{given}")
        return bool(host) and (host in known or (takes_addresses and _is_address(host)))

    return is_ours


def _check_head() -> Response | None:
    """What is wrong with a POST before any of its body is read."""
    if not _is_same_origin():
        return refused(403, "Only the demo's own page may do this.")
    if request.mimetype != "application/json":
        return refused(415, "Send JSON.")
    if request.content_length is None:
        return refused(411, "Say how long it is, as Content-Length.")
    if request.content_length > LARGEST_BODY:
        return refused(413, f"That is too long: {LARGEST_BODY} bytes at most.")
    return None


def _check_body() -> Response | None:
    try:
        told = request.get_json(silent=True)
    except RecursionError:
        told = None
    return None if isinstance(told, dict) else refused(400, "Send a JSON object.")


def _failed(error: Exception) -> Response:
    """What nobody expected, in words. Its log has places only: paths and messages may hold a number."""
    if isinstance(error, HTTPException):
        return refused(error.code or 500, error.description or "That did not work.")
    places = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    log.error("the demo failed", route=request.endpoint, error=type(error).__name__, places=places[-5:])
    return refused(500, "The demo failed. Its server's log says where.")


def _is_same_origin() -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin", "")
    return bool(origin) and urlsplit(origin).netloc == request.host


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
