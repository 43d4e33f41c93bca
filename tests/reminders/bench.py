"""What sends texts, on real parts: a database, a Valkey, the stub of the carrier, the prompts that are shipped."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from redis import Redis
from sqlalchemy import Connection, Engine, insert, select, update

from helpline.carrier.callers import fingerprint
from helpline.carrier.sending import Carrier
from helpline.consent.daily_budget import NO_LIMIT
from helpline.consent.kinds import is_dated
from helpline.menus.check_tree import SENT
from helpline.menus.forms import Identity
from helpline.menus.parse import parse_prompts
from helpline.menus.prompts import Prompts, prepare
from helpline.prompts_folder import read_files
from helpline.records.engine import reading
from helpline.records.sealing import Seals
from helpline.records.tables import callers, messages, subscriptions
from helpline.reminders.delivery import Delivered, deliver
from helpline.reminders.doubts import Settled, settle
from helpline.reminders.rate import CALLS, Rate
from helpline.reminders.report_ids import report_id, report_mark
from helpline.reminders.sender import Accepted, Sender
from helpline.simulator.carrier.calls_journal import KeptCall
from helpline.simulator.carrier.journal import Message
from tests.reminders.people import paris
from tests.simulator.carrier_process import CarrierProcess

ACCOUNT, TOKEN = "AC" + "0" * 32, "0123456789abcdef0123456789abcdef"
VOICE = "+33199001234"
KEY = b"a key of fingerprints, for tests"
SEALING = Fernet.generate_key().decode()
LAST_WAVE = paris(2026, 12, 12, 10)  # one hour into the last wave of November: the 13th is a Sunday
IDENTITY = Identity("Relais Droits", "association Le Pont", "01 99 00 12 34", "38123", "01 99 00 12 35")

CALLED = tuple(f"call.{wave}" for wave in ("opening", "middle", "last", "missed"))
# The words of these tests, where the shipped prompts have none.
WORDS = """
{node}:
  fr:
    label: Rappel
    text: |
      {{service}} : {node}. Dernier jour : {{last_day}}.
      1 Comment faire
  en:
    label: Reminder
    text: |
      {{service}}: {node}. Last day: {{last_day}}.
      1 How to do it
