"""The carrier's small web server: what happens when the carrier itself fails."""

from __future__ import annotations

import asyncio
import errno

import pytest
import requests

from helpline.simulator.carrier.http import HERE, Answer, Request, listen
from tests.fresh_logs import captured_logs


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "disk full: a body"), ValueError("a body"), KeyError("a body")]
)
def test_a_fault_of_the_carrier_is_answered_and_logged_without_what_was_sent(error: Exception) -> None:
    async def fail(request: Request) -> Answer:
        raise error

    async def ask() -> requests.Response:
        server = await listen(fail, 0)
        url = f"http://{HERE}:{server.sockets[0].getsockname()[1]}/phones/+33639980001"
        async with server:
            return await asyncio.to_thread(requests.post, url, data="a body", timeout=60)

    with captured_logs() as logs:
        answer = asyncio.run(ask())
    assert answer.status_code == 500
    (logged,) = logs
    assert (logged["error"], logged["method"]) == (type(error).__name__, "POST")
    assert logged["where"].startswith("test_http.py:")
    assert "a body" not in str(logs) + answer.text
    assert "+336" not in str(logs) + answer.text
