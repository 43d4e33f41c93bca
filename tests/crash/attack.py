"""The crash test: a helpline whose processes are killed again and again still sends every reminder once.

scripts/crash-test
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from helpline.consent.journal import Journal
from helpline.identity import identity_of
from helpline.menus.waves import Wave, wave_of
from helpline.prompts_folder import load_folder
from helpline.records.engine import open_records
from helpline.records.migrate import upgrade
from helpline.records.sealing import Seals
from helpline.reminders.statuses import ONCE_MORE_AFTER
from helpline.server.embedded_valkey import EmbeddedValkey
from helpline.settings import Settings, load_settings
from helpline.simulator.carrier.calls_journal import KeptCall, calls_beside, read_calls
from helpline.simulator.carrier.journal import OUTBOUND, Message, read_journal
from helpline.simulator.line.texts import TextLine
from helpline.simulator.line.webhooks import CarrierError, Webhooks
from tests.crash.crowd import BEFORE_NINE, EARLY, OCCURRENCE, WAVE, Person, crowd, move_in
from tests.crash.shifted import FILE, ShiftedClock
from tests.crash.supervisor import Program, Supervisor
from tests.crash.verdict import Verdict, judge, planned, unfinished, waiting
from tests.server.running import free_port

TOKEN = "0123456789abcdef0123456789abcdef"
OF_THE_MACHINE = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
CLAIM_SETTLES = timedelta(seconds=50)  # claim, exchange; see doubts.py
AFTER_PLANNING = timedelta(seconds=2)
LOOK_EVERY = 0.1
CALL_LASTS = 4.0  # seconds that a call takes here, with its report


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be gone through. `hurry`: at the end the clock jumps over the time in which doubts must rest.

    `people` get a text, `called` a call; `answering` says who answers those.
    """

    people: int = 2000
    called: int = 400
    kills: int = 100
    pause: float = 2.0  # seconds between two kills, on average
    rate: int = 50
    calls_rate: int = 10
    answering: str = "busy:0.2,failed:0.02,no-answer:0.03,machine:0.2,silence:0.1,human:1"
    drop: float = 0.05
    late: str = "0.01:12"
    settle_seconds: int = 30
    seed: int = 0
    patience: float = 900.0
    hurry: bool = False


