"""How the simulated carrier behaves: how slow it is, what it refuses, what it loses. One immutable value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from helpline.simulator.carrier.answering import ANSWERERS, Answerer

HTTP_STATUSES = frozenset({401, 403, 404, 429, 500, 502, 503, 504})
AND_ACCEPTED = "+accepted"
OPT_OUTS = ("", "none", "default", "advanced")


@dataclass(frozen=True, slots=True)
class Rule:
    """Whom a code befalls: a share of all, or one number. `accepted`: the message goes out all the same."""

    code: int
    share: float = 0.0
    number: str = ""
    accepted: bool = False

    def befalls(self, number: str, chance: Callable[[], float]) -> bool:
        return number == self.number if self.number else chance() < self.share

    def __str__(self) -> str:
        return f"{self.code}{AND_ACCEPTED if self.accepted else ''}:{self.number or self.share}"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Shares lie between 0 and 1, times are seconds. The default is a carrier that takes everything at once."""

    delay: float = 0.0  # before an answer; a message is accepted in the middle of it
    drop: float = 0.0  # accepted, then the connection ends without an answer
    late: float = 0.0  # accepted only after `late_seconds`; who does not wait that long gets no answer
    late_seconds: float = 5.0
    garbage: float = 0.0  # accepted, then an answer that nobody can read
    fail: tuple[Rule, ...] = ()
    undelivered: tuple[Rule, ...] = ()  # accepted, and later reported as not delivered
    report_after: float = 0.5  # from accepted to sent, and again from sent to the end
    repeat: float = 0.0  # share of reports that come twice
    disorder: float = 0.0  # share of messages whose reports come in the wrong order
    lost: float = 0.0  # share of reports that never come
    again: float = 0.0  # share of callers' texts that are posted twice, as if the first answer had been lost
    opt_out: str = ""  # who handles STOP: "none", "default", "advanced"; without it, as is usual for the sender
    unwatched: float = 60.0  # a call ends when nobody looked at its phone for so long
    answering: tuple[Answerer, ...] = ()  # who answers calls of the helpline, where it is not the person at the phone
    rings: float = 1.0  # seconds until somebody picks up by itself
    greeting: float = 2.0  # seconds that an answering machine speaks before its beep
    listens: float = 30.0  # seconds after which whoever picked up by itself hangs up

    def changed(self, changes: Mapping[str, Any]) -> Behaviour:
        """With some values changed, as `/control` gets them. ValueError says what is wrong with them."""
        unknown = sorted(set(changes) - set(WRITTEN))
        if unknown:
            raise ValueError(f"no such behaviour: {', '.join(unknown)}. There are: {', '.join(WRITTEN)}.")
        found: dict[str, Any] = {}
        for name, value in changes.items():
            found |= WRITTEN[name](value)
        return replace(self, **found)

    def shown(self) -> dict[str, Any]:
        """As JSON shows it."""
        rules = {name: ",".join(map(str, getattr(self, name))) for name in ("fail", "undelivered", "answering")}
        return asdict(self) | rules


def share(text: object) -> float:
    """A share of all: 0.05 is one in twenty."""
    try:
        value = float(str(text))
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise ValueError(f"{text} is no share: write a number between 0 and 1, for example 0.05.")
    return value


def rules(text: object) -> tuple[Rule, ...]:
    """`429:0.1,21610:+33639980001,500+accepted:0.02`: for each code a share or a number."""
    return tuple(_rule(part) for part in str(text).split(",") if part.strip())


def _rule(text: str) -> Rule:
    written, _, whom = text.strip().partition(":")
    code = written.removesuffix(AND_ACCEPTED)
    if not code.isdigit() or not whom or not (int(code) in HTTP_STATUSES or 10_000 <= int(code) <= 99_999):
        raise ValueError(f"{text} is no rule: write CODE:SHARE or CODE:NUMBER, for example 21610:+33639980001.")
    accepted = written.endswith(AND_ACCEPTED)
    if whom.startswith("+"):
        return Rule(int(code), number=whom, accepted=accepted)
    return Rule(int(code), share=share(whom), accepted=accepted)


def _answering(text: object) -> tuple[Answerer, ...]:
    """`machine:+33199001299,busy:0.1,human:1`: for each of who answers a share or a number. The first one counts."""
    return tuple(_answerer(part) for part in str(text).split(",") if part.strip())


def _answerer(text: str) -> Answerer:
    who, _, whom = text.strip().partition(":")
    if who not in ANSWERERS or not whom:
        names = ", ".join(ANSWERERS)
        raise ValueError(f"{text} says not who answers: write WHO:SHARE or WHO:NUMBER; WHO is one of {names}.")
    return Answerer(who, number=whom) if whom.startswith("+") else Answerer(who, share=share(whom))


def _seconds(text: object) -> float:
    try:
        value = float(str(text))
    except ValueError:
        value = -1.0
    if value < 0:
        raise ValueError(f"{text} is no time: write a number that is not below 0.")
    return value


def _late(text: object) -> dict[str, Any]:
    how_many, _, seconds = str(text).partition(":")
    return {"late": share(how_many)} | ({"late_seconds": _seconds(seconds)} if seconds else {})


def _opt_out(text: object) -> dict[str, Any]:
    if text not in OPT_OUTS:
        raise ValueError(f"{text} is no way to handle STOP: write none, default or advanced.")
    return {"opt_out": text}


# The names that options and /control know, and how each is read. `delay` is written in milliseconds.
WRITTEN: Mapping[str, Callable[[Any], dict[str, Any]]] = {
    "delay": lambda text: {"delay": _seconds(text) / 1000},
    "drop": lambda text: {"drop": share(text)},
    "late": _late,
    "garbage": lambda text: {"garbage": share(text)},
    "fail": lambda text: {"fail": rules(text)},
    "undelivered": lambda text: {"undelivered": rules(text)},
    "report_after": lambda text: {"report_after": _seconds(text)},
    "repeat": lambda text: {"repeat": share(text)},
    "disorder": lambda text: {"disorder": share(text)},
    "lost": lambda text: {"lost": share(text)},
    "again": lambda text: {"again": share(text)},
    "opt_out": _opt_out,
    "unwatched": lambda text: {"unwatched": _seconds(text)},
    "answering": lambda text: {"answering": _answering(text)},
    "rings": lambda text: {"rings": _seconds(text)},
    "greeting": lambda text: {"greeting": _seconds(text)},
    "listens": lambda text: {"listens": _seconds(text)},
}
