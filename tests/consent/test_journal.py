"""Withdrawals on disk: none lost, torn lines left out, old ones taken out."""

from __future__ import annotations

import os
import resource
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.consent.journal import Journal
from helpline.consent.withdrawal import Withdrawal
from tests.consent.people import THURSDAY, Person
from tests.server.running import wait_until


def withdrawal(
    number: int = 0, at: datetime = THURSDAY, reason: str = "stop", key: str = "", **more: bool
) -> Withdrawal:
    key = key or f"SM{number}.stop"
    return Withdrawal(f"{number:032x}", reason, at, "sms", "fr", "stop", f"SM{number}", key, **more)  # type: ignore[arg-type]


def of(person: Person, at: datetime, key: str = "SMx.stop", **more: bool) -> Withdrawal:
    return Withdrawal(person.fingerprint, "stop", at, "sms", "fr", "stop", "SMx", key, **more)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "var" / "withdrawals.jsonl")
    written = [withdrawal(1), withdrawal(2, reason="erase", erases=True), withdrawal(3, reason="not_me", tell=True)]
    for one in written:
        journal.append(one)
    read = journal.read(0)
    assert list(read.withdrawals) == written
    assert (read.damaged, read.torn, read.next) == (0, 0, journal.size())
    assert stat.S_IMODE(journal.path.stat().st_mode) == 0o600


def test_a_journal_that_is_not_there_is_empty(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "withdrawals.jsonl")
    assert journal.size() == 0
    assert journal.read(0).withdrawals == ()


@given(cut=st.integers(min_value=1), garbage=st.binary(max_size=40))
def test_whatever_a_crash_left_at_the_end_later_lines_are_whole(
    tmp_path_factory: pytest.TempPathFactory, cut: int, garbage: bytes
) -> None:
    journal = Journal(tmp_path_factory.mktemp("torn") / "withdrawals.jsonl")
    journal.append(withdrawal(1))
    first = journal.size()
    journal.append(withdrawal(2))
    content = journal.path.read_bytes()
    journal.path.write_bytes(content[: first + cut % (len(content) - first)] + garbage.replace(b"\n", b""))

    before = journal.read(0)
    assert list(before.withdrawals) == [withdrawal(1)]
    assert before.next == first

    journal.append(withdrawal(3))
    after = journal.read(0)
    assert [one.sid for one in after.withdrawals] == ["SM1", "SM3"]
    assert after.next == journal.size()
    assert after.torn == 0


@given(line=st.binary(max_size=80))
def test_no_line_whatever_stands_in_it_stops_the_reading(tmp_path_factory: pytest.TempPathFactory, line: bytes) -> None:
    journal = Journal(tmp_path_factory.mktemp("damaged") / "withdrawals.jsonl")
    journal.path.write_bytes(line + b"\n")
    journal.append(withdrawal(1))
    assert journal.read(0).withdrawals == (withdrawal(1),)


@pytest.mark.parametrize(
    "line",
    [
        "[]",
        "{}",
        '{"at": 1, "fingerprint": "short", "reason": "stop"}',
        '{"at": 1e400, "fingerprint": "' + "0" * 32 + '", "reason": "stop"}',
        '{"at": 1, "fingerprint": "' + "0" * 32 + '", "reason": "no reason"}',
        '{"at": 1, "fingerprint": null, "reason": []}',
        "[" * 100_000,
    ],
)
def test_a_line_that_says_nothing_is_counted(tmp_path: Path, line: str) -> None:
    journal = Journal(tmp_path / "withdrawals.jsonl")
    journal.path.write_text(line + "\n")
    assert journal.read(0).damaged == 1


def test_more_than_one_reading_of_zeros_is_passed_over(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "withdrawals.jsonl")
    journal.path.write_bytes(b"\0" * 600_000)
    journal.append(withdrawal(1))
    offset, found = 0, []
    while offset < journal.size():
        lines = journal.read(offset)
        found += lines.withdrawals
        offset = lines.next
    assert found == [withdrawal(1)]


