"""Who may use the demo's page: a browser that was led here on purpose, and no page of somebody else's."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from urllib.parse import urlsplit

from flask import Blueprint, Response, jsonify, request

from helpline.setting_rules import LOCAL_HOSTS
from helpline.settings import Settings

WHOM = "whoever reaches the demo"
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


def guard(routes: Blueprint, settings: Settings) -> None:
    """Have every request to these routes checked, and every answer say what a browser may do with it."""
    is_ours = hosts_of(settings)

    @routes.before_request
    def check() -> Response | None:
        if not is_ours(request.host):
            return refused(403, f"This demo is not known as {request.host}: name it in PUBLIC_URL.")
        if request.method == "POST":
            return _check_post()
        # Somebody else's page may lead here, but must not keep connections of ours busy.
        if request.path != "/" and request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
            return refused(403, "Only the demo's own page may ask this.")
        return None

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


def _check_post() -> Response | None:
    if not _is_same_origin():
        return refused(403, "Only the demo's own page may do this.")
    if request.mimetype != "application/json":
        return refused(415, "Send JSON.")
    if not isinstance(request.get_json(silent=True), dict):
        return refused(400, "Send a JSON object.")
    return None


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
