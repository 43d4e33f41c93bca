"""One helpline with everything around it, its callers and its wave of reminders; one fault; and what came of it."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine, func, select, text

from helpline.consent.journal import Journal
from helpline.identity import identity_of
from helpline.menus.waves import Wave, wave_of
from helpline.prompts_folder import load_folder
from helpline.records.engine import open_records
from helpline.records.migrate import upgrade
from helpline.records.sealing import Seals
from helpline.records.tables import planned_waves
from helpline.server.embedded_valkey import EmbeddedValkey
from helpline.settings import Settings, load_settings
from helpline.simulator.carrier.calls_journal import KeptCall, calls_beside, read_calls
from helpline.simulator.carrier.journal import OUTBOUND, Message, read_journal
from helpline.simulator.line.webhooks import Webhooks
from tests.chaos.callers import Callers
from tests.chaos.exchanges import Exchanges
from tests.chaos.faults import Fault
from tests.chaos.told import Told, Wish
from tests.chaos.truth import Truth, hold_against
from tests.crash.attack import CLAIM_SETTLES, OF_THE_MACHINE, TOKEN
from tests.crash.crowd import BEFORE_NINE, EARLY, OCCURRENCE, WAVE, Person, crowd, move_in
from tests.crash.shifted import FILE, WRONG_BY, ShiftedClock, write_seconds
from tests.crash.supervisor import Program, Supervisor
from tests.crash.verdict import judge, unfinished
from tests.databases import Postgresql
from tests.postgresql_process import PostgresqlProcess
from tests.proxy import Wire
from tests.server.running import free_port, wait_until

NO_CARRIER_FAULTS = ("0", "0:0", "human:1")  # drop, late, answering
# Whose turn comes later, of those who sign up meanwhile, is not waited for; one minute is shorter than `patience`.
SOON = timedelta(minutes=1)
FIRST_CALLER = 6000  # numbers below belong to the crowd
QUITTERS: tuple[Wish, ...] = ("stop", "stop", "done", "erase")


@dataclass(frozen=True, slots=True)
class Plan:
    """How large it is. `before`: seconds between the start of the wave and the fault; `pause`: between two keys."""

    callers: int = 200
    seconds: float = 30.0
    before: float = 8.0
    after: float = 5.0
    people: int = 400
    rate: int = 20
    pause: tuple[float, float] = (1.0, 4.0)
    patience: float = 240.0
    answered_within: float = 60.0  # after the end of the fault everybody gets what they want
    settle_seconds: int = 15
    two_workers: bool = True
    seed: int = 0


@dataclass
class Town:
    """One run, in a folder of its own."""

    plan: Plan
    folder: Path
    postgresql: PostgresqlProcess
    show: Callable[[str], None] = lambda what: None
    has_second_clock: bool = False
    next_kill: float = 0.0
    kills: int = 0
    exchanges: Exchanges = field(default_factory=Exchanges)
    told: Told = field(default_factory=Told)

    def __post_init__(self) -> None:
        self.clock = ShiftedClock(self.folder / "clock")
        self.wrong_by = self.folder / "how wrong worker 2 is"
        self.set_wrong(timedelta())
        self.clock.set(EARLY)
        self.carrier_port = free_port()
        self.carrier_url = f"http://127.0.0.1:{self.carrier_port}"
        self.carrier_journal = self.folder / "carrier.jsonl"
        self.valkey = EmbeddedValkey(self.folder / "valkey")
        self.wire = Wire(str(self.postgresql.socket))
        self.chances = random.Random(self.plan.seed)

    def run(self, fault: Fault) -> Truth:
        """Start everything, let it fail, mend it, wait, and judge."""
        databases = Postgresql(self.postgresql.url)
        url = databases.make()
        direct = url.render_as_string(hide_password=False)
        upgrade(direct)
        engine = open_records(direct)
        through_wire = f"postgresql://postgres@127.0.0.1:{self.wire.port}/{url.database}"
        self.settings = self._settings(through_wire)
        self.has_second_clock = fault.of_one_clock
        self.valkey.start()
        self.supervisor = self._supervisor()
        try:
            return self._run(fault, engine)
        finally:
            self.supervisor.end()
            self.valkey.stop()
            self.wire.close()
            engine.dispose()
            databases.drop(url)

    def set_wrong(self, by: timedelta) -> None:
        """Let the machine of the second worker be wrong about the time, if it runs on one of its own."""
        write_seconds(self.wrong_by, by)

    def _run(self, fault: Fault, engine: Engine) -> Truth:
        prompts = load_folder(self.settings.prompts_dir, self.settings.languages, identity_of(self.settings)).prompts
        calendar = prompts.menus.calendar
        wave, earlier = (wave_of(calendar, OCCURRENCE, name) for name in (WAVE, "opening"))
        assert wave
        assert earlier
        people = self._move_in(engine, wave, earlier)
        callers = self._callers(people)
        self.show("starts")
        self.supervisor.start()
        self.supervisor.wait_until_started()
        webhooks = Webhooks.of(self.settings)
        wait_until(lambda: _answers(webhooks), lambda: self.supervisor.programs["web"].written)
        callers.learn()
        self.clock.set(BEFORE_NINE)
        callers.begin(self.plan.callers)
        self._go_on(self.plan.before, "talks")
        self.exchanges.is_on = True
        fault.begin(self)
        try:
            self._go_on(self.plan.seconds, "fails", lambda: fault.go_on(self))
        finally:
            fault.end(self)
        self._go_on(self.plan.after, "is mended")
        self.show("lets callers finish")
        left = callers.end(self.plan.answered_within)
        self.exchanges.is_on = False
        settled = self._calm_down(engine, wave)
        self.show("is judged")
        return self._judge(engine, people, wave, calendar, left, settled)

    def _judge(self, engine, people, wave, calendar, left, settled) -> Truth:  # type: ignore[no-untyped-def]
        crowded = {person.number for person in people}
        accepted = [message for message in self._accepted() if message.to in crowded]
        stopped = {
            person.number: person.confirmed_at
            for person in self.told.people.values()
            if person.confirmed_at and person.number in crowded
        }
        calls = [call for call in self._called() if call.to in crowded]
        verdict = judge(engine, accepted, people, stopped, calendar, wave, calls)
        key = self.settings.fingerprint_key
        return hold_against(
            engine, key, self.told, people, self._accepted(), verdict, self.exchanges.measured(), left, settled
        )

    def _move_in(self, engine: Engine, wave: Wave, earlier: Wave) -> tuple[Person, ...]:
        lasts = timedelta(seconds=self.plan.before + self.plan.seconds + self.plan.after)
        people = crowd(self.plan.people, 0, wave, lasts, self.chances)
        # Many more than in a crash test want nothing more, all through the fault.
        wanted = [person for person in people if person.part == "wanted" and person.language == "fr"]
        quits = {person.number for person in wanted[: max(4, self.plan.people // 5)]}
        people = tuple(replace(person, part="stops") if person.number in quits else person for person in people)
        keys = Seals(self.settings.number_keys), self.settings.fingerprint_key
        move_in(engine, people, *keys, Journal(self.settings.journal_file), wave, earlier)
        with engine.begin() as connection:  # they brought their ids with them
            connection.execute(
                text("SELECT setval(pg_get_serial_sequence('callers', 'id'), (SELECT max(id) FROM callers))")
            )
        return people

    def _callers(self, people: tuple[Person, ...]) -> Callers:
        quitting = [
            (person.number, QUITTERS[place % len(QUITTERS)])
            # Whoever got a reminder is answered in its language; what these callers know is French.
            for place, person in enumerate(p for p in people if p.part == "stops" and p.language == "fr")
        ]
        return Callers(
            Webhooks.of(self.settings, told=self.exchanges.note),
            self.settings,
            self.told,
            self.clock,
            quitting,
            _numbers(),
            self.plan.pause,
            self.plan.seed,
        )

    def _go_on(self, seconds: float, what: str, act: Callable[[], None] = lambda: None) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            act()
            self.supervisor.keep_running()
            self.show(f"{what}, {left:.0f} s")
            time.sleep(min(0.1, left))

    def _calm_down(self, engine: Engine, wave: Wave) -> bool:
        """Nothing fails any more: everything must come to its end. Whether it did."""
        end = time.monotonic() + self.plan.patience
        jumped = False
        while time.monotonic() < end:
            self._go_on(1.0, "settles")
            if not _is_planned(engine, wave):
                continue
            if not unfinished(engine, self.clock(), SOON):
                return True
            if not jumped and not _is_moving(engine, self.clock):
                self._jump(CLAIM_SETTLES + timedelta(seconds=self.plan.settle_seconds))
                jumped = True
        return False

    def _jump(self, by: timedelta) -> None:
        """Over the time in which doubts rest. Only while nobody sends: to those it would be a leap in time."""
        workers = [program for name, program in self.supervisor.programs.items() if name.startswith("worker")]
        for worker in workers:
            worker.end()
        self.clock.set(self.clock() + by)
        for worker in workers:
            worker.start()

    def _accepted(self) -> list[Message]:
        return [message for message in read_journal(self.carrier_journal) if message.direction == OUTBOUND]

    def _called(self) -> list[KeptCall]:
        return read_calls(calls_beside(self.carrier_journal))

    def _settings(self, database_url: str) -> Settings:
        self.env = {
            **OF_THE_MACHINE,
            FILE: str(self.folder / "clock"),
            "PYTHONUNBUFFERED": "1",
            "HELPLINE_ENV": "demo",
            "VAR_DIR": str(self.folder / "var"),
            "REDIS_URL": self.valkey.url,
            "DATABASE_URL": database_url,
            "TWILIO_API_URL": self.carrier_url,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "PORT": str(free_port()),
            "WEB_CONCURRENCY": "2",
            "SMS_PER_SECOND": str(self.plan.rate),
            "SETTLE_SECONDS": str(self.plan.settle_seconds),
        }
        return load_settings(self.env)

    def _supervisor(self) -> Supervisor:
        def program(name: str, *arguments: str, **env: str) -> Program:
            return Program(name, arguments, {**self.env, **env}, self.folder / f"{name}.log")

        carrier = program("carrier", "carrier", str(self.carrier_port), str(self.carrier_journal), *NO_CARRIER_FAULTS)
        programs = {"worker": program("worker", "worker"), "clock": program("clock", "clock")}
        if self.plan.two_workers or self.has_second_clock:
            programs["worker 2"] = program("worker 2", "worker", **{WRONG_BY: str(self.wrong_by)})
        programs["web"] = program("web", "web")
        return Supervisor(self.valkey, carrier, programs, self.chances)


def _numbers() -> Iterator[str]:
    """Numbers of no real phones, none twice."""
    for place in range(FIRST_CALLER, 10_000):
        yield f"+3363998{place:04}"
    for place in range(10_000):
        yield f"+3370000{place:04}"


def _answers(webhooks: Webhooks) -> bool:
    with suppress(Exception):
        webhooks.look()
        return True
    return False


def _is_planned(engine: Engine, wave: Wave) -> bool:
    mine = (planned_waves.c.occurrence == wave.occurrence) & (planned_waves.c.wave == wave.name)
    with engine.connect() as connection:
        return bool(connection.scalar(select(func.count()).select_from(planned_waves).where(mine)))


def _is_moving(engine: Engine, clock: ShiftedClock) -> bool:
    """Whether more comes to its end by itself from one look to the next."""
    before = unfinished(engine, clock(), SOON)
    time.sleep(4)
    return unfinished(engine, clock(), SOON) < before
