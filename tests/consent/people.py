"""A helpline that knows nobody yet, and people who ask things of it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from sqlalchemy import Engine, Table, insert, select

from helpline.consent.caller_rows import active_of, caller_of, dated_subscriptions
from helpline.consent.consent import Consent
from helpline.consent.journal import Journal
from helpline.consent.performers import performers
from helpline.conversation.turn import Context, Effect, Outcome
from helpline.menus.check_tree import EFFECTS
from helpline.menus.shapes import Channel
from helpline.records.sealing import Seals
from helpline.records.tables import callers, messages
from tests.menus.dated_kinds import DATED

THURSDAY = datetime(2026, 12, 3, 9, 0, tzinfo=UTC)  # the update of November is open until the 15th
MOBILE, LANDLINE = "+33639980001", "+33199001234"
ASK = "Relais Droits. Rappels gratuits, 4 par mois au plus.\n1 Oui, tous\n2 Oui, un seul\n0 Non"
APPOINTMENT = ("appointment", "2026-12-11T14:30")
KEY = b"a key of fingerprints, for tests"
SEALING = Fernet.generate_key().decode()


def consent_on(engine: Engine, folder: Path, alert: Callable[[str], None] = lambda message: None) -> Consent:
    journal = Journal(folder / "withdrawals.jsonl")
    return Consent(engine, Seals([SEALING]), KEY, journal, lambda: DATED, alert)


@dataclass(frozen=True)
class Person:
    """Somebody with a phone."""

    consent: Consent
    number: str = MOBILE
    channel: Channel = "sms"
    language: str = "fr"
    now: datetime = THURSDAY

    def calls(self) -> Person:
        return replace(self, channel="voice")

    def later(self, **time: float) -> Person:
        return replace(self, now=self.now + timedelta(**time))

    def does(
        self,
        name: str,
        key: str | None = None,
        shown: str = ASK,
        heard: str = "1",
        spoken: bool = False,
        about: tuple[str, str] | None = None,
        item: str = "",
    ) -> str:
        """The outcome of an effect, asked for by this person.

        `about` is a kind and the date of a thing; what is noted is the appointment, unless it says otherwise.
        """
        return self.told(name, key, shown, heard, spoken, about, item).name

    def told(
        self,
        name: str,
        key: str | None = None,
        shown: str = ASK,
        heard: str = "1",
        spoken: bool = False,
        about: tuple[str, str] | None = None,
        item: str = "",
    ) -> Outcome:
        """The same, with what there is to choose among."""
        if key is None:
            key = "SM" + secrets.token_hex(16) if self.channel == "sms" else f"CA{secrets.token_hex(16)}.3"
        context = Context(self.channel, self.now, key, spoken, self.number)
        kind, occurrence = about or (APPOINTMENT if name == "note" else ("", ""))
        told = zip(("day", "time"), occurrence.split("T"), strict=False) if occurrence else ()
        effect = Effect(name, "somewhere", self.language, shown, heard, kind, tuple(told), item)
        outcome = performers(self.consent)[name](effect, context)
        assert outcome.name in EFFECTS[name]  # the menus have a place for each of these
        return outcome

    def notes(self, kind: str, occurrence: str, **how: Any) -> str:
        return self.does("note", about=(kind, occurrence), **how)

    def has(self) -> list[tuple[str, str]]:
        """What of theirs has a date of its own, the soonest first."""
        with self.consent.engine.begin() as connection:
            caller = caller_of(connection, self.fingerprint)
            found = dated_subscriptions(connection, caller.id) if caller else ()
            return [(one.kind, one.occurrence) for one in found]

    def signs_up(self, scope: str = "all") -> None:
        assert self.does("look_up_reminders", heard="remind") in ("none", "in_call")
        if self.channel == "voice":
            assert self.does(f"subscribe_{scope}") == "confirm"
            assert self.does(f"confirm_{scope}") == "saved"
        else:
            assert self.does(f"subscribe_{scope}") == "saved"

    @property
    def fingerprint(self) -> str:
        return self.consent.fingerprint(self.number)

    @property
    def scope(self) -> str:
        """What this person is reminded of; nothing if of nothing."""
        with self.consent.engine.begin() as connection:
            _, active = active_of(connection, self.fingerprint)
            return active.scope if active else ""

    def row(self) -> Any:
        found = rows(self.consent.engine, callers, callers.c.fingerprint == self.fingerprint)
        return found[0] if found else None

    def gets(self, kind: str = "update", wave: str = "last", occurrence: str = "2026-11", **columns: Any) -> int:
        """A message to this person; its id."""
        values = {
            "caller_id": self.row().id,
            "kind": kind,
            "wave": wave,
            "occurrence": occurrence,
            "queue": "bulk",
            "state": "planned",
            "due_at": self.now + timedelta(hours=1),
            "not_after": self.now + timedelta(days=3),
            "changed_at": self.now,
        }
        with self.consent.engine.begin() as connection:
            added = insert(messages).values(values | columns).returning(messages.c.id)
            return int(connection.execute(added).scalar_one())

    def message_states(self) -> dict[tuple[str, str], tuple[str, str]]:
        """State and reason of each message, by kind and wave."""
        found = rows(self.consent.engine, messages, messages.c.caller_id == self.row().id)
        return {(row.kind, row.wave): (row.state, row.reason) for row in found}


def rows(engine: Engine, table: Table, *where: Any) -> list[Any]:
    """The rows of a table, oldest first."""
    with engine.begin() as connection:
        return list(connection.execute(select(table).where(*where).order_by(*table.primary_key)).all())
