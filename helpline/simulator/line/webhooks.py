"""The carrier's side of a webhook: requests signed and sent as Twilio does, failures in words."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urldefrag, urlencode, urljoin, urlsplit
from uuid import uuid4

from twilio.request_validator import SIGNATURE_HEADER, RequestValidator

from helpline.setting_rules import LOCAL_HOSTS
from helpline.settings import Settings
from helpline.simulator.line.wishes import wishes_of

PATIENCE_SECONDS = 15.0  # for all repeats together
REPEAT_HEADER = "I-Twilio-Idempotency-Token"
TOLD_HEADER = "X-Helpline-Turn"


class CarrierError(Exception):
    """The server did not answer as the carrier needs it; the message says what to do about it."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request to the server and its answer, for the curious. `status` 0: there was no answer.

    `told` is what the helpline itself tells about the turn, in a demo.
    """

    url: str
    form: Mapping[str, str]
    status: int
    body: str
    milliseconds: float
    told: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    kind: str = ""
    body: str = ""
    told: str = ""
    problem: str = ""
    missed: str = ""  # ct: no connection, rt: no answer

    @property
    def failure(self) -> str:
        """As the wishes of a URL call it; nothing for a success."""
        return self.missed or {4: "4xx", 5: "5xx"}.get(self.status // 100, "")


def sid(kind: str) -> str:
    """A new id as the carrier makes them: SM for a text, CA for a call."""
    return kind + secrets.token_hex(16)


class Webhooks:
    """Posts to one server. `address` is where it is reached, `public_url` what it is known as and signed for.

    `told` is given every request with its answer.
    """

    def __init__(
        self, address: str, public_url: str, token: str, told: Callable[[Exchange], None] = lambda exchange: None
    ) -> None:
        self.address = address.rstrip("/")
        self._public_url = public_url.rstrip("/")
        self._validator = RequestValidator(token)
        self._told = told

    @classmethod
    def of(
        cls, settings: Settings, address: str = "", told: Callable[[Exchange], None] = lambda exchange: None
    ) -> Webhooks:
        """Those of the server that runs with the same settings, or of the one at `address`."""
        address = (address or settings.local_address).rstrip("/")
        public_url = settings.public_url_given or address
        return cls(address, public_url, settings.auth_tokens[0].get_secret_value(), told)

    def look(self) -> None:
        """CarrierError if no helpline answers."""
        answer = self.get("/healthz")
        if answer[0] != 200:
            raise CarrierError(f"What answers at {self.address} is no helpline (/healthz says {answer[0]}).")

    def get(self, path: str) -> tuple[int, str]:
        """The status and the body of a page of the server, unsigned."""
        return self._ask("GET", path, "", {})

    def post_json(self, path: str, body: Mapping[str, object]) -> tuple[int, str]:
        """Hand a page of the server a JSON value, as its own browser would."""
        origin = "/".join(self.address.split("/", 3)[:3])
        headers = {"Content-Type": "application/json", "Origin": origin}
        return self._ask("POST", path, json.dumps(body), headers)

    def url(self, target: str, base: str = "") -> str:
        """A public URL from a path, or from what TwiML names, which may be relative to `base`.

        CarrierError where TwiML names no address.
        """
        if not base:
            return self._public_url + target
        try:
            url = urljoin(base, target)
            is_address = url.isascii() and url.isprintable() and " " not in url
        except ValueError:
            is_address = False
        if not is_address:
            raise CarrierError(f"The answer leads to {target[:80]!r}, which is no address.")
        return url

    def post(self, url: str, form: Mapping[str, str]) -> str:
        """Post a form to a public URL of the server, as often as its fragment wishes; the body of the answer."""
        if not url.startswith(f"{self._public_url}/"):
            raise CarrierError(f"The answer leads to {url}, which is not this server ({self._public_url}).")
        answer = self._post(url, self.address + url.removeprefix(self._public_url), form, {})
        if answer.body and "xml" not in answer.kind:
            raise CarrierError(f"The answer is {answer.kind or 'of no type'}, and the carrier takes only text/xml.")
        return answer.body

    def report(self, url: str, form: Mapping[str, str], at: str = "") -> None:
        """Post a form to the URL that came with a message or a call, and care for no answer but that it was taken.

        `at` is where its server is reached. Without it only this machine is: nothing that is simulated leaves it.
        """
        parts = urlsplit(url)
        if url.startswith(f"{self._public_url}/"):
            here = self.address + url.removeprefix(self._public_url)
        elif at:
            here = at.rstrip("/") + url.removeprefix(f"{parts.scheme}://{parts.netloc}")
        elif parts.hostname in LOCAL_HOSTS:
            here = url
        else:
            raise CarrierError(f"{parts.netloc} is not this machine: nothing is posted there. Give --callbacks-at.")
        self._post(url, here, form, {"Host": parts.netloc})

    def _post(self, url: str, here: str, form: Mapping[str, str], more: Mapping[str, str]) -> _Answer:
        """The answer to a form that is signed for one URL and posted to another. CarrierError if it was not taken."""
        wishes, url, here = wishes_of(url), urldefrag(url).url, urldefrag(here).url
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "User-Agent": "TwilioProxy/1.1",
            SIGNATURE_HEADER: self._validator.compute_signature(url, dict(form)),
            REPEAT_HEADER: str(uuid4()),
            **more,
        }
        until = time.monotonic() + PATIENCE_SECONDS
        answer = self._exchange(url, here, form, headers, PATIENCE_SECONDS)
        for _ in range(wishes.again):
            left = until - time.monotonic()
            if answer.failure not in wishes.after or left <= 0:
                break
            answer = self._exchange(url, here, form, headers, left)
        if problem := answer.problem or _problem(answer.status, here):
            raise CarrierError(problem)
        return answer

    def _exchange(
        self, url: str, here: str, form: Mapping[str, str], headers: Mapping[str, str], patience: float
    ) -> _Answer:
        began = time.perf_counter()
        answer = self._send("POST", here, urlencode(form), headers, patience)
        milliseconds = round((time.perf_counter() - began) * 1000, 1)
        self._told(Exchange(url, form, answer.status, answer.body, milliseconds, _told(answer.told)))
        return answer

    def _ask(self, method: str, path: str, body: str, headers: Mapping[str, str]) -> tuple[int, str]:
        answer = self._send(method, self.address + path, body, headers)
        if answer.problem:
            raise CarrierError(answer.problem)
        return answer.status, answer.body

    def _send(
        self, method: str, url: str, body: str, headers: Mapping[str, str], patience: float = PATIENCE_SECONDS
    ) -> _Answer:
        parts = urlsplit(url)
        address = f"{parts.scheme}://{parts.netloc}"
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=patience)
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        missed = "ct"
        try:
            connection.connect()
            missed = "rt"
            connection.request(method, target, body.encode(), dict(headers))
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
            content_type, told = answer.getheader("Content-Type", ""), answer.getheader(TOLD_HEADER, "")
            return _Answer(answer.status, content_type, text, told)
        except TimeoutError:
            problem = (
                f"{address} did not answer within {PATIENCE_SECONDS:.0f} seconds: "
                "the carrier would give up here. Look at the server's terminal."
            )
            return _Answer(0, problem=problem, missed=missed)
        except (OSError, HTTPException) as error:
            problem = f"No server answers at {address} ({error}).\nStart it with scripts/server in another terminal."
            return _Answer(0, problem=problem, missed=missed)
        finally:
            connection.close()


def _told(header: str) -> Mapping[str, Any]:
    try:
        told = json.loads(header or "{}")
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


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
    return f"The server did not take {url.partition('?')[0]} ({status}). Is it a helpline of this version?"
