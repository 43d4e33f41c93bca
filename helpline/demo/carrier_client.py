"""What the page asks of the simulated carrier, passed on over HTTP."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from helpline.setting_rules import LOCAL_HOSTS

# A webhook may take 15 seconds, and the carrier repeats it once.
PATIENCE_SECONDS = 45.0
# A look is answered at once, or when its wait is over.
LOOK_SECONDS = 10.0
CONNECT_SECONDS = 3.0

AWAY = "The carrier of the demo does not answer. It comes back by itself."
NONE_HERE = "TWILIO_API_URL names a carrier that is not on this machine, so there are no phones to play with."


@dataclass(frozen=True, slots=True)
class Answer:
    """What the carrier answered: JSON, and how it went."""

    status: int
    body: bytes


class CarrierClient:
    """Asks the carrier that runs on this machine, and no other."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._is_here = _is_this_machine(urlsplit(url).hostname or "")

    def get(self, *path: str, wait: int, **query: str) -> Answer:
        """Look at something; the carrier may wait so many seconds for news."""
        return self._ask("GET", path, {**query, "wait": str(wait)}, None, wait + LOOK_SECONDS)

    def post(self, *path: str, told: Mapping[str, str]) -> Answer:
        """Have something done."""
        return self._ask("POST", path, {}, told, PATIENCE_SECONDS)

    def _ask(
        self,
        method: str,
        path: tuple[str, ...],
        query: Mapping[str, str],
        told: Mapping[str, str] | None,
        patience: float,
    ) -> Answer:
        if not self._is_here:
            return _refusal(NONE_HERE)
        import requests  # here, as it takes long to load, and few starts of a demo are looked at in a browser

        url = "/".join([self._url, *(quote(part, safe="") for part in path)])
        with requests.Session() as session:
            session.trust_env = False  # a proxy has no business between two programs of this machine
            try:
                got = session.request(
                    method,
                    url,
                    params=query,
                    data=None if told is None else json.dumps(told),
                    headers={"Content-Type": "application/json"},
                    timeout=(CONNECT_SECONDS, patience),
                    allow_redirects=False,
                )
            except requests.RequestException:
                return _refusal(AWAY)
        return Answer(got.status_code, got.content)


def _refusal(message: str) -> Answer:
    return Answer(503, json.dumps({"message": message}).encode())


def _is_this_machine(host: str) -> bool:
    try:
        return host in LOCAL_HOSTS or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
