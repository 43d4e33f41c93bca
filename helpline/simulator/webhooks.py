"""The carrier's side of a webhook: requests signed and sent as Twilio does, failures in words."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlencode, urljoin, urlsplit

from twilio.request_validator import SIGNATURE_HEADER, RequestValidator

from helpline.settings import Settings

PATIENCE_SECONDS = 15.0


class CarrierError(Exception):
    """The server did not answer as the carrier needs it; the message says what to do about it."""


def sid(kind: str) -> str:
    """A new id as the carrier makes them: SM for a text, CA for a call."""
    return kind + secrets.token_hex(16)


class Webhooks:
    """Posts to one server. `address` is where it is reached, `public_url` what it is known as and signed for."""

    def __init__(self, address: str, public_url: str, token: str) -> None:
        self._address = address.rstrip("/")
        self._public_url = public_url.rstrip("/")
        self._validator = RequestValidator(token)

    @classmethod
    def of(cls, settings: Settings, address: str = "") -> Webhooks:
        """Those of the server that runs with the same settings, or of the one at `address`."""
        address = (address or settings.local_address).rstrip("/")
        public_url = settings.public_url_given or address
        return cls(address, public_url, settings.auth_tokens[0].get_secret_value())

    def look(self) -> None:
        """CarrierError if no helpline answers."""
        status, _, _ = self._send("GET", f"{self._address}/healthz", "", {})
        if status != 200:
            raise CarrierError(f"What answers at {self._address} is no helpline (/healthz says {status}).")

    def url(self, target: str, base: str = "") -> str:
        """A public URL from a path, or from what TwiML names, which may be relative to `base`."""
        return urljoin(base, target) if base else self._public_url + target

    def post(self, url: str, form: Mapping[str, str]) -> str:
        """Post a form to a public URL of the server; the body of the answer."""
        if not url.startswith(f"{self._public_url}/"):
            raise CarrierError(f"The answer leads to {url}, which is not this server ({self._public_url}).")
        signature = self._validator.compute_signature(url, dict(form))
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "User-Agent": "TwilioProxy/1.1",
            SIGNATURE_HEADER: signature,
        }
        here = self._address + url.removeprefix(self._public_url)
        status, kind, body = self._send("POST", here, urlencode(form), headers)
        if problem := _problem(status, here):
            raise CarrierError(problem)
        if body and "xml" not in kind:
            raise CarrierError(f"The answer is {kind or 'of no type'}, and the carrier takes only text/xml.")
        return body

    def _send(self, method: str, url: str, body: str, headers: Mapping[str, str]) -> tuple[int, str, str]:
        parts = urlsplit(url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=PATIENCE_SECONDS)
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        try:
            connection.request(method, target, body.encode(), dict(headers))
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
            return answer.status, answer.getheader("Content-Type", ""), text
        except TimeoutError as error:
            raise CarrierError(
                f"{self._address} did not answer within {PATIENCE_SECONDS:.0f} seconds: "
                "the carrier would give up here. Look at the server's terminal."
            ) from error
        except (OSError, HTTPException) as error:
            raise CarrierError(
                f"No server answers at {self._address} ({error}).\nStart it with scripts/server in another terminal."
            ) from error
        finally:
            connection.close()


def _problem(status: int, url: str) -> str:
    if status in (200, 204):
        return ""
    if status == 403:
        return (
            "The server refused the signature (403): it has another token or another public address than this "
            "terminal.\nGive both the same settings (TWILIO_AUTH_TOKEN, PUBLIC_URL, VAR_DIR)."
        )
    if status >= 500:
        return f"The server failed ({status}). The reason is in its terminal."
    if 300 <= status < 400:
        return f"The server sends the carrier elsewhere ({status}): give --url the address that it leads to."
    return f"The server did not take {url} ({status}). Is it a helpline of this version?"
