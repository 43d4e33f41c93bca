"""TwiML read as the carrier reads it: the verbs of an answer as values, its faults among them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree

from helpline.simulator.line.webhooks import CarrierError
from helpline.simulator.twiml.faults import dialled_number, faults_of, is_number, is_too_long
from helpline.simulator.twiml.rules import AT_LEAST_ONE, VERBS
from helpline.voice.ssml import lines_of

LARGEST = 64 * 1024
MOST_LOOPS = 10  # of a Say that is to be said for ever

Element = ElementTree.Element


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
class Dialled:
    """Another phone is called and rings, for this long at most."""

    number: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Fault:
    """What the carrier would complain about."""

    words: str


@dataclass(frozen=True, slots=True)
class Redirect:
    """Where the call goes on."""

    url: str


@dataclass(frozen=True, slots=True)
class Hangup:
    """The end of the call."""


@dataclass(frozen=True, slots=True)
class Reject:
    """The call is not taken: `reason` is rejected or busy."""

    reason: str


Spoken = Say | Play | Pause
Heard = Spoken | Dialled | Fault


@dataclass(frozen=True, slots=True)
class Gather:
    """Says something and waits for keys or speech. `digits` 0: any number of them."""

    action: str
    heard: tuple[Spoken, ...]
    inputs: frozenset[str]
    digits: int
    finish_on: str
    timeout: float
    posts_silence: bool


@dataclass(frozen=True, slots=True)
class Dial:
    """Another phone is to be called. Without `action` the call goes on with the verb after it."""

    number: str
    action: str
    caller_id: str
    seconds: int
    is_possible: bool = field(default=True)


Verb = Spoken | Fault | Gather | Redirect | Dial | Hangup | Reject


def parse_response(text: str) -> Element:
    """An answer as a tree. CarrierError where the carrier could make nothing of it."""
    if len(text.encode()) > LARGEST:
        raise CarrierError(f"The answer holds {len(text.encode())} bytes, and the carrier takes {LARGEST}.")
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - from our own server
    except ElementTree.ParseError as error:
        raise CarrierError(f"The answer is no TwiML ({error}): {text[:200]!r}") from error
    if root.tag != "Response":
        raise CarrierError(f"The answer begins with <{root.tag}>, and the carrier expects <Response>.")
    return root


def read_call(text: str) -> tuple[Verb, ...]:
    """The answer to a call: what the carrier complains about, then the verbs as far as it takes them."""
    root = parse_response(text)
    return (*map(Fault, faults_of(root)), *(verb for element in root for verb in _verbs(element)))


def read_texts(text: str) -> tuple[tuple[Message, ...], tuple[str, ...]]:
    """The answer to a text: its messages, and what the carrier complains about."""
    messages, faults = [], []
    for element in parse_response(text):
        if element.tag == "Message":
            body = element.find("Body")
            messages.append(Message("".join((element if body is None else body).itertext())))
        else:
            faults.append(f"The answer holds <{element.tag}>, which means nothing in answer to a text.")
    return tuple(messages), tuple(faults)


def _verbs(element: Element) -> Iterator[Verb]:
    match element.tag:
        case "Gather":
            yield _gather(element)
        case "Redirect":
            yield Redirect("".join(element.itertext()).strip())
        case "Dial":
            yield _dial(element)
        case "Hangup":
            yield Hangup()
        case "Reject":
            yield Reject(_given(element, "reason", "rejected"))
        case _:
            yield from _spoken(element)


def _spoken(element: Element) -> Iterator[Spoken]:
    loops = int(_given(element, "loop", "1")) or MOST_LOOPS if element.tag in ("Say", "Play") else 1
    for _ in range(min(loops, MOST_LOOPS)):
        match element.tag:
            case "Say" if (lines := lines_of(element)) and not is_too_long(element):
                yield Say(element.get("voice", ""), element.get("language", ""), lines)
            case "Play" if url := "".join(element.itertext()).strip():
                yield Play(url)
            case "Pause":
                yield Pause(int(_given(element, "length", "1")))


def _gather(element: Element) -> Gather:
    return Gather(
        action=element.get("action", ""),
        heard=tuple(piece for inner in element for piece in _spoken(inner)),
        inputs=frozenset(_given(element, "input", "dtmf").split()),
        digits=int(_given(element, "numDigits", "0")),
        finish_on=_given(element, "finishOnKey", "#"),
        timeout=float(_seconds(_given(element, "timeout", "5"), 5)),
        posts_silence=element.get("actionOnEmptyResult") == "true",
    )


def _dial(element: Element) -> Dial:
    number = dialled_number(element)
    is_possible = is_number(number) or bool(number and len(element))
    seconds = _seconds(_given(element, "timeout", "30"), 30)
    return Dial(number, element.get("action", ""), element.get("callerId", ""), seconds, is_possible)


def _given(element: Element, name: str, usual: str) -> str:
    """An attribute's value, or what stands where it is missing or nothing that the carrier takes."""
    value = element.get(name, usual)
    return value if VERBS[element.tag].attributes[name].fullmatch(value) else usual


def _seconds(text: str, usual: int) -> int:
    return int(text) if AT_LEAST_ONE.fullmatch(text) else usual
