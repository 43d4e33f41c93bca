"""Whose bodies are watched: those of who asks by themselves, not those that a web server in front hands on."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest

from helpline.server.slow_bodies import SlowBodies


def is_watched(**environ: Any) -> bool:
    body, seen = BytesIO(b"x"), []

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        seen.append(environ["wsgi.input"])
        return []

    bodies = SlowBodies(application)
    bodies({"REQUEST_METHOD": "POST", "SERVER_PORT": "80", "wsgi.input": body, **environ}, None)
    bodies._watch.stop()
    return seen != [body]


def test_who_asks_by_themselves_is_watched() -> None:
    assert is_watched(REMOTE_ADDR="203.0.113.7")


@pytest.mark.parametrize("neighbour", ["127.0.0.1", "10.0.0.2", "::1"])
def test_what_a_web_server_in_front_hands_on_is_its_own_matter(neighbour: str) -> None:
    assert not is_watched(REMOTE_ADDR=neighbour, HTTP_X_FORWARDED_FOR="203.0.113.7")


def test_a_stranger_who_pretends_to_be_one_is_watched() -> None:
    assert is_watched(REMOTE_ADDR="9.9.9.9", HTTP_X_FORWARDED_FOR="127.0.0.1")