"""
_numbers = itertools.count(639_980_000)


@cache
def shipped_prompts() -> Prompts:
    files = read_files(Path(__file__).parents[2] / "prompts")
    missing = [node for node in (*SENT, *CALLED) if not any(f"\n{node}:" in text for text in files.values())]
    if missing:
        files["words.yaml"] = "\n".join(WORDS.format(node=node) for node in missing)
    menus, faults = parse_prompts(files, ("fr", "en"))
    assert not [fault for fault in faults if fault.severity == "fault"], faults
    return prepare(menus, IDENTITY, "test")


def a_number() -> str:
    """A French mobile that no other test uses."""
    return f"+33{next(_numbers)}"


@dataclass
class Clock:
    """The time that the parts go by: it stands still, or `runs` as real time does."""

    now: datetime = LAST_WAVE
    runs: bool = False

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._ahead if self.runs else self.now

    _ahead: timedelta = timedelta(0)

    def run(self) -> None:
        self.runs = True

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)
        self._ahead += timedelta(**time)


@dataclass
class Bench:
    """Sends texts to the stub, and knows what became of them."""

    engine: Engine
    redis: Redis
    stub: CarrierProcess
    clock: Clock = field(default_factory=Clock)
    per_second: float = 1000
    calls_per_second: float = 1000
    alerts: list[str] = field(default_factory=list)
    remembered: list[Accepted] = field(default_factory=list)
    prompts: Prompts = field(default_factory=shipped_prompts)
    withdrawals: Callable[[datetime], object] = lambda now: None
    is_applied: Callable[[Connection], bool] = lambda connection: True
    countries: Sequence[str] | None = None
    messages_a_day: int = NO_LIMIT

    def __post_init__(self) -> None:
        self.seals = Seals([SEALING])

    def carrier(self, sender: str = "38123") -> Carrier:
        return Carrier(ACCOUNT, (ACCOUNT, TOKEN), sender, self.stub.url, "http://127.0.0.1:1", voice=VOICE)

    @property
    def sender(self) -> Sender:
        return Sender(
            engine=self.engine,
            seals=self.seals,
            fingerprint_key=KEY,
            carrier=self.carrier(),
            rate=Rate(self.redis, self.per_second),
            prompts=lambda: self.prompts,
            remember=self.remembered.extend,
            apply_withdrawals=self.withdrawals,
            journal_is_applied=self.is_applied,
            is_ours=lambda message: message.sender == "38123",
            service=IDENTITY.service,
            alert=self.alerts.append,
            clock=self.clock,
            call_rate=Rate(self.redis, self.calls_per_second, name=CALLS),
            countries=self.countries,
            messages_a_day=self.messages_a_day,
        )

    def deliver(self, queue: str = "bulk", **how: Any) -> Delivered:
        return deliver(self.sender, queue, **how)

    def settle(self, **how: Any) -> Settled:
        return settle(self.sender, **how)

    def caller(
        self, number: str = "", language: str = "fr", subscribed: bool = True, channel: str = "sms", **subscription: Any
    ) -> int:
        """Somebody who asked for reminders in November; their id."""
        number = number or a_number()
        sealed = self.seals.seal(number)
        since = paris(2026, 11, 1)
        row = {
            "fingerprint": fingerprint(number, KEY),
            "number": sealed.number,
            "number_key": sealed.key,
            "language": language,
            "spread": 0,
            "channel": channel,
            "last_seen": since,
            "created_at": since,
        }
        asked = {"kind": "update", "scope": "all", "since": since} | subscription
        with self.engine.begin() as connection:
            caller = int(connection.execute(insert(callers).values(row).returning(callers.c.id)).scalar_one())
            if subscribed:
                connection.execute(insert(subscriptions).values(asked | {"caller_id": caller}))
        return caller

    def message(self, caller: int | None = None, kind: str = "update", wave: str = "last", **columns: Any) -> int:
        """A message that is due; its id."""
        now = self.clock()
        row = {
            "caller_id": self.caller() if caller is None else caller,
            "kind": kind,
            "occurrence": "2026-11" if kind in ("update", "keep") else "2026-12-12",
            "wave": {"update": wave, "welcome": "all"}.get(kind, wave if is_dated(kind) else ""),
            "queue": "bulk" if kind in ("update", "keep") else "replies",
            "due_at": now - timedelta(minutes=1),
            "not_after": now + timedelta(days=1),
            "changed_at": now,
        }
        with self.engine.begin() as connection:
            made = connection.execute(insert(messages).values(row | columns).returning(messages.c.id))
            return int(made.scalar_one())

    def call(self, caller: int | None = None, **columns: Any) -> int:
        """A reminder that is due to somebody who is called; its id."""
        caller = self.caller(channel="voice") if caller is None else caller
        return self.message(caller, **({"queue": "calls", "channel": "voice"} | columns))

    def about(self, message: int, tries: int = 1) -> str:
        """Our own id of a try, as the carrier gives it back."""
        with reading(self.engine).connect() as connection:
            columns = (callers.c.fingerprint, messages.c.kind, messages.c.occurrence, messages.c.wave)
            row = connection.execute(
                select(*columns).join_from(messages, callers).where(messages.c.id == message)
            ).one()
        return report_id(message, tries, report_mark(KEY, *row))

    def many_due(self, count: int) -> list[int]:
        return [self.message() for _ in range(count)]

    def row(self, message: int) -> Any:
        with reading(self.engine).connect() as connection:
            return connection.execute(select(messages).where(messages.c.id == message)).one()

    def state(self, message: int) -> str:
        return str(self.row(message).state)

    def states(self, ids: Sequence[int]) -> list[str]:
        with reading(self.engine).connect() as connection:
            rows = connection.execute(select(messages.c.state).where(messages.c.id.in_(ids)).order_by(messages.c.id))
            return [row.state for row in rows]

    def change(self, message: int, **columns: Any) -> None:
        with self.engine.begin() as connection:
            connection.execute(update(messages).where(messages.c.id == message).values(**columns))

    def number_of(self, message: int) -> str:
        with reading(self.engine).connect() as connection:
            number = connection.scalar(select(callers.c.number).join(messages).where(messages.c.id == message))
            return self.seals.open(number)

    def sent(self, *ids: int) -> list[Message]:
        """What the carrier accepted for the callers of these messages."""
        numbers = {self.number_of(message) for message in ids}
        return [message for message in self.stub.messages() if message.to in numbers]

    def called(self, *ids: int) -> list[KeptCall]:
        """The calls that the carrier made for the callers of these messages."""
        numbers = {self.number_of(message) for message in ids}
        return [call for call in self.stub.calls() if call.to in numbers]

    def after(self, **time: float) -> Bench:
        """The same, later."""
        return replace(self, clock=replace(self.clock, now=self.clock.now + timedelta(**time)))
