"""What is sent as JSON: an object, with words that can be written down."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

_LATEST = datetime(2100, 1, 1, tzinfo=UTC).timestamp()


@dataclass(frozen=True, slots=True)
class Received:
    """A text that a caller sent; without `at`, now."""

    sender: str
    to: str
    body: str
    at: float | None


def read_object(body: bytes) -> dict[str, Any]:
    """The object that a request holds; an empty one for no body. ValueError says in words what is wrong."""
    try:
        told = json.loads(body or b"{}")
        json.dumps(told, ensure_ascii=False).encode()
    except UnicodeError:
        raise ValueError("That is no Unicode: it holds half a letter, or other bytes than UTF-8.") from None
    except RecursionError:
        raise ValueError("That JSON is nested too deeply.") from None
    except ValueError:
        raise ValueError("That is no JSON.") from None
    if not isinstance(told, dict):
        raise ValueError('Send a JSON object, for example {"body": "actu"}.')
    return told


def read_received(body: bytes) -> Received:
    """A text as /received gets it. ValueError says in words what is wrong."""
    told = read_object(body)
    words = [told.get(name) for name in ("from", "to", "body")]
    sender, to, text = (word if isinstance(word, str) else None for word in words)
    if sender is None or to is None or text is None:
        raise ValueError('Needs "from", "to" and "body", each of them a text in quotes.')
    at = told.get("at")
    is_number = isinstance(at, int | float) and not isinstance(at, bool)
    if "at" in told and not (is_number and 0 <= (at or 0) < _LATEST):
        raise ValueError('"at" is a number of seconds since 1970, before the year 2100.')
    return Received(sender, to, text, at)
