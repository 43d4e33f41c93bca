"""The official client of the carrier, led to the simulated one."""

from __future__ import annotations

from typing import Any

from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from tests.simulator.carrier_process import CarrierProcess

ACCOUNT, TOKEN = "AC" + "0" * 32, "0123456789abcdef0123456789abcdef"


class _Here(TwilioHttpClient):
    """The official client's connection, led to the carrier."""

    def __init__(self, address: str, timeout: float) -> None:
        super().__init__(timeout=timeout)
        self._address = address

    def request(self, method: str, url: str, *args: Any, **options: Any) -> Any:
        return super().request(method, url.replace("https://api.twilio.com", self._address), *args, **options)


def client_of(carrier: CarrierProcess, timeout: float = 30) -> Client:
    return Client(ACCOUNT, TOKEN, http_client=_Here(carrier.url, timeout))
