"""TwiML read as the carrier reads it: the verbs of an answer as values."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree import ElementTree

from helpline.simulator.webhooks import CarrierError
from helpline.voice.ssml import lines_of


@dataclass(frozen=True, slots=True)
class Message:
    """A text that the answer sends."""

    body: str


@dataclass(frozen=True, slots=True)
class Say:
    """What a voice says; a pause stands between two lines."""

    voice: str
    language: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Play:
    """A recording that is played."""

    url: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Silence on the line."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Redirect:
    """Where the call goes on."""

    url: str


@dataclass(frozen=True, slots=True)
class Hangup:
    """The end of the call."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A verb that the simulator does not know."""

    verb: str


Heard = Say | Play | Pause | Unknown


@dataclass(frozen=True, slots=True)
class Gather:
    """Says something and waits for keys or speech. `digits` 0: any number of them."""

    action: str
    heard: tuple[Heard, ...]
    inputs: frozenset[str]
    digits: int
    finish_on: str
    timeout: str


Verb = Message | Heard | Gather | Redirect | Hangup


def read_twiml(text: str) -> tuple[Verb, ...]:
    """The verbs of an answer. CarrierError where the carrier would not understand it."""
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - from our own server
    except ElementTree.ParseError as error:
        raise CarrierError(f"The answer is no TwiML ({error}): {text[:200]!r}") from error
    if root.tag != "Response":
        raise CarrierError(f"The answer begins with <{root.tag}>, and the carrier expects <Response>.")
    return tuple(_verb(element) for element in root)


def _verb(element: ElementTree.Element) -> Verb:
    match element.tag:
        case "Message":
            body = element.find("Body")
            return Message("".join((element if body is None else body).itertext()))
        case "Gather":
            return _gather(element)
        case "Redirect":
            return Redirect((element.text or "").strip())
        case "Hangup":
            return Hangup()
        case _:
            return _heard(element)


def _heard(element: ElementTree.Element) -> Heard:
    match element.tag:
        case "Say":
            return Say(element.get("voice", ""), element.get("language", ""), lines_of(element))
        case "Play":
            return Play((element.text or "").strip())
        case "Pause":
            return Pause(_number(element.get("length", "1")))
        case _:
            return Unknown(element.tag)


def _gather(element: ElementTree.Element) -> Gather:
    return Gather(
        action=element.get("action", ""),
        heard=tuple(_heard(inner) for inner in element),
        inputs=frozenset(element.get("input", "dtmf").split()),
        digits=_number(element.get("numDigits", "0")),
        finish_on=element.get("finishOnKey", "#"),
        timeout=element.get("timeout", "5"),
    )


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 0
