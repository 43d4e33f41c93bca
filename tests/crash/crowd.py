"""The people of a crash test: who is to get a reminder in the next minutes, and who must not get one."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Engine, insert

from helpline.carrier.callers import fingerprint
from helpline.consent.journal import Journal
from helpline.consent.withdrawal import Withdrawal
from helpline.menus.dates import PARIS
from helpline.menus.shapes import Channel
from helpline.menus.waves import SPREAD, Wave
from helpline.records.sealing import Seals
from helpline.records.tables import callers, messages, subscriptions

# The middle one of the monthly update of November 2026 goes out on Tuesday 8 December, from nine o'clock on.
EARLY = datetime(2026, 12, 8, 8, 30, tzinfo=PARIS)
BEFORE_NINE = datetime(2026, 12, 8, 8, 59, 55, tzinfo=PARIS)
SIGNED_UP = datetime(2026, 12, 1, 12, tzinfo=PARIS)
OCCURRENCE, WAVE = "2026-11", "middle"

# wanted: gets the reminder. ended, done, withdrew (in the journal on disk), late (an earlier reminder that was never
# sent, and is too late now): must not get one. stops: texts STOP before it is their turn.
Part = Literal["wanted", "ended", "done", "withdrew", "late", "stops"]
SHARES: dict[Part, float] = {"ended": 0.04, "done": 0.04, "withdrew": 0.04, "late": 0.04, "stops": 0.03}
CALLED: tuple[Part, ...] = ("ended", "done", "withdrew")  # of those who are called, some of these, too


@dataclass(frozen=True, slots=True)
class Person:
    """`moment`: when it is their turn; `channel`: how they are reached."""

    id: int
    number: str
    part: Part
    spread: int
    moment: datetime
    channel: Channel = "sms"

    @property
    def language(self) -> str:
        return "fr" if self.id % 3 else "en"


def crowd(wanted: int, called: int, wave: Wave, lasts: timedelta, chances: random.Random) -> tuple[Person, ...]:
    """So many people whose turn comes within a time after the wave begins, and some more of every other part.

    `wanted` get a text, `called` a call.
    """
    return tuple(_people(wanted, called, wave, lasts, chances))


def _people(wanted: int, called: int, wave: Wave, lasts: timedelta, chances: random.Random) -> Iterator[Person]:
    parts: list[tuple[Part, Channel]] = [("wanted", "sms")] * wanted + [("wanted", "voice")] * called
    for part, share in SHARES.items():
        parts += [(part, "sms")] * max(3, round(wanted * share))
    for part in CALLED if called else ():
        parts += [(part, "voice")] * max(1, round(called * SHARES[part]))
    chances.shuffle(parts)
    day = (wave.spread_until - wave.begins).total_seconds()
    last = int(lasts.total_seconds() / day * SPREAD)
    for place, (part, channel) in enumerate(parts, start=1):
        spread = chances.randrange(last // 2, last) if part == "stops" else chances.randrange(last)
        number = f"+3363998{place:04}" if channel == "sms" else f"+3319900{place:04}"
        yield Person(place, number, part, spread, wave.moment(spread), channel)


def move_in(
    engine: Engine, people: tuple[Person, ...], seals: Seals, key: bytes, journal: Journal, wave: Wave, earlier: Wave
) -> None:
    """Put them into an empty database, and the withdrawals of some into the journal."""
    with engine.begin() as connection:
        connection.execute(insert(callers), [_caller(person, seals, key) for person in people])
        connection.execute(insert(subscriptions), [_subscription(person) for person in people])
        late = [_message(person, earlier, wave.begins) for person in people if person.part == "late"]
        connection.execute(insert(messages), late)
    journal.append(
        *(
            Withdrawal(fingerprint(person.number, key), "stop", wave.begins - timedelta(hours=1), "sms")
            for person in people
            if person.part == "withdrew"
        )
    )


def _caller(person: Person, seals: Seals, key: bytes) -> dict[str, object]:
    sealed = seals.seal(person.number)
    return {
        "id": person.id,
        "fingerprint": fingerprint(person.number, key),
        "number": sealed.number,
        "number_key": sealed.key,
        "language": person.language,
        "spread": person.spread,
        "channel": person.channel,
        "last_seen": SIGNED_UP,
        "created_at": SIGNED_UP,
    }


def _subscription(person: Person) -> dict[str, object]:
    ended = person.part == "ended"
    return {
        "caller_id": person.id,
        "kind": "update",
        "scope": "all" if person.part != "late" else "last",
        "since": SIGNED_UP,
        "done": OCCURRENCE if person.part == "done" else "",
        "ended_at": SIGNED_UP + timedelta(days=1) if ended else None,
        "end_reason": "stop" if ended else "",
    }


def _message(person: Person, wave: Wave, not_after: datetime) -> dict[str, object]:
    """A reminder that should have gone out long ago, and is too late when the next wave begins."""
    return {
        "caller_id": person.id,
        "kind": "update",
        "occurrence": wave.occurrence,
        "wave": wave.name,
        "queue": "bulk",
        "due_at": wave.begins,
        "not_after": not_after,
        "changed_at": wave.begins,
    }
