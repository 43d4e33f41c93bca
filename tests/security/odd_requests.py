"""Requests as nobody sends them: every route, with odd methods, names, values, types, lengths and bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from urllib.parse import quote, quote_plus

from flask import Flask

from helpline.authentication import authentication_of
from helpline.conversation.session import Place, Session, encode
from tests.phone import FORM, SIGNATURE, signature

METHODS = ("GET", "POST", "POST", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "Get")
TEMPLATES = Path(__file__).parent.parent.parent / "helpline" / "desk" / "templates"
PAGES = [page.read_text(encoding="utf-8") for page in TEMPLATES.rglob("*.html")]
OF_FORMS = sorted({name for page in PAGES for name in re.findall(r'name="(\w+)"', page)})
OF_ADDRESSES = ("after", "before", "changed", "done", "epoch", "message", "over", "page", "phone", "told", "language")
OF_TWILIO = (
    *("MessageSid", "SmsSid", "CallSid", "From", "To", "Body", "Digits", "SpeechResult", "Confidence", "Direction"),
    *("MessageStatus", "SmsStatus", "CallStatus", "ErrorCode", "AnsweredBy", "OptOutType", "NumMedia"),
    *("DialCallStatus", "DialBridged", "CallDuration"),
)
NUMBER = "+33639985599"
SENSIBLE = (
    *("menu", "1", "2", "0", "#", "stop", "oui", "START", "password", "mot de passe", "12/12", "aide", "fr", "en"),
    *("SM" + "0" * 32, "CA" + "0" * 32, "delivered", "failed", "completed", "no-answer", "in-progress", "outbound-api"),
    *(
        NUMBER,
        "+33199001234",
        "anonymous",
        "editor",
        "30007",
        "human",
        "machine_start",
        "inbound",
        "true",
        "2026-12-12",
    ),
)
ODD: tuple[str | bytes, ...] = (
    *("", " ", "\0", "a\0b", "\r\nX: y", "\t", "\x7f", "\x85", "\u2028", "\u202e", "\ufeff", "\ufffd", "\U0001f600"),
    *("é" * 300, "e" + "\u0301" * 200, "²", "①", "١٢", "1_000", "-1", "0x10", "1e309", "NaN", "9" * 25, "9" * 5000),
    *("31/02", "00/00/0000", "99:99", "../../../etc/passwd", "..%2f..", "%00", "%", "%zz", "' OR 1=1 --", "{{7*7}}"),
    *("<script>alert(1)</script>", "${x}", "%s%n", "[1,2", "a" * 5000, "mot " * 400, "(" * 2000, "1" * 1601, "+", "*"),
    *(b"\xff\xfe", b"\xed\xa0\x80", b"\xed\xb0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80", b"\xe9", b"a\xffb"),
)
TYPES = (
    *(FORM, FORM, FORM, f"{FORM}; charset=utf-16", f"{FORM}; charset=nonsense", "application/json", "text/plain", ""),
    *("multipart/form-data", "multipart/form-data; boundary=b", "multipart/form-data; boundary=" + "b" * 200, "x/y/z"),
    *("application/xml", ";;;", "multipart/mixed; boundary=b", "text/html; charset=\xff"),
)
HEADERS = (
    *(
        ("Accept-Language", "x" * 3000),
        ("Accept-Language", "fr;q=é,en;q=-1"),
        ("Range", "bytes=9-1,-0"),
        ("Cookie", "=;="),
    ),
    *(("Cookie", "desk=x.y.z; desk-browser=\xff"), ("If-Modified-Since", "never"), ("Authorization", "Bearer \xff")),
    *(("X-Forwarded-For", "é, ,"), ("X-Forwarded-Host", "["), ("X-Forwarded-Proto", "\xff"), ("Accept", "*/*;q=9")),
    *(("Sec-Fetch-Site", "cross-site"), ("Expect", "200-maybe"), ("X-HTTP-Method-Override", "DELETE"), ("Via", "")),
    *(
        ("If-None-Match", '"' * 50),
        ("Content-Encoding", "gzip"),
        ("X-Twilio-Webhooks-Signature-Settings", "algorithm="),
    ),
)
LARGE = 70 * 1024  # above the 64 kB that are read


@dataclass(frozen=True)
class Route:
    """A place of the application, and who may use it."""

    rule: str
    whom: str


@dataclass(frozen=True)
class OddRequest:
    """One request; `target` is escaped as in a request line. `is_chunked`: it does not say how long it is."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    is_chunked: bool = False


