"""A caller's phone with Twilio in between: requests signed as Twilio signs them, answers as a phone gets them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import itertools
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote_plus, unquote_plus
from xml.etree import ElementTree

import werkzeug.urls  # noqa: F401  (registers how Flask reads bytes that are no UTF-8)
from flask import Flask

TOKEN = "0123456789abcdef0123456789abcdef"
SECOND_TOKEN = "fedcba9876543210fedcba9876543210"
FORM = "application/x-www-form-urlencoded"
SIGNATURE = "X-Twilio-Signature"
SIGNATURE_SETTINGS = "X-Twilio-Webhooks-Signature-Settings"

Parameters = Sequence[tuple[str, str | bytes]]


@dataclass(frozen=True)
class Reply:
    """What came back over HTTP."""

    status: int
    text: str
    headers: Mapping[str, str]

    @property
    def xml(self) -> ElementTree.Element:
        return ElementTree.fromstring(self.text)

    @property
    def messages(self) -> list[str]:
        """The texts that the caller gets."""
        assert self.status == 200, f"{self.status}: {self.text}"
        root = self.xml
        assert root.tag == "Response"
        return [message.text or "" for message in root.iterfind("Message")]

    @property
    def said(self) -> str:
        """Everything that the caller hears, in order."""
        assert self.status == 200, f"{self.status}: {self.text}"
        return " ".join(" ".join("".join(say.itertext()).split()) for say in self.xml.iter("Say"))

    @property
    def keys_url(self) -> str:
        gather = self.xml.find("Gather")
        assert gather is not None, self.text
        return gather.attrib["action"]

    @property
    def silence_url(self) -> str:
        return self.xml.findtext("Redirect") or ""

    @property
    def hangs_up(self) -> bool:
        return self.xml.find("Hangup") is not None


def signature(
    url: str, parameters: Parameters = (), token: str = TOKEN, hashed: Callable[..., object] = hashlib.sha1
) -> str:
    """The signature after Twilio's description, written apart from the library that checks it."""
    values: dict[str, set[str]] = {}
    for name, value in parameters:
        values.setdefault(name, set()).add(_text(value))
    signed = url + "".join(name + value for name in sorted(values) for value in sorted(values[name]))
    digest = hmac.new(token.encode(), signed.encode(), hashed).digest()  # type: ignore[arg-type]
    return base64.b64encode(digest).decode()


def _text(value: str | bytes) -> str:
    """Bytes that are no UTF-8 (Twilio sends none) are signed as our server reads them, so that they get in."""
    if isinstance(value, str):
        return value
    return unquote_plus(quote_plus(value), errors="werkzeug.url_quote")


def form(parameters: Parameters) -> bytes:
    """The parameters as a request holds them; bytes are taken as they are."""
    return "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in parameters).encode()


Post = Callable[[str, bytes, Mapping[str, str]], Reply]


def flask_post(app: Flask) -> Post:
    """Requests to an application in this process."""

    def post(target: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        got = app.test_client().post(target, data=body, headers=dict(headers))
        return Reply(got.status_code, got.get_data(as_text=True), dict(got.headers))

    return post


def http_post(port: int, timeout: float = 20) -> Post:
    """Requests to a server on this machine."""

    def post(target: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
        try:
            connection.request("POST", target, body, dict(headers))
            got = connection.getresponse()
            return Reply(got.status, got.read().decode(), dict(got.getheaders()))
        finally:
            connection.close()

    return post


_counter = itertools.count()


def new_sid(prefix: str = "SM") -> str:
    return prefix + uuid.uuid4().hex


def new_number() -> str:
    """A number that no other test uses."""
    return f"+3363998{next(_counter):04d}"


@dataclass
class Phone:
    """One caller. `base` is the address that Twilio signs."""

    post: Post
    base: str = "http://localhost"
    number: str = field(default_factory=new_number)
    call: str = field(default_factory=lambda: new_sid("CA"))

    def send(self, target: str, parameters: Parameters, headers: Mapping[str, str] | None = None) -> Reply:
        """A signed request. What follows a # in its address is for Twilio only."""
        target = target.partition("#")[0]
        signed = signature(self.base + target, parameters)
        return self.post(target, form(parameters), {"Content-Type": FORM, SIGNATURE: signed, **(headers or {})})

    def sms(
        self, body: str | bytes, sid: str = "", more: Iterable[tuple[str, str | bytes]] = (), number: str | None = None
    ) -> Reply:
        """A text, answered by the helpline."""
        sender = self.number if number is None else number
        sid = sid or new_sid()
        return self.send("/twilio/sms", [("MessageSid", sid), ("From", sender), ("Body", body), *more])

    def text(self, body: str | bytes, sid: str = "", more: Iterable[tuple[str, str | bytes]] = ()) -> list[str]:
        """The messages that a text is answered with."""
        return self.sms(body, sid, more).messages

    def dial(self, number: str | None = None) -> Reply:
        """A new call."""
        sender = self.number if number is None else number
        return self.send("/twilio/voice", [("CallSid", self.call), ("From", sender)])

    def press(self, after: Reply, digits: str | bytes) -> Reply:
        """A key in a call."""
        return self.follow(after.keys_url, [("Digits", digits)])

    def speak(self, after: Reply, words: str | bytes) -> Reply:
        return self.follow(after.keys_url, [("SpeechResult", words), ("Confidence", "0.9")])

    def wait(self, after: Reply) -> Reply:
        """Silence."""
        return self.follow(after.silence_url, [])

    def follow(self, url: str, parameters: Parameters) -> Reply:
        target = url.removeprefix(self.base)
        return self.send(target, [("CallSid", self.call), ("From", self.number), *parameters])
