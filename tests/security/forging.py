"""Requests that Twilio signed, and what a forger may make of them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import quote, urlsplit

from flask import Request
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder

from helpline.carrier.signature import is_signed
from tests.phone import FORM, SECOND_TOKEN, SIGNATURE, SIGNATURE_SETTINGS, TOKEN, form, signature

OTHER_ACCOUNT = "a" * 32
SHA256 = "key=k,algorithm=HMAC_SHA256"
PUBLIC = "https://aide.example.org"
HEARD_AS = "http://localhost"
CALLER = ("From", "+33639980123")
TEXT = (("MessageSid", "SM" + "1" * 32), CALLER, ("To", "38123"), ("Body", "stop"), ("NumMedia", "0"))
CALL = (("CallSid", "CA" + "1" * 32), CALLER, ("Digits", "1"), ("Empty", ""))
STATUS = (("MessageSid", "SM" + "2" * 32), ("MessageStatus", "delivered"), ("ErrorCode", "30007"))
TARGETS = {
    "/twilio/sms": TEXT,
    "/twilio/sms?a=%2B33&b": TEXT,
    "/twilio/voice": CALL,
    "/twilio/voice/turn/f.menu.0?step=2": CALL,
    "/twilio/voice/dialled/x": CALL,
    "/twilio/sms/status": STATUS,
    "/twilio/sms/status?message=7": STATUS,
    "/twilio/voice/status": STATUS,
}


@dataclass(frozen=True)
class Sent:
    """A request on its way to a helpline with these tokens under `public` (empty: under whatever it is asked)."""

    target: str
    parameters: tuple[tuple[str, str], ...]
    signed: str
    tokens: tuple[str, ...]
    public: str = ""
    host: str = "localhost"
    scheme: str = "http"
    settings: str = ""

    @property
    def url(self) -> str:
        return (self.public or f"{self.scheme}://{self.host}") + self.target

    @property
    def meaning(self) -> tuple[object, ...]:
        """What a signature says of it: Twilio joins names and values, so that it cannot tell where each ends."""
        pairs = "".join(name + value for name, value in sorted(set(self.parameters)))
        return (self.url + pairs, self.signed, self.settings)

    def is_let_in(self, tail: bytes = b"") -> bool:
        """Whether the gate takes it; `tail` is what somebody wrote behind its body."""
        path, _, query = self.target.partition("?")
        builder = EnvironBuilder(path, f"{self.scheme}://{self.host}", method="POST", data=form(self.parameters) + tail)
        environ = builder.get_environ() | {"CONTENT_TYPE": FORM, "QUERY_STRING": query, "REMOTE_ADDR": "127.0.0.1"}
        environ[_variable(SIGNATURE)] = self.signed
        if self.settings:
            environ[_variable(SIGNATURE_SETTINGS)] = self.settings
        return is_signed(Request(environ), self.tokens, self.public)


def _variable(header: str) -> str:
    return "HTTP_" + header.upper().replace("-", "_")


def rightly_signed(target: str, tokens: tuple[str, ...], public: str, newer: bool) -> Sent:
    """As the last of the tokens signs it, with SHA-256 where it is the newer way."""
    url = (public or HEARD_AS) + target
    hashed = hashlib.sha256 if newer else hashlib.sha1
    signed = signature(url, TARGETS[target], tokens[-1], hashed)
    return Sent(target, TARGETS[target], signed, tokens, public, settings=SHA256 if newer else "")


right_ones = st.builds(
    rightly_signed,
    st.sampled_from(list(TARGETS)),
    st.sampled_from([(TOKEN,), (TOKEN, SECOND_TOKEN)]),
    st.sampled_from(["", PUBLIC]),
    st.booleans(),
)
places = st.integers(0, 200)
letters = st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f")


def _with_signature(sent: Sent, way: str, place: int, letter: str) -> Sent:
    signed = sent.signed
    at = place % len(signed)
    other = {
        "a letter changed": signed[:at] + letter + signed[at + 1 :],
        "cut": signed[:at],
        "its end only": signed[at + 1 :],
        "longer": signed + letter,
        "doubled": signed + signed,
        "two of them": f"{signed},{signed}",
        "swapped case": signed.swapcase(),
        "backwards": signed[::-1],
        "bytes of zero": "A" * (len(signed) - 1) + "=",
        "of another account": signature(sent.url, sent.parameters, OTHER_ACCOUNT),
        "of no token": signature(sent.url, sent.parameters, ""),
        "of the url alone": signature(sent.url, (), sent.tokens[-1]),
        "of the parameters alone": signature("", sent.parameters, sent.tokens[-1]),
        "plain hash": signature(sent.url, sent.parameters, sent.url),
    }
    return replace(sent, signed=other[way])


def _with_body(sent: Sent, way: str, place: int, letter: str) -> Sent:
    given = list(sent.parameters)
    at = place % len(given)
    name, value = given[at]
    changed = {
        "a value changed": [*given[:at], (name, value[:-1] + letter), *given[at + 1 :]],
        "a value longer": [*given[:at], (name, value + letter), *given[at + 1 :]],
        "a name changed": [*given[:at], (name + letter, value), *given[at + 1 :]],
        "a parameter less": given[:at] + given[at + 1 :],
        "a parameter more": [*given, (letter, "")],
        "a second value behind": [*given, (name, letter)],
        "a second value before": [(name, letter), *given],
        "a second value twice": [(name, letter), *given, (name, letter)],
        "nothing": [],
        "two names swapped": [(given[at - 1][0], value), (name, given[at - 1][1])],
    }
    return replace(sent, parameters=tuple(changed[way]))


def _with_url(sent: Sent, way: str, place: int, letter: str) -> Sent:
    path, mark, query = sent.target.partition("?")
    at = place % len(path) or 1
    changed = {
        "path in capitals": path.upper() + mark + query,
        "a letter of the path": path[:at] + quote(letter, safe="") + path[at + 1 :] + mark + query,
        "a slash behind": path + "/" + mark + query,
        "more query": f"{path}?{query}&{quote(letter)}=1",
        "an empty query": f"{sent.target}&" if mark else f"{path}?&",
        "no query": path,
        "the parameters in the query": f"{path}?{urlsplit(sent.target).query}&Body=x",
    }
    if way == "another host":
        return replace(sent, host=f"{'abcxyz'[place % 6]}.example.org")
    if way == "another scheme":
        return replace(sent, scheme="https")
    return replace(sent, target=changed[way])


def _with_settings(sent: Sent, way: str, place: int, letter: str) -> Sent:
    said = {"the other": "" if sent.settings else SHA256, "unknown": "algorithm=HMAC_MD5", "none": "algorithm=none"}
    return replace(sent, settings=said[way])


Change = Callable[[Sent, str, int, str], Sent]
CHANGES: dict[Change, list[str]] = {
    _with_signature: [
        *("a letter changed", "cut", "its end only", "longer", "doubled", "two of them", "swapped case", "backwards"),
        *("bytes of zero", "of another account", "of no token", "of the url alone", "of the parameters alone"),
        "plain hash",
    ],
    _with_body: [
        *("a value changed", "a value longer", "a name changed", "a parameter less", "a parameter more", "nothing"),
        *("a second value behind", "a second value before", "a second value twice", "two names swapped"),
    ],
    _with_url: [
        *("path in capitals", "a letter of the path", "a slash behind", "more query", "an empty query", "no query"),
        *("the parameters in the query", "another host", "another scheme"),
    ],
    _with_settings: ["the other", "unknown", "none"],
}
WAYS = [(change, way) for change, ways in CHANGES.items() for way in ways]
