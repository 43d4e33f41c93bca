"""What callers were told, held against what the database says and what the carrier got."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, select

from helpline.carrier.callers import fingerprint
from helpline.records.tables import callers, consents, messages, subscriptions
from helpline.simulator.carrier.journal import Message
from tests.chaos.exchanges import Measured
from tests.chaos.told import Person as Caller
from tests.chaos.told import Told
from tests.crash.crowd import OCCURRENCE, Person
from tests.crash.verdict import ON_ITS_WAY, Verdict

# What the verdict on the crowd cannot know of callers: their own messages, and that whoever signed up before the wave
# began is reminded later on that day.
OF_ALL = frozenset({"not_at_rest", "other_sid"})
HAS_REMINDERS = frozenset({"wanted", "done", "late", "stops", "withdrew"})


@dataclass(frozen=True, slots=True)
class Truth:
    """One row of the table. `told`: how often a STOP was answered with "not saved, send it again"."""

    measured: Measured
    stops_said: int
    stops_kept: int
    stops_told: int
    stops_lost: int
    consents_kept: int
    consents_lost: int
    consents_invented: int
    others_lost: int  # FAIT and EFFACER
    sent_after_stop: int
    other_sids: int
    odd: tuple[str, ...]
    open_wishes: int
    broken_calls: int
    unanswered_texts: int
    verdict: Verdict
    settled: bool

    @property
    def faults(self) -> dict[str, object]:
        """What must be nothing, by name: only what is not."""
        found = {
            "5xx": self.measured.failed,
            "4xx": self.measured.refused,
            "STOP lost": self.stops_lost,
            "consent lost": self.consents_lost,
            "consent invented": self.consents_invented,
            "FAIT or EFFACER lost": self.others_lost,
            "sent after STOP": self.sent_after_stop,
            "answered otherwise": len(self.odd),
            "never confirmed": self.open_wishes,
            "not settled": not self.settled,
            "messages with another sid": self.other_sids,
            **{f"messages {n.replace('_', ' ')}": c for n, c in self.verdict.faults.items() if n not in OF_ALL},
        }
        return {name: count for name, count in found.items() if count}

    @property
    def slow(self) -> int:
        return self.measured.over + self.measured.unanswered


@dataclass(frozen=True, slots=True)
class _Kept:
    """What the database has of callers, by fingerprint."""

    known: frozenset[str]
    active: frozenset[str]
    done: frozenset[str]
    proven: frozenset[str]
    sids: frozenset[str]  # of texts


def hold_against(
    engine: Engine,
    key: bytes,
    told: Told,
    people: Iterable[Person],
    accepted: Sequence[Message],
    verdict: Verdict,
    measured: Measured,
    left: int,
    settled: bool,
) -> Truth:
    """Compare. A wish that was not confirmed may have come true or not: its caller knows that it is open."""
    kept = _kept(engine)
    prints = {person.number: fingerprint(person.number, key) for person in told.people.values()}
    sure = [person for person in told.people.values() if person.open is None and person.last]
    ended = [person for person in sure if person.last == "stop"]
    signed = [person for person in sure if person.last == "sign_up"]
    others = [person for person in sure if person.last in ("done", "erase")]
    stops_lost = sum(prints[person.number] in kept.active for person in ended)
    consents_lost = sum(
        prints[person.number] not in kept.active or prints[person.number] not in kept.proven for person in signed
    )
    agreed = {prints[person.number] for person in told.people.values() if "sign_up" in person.said}
    ours = {fingerprint(person.number, key) for person in people if person.part in HAS_REMINDERS}
    return Truth(
        measured=measured,
        stops_said=sum("stop" in person.said for person in told.people.values()),
        stops_kept=len(ended) - stops_lost,
        stops_told=told.counts["told so stop"],
        stops_lost=stops_lost,
        consents_kept=len(signed) - consents_lost,
        consents_lost=consents_lost,
        consents_invented=len(kept.active - agreed - ours) + len(kept.proven - agreed),
        others_lost=sum(not _came_true(person, prints[person.number], kept) for person in others),
        sent_after_stop=sum(_came_later(person, accepted) for person in ended),
        other_sids=len(kept.sids - {message.sid for message in accepted}),
        odd=tuple(told.odd),
        open_wishes=left + sum(person.open is not None for person in told.people.values()),
        broken_calls=told.counts["calls broken off"],
        unanswered_texts=told.counts["texts unanswered"],
        verdict=verdict,
        settled=settled,
    )


def _came_true(person: Caller, mark: str, kept: _Kept) -> bool:
    return mark in kept.done if person.last == "done" else mark not in kept.known


def _came_later(person: Caller, accepted: Sequence[Message]) -> int:
    at = person.confirmed_at
    return sum(m.to == person.number and at is not None and m.moment > at + ON_ITS_WAY for m in accepted)


def _kept(engine: Engine) -> _Kept:
    with engine.connect() as connection:
        known = frozenset(connection.scalars(select(callers.c.fingerprint)))
        mine = select(callers.c.fingerprint, subscriptions.c.ended_at, subscriptions.c.done)
        rows: Any = connection.execute(mine.join_from(callers, subscriptions)).all()
        given = select(consents.c.fingerprint).where(consents.c.event == "given", consents.c.text_hash.is_not(None))
        proven = frozenset(connection.scalars(given))
        texts = select(messages.c.sid).where(messages.c.sid.is_not(None), messages.c.channel == "sms")
        sids = frozenset(connection.scalars(texts))
    return _Kept(
        known=known,
        active=frozenset(row.fingerprint for row in rows if row.ended_at is None),
        done=frozenset(row.fingerprint for row in rows if row.done == OCCURRENCE),
        proven=proven,
        sids=sids,
    )
