"""What the carrier sends: whole requests as bytes, signed, ready before anything is timed."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Iterator

from tests.phone import FORM, SIGNATURE, Parameters, Phone, form, signature

HOST = "helpline.example.org"
PUBLIC_URL = f"https://{HOST}"
ACCOUNT = "AC" + "0" * 32
SHORT_CODE, VOICE_NUMBER = "38123", "+33199001234"
LEVELS = 3
KEYS = "12345"
PLACES = 24
# What one caller writes, in order: a number of callers do the same, so that nobody is taken for a machine.
CONVERSATION = ("menu", "2", "mot de passe oublie", "6", "quand est l'actualisation")
NUMBERS = 10_000  # that nobody has: +33 6 39 98 ....
AT_ONCE = 100


def request(target: str, parameters: Parameters, keep: bool = True) -> bytes:
    """A POST with the signature of these parameters. Without `keep` it asks to close the connection."""
    body = form(parameters)
    head = (
        f"POST {target} HTTP/1.1",
        f"Host: {HOST}",
        "User-Agent: TwilioProxy/1.1",
        "Accept: */*",
        f"Content-Type: {FORM}; charset=UTF-8",
        f"Content-Length: {len(body)}",
        f"{SIGNATURE}: {signature(PUBLIC_URL + target, parameters)}",
        f"I-Twilio-Idempotency-Token: {secrets.token_hex(16)}",
        "Connection: keep-alive" if keep else "Connection: close",
    )
    return "\r\n".join((*head, "", "")).encode() + body


def numbers() -> Iterator[str]:
    """Callers, one after the other, round and round."""
    return (f"+3363998{number:04}" for number in itertools.cycle(range(NUMBERS)))


def texts(count: int, callers: Iterator[str]) -> list[bytes]:
    """So many texts, each new: callers write their conversation one after the other, many at once."""
    found: list[bytes] = []
    while len(found) < count:
        group = list(itertools.islice(callers, AT_ONCE))
        found += [request("/twilio/sms", _of_text(number, body)) for body in CONVERSATION for number in group]
    return found[:count]


def calls(count: int, callers: Iterator[str], places: list[tuple[str, str]], keep: bool = True) -> list[bytes]:
    """So many turns of calls: a key is pressed at each of the places in turn, by one caller after the other."""
    at = itertools.cycle(places)
    chosen = ((next(at), next(callers)) for _ in range(count))
    return [request(target, _of_call(number, key), keep) for (target, key), number in chosen]


def tree_of_tutorial(count: int) -> list[bytes]:
    """The pages of the tutorial by turns, with the parameters of calls, each on a connection of its own."""
    pages = [("/ivr/welcome", "1"), ("/ivr/menu", "2"), ("/ivr/welcome", "1"), ("/ivr/menu", "1")]
    return calls(count, numbers(), pages, keep=False)


def places(phone: Phone) -> list[tuple[str, str]]:
    """Where a call is after three keys, and which key is pressed there: places of the menus, in French."""
    reached = [phone.dial()]
    for _ in range(LEVELS):
        reached = [phone.press(reply, key) for reply in reached for key in KEYS[: 3 if len(reached) > 1 else 5]]
        reached = [reply for reply in reached if not reply.hangs_up]
    targets = dict.fromkeys(reply.keys_url.removeprefix(phone.base).partition("#")[0] for reply in reached)
    pressed = itertools.cycle(KEYS[:3])
    return [(target, next(pressed)) for target in list(targets)[:PLACES]]


def _of_text(number: str, body: str) -> list[tuple[str, str]]:
    sid = "SM" + secrets.token_hex(16)
    return [
        ("ToCountry", "FR"),
        ("ToState", ""),
        ("SmsMessageSid", sid),
        ("NumMedia", "0"),
        ("ToCity", ""),
        ("FromZip", ""),
        ("SmsSid", sid),
        ("FromState", ""),
        ("SmsStatus", "received"),
        ("FromCity", ""),
        ("Body", body),
        ("FromCountry", "FR"),
        ("To", SHORT_CODE),
        ("ToZip", ""),
        ("NumSegments", "1"),
        ("MessageSid", sid),
        ("AccountSid", ACCOUNT),
        ("From", number),
        ("ApiVersion", "2010-04-01"),
    ]


def _of_call(number: str, key: str) -> list[tuple[str, str]]:
    return [
        ("AccountSid", ACCOUNT),
        ("ApiVersion", "2010-04-01"),
        ("CallSid", "CA" + secrets.token_hex(16)),
        ("CallStatus", "in-progress"),
        ("Called", VOICE_NUMBER),
        ("CalledCity", ""),
        ("CalledCountry", "FR"),
        ("CalledState", ""),
        ("CalledZip", ""),
        ("Caller", number),
        ("CallerCity", ""),
        ("CallerCountry", "FR"),
        ("CallerState", ""),
        ("CallerZip", ""),
        ("Digits", key),
        ("Direction", "inbound"),
        ("FinishedOnKey", ""),
        ("From", number),
        ("FromCity", ""),
        ("FromCountry", "FR"),
        ("FromState", ""),
        ("FromZip", ""),
        ("To", VOICE_NUMBER),
        ("ToCity", ""),
        ("ToCountry", "FR"),
        ("ToState", ""),
        ("ToZip", ""),
        ("msg", "Gather End"),
    ]