@dataclass
class Attack:
    """One run: a helpline in a folder of its own."""

    plan: Plan
    folder: Path
    database_url: str
    show: Callable[[int, int, str], None] = lambda kills, accepted, what: None
    stopped: dict[str, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.chances = random.Random(self.plan.seed)
        self.clock = ShiftedClock(self.folder / "clock")
        self.clock.set(EARLY)
        self.carrier_port = free_port()
        self.carrier_journal = self.folder / "carrier.jsonl"
        self.valkey = EmbeddedValkey(self.folder / "valkey")
        self.env = {**OF_THE_MACHINE, FILE: str(self.folder / "clock"), "PYTHONUNBUFFERED": "1"}

    def run(self) -> Verdict:
        upgrade(self.database_url)
        self.valkey.start()
        settings = self._settings()
        prompts = load_folder(settings.prompts_dir, settings.languages, identity_of(settings)).prompts
        wave, earlier = (wave_of(prompts.menus.calendar, OCCURRENCE, name) for name in (WAVE, "opening"))
        assert wave
        assert earlier
        lasts = timedelta(seconds=max(5.0, self.plan.kills * self.plan.pause * 0.8))
        people = crowd(self.plan.people, self.plan.called, wave, lasts, self.chances)
        engine = open_records(self.database_url)
        keys = Seals(settings.number_keys), settings.fingerprint_key
        move_in(engine, people, *keys, Journal(settings.journal_file), wave, earlier)
        self.supervisor = self._supervisor(settings)
        try:
            self.supervisor.start()
            self.supervisor.wait_until_started()
            self.clock.set(BEFORE_NINE)
            self._attack(engine, settings, people, wave)
            self._calm_down(engine, wave)
            calendar = prompts.menus.calendar
            return judge(engine, self._accepted(), people, self.stopped, calendar, wave, self._called())
        finally:
            self.supervisor.end()
            self.valkey.stop()
            engine.dispose()

    def _attack(self, engine: Engine, settings: Settings, people: tuple[Person, ...], wave: Wave) -> None:
        """Kill, until it was enough. Meanwhile some people text STOP."""
        done = threading.Event()
        texting = threading.Thread(target=self._text_stop, args=(settings, people, wave, done), daemon=True)
        texting.start()
        kills = 0
        while kills < self.plan.kills:
            pause = min(self.chances.expovariate(1 / self.plan.pause), 3 * self.plan.pause)
            self._watch_for(pause, "attack")
            self.supervisor.kill_one()
            kills = self.supervisor.kills.total()
        texting.join(60)
        done.set()

    def _calm_down(self, engine: Engine, wave: Wave) -> None:
        """Nothing is killed any more: everything must come to its end, and who was not reached is called again."""
        end = time.monotonic() + self.plan.patience
        if self.plan.hurry:
            self._jump(CLAIM_SETTLES + timedelta(seconds=self.plan.settle_seconds))
        everybody = self.plan.people + self.plan.called
        while time.monotonic() < end:
            self._watch_for(0.5, "calm")
            if unfinished(engine, self.clock()) or planned(engine, wave) < everybody:
                continue
            self._watch_for(CALL_LASTS, "calm")
            if not waiting(engine):
                return
            if not unfinished(engine, self.clock()):
                self._jump(ONCE_MORE_AFTER)

    def _jump(self, time: timedelta) -> None:
        """Over a time in which nothing is to happen. Only while nobody sends: to those it would be a leap in time."""
        workers = [program for name, program in self.supervisor.programs.items() if name.startswith("worker")]
        for worker in workers:
            worker.end()
        self.clock.set(self.clock() + time)
        for worker in workers:
            worker.start()

    def _watch_for(self, seconds: float, what: str) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.supervisor.keep_running()
            time.sleep(min(LOOK_EVERY, max(0.0, end - time.monotonic())))
        self.show(self.supervisor.kills.total(), len(self._accepted()), what)

    def _text_stop(self, settings: Settings, people: tuple[Person, ...], wave: Wave, done: threading.Event) -> None:
        """STOP, when the reminders are planned; again and again until it is answered."""
        webhooks = Webhooks.of(settings)
        while self.clock() < wave.begins + AFTER_PLANNING and not done.is_set():
            time.sleep(LOOK_EVERY)
        for person in people:
            line = TextLine(webhooks, settings, person.number)
            while person.part == "stops" and person.number not in self.stopped and not done.is_set():
                try:
                    line.send("STOP")
                    self.stopped[person.number] = self.clock()
                except CarrierError:
                    time.sleep(0.2)

    def _accepted(self) -> list[Message]:
        return [message for message in read_journal(self.carrier_journal) if message.direction == OUTBOUND]

    def _called(self) -> list[KeptCall]:
        return read_calls(calls_beside(self.carrier_journal))

    def _settings(self) -> Settings:
        self.env |= {
            "HELPLINE_ENV": "demo",
            "VAR_DIR": str(self.folder / "var"),
            "REDIS_URL": self.valkey.url,
            "DATABASE_URL": self.database_url,
            "TWILIO_API_URL": f"http://127.0.0.1:{self.carrier_port}",
            "TWILIO_AUTH_TOKEN": TOKEN,
            "PORT": str(free_port()),
            "WEB_CONCURRENCY": "1",
            "SMS_PER_SECOND": str(self.plan.rate),
            "CALLS_PER_SECOND": str(self.plan.calls_rate),
            "SETTLE_SECONDS": str(self.plan.settle_seconds),
        }
        return load_settings(self.env)

    def _supervisor(self, settings: Settings) -> Supervisor:
        def program(name: str, *arguments: str) -> Program:
            return Program(name, arguments, self.env, self.folder / f"{name}.log")

        given = (self.carrier_port, self.carrier_journal, self.plan.drop, self.plan.late, self.plan.answering)
        about = [str(each) for each in given]
        names = {"worker 1": "worker", "worker 2": "worker", "clock 1": "clock", "clock 2": "clock", "web": "web"}
        programs = {name: program(name, what) for name, what in names.items()}
        return Supervisor(self.valkey, program("carrier", "carrier", *about), programs, self.chances)
