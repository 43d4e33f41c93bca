"""A helpline whose disk is lost: what happened after its backup is known to the carrier alone."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from redis import Redis
from sqlalchemy import Engine, select

from helpline.consent.applying import apply_journal
from helpline.consent.consent import Consent
from helpline.consent.journal import Journal
from helpline.consent.withdrawal import Withdrawal
from helpline.consent.withdrawing import withdraw
from helpline.conversation.moves import resolve
from helpline.conversation.session import Place, Session
from helpline.conversation.turn import Context, Page, Turn
from helpline.menus.dates import date_values
from helpline.menus.pages import put
from helpline.records.backup import write_backup
from helpline.records.engine import open_records
from helpline.records.restore import restore_backup
from helpline.records.tables import messages
from helpline.reminders.planning import plan
from helpline.reminders.reconcile import Ours, Reconciled, reconcile
from helpline.simulator.carrier.journal import Message, read_journal
from helpline.simulator.carrier.lines import Lines
from helpline.sms.compose import compose
from tests.consent.people import Person
from tests.databases import address
from tests.reminders.bench import KEY, SEALING, Bench, Clock
from tests.reminders.people import paris
from tests.simulator.carrier_process import CarrierProcess, carrier_process

BACKUP_AT = paris(2026, 12, 7, 3)
MIDDLE = paris(2026, 12, 8, 18, 30)  # every moment of the wave of the middle is past
LAST = paris(2026, 12, 12, 18, 30)
OURS = Ours("38123", "Relais Droits")
_numbers = iter(range(639_970_000, 639_980_000))


@dataclass
class Carrier:
    """The stub, which goes by real time and knows no answers to webhooks: here it lists what a carrier would."""

    stub: CarrierProcess
    others: list[Message] = field(default_factory=list)
    times: dict[str, float] = field(default_factory=dict)

    def new_ones(self, now: datetime) -> list[Message]:
        """What it took since this was asked before, at this moment of the helpline's time."""
        new = [message for message in self.stub.messages() if message.sid not in self.times]
        self.times |= {message.sid: now.timestamp() for message in new}
        return new

    def lists(self) -> None:
        """From now on its list has everything, in the order of the helpline's time."""
        self.stub.stop()
        listed = {message.sid: message for message in [*read_journal(self.stub.journal), *self.others]}
        timed = [replace(message, at=self.times.get(message.sid, message.at)) for message in listed.values()]
        self.stub.journal.unlink(missing_ok=True)
        journal = Lines(self.stub.journal)
        for message in sorted(timed, key=lambda message: message.at):
            journal.add(message.line())
        self.stub.start()


@dataclass
class Helpline:
    """One helpline with callers, on one database, at the stub of a carrier which keeps the time of the test."""

    engine: Engine
    redis: Redis
    carrier: Carrier
    folder: Path
    clock: Clock = field(default_factory=lambda: Clock(BACKUP_AT))

    @property
    def bench(self) -> Bench:
        journal = Journal(self.folder / "withdrawals.jsonl")
        apply: Callable[[datetime], object] = lambda now: apply_journal(self.engine, journal, now)  # noqa: E731
        return Bench(self.engine, self.redis, self.carrier.stub, self.clock, withdrawals=apply)

    @property
    def consent(self) -> Consent:
        calendar = self.bench.prompts.menus.calendar
        journal = Journal(self.folder / "withdrawals.jsonl")
        return Consent(self.engine, self.bench.seals, KEY, journal, lambda: calendar)

    def person(self, language: str = "fr") -> Person:
        return Person(self.consent, f"+33{next(_numbers)}", language=language, now=self.clock.now)

    def subscriber(self, scope: str = "all", language: str = "fr") -> Person:
        """Somebody who asked for reminders some days ago, after the opening."""
        person = self.person(language)
        replace(person, now=self.clock.now - timedelta(days=5)).signs_up(scope)
        return person

    def at(self, moment: datetime) -> None:
        self.clock.now = moment

    def texts(self, person: Person, body: str, effect: str = "", outcome: str = "", page: str = "") -> None:
        """Somebody texts us: the carrier lists it, we do what it means, and answer."""
        received = self.received(person, body)
        if effect:
            found = replace(person, now=self.clock.now).does(effect, key=received.sid, heard=effect)
            assert found == outcome
        if page:
            self.replied(person, page)

    def received(self, person: Person, body: str) -> Message:
        return self._lists(person.number, OURS.sender, body, "inbound")

    def replied(self, person: Person, page: str) -> None:
        self._lists(OURS.sender, person.number, self.words(page, person.language), "outbound-reply")

    def words(self, page: str, language: str) -> str:
        """A page as callers get it in answer to a text."""
        prompts, context = self.bench.prompts, Context("sms", self.clock.now)
        turn = Turn(Session(language=language), (Page(resolve(prompts, Place(page), context)),))
        menus = prompts.menus
        values = date_values(menus.calendar, self.clock.now, menus.languages[language].locale)
        return "\n".join(put(text, values) for text in compose(prompts, turn, context))

    def calls(self, person: Person, effect: str, outcome: str) -> None:
        assert replace(person, now=self.clock.now, channel="voice").does(effect) == outcome

    def operator_stops(self, person: Person) -> None:
        said = Withdrawal(
            person.fingerprint, "operator", self.clock.now, "operator", key=secrets.token_hex(8), tell=True
        )
        withdraw(self.consent, said, self.clock.now)

    def sends(self) -> list[Message]:
        """Plan and deliver what is due now. What the carrier took, in its list at the helpline's time."""
        plan(self.engine, self.bench.prompts.menus.calendar, self.clock.now)
        for queue in ("replies", "bulk"):
            self.bench.deliver(queue)
        return self.carrier.new_ones(self.clock.now)

    def reconciles(self, **how: timedelta) -> Reconciled | None:
        self.carrier.lists()
        return reconcile(self.bench.sender, OURS, **how)

    def states(self) -> dict[str, int]:
        with self.engine.begin() as connection:
            found = [state for (state,) in connection.execute(select(messages.c.state))]
        return {state: found.count(state) for state in found}

    def went(self) -> int:
        """How many messages the carrier took, whatever it has said of them since."""
        return sum(count for state, count in self.states().items() if state in ("accepted", "sent", "delivered"))

    def _lists(self, sender: str, to: str, body: str, direction: str) -> Message:
        at = self.clock.now.timestamp()
        message = Message("SM" + secrets.token_hex(16), to, sender, body, at, at, direction=direction)
        self.carrier.others.append(message)
        return message

    def backed_up(self) -> Path:
        """A backup of this moment."""
        path = self.folder / "backup.gz"
        write_backup(self.engine, path, KEY, self.clock.now, nobody_looks)
        return path


def nobody_looks(table: str, done: int, total: int) -> None:
    """Progress of a backup."""


@contextmanager
def restored(lost: Helpline, backup: Path, folder: Path) -> Iterator[Helpline]:
    """The backup in the place of what the database holds; on a new disk, unless `folder` is the old one."""
    lost.engine.dispose()
    url = address(lost.engine)
    restore_backup(url, backup, KEY, [SEALING], lost.clock.now, nobody_looks, replace=True)
    engine = open_records(url)
    try:
        yield Helpline(engine, lost.redis, lost.carrier, folder, lost.clock)
    finally:
        engine.dispose()


@contextmanager
def helpline(engine: Engine, redis: Redis, folder: Path) -> Iterator[Helpline]:
    """A helpline with a carrier of its own."""
    with carrier_process(folder) as stub:
        yield Helpline(engine, redis, Carrier(stub), folder)
