"""What a turn understood and why, as a header of the webhook's answer: for the curious, in demo mode only.

It holds our own phrases and the names of places: neither a number nor the words of a caller.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from flask import Flask, Response, g, request

from helpline.conversation.heard import Heard, HeardKind
from helpline.conversation.normalise import normalise
from helpline.conversation.turn import Context, Turn

HEADER = "X-Helpline-Turn"
WEBHOOKS = "/twilio/"

# By the words of a text and the name of a place: the keyword of that place that stands in them, empty if none does.
KeywordIn = Callable[[tuple[str, ...], str], str]

_PLAINLY: Mapping[HeardKind, str] = {
    "language": "a language was asked for",
    "danger": "words of danger: emergency numbers come first",
    "unsure": "yes and no at once",
    "other_script": "a script that the line does not speak",
    "empty": "no words",
    "silence": "nothing was pressed or said",
    "unknown": "nothing that the line knows",
}
_SECRETS = {"password": "a password", "social": "a social security number", "card": "a bank card"}


@dataclass(frozen=True, slots=True)
class _Taken:
    heard: Heard
    turn: Turn
    context: Context


class TurnTold:
    """Notes the turn of a request, and tells of it in the answer."""

    def __init__(self, keyword_in: KeywordIn) -> None:
        self._keyword_in = keyword_in

    def add_to(self, app: Flask) -> None:
        """Have every answer to a webhook tell."""
        app.before_request(self._begin)
        app.after_request(self._tell)

    def note(self, heard: Heard, turn: Turn, context: Context) -> None:
        """For `Turns`. Of several turns that one request took, the last one counts."""
        g.turn_taken = _Taken(heard, turn, context)

    def _begin(self) -> None:
        g.turn_began = time.perf_counter()

    def _tell(self, answer: Response) -> Response:
        if request.path.startswith(WEBHOOKS) and answer.status_code < 400:
            milliseconds = round((time.perf_counter() - g.turn_began) * 1000, 1)
            answer.headers[HEADER] = json.dumps({**self._told(), "milliseconds": milliseconds})
        return answer

    def _told(self) -> dict[str, object]:
        taken: _Taken | None = g.get("turn_taken")
        if taken is None:
            return {"place": "", "heard": "", "said": "", "why": "no turn was taken", "language": "", "effects": []}
        words = tuple(normalise(request.form.get("Body") or request.form.get("SpeechResult") or "").split())
        heard, session = taken.heard, taken.turn.session
        return {
            "place": session.place.node,
            "heard": heard.kind,
            "said": heard.said or " ".join(heard.values),
            "why": why(heard, taken.context, lambda node: self._keyword_in(words, node)),
            "language": session.language,
            "effects": [list(outcome) for outcome in taken.turn.outcomes],
        }


def why(heard: Heard, context: Context, keyword_of: Callable[[str], str]) -> str:
    """Why it was understood so, in a few plain words. `keyword_of` a place: the one that stands in the text, if any."""
    match heard.kind:
        case "key":
            return _of_key(heard, context)
        case "command" if heard.is_stop:
            return "STOP, whatever else stands there"
        case "command":
            return f"{_quoted(heard)}, which works anywhere"
        case "topics":
            return _of_topics(heard.values, keyword_of)
        case "secret":
            return f"it looks like {_SECRETS.get(heard.values[0], 'a secret')}: not kept"
        case "yes" | "no" | "thanks":
            return f"{_quoted(heard)}, {'a plain' if heard.literal else 'a'} word of {heard.kind}"
        case _:
            return _PLAINLY.get(heard.kind, heard.kind)


def _of_key(heard: Heard, context: Context) -> str:
    keys = "".join(heard.values)
    if heard.said:
        return f"the words of key {keys}"
    if context.channel == "voice":
        return f"key {keys} of the call"
    return f"key {keys} of the last message"


def _of_topics(nodes: Sequence[str], keyword_of: Callable[[str], str]) -> str:
    if len(nodes) > 1:
        return f"it may be about {', '.join(nodes)}: asked back"
    keyword = keyword_of(nodes[0])
    return f"keyword '{keyword}' of {nodes[0]}" if keyword else f"nearest to the keywords of {nodes[0]}"


def _quoted(heard: Heard) -> str:
    return f"'{heard.said or ' '.join(heard.values) or heard.kind}'"
