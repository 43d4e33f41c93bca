"""A PostgreSQL that answers too slowly, or not at all: a caller waits once, and who comes next does not wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, make_url, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from helpline.records.engine import QUICK, open_records
from helpline.records.unanswered import RESTS_SECONDS
from tests.proxy import Wire
from tests.server.running import wait_until

SLOW = 1.2  # seconds before each answer; none of them is too long by itself
SHORT = 0.5  # seconds; less than any wait for the database that is meant here


@pytest.fixture
def wire(postgresql_url: str) -> Iterator[Wire]:
    wire = Wire(str(Path(str(make_url(postgresql_url).query["host"])) / ".s.PGSQL.5432"))
    yield wire
    wire.close()


@pytest.fixture
def engine(wire: Wire, postgresql_url: str) -> Iterator[Engine]:
    engine = open_records(
        f"postgresql+psycopg://postgres@127.0.0.1:{wire.port}/{make_url(postgresql_url).database}", QUICK
    )
    ask(engine)
    yield engine
    engine.dispose()


def ask(engine: Engine, times: int = 1) -> None:
    with engine.begin() as connection:
        for _ in range(times):
            connection.execute(text("SELECT 1"))


def refused_in(engine: Engine, times: int = 1) -> float:
    began = time.monotonic()
    with pytest.raises(SQLAlchemyError):
        ask(engine, times)
    return time.monotonic() - began


def test_all_questions_of_a_turn_together_get_no_longer_than_one(engine: Engine, wire: Wire) -> None:
    wire.delay = SLOW
    assert refused_in(engine, times=10) < SLOW * 6


def test_who_comes_after_somebody_waited_in_vain_is_refused_at_once(engine: Engine, wire: Wire) -> None:
    wire.hang()
    refused_in(engine)
    quickest = min(refused_in(engine) for _ in range(5))
    assert quickest < SHORT


def test_one_tries_again_while_all_others_are_refused(engine: Engine, wire: Wire) -> None:
    wire.hang()
    refused_in(engine)
    time.sleep(RESTS_SECONDS)
    accepted = wire.accepted
    trying = threading.Thread(target=refused_in, args=(engine,))
    trying.start()
    wait_until(lambda: wire.accepted > accepted, lambda: "nobody tried")
    assert min(refused_in(engine) for _ in range(5)) < SHORT
    trying.join()


def test_the_first_answer_ends_it_for_everybody(engine: Engine, wire: Wire) -> None:
    wire.hang()
    refused_in(engine)
    wire.forward()
    wait_until(lambda: _answers(engine), lambda: "it never answers again")
    for _ in range(20):
        ask(engine)


def test_a_refusal_of_the_database_is_an_answer(engine: Engine) -> None:
    for _ in range(5):
        with pytest.raises(SQLAlchemyError), engine.begin() as connection:
            connection.execute(text("SELECT nothing_of_this_name"))
    ask(engine)


def test_somebody_who_is_patient_goes_on_asking(wire: Wire, postgresql_url: str) -> None:
    patient = open_records(f"postgresql+psycopg://postgres@127.0.0.1:{wire.port}/{make_url(postgresql_url).database}")
    ask(patient)
    wire.refuse()
    with pytest.raises(OperationalError):
        ask(patient)
    wire.forward()
    ask(patient)
    patient.dispose()


def _answers(engine: Engine) -> bool:
    try:
        ask(engine)
    except SQLAlchemyError:
        return False
    return True
