"""A helpline in this process with a database of its own, and what its processes counted in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from redis import Redis
from sqlalchemy import Engine, select

from helpline.app import create_app
from helpline.records.desk_tables import people_helped, tallies
from helpline.server.embedded_valkey import EmbeddedValkey
from helpline.tallies.reading import Left, gave_up
from tests.conftest import Clock, redis_of, settings_for
from tests.databases import address
from tests.phone import Phone, flask_post

TODAY = "2026-12-03"  # by the clock of tests


@dataclass
class Counting:
    """A helpline, and what it has counted once that is written."""

    app: Flask
    engine: Engine
    redis: Redis
    clock: Clock

    def phone(self) -> Phone:
        return Phone(flask_post(self.app))

    def counts(self) -> dict[str, int]:
        """By name and labels; of every day."""
        self.app.extensions["tallies"].write()
        return written(self.engine)

    def left(self) -> dict[tuple[str, str], tuple[int, int]]:
        """How many came to each place, and how many went on from there."""
        self.counts()
        with self.engine.connect() as connection:
            found: list[Left] = gave_up(connection, date(2026, 1, 1))
        return {(each.node, each.channel): (each.shown, each.went_on) for each in found}

    def people(self) -> int:
        self.counts()
        with self.engine.connect() as connection:
            return len(connection.execute(select(people_helped)).all())


def written(engine: Engine) -> dict[str, int]:
    """What the table holds, each as "day name{labels}"."""
    with engine.connect() as connection:
        rows = connection.execute(select(tallies).order_by(*tallies.primary_key)).all()
    return {f"{day} {name}{{{labels}}}": count for day, name, labels, count in rows}


@pytest.fixture
def counting(tmp_path: Path, sqlite_engine: Engine, shared_valkey: EmbeddedValkey) -> Counting:
    redis = redis_of(shared_valkey)
    redis.flushall()
    settings = settings_for(tmp_path, REDIS_URL=shared_valkey.url, DATABASE_URL=address(sqlite_engine))
    clock = Clock()
    return Counting(create_app(settings, now=clock), sqlite_engine, redis, clock)