Fields = Sequence[tuple[str, str | bytes]]


def routes_of(app: Flask) -> list[Route]:
    """Every one that there is, so that a new one is tried by itself."""
    return [Route(route.partition(" ")[0], whom) for route, whom in authentication_of(app).items()]


def value(random: Random) -> str | bytes:
    """Something that a field may hold, sensible as often as odd."""
    kind = random.randrange(8)
    if kind < 3:
        return random.choice(SENSIBLE)
    if kind < 7:
        return random.choice(ODD)
    return bytes(random.randrange(256) for _ in range(random.randrange(1, 12)))


def odd_target(random: Random, rule: str) -> str:
    """An address below a rule, with odd parts in the place of its variables, and an odd query."""
    state = encode(Session("fr", Place("menu")))
    sensible = (state, state + "x", "fr", "1", "0" * 40, "aide.mp3", "desk.css", "menu", "2026-12-12")

    def part(_: re.Match[str]) -> str:
        chosen = random.choice(sensible) if random.random() < 0.6 else value(random)
        return quote(chosen, safe="" if random.random() < 0.8 else "/")[:6000] or "-"

    path = re.sub(r"<[^>]+>", part, rule)
    if random.random() < 0.05:
        path = random.choice((path + "/", "/" + path, path.upper(), path + "%00", path + ";a=b", path + "/%ff"))
    if random.random() < 0.4:
        names = [random.choice((*OF_ADDRESSES, "x", "%ff", "")) for _ in range(random.randrange(1, 4))]
        path += "?" + "&".join(f"{name}={quote_plus(value(random))[:3000]}" for name in names)
    return path


def odd_fields(random: Random, names: Sequence[str]) -> list[tuple[str, str | bytes]]:
    """Most of the fields that a form has, some twice, and others."""
    fields: list[tuple[str, str | bytes]] = []
    for _ in range(random.choice((0, 1, 3, 5, 8))):
        fields.append((random.choice(names), value(random)))
    if random.random() < 0.03:
        fields += [(f"p{number}", "") for number in range(random.choice((150, 2000)))]
    return fields


def _body(random: Random, fields: Fields, kind: str) -> bytes:
    if random.random() < 0.04:
        return b"x=" + b"y" * LARGE
    if "multipart" in kind:
        parts = [
            b'--b\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
            % (name.encode(), random.choice((b"", b'; filename="\xff"')), _bytes(each))
            for name, each in fields
        ]
        return b"".join(parts) + random.choice((b"--b--\r\n", b"", b"--b", b"--b\r\n"))
    if "json" in kind:
        told = json.dumps(dict(_texts(fields))).encode()
        return random.choice((b"[" * 5000, b'{"a":' * 3000, told, b"{", b"\xff", b"1"))
    if "text" in kind:
        return b"&".join(_bytes(each) for _, each in fields)
    return _form(fields)


def _form(fields: Fields) -> bytes:
    return "&".join(f"{quote_plus(name)}={quote_plus(each)}" for name, each in fields).encode()


def _bytes(given: str | bytes) -> bytes:
    return given if isinstance(given, bytes) else given.encode()


def _texts(fields: Fields) -> list[tuple[str, str]]:
    return [(name, each if isinstance(each, str) else each.decode("latin-1")) for name, each in fields]


def odd_request(random: Random, route: Route, more: Fields = ()) -> OddRequest:
    """Anything, but for `more`: fields that it holds in any case, when it is a form."""
    names = OF_TWILIO if route.rule.startswith("/twilio") else OF_FORMS
    fields = [*more, *odd_fields(random, names)]
    kind = random.choice(TYPES)
    headers = [("Content-Type", kind)] if kind else []
    headers += random.sample(HEADERS, random.choice((0, 0, 1, 3)))
    target = odd_target(random, route.rule)
    return OddRequest(
        random.choice(METHODS), target, tuple(headers), _body(random, fields, kind), random.random() < 0.2
    )


def signed_request(random: Random, route: Route, base: str, number: Callable[[], str]) -> OddRequest:
    """Odd things that Twilio signed."""
    fields: list[tuple[str, str | bytes]] = [("From", number()), *odd_fields(random, OF_TWILIO)]
    fields = fields[:150]
    target = odd_target(random, route.rule)
    headers = (("Content-Type", FORM), (SIGNATURE, signature(base + target, fields)))
    return OddRequest("POST", target, headers, _form(fields), random.random() < 0.1)
