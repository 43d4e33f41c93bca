"""How the carrier's official client reaches the carrier: pooled connections, short time-outs, an address of our own.

The client has no setting for its address. What it has is an exchangeable HTTP client, which is this one.
"""

from __future__ import annotations

import logging
from typing import Any

from requests import Session
from requests.adapters import HTTPAdapter
from twilio.http import HttpClient
from twilio.http.response import Response

from helpline.carrier.client import TO_ANSWER, TO_CONNECT

CARRIER = "https://api.twilio.com"


class Connections(HttpClient):  # type: ignore[misc]
    """Sends the requests of one thread's client to `address`. The connections of `pool` are shared by all threads.

    A request is sent once: sending a text again is decided by whoever knows what became of it. Proxies and passwords
    of the surroundings (`HTTPS_PROXY`, `.netrc`) are not looked for.
    """

    def __init__(self, address: str, pool: HTTPAdapter) -> None:
        super().__init__(logging.getLogger("twilio.http_client"), False, TO_ANSWER)
        self._address = address
        self._session = Session()
        self._session.trust_env = False
        self._session.mount("https://", pool)
        self._session.mount("http://", pool)
        self.retry_after = ""  # what the last answer said about it

    def request(
        self,
        method: str,
        url: str,
        params: Any = None,
        data: Any = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """One request. What goes wrong on the way is an exception of `requests`."""
        answer = self._session.request(
            method.upper(),
            self._at_address(url),
            params=params,
            data=data,
            headers=headers,
            auth=auth,
            timeout=(TO_CONNECT, TO_ANSWER),
            allow_redirects=False,
        )
        self.retry_after = answer.headers.get("Retry-After", "")
        # Decoded here: without a charset `requests` would weigh every byte to guess it.
        return Response(answer.status_code, answer.content.decode("utf-8", "replace"), answer.headers)

    def _at_address(self, url: str) -> str:
        if not url.startswith(f"{CARRIER}/"):
            raise ValueError("the client asked for an address that is not the carrier's")
        return self._address + url.removeprefix(CARRIER)


def pool_of(size: int) -> HTTPAdapter:
    """Connections for `size` threads. Nothing is sent a second time by itself."""
    return HTTPAdapter(pool_connections=1, pool_maxsize=size, max_retries=0)
