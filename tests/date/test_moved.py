"""The demo's date: one for all processes, moved forward and back."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.date.moved import NAME, DemoDate
from tests.conftest import Clock
from tests.fresh_logs import captured_logs

DECEMBER = datetime(2027, 1, 10, 8, 55, tzinfo=UTC)


@pytest.fixture
def real() -> Clock:
    return Clock()


@pytest.fixture
def date(tmp_path: Path, real: Clock) -> DemoDate:
    return DemoDate(tmp_path, real)


def test_the_date_is_todays_until_it_is_moved(date: DemoDate, real: Clock) -> None:
    assert date.now() == real.now
    assert date.offset() == timedelta(0)


def test_time_goes_on_from_where_one_travelled(date: DemoDate, real: Clock) -> None:
    date.travel_to(DECEMBER)
    real.pass_by(minutes=5)
    assert date.now() == DECEMBER + timedelta(minutes=5)


def test_every_process_has_the_same_date_at_once(date: DemoDate, real: Clock, tmp_path: Path) -> None:
    other = DemoDate(tmp_path, real)
    assert other.now() == real.now
    date.travel_to(DECEMBER)
    assert other.now() == DECEMBER
    other.come_back()
    assert date.now() == real.now


def test_another_process_reads_it(tmp_path: Path) -> None:
    DemoDate(tmp_path).travel_to(datetime.now(UTC) + timedelta(days=30))
    program = (
        "import sys; from pathlib import Path; from helpline.date.moved import DemoDate;"
        "print(DemoDate(Path(sys.argv[1])).offset().total_seconds())"
    )
    told = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True)
    assert 30 * 86400 - 60 < float(told.stdout) <= 30 * 86400


def test_one_may_go_on_and_back_as_long_as_it_is_not_before_today(date: DemoDate, real: Clock) -> None:
    for moment in (DECEMBER, DECEMBER + timedelta(days=40), DECEMBER - timedelta(days=3)):
        date.travel_to(moment)
        assert date.now() == moment


def test_the_past_and_what_is_years_ahead_are_refused(date: DemoDate, real: Clock) -> None:
    date.travel_to(DECEMBER)
    for moment in (real.now - timedelta(seconds=1), real.now + timedelta(days=365 * 3 + 4)):
        with pytest.raises(ValueError, match="date can"):
            date.travel_to(moment)
    assert date.now() == DECEMBER


@pytest.mark.parametrize("travelled", [False, True])
def test_any_moment_of_this_minute_is_now(date: DemoDate, real: Clock, travelled: bool) -> None:
    if travelled:
        date.travel_to(DECEMBER)
    minute = real.now
    real.pass_by(seconds=59)
    date.travel_to(minute)
    assert date.now() == real.now
    assert not date.offset()


def test_to_come_back_where_one_never_left_changes_nothing(date: DemoDate, tmp_path: Path) -> None:
    date.come_back()
    assert list(tmp_path.iterdir()) == []


def test_only_an_offset_written_by_hand_is_taken(date: DemoDate, real: Clock, tmp_path: Path) -> None:
    (tmp_path / NAME).write_text('{"offset": 3600}')
    assert date.now() == real.now + timedelta(hours=1)


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"{",
        b'{"offset": ',
        b"[]",
        b"{}",
        b'{"offset": null}',
        b'{"offset": "1"}',
        b'{"offset": NaN}',
        b'{"offset": 1e300}',
        b'{"offset": -5}',
        b'{"offset": 5, "jumps": [[0, 6]]}',
        b'{"offset": 5, "jumps": [[9, 4], [3, 5]]}',
        b'{"offset": 5, "jumps": 7}',
        b"\xff\xfe\x00",
        b"[" * 100_000,
    ],
)
def test_a_damaged_file_means_today_and_is_told_once(damaged: bytes, tmp_path: Path) -> None:
    real = Clock()
    date = DemoDate(tmp_path, real)
    date.travel_to(DECEMBER)
    (tmp_path / NAME).write_bytes(damaged)
    with captured_logs() as lines:
        assert [date.now() for _ in range(3)] == [real.now] * 3
    assert [line["log_level"] for line in lines] == ["warning"]
    date.travel_to(DECEMBER)
    assert DemoDate(tmp_path, real).now() == DECEMBER


def test_whoever_reads_meanwhile_never_finds_half_a_file(tmp_path: Path, real: Clock) -> None:
    writer = DemoDate(tmp_path, real)
    allowed = {real.now + timedelta(days=days) for days in range(50)}

    def reads() -> set[datetime]:
        reader = DemoDate(tmp_path, real)
        return {reader.now() for _ in range(2000)}

    with captured_logs() as lines, ThreadPoolExecutor(2) as threads:
        readers = [threads.submit(reads) for _ in range(2)]
        for days in range(50):
            writer.travel_to(real.now + timedelta(days=days))
        assert set.union(*(reader.result() for reader in readers)) <= allowed
    assert lines == []
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_the_file_stays_small_however_often_one_travels(date: DemoDate, real: Clock, tmp_path: Path) -> None:
    for minutes in range(300):
        real.pass_by(seconds=1)
        date.travel_to(real.now + timedelta(minutes=minutes))
    assert len(json.loads((tmp_path / NAME).read_text())["jumps"]) == 100
    assert DemoDate(tmp_path, real).now() == real.now + timedelta(minutes=299)


def test_a_clock_of_the_machine_that_is_set_back_does_no_harm(date: DemoDate, real: Clock, tmp_path: Path) -> None:
    date.travel_to(DECEMBER)
    real.pass_by(hours=-2)
    date.travel_to(DECEMBER)
    assert DemoDate(tmp_path, real).now() == DECEMBER


Steps = st.lists(
    st.one_of(
        st.tuples(st.just("passes"), st.integers(0, 20_000_000)),  # milliseconds
        st.tuples(st.just("travels"), st.integers(0, 40_000)),  # seconds ahead: often to where one was
        st.tuples(st.just("returns"), st.just(0)),
    ),
    max_size=12,
)


@given(steps=Steps, before=st.integers(0, 600), after=st.integers(0, 600))
def test_however_one_travels_nothing_looks_older_than_it_is(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]], before: int, after: int
) -> None:
    """Dates are kept as whole seconds. The carrier dates its messages by the same date as we do."""
    real = Clock()
    date = DemoDate(tmp_path_factory.mktemp("date"), real)
    dated = []  # real moments, and the dates that they had

    def note() -> None:
        dated.append((real.now, date.now()))

    note()
    for what, much in steps:
        if what == "passes":
            real.pass_by(milliseconds=much)
        elif what == "travels":
            date.travel_to(real.now + timedelta(seconds=much))
        else:
            date.come_back()
        note()
    course = date.course()
    for moment, at in dated:
        kept = at.replace(microsecond=0)
        assert course.age(kept) <= real.now - moment + timedelta(seconds=1)
        first, last = course.dates_around(kept, timedelta(seconds=before), timedelta(seconds=after))
        for other, its_date in dated:
            if -before <= (other - moment).total_seconds() <= after:
                assert first <= its_date.replace(microsecond=0)
                assert its_date <= last
