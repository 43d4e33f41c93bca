from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import Engine

from helpline.server.embedded_valkey import EmbeddedValkey
from tests.reminders.bench import Bench
from tests.reminders.restored import Helpline, helpline
from tests.server.running import free_port
from tests.simulator.carrier_process import CarrierProcess, carrier_process
from tests.workers.programs import OF_THE_MACHINE


@pytest.fixture(scope="session")
def shared_stub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CarrierProcess]:
    """A carrier for many tests: each with numbers of its own."""
    with carrier_process(tmp_path_factory.mktemp("carrier")) as stub:
        yield stub


@pytest.fixture
def stub(shared_stub: CarrierProcess) -> Iterator[CarrierProcess]:
    """The carrier, which takes everything unless it is told otherwise."""
    yield shared_stub
    shared_stub.behave(delay=0, drop=0, late="0:5", garbage=0, fail="", undelivered="", answering="")


@pytest.fixture(scope="session")
def shared_caller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CarrierProcess]:
    """A carrier that makes calls, for many tests. The helpline that it would ask is not there."""
    folder = tmp_path_factory.mktemp("carrier-that-calls")
    env = OF_THE_MACHINE | {"HELPLINE_ENV": "demo", "VAR_DIR": str(folder / "var"), "PORT": str(free_port())}
    with carrier_process(folder, "--callbacks", env=env) as stub:
        yield stub


@pytest.fixture
def calling_stub(shared_caller: CarrierProcess) -> Iterator[CarrierProcess]:
    """The carrier that makes calls, which finds every line busy unless it is told otherwise."""
    shared_caller.behave(answering="busy:1")
    yield shared_caller
    shared_caller.behave(delay=0, drop=0, late="0:5", garbage=0, fail="", undelivered="")


@pytest.fixture
def redis(shared_valkey: EmbeddedValkey) -> Iterator[Redis]:
    """A Valkey with nothing in it."""
    with Redis.from_url(shared_valkey.url) as client:
        client.flushall()
        yield client


@pytest.fixture
def bench(engine: Engine, redis: Redis, stub: CarrierProcess) -> Bench:
    """What sends texts, on each kind of database."""
    return Bench(engine, redis, stub)


@pytest.fixture
def sqlite_bench(sqlite_engine: Engine, redis: Redis, stub: CarrierProcess, tmp_path: Path) -> Bench:
    """The same on SQLite alone, for what does not depend on the database."""
    return Bench(sqlite_engine, redis, stub)


@pytest.fixture
def call_bench(engine: Engine, redis: Redis, calling_stub: CarrierProcess) -> Bench:
    """What makes calls, on each kind of database."""
    return Bench(engine, redis, calling_stub)


@pytest.fixture
def on_each(engine: Engine, redis: Redis, tmp_path: Path) -> Iterator[Helpline]:
    """A helpline on the morning of 7 December, before anything is lost, on each kind of database."""
    with helpline(engine, redis, tmp_path) as made:
        yield made


@pytest.fixture
def before(sqlite_engine: Engine, redis: Redis, tmp_path: Path) -> Iterator[Helpline]:
    """The same on SQLite alone."""
    with helpline(sqlite_engine, redis, tmp_path) as made:
        yield made


@pytest.fixture
def new_disk(tmp_path: Path) -> Path:
    folder = tmp_path / "new"
    folder.mkdir()
    return folder
