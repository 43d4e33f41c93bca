"""Hundreds who send without end hold back neither a text nor a call, and are shut out themselves."""

from __future__ import annotations

import pytest

from helpline.server.web import THREADS
from tests.conftest import Server
from tests.security.slow import BEGINNINGS, connected, dribbling, is_shut

GENEROUS = 40  # seconds: without a bound they would hold the server for as long as they like
MANY = 2 * THREADS + 44


@pytest.mark.parametrize("way", BEGINNINGS)
def test_callers_are_answered_while_hundreds_send_without_end(server: Server, way: str) -> None:
    phone = server.phone(timeout=GENEROUS)
    with dribbling(server.port, MANY, way):
        assert phone.text("menu")
        assert phone.dial().said
        assert phone.text("2")


@pytest.mark.parametrize("way", BEGINNINGS)
def test_who_sends_without_end_is_shut_out(server: Server, way: str) -> None:
    with dribbling(server.port, 2, way) as senders:
        assert all(map(is_shut, senders))
    assert server.phone(timeout=GENEROUS).text("menu")


def test_who_is_answered_meanwhile_keeps_the_connection(server: Server) -> None:
    asks = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with connected(server.port) as other, dribbling(server.port, 1, "a body that never ends") as (sender,):
        sender.settimeout(0.5)
        for _ in range(60):  # the sender is shut out in the course of it
            other.sendall(asks)
            got = b""
            while not got.endswith(b"\r\n\r\nok\n"):  # head and body may come apart
                more = other.recv(4096)
                assert more, "the connection was shut"
                got += more
            assert b"200 OK" in got
            try:
                if is_shut(sender):
                    return
            except TimeoutError:
                continue
    pytest.fail("the one who sent without end was never shut out")
