"""Worker and clock as operators start them: programs, with a database and a carrier of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from redis import Redis
from sqlalchemy import Engine, select

from helpline.carrier.callers import fingerprint
from helpline.consent.caller_rows import keep_caller
from helpline.consent.extra_messages import plan_reply
from helpline.records.engine import open_records
from helpline.records.migrate import upgrade
from helpline.records.sealing import Seals
from helpline.records.tables import messages
from helpline.settings import Settings, load_settings
from tests.forked import forked
from tests.phone import TOKEN
from tests.server.running import Running
from tests.simulator.carrier_process import CarrierProcess, carrier_process

OF_THE_MACHINE = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
ANNA = "+33639980001"


@dataclass
class Place:
    """A folder, and what programs in it work with."""

    folder: Path
    env: dict[str, str]
    settings: Settings
    engine: Engine
    stub: CarrierProcess
    redis: Redis
    starts: int = 0

    def program(self, name: str, *arguments: str, **env: str) -> AbstractContextManager[Running]:
        """`python -m workers.NAME` for the length of a `with`."""
        self.starts += 1
        return forked(f"workers.{name}", arguments, self.folder / f"output-{self.starts}", {**self.env, **env})

    def owe_a_text(self, number: str = ANNA) -> int:
        """A text that may go at any hour is due to somebody: the id of its row."""
        now = datetime.now(UTC)
        seals = Seals(self.settings.number_keys)
        with self.engine.begin() as connection:
            mark = fingerprint(number, self.settings.fingerprint_key)
            caller = keep_caller(connection, mark, seals.seal(number), "fr", now, "sms")
            plan_reply(connection, caller, "stopped", now)
            return int(connection.scalars(select(messages.c.id).where(messages.c.caller_id == caller)).one())

    def state(self, message: int) -> str:
        with self.engine.connect() as connection:
            return str(connection.scalar(select(messages.c.state).where(messages.c.id == message)))


@contextmanager
def a_place(folder: Path, redis_url: str, *carrier: str) -> Iterator[Place]:
    """Everything but worker and clock; `carrier` are options of the carrier."""
    with carrier_process(folder, *carrier) as stub, Redis.from_url(redis_url) as redis:
        env = {
            **OF_THE_MACHINE,
            "HELPLINE_ENV": "demo",
            "VAR_DIR": str(folder / "var"),
            "REDIS_URL": redis_url,
            "TWILIO_API_URL": stub.url,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "SETTLE_SECONDS": "1",
        }
        settings = load_settings(env)
        upgrade(settings.database_url)
        engine = open_records(settings.database_url)
        yield Place(folder, env, settings, engine, stub, redis)
        engine.dispose()
