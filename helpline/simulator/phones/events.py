"""What a phone shows, as JSON: texts with their segments, what is heard in a call, requests for the curious."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from helpline.menus import gsm7
from helpline.simulator.carrier.journal import INBOUND, Message
from helpline.simulator.line.webhooks import Exchange
from helpline.simulator.twiml.reading import Dialled, Fault, Heard, Pause, Play, Say

LETTERS_A_SECOND = 14.0  # of a voice that is not in a hurry
BETWEEN_LINES = 0.6
UNKNOWN_RECORDING = 5.0


def text(message: Message, status: str) -> dict[str, Any]:
    """A text as the phone has it: sent by its owner, or received."""
    return {
        "direction": "sent" if message.direction == INBOUND else "received",
        "body": message.body,
        "segments": gsm7.segments(message.body),
        "encoding": "GSM-7" if gsm7.is_gsm7(message.body) else "UCS-2",
        "sid": message.sid,
        "status": status,
    }


def exchange(seen: Exchange) -> dict[str, Any]:
    """One webhook and its answer."""
    parts = urlsplit(seen.url)
    return {
        "url": f"{parts.path}?{parts.query}" if parts.query else parts.path,
        "form": dict(seen.form),
        "status": seen.status,
        "answer": seen.body,
        "milliseconds": seen.milliseconds,
        "told": dict(seen.told),
    }


def pieces(heard: Iterable[Heard]) -> list[dict[str, Any]]:
    """What is heard in a call, in order."""
    return [_piece(part) for part in heard]


def seconds_of(shown: Iterable[Mapping[str, Any]]) -> float:
    """How long it takes to hear the pieces."""
    return sum(map(_seconds, shown))


def _seconds(part: Mapping[str, Any]) -> float:
    return UNKNOWN_RECORDING if "play" in part else float(part.get("seconds", part.get("pause", 0)))


def _piece(part: Heard) -> dict[str, Any]:
    match part:
        case Say():
            return {
                "say": list(part.lines),
                "language": part.language,
                "voice": part.voice,
                "seconds": round(_spoken_seconds(part.lines), 1),
            }
        case Play():
            return {"play": part.url}
        case Pause():
            return {"pause": part.seconds}
        case Dialled():
            return {"dial": part.number}
        case Fault():
            return {"fault": part.words}


def _spoken_seconds(lines: Iterable[str]) -> float:
    return sum(len(line) / LETTERS_A_SECOND + BETWEEN_LINES for line in lines)
