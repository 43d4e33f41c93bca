"""Worker and clock touch no database of a helpline of the other kind, nor one that may be."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import insert

from helpline.records.belonging import BELONGS_TO, take_for
from helpline.records.tables import controls
from tests.server.running import wait_until
from tests.workers.programs import Place

IN_A_DEMO = {"TWILIO_AUTH_TOKEN": ""}


def mark_as_a_demos(place: Place) -> None:
    row = {"name": BELONGS_TO, "value": "demo", "changed_at": datetime.now(UTC).replace(microsecond=0)}
    with place.engine.begin() as connection:
        connection.execute(insert(controls).values(row))


@pytest.mark.parametrize("name", ["worker", "clock"])
def test_that_of_a_demo_is_refused_where_callers_are_real(place: Place, name: str) -> None:
    message = place.owe_a_text()
    mark_as_a_demos(place)
    with place.program(name) as program:
        program.wait_for("belongs to a demo, and this helpline is for real callers")
        assert program.end() == 0
    assert "started" not in program.output
    assert place.state(message) == "planned"


@pytest.mark.parametrize("name", ["worker", "clock"])
def test_callers_of_whom_nothing_says_whose_they_are_are_left_alone_by_a_demo(place: Place, name: str) -> None:
    message = place.owe_a_text()
    with place.program(name, DATABASE_URL=place.settings.database_url, **IN_A_DEMO) as program:
        program.wait_for("does not say whose they are")
        assert program.end() == 0
    assert place.state(message) == "planned"


def test_as_soon_as_a_server_has_taken_it_for_real_callers_they_are_written_to(place: Place) -> None:
    message = place.owe_a_text()
    take_for(place.settings.database_url, "production")
    with place.program("worker"), place.program("clock") as program:
        wait_until(lambda: place.state(message) == "accepted", lambda: program.output)