def test_many_processes_and_threads_append_at_once(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "withdrawals.jsonl"
    processes = [start_writer(path, first, 150) for first in (1000, 2000, 3000)]
    threads = [
        threading.Thread(target=lambda first=first: [Journal(path).append(withdrawal(first + n)) for n in range(50)])
        for first in (4000, 5000)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for process in processes:
        assert process.wait(45) == 0
    read = Journal(path).read(0)
    assert (len(read.withdrawals), len(set(read.withdrawals)), read.damaged) == (550, 550, 0)


def test_kill_in_the_middle_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "withdrawals.jsonl"
    acknowledged: set[str] = set()
    for round_number in range(6):
        first = round_number * 100_000
        process = start_writer(path, first, 100_000)
        before = Journal(path).size()
        enough = before + 500 + round_number * 777
        wait_until(lambda enough=enough: Journal(path).size() > enough, lambda: "nothing was written")
        os.kill(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
        acknowledged |= {f"SM{number}" for number in output.decode().split("\n")[:-1]}
    journal = Journal(path)
    journal.append(withdrawal(7))
    read, offset, damaged = set(), 0, 0
    while offset < journal.size():
        lines = journal.read(offset)
        read |= {one.sid for one in lines.withdrawals}
        damaged += lines.damaged
        offset = lines.next
    assert len(acknowledged) > 6
    assert acknowledged <= read
    assert "SM7" in read
    assert damaged <= 6


def start_writer(path: Path, first: int, count: int) -> subprocess.Popen[bytes]:
    """A process that appends withdrawals and prints the number of each one that is surely there."""
    program = f"""
from pathlib import Path
from helpline.consent.journal import Journal
from tests.consent.test_journal import withdrawal
journal = Journal(Path({str(path)!r}))
for number in range({first}, {first + count}):
    journal.append(withdrawal(number))
    print(number, flush=True)
"""
    output = subprocess.PIPE if count > 1000 else subprocess.DEVNULL
    return subprocess.Popen([sys.executable, "-c", program], cwd=Path(__file__).parents[2], stdout=output)


def test_a_full_disk_is_an_error_and_what_it_left_harms_nobody(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "withdrawals.jsonl")
    with largest_file(64), pytest.raises(OSError, match="only a part of a withdrawal"):
        journal.append(withdrawal(1))
    with largest_file(64), pytest.raises(OSError, match="File too large"):
        journal.append(withdrawal(2))
    journal.append(withdrawal(3))
    assert journal.read(0).withdrawals == (withdrawal(3),)


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """No file grows beyond so many bytes, as on a full disk."""
    was, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, was[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, was)
        signal.signal(signal.SIGXFSZ, handler)


def test_old_lines_are_taken_out_and_new_ones_stay(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "withdrawals.jsonl")
    old, new = datetime(2023, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
    journal.append(withdrawal(1, old), withdrawal(2, new), withdrawal(3, old))
    with journal.path.open("ab") as file:
        file.write(b'{"at"')
    assert journal.begins_before(old + timedelta(days=1))
    assert not journal.begins_before(old)
    assert journal.trim(datetime(2024, 1, 1, tzinfo=UTC)) == 3
    assert journal.read(0).withdrawals == (withdrawal(2, new),)
    assert stat.S_IMODE(journal.path.stat().st_mode) == 0o600
    journal.append(withdrawal(4, new))
    assert len(journal.read(0).withdrawals) == 2


def test_nothing_is_lost_that_is_appended_while_old_lines_go(tmp_path: Path) -> None:
    path = tmp_path / "withdrawals.jsonl"
    old = datetime(2023, 1, 1, tzinfo=UTC)
    Journal(path).append(withdrawal(0, old))
    writers = [start_writer(path, first, 400) for first in (1000, 2000)]
    while any(writer.poll() is None for writer in writers):
        Journal(path).append(withdrawal(1, old))
        Journal(path).trim(datetime(2024, 1, 1, tzinfo=UTC))
    Journal(path).trim(datetime(2024, 1, 1, tzinfo=UTC))
    assert len(set(Journal(path).read(0).withdrawals)) == 800
