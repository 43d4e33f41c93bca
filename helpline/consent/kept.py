"""Everything that the database keeps of one person: for who answers them, and for themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, select

from helpline.consent.consent import KIND
from helpline.records.desk_tables import call_requests
from helpline.records.engine import reading
from helpline.records.tables import (
    callers,
    carrier_blocks,
    consent_texts,
    consents,
    invitations,
    messages,
    objections,
    subscriptions,
)


@dataclass(frozen=True, slots=True)
class KeptSubscription:
    """What somebody is, or was, reminded of. `occurrence` is the date of a thing that has one of its own."""

    kind: str
    occurrence: str
    scope: str
    since: datetime
    done: str
    ended_at: datetime | None
    end_reason: str


@dataclass(frozen=True, slots=True)
class Proof:
    """One step of an agreement or its end. `text` is what was shown, word for word."""

    at: datetime
    kind: str
    event: str
    scope: str
    channel: str
    language: str
    heard: str
    sid: str
    text: str
    text_sha256: str


@dataclass(frozen=True, slots=True)
class KeptMessage:
    """One text or call to this person and what became of it. Its words are not kept."""

    kind: str
    occurrence: str
    wave: str
    state: str
    reason: str
    due_at: datetime
    changed_at: datetime
    sid: str
    channel: str


@dataclass(frozen=True, slots=True)
class KeptInvitation:
    """A paper form that somebody signed, and when they were invited to confirm it."""

    form: str
    signed_on: str
    invited_at: datetime


@dataclass(frozen=True, slots=True)
class KeptRequest:
    """A call by one of us that somebody asked for, and what became of it. `tries`: how often we called in vain."""

    asked_at: datetime
    changed_at: datetime
    state: str
    language: str
    channel: str
    tries: int
    number_sealed: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """All of it. `number_sealed`: their number is kept, for as long as something is to be sent.

    `channel`: whether they are reached by texts or by calls.
    """

    language: str
    channel: str
    number_sealed: bool
    created_at: datetime | None
    last_seen: datetime | None
    objection_since: datetime | None
    objection_reason: str
    blocked_since: datetime | None
    subscriptions: tuple[KeptSubscription, ...]
    proofs: tuple[Proof, ...]
    messages: tuple[KeptMessage, ...]
    invitations: tuple[KeptInvitation, ...] = ()
    call_requests: tuple[KeptRequest, ...] = ()

    @property
    def active(self) -> KeptSubscription | None:
        """The monthly reminders that they have now."""
        return next((one for one in self.subscriptions if one.ended_at is None and one.kind == KIND), None)

    @property
    def dated(self) -> tuple[KeptSubscription, ...]:
        """What they are reminded of now that has a date of its own."""
        return tuple(one for one in self.subscriptions if one.ended_at is None and one.kind != KIND)

    @property
    def is_reminded(self) -> bool:
        """Whether they are reminded of anything."""
        return bool(self.active or self.dated)

    @property
    def is_called(self) -> bool:
        """Whether their number is kept because one of us is to call them."""
        return any(one.number_sealed for one in self.call_requests)

    @property
    def has_what_goes(self) -> bool:
        """Whether an erasing takes anything away."""
        return bool(self.created_at or self.invitations or self.call_requests)

    @property
    def is_nothing(self) -> bool:
        """Whether this person is unknown."""
        known = self.created_at or self.objection_since or self.blocked_since or self.proofs or self.invitations
        return not (known or self.call_requests)


def what_is_kept(engine: Engine, fingerprint: str) -> Kept:
    """What is kept under a fingerprint: oldest first, messages by their moment."""
    with reading(engine).begin() as connection:
        caller = connection.execute(select(callers).where(callers.c.fingerprint == fingerprint)).first()
        objection = connection.execute(select(objections).where(objections.c.fingerprint == fingerprint)).first()
        blocked = select(carrier_blocks.c.since).where(carrier_blocks.c.fingerprint == fingerprint)
        return Kept(
            language=caller.language if caller else "",
            channel=caller.channel if caller else "",
            number_sealed=bool(caller and caller.number),
            created_at=caller.created_at if caller else None,
            last_seen=caller.last_seen if caller else None,
            objection_since=objection.since if objection else None,
            objection_reason=objection.reason if objection else "",
            blocked_since=connection.scalar(blocked),
            subscriptions=_subscriptions(connection, caller.id) if caller else (),
            proofs=_proofs(connection, fingerprint),
            messages=_messages(connection, caller.id) if caller else (),
            invitations=_invitations(connection, fingerprint),
            call_requests=_call_requests(connection, fingerprint),
        )


def _subscriptions(connection: Connection, caller: int) -> tuple[KeptSubscription, ...]:
    columns = [subscriptions.c[name] for name in KeptSubscription.__slots__]
    rows = connection.execute(select(*columns).where(subscriptions.c.caller_id == caller).order_by(subscriptions.c.id))
    return tuple(KeptSubscription(*row) for row in rows)


def _proofs(connection: Connection, fingerprint: str) -> tuple[Proof, ...]:
    names = ("at", "kind", "event", "scope", "channel", "language", "heard", "sid")
    rows = connection.execute(
        select(*(consents.c[name] for name in names), consent_texts.c.text, consents.c.text_hash)
        .join_from(consents, consent_texts, isouter=True)
        .where(consents.c.fingerprint == fingerprint)
        .order_by(consents.c.id)
    )
    return tuple(
        Proof(**{name: row._mapping[name] for name in names}, text=row.text or "", text_sha256=row.text_hash or "")
        for row in rows
    )


def _invitations(connection: Connection, fingerprint: str) -> tuple[KeptInvitation, ...]:
    columns = [invitations.c[name] for name in KeptInvitation.__slots__]
    mine = select(*columns).where(invitations.c.fingerprint == fingerprint).order_by(invitations.c.invited_at)
    return tuple(KeptInvitation(*row) for row in connection.execute(mine))


def _call_requests(connection: Connection, fingerprint: str) -> tuple[KeptRequest, ...]:
    columns: list[ColumnElement[Any]] = [call_requests.c[name] for name in KeptRequest.__slots__[:-1]]
    columns.append(call_requests.c.number.is_not(None))
    mine = select(*columns).where(call_requests.c.fingerprint == fingerprint)
    return tuple(KeptRequest(*row) for row in connection.execute(mine.order_by(call_requests.c.id)))


def _messages(connection: Connection, caller: int) -> tuple[KeptMessage, ...]:
    columns = [messages.c[name] for name in KeptMessage.__slots__]
    rows = connection.execute(
        select(*columns).where(messages.c.caller_id == caller).order_by(messages.c.due_at, messages.c.id)
    )
    return tuple(KeptMessage(**row._asdict() | {"sid": row.sid or ""}) for row in rows)
