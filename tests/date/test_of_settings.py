"""What tells a helpline's date: one choice, for web, workers and commands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from helpline import app
from helpline.date.moved import DemoDate
from helpline.date.of_settings import clock_and_course, clock_of
from helpline.date.real import utc_now
from helpline.server.embedded_valkey import EmbeddedValkey
from helpline.wiring import Parts, wire
from tests.conftest import THURSDAY, settings_for
from tests.demo.demos import demo_app, demo_settings

MOVED = timedelta(days=100)


def test_a_demos_date_and_its_course_are_those_of_its_file(tmp_path: Path) -> None:
    DemoDate(tmp_path).travel_to(datetime.now(UTC) + MOVED)
    clock, course = clock_and_course(demo_settings(tmp_path))
    assert course
    assert abs(course().stretches[-1].ahead - MOVED) < timedelta(hours=1)
    assert abs(clock() - datetime.now(UTC) - MOVED) < timedelta(hours=1)


def test_where_callers_are_real_the_date_is_real_and_never_moved(tmp_path: Path) -> None:
    DemoDate(tmp_path).travel_to(datetime.now(UTC) + MOVED)
    settings = settings_for(tmp_path)
    assert clock_and_course(settings) == (utc_now, None)
    assert clock_of(settings) is utc_now


def test_a_date_that_is_given_is_never_moved(tmp_path: Path) -> None:
    DemoDate(tmp_path).travel_to(datetime.now(UTC) + MOVED)
    clock, course = clock_and_course(demo_settings(tmp_path), lambda: THURSDAY)
    assert (clock(), course) == (THURSDAY, None)


def test_the_web_of_a_demo_knows_of_every_jump(
    tmp_path: Path, shared_valkey: EmbeddedValkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    wired: list[Parts] = []

    def wire_and_look(*given: Any) -> Parts:
        wired.append(wire(*given))
        return wired[-1]

    monkeypatch.setattr(app, "wire", wire_and_look)
    demo_app(demo_settings(tmp_path, REDIS_URL=shared_valkey.url))
    DemoDate(tmp_path).travel_to(datetime.now(UTC) + MOVED)
    (parts,) = wired
    assert len(parts.sender.course().stretches) == 1
