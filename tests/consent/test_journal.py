"""Withdrawals on disk: none lost, torn lines left out, applied once and in their time."""

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
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from helpline.consent.applying import POSITION, apply_journal
from helpline.consent.consent import Consent
from helpline.consent.journal import Journal
from helpline.consent.withdrawal import Withdrawal
from helpline.records.tables import consents, controls, effects, messages, objections
from tests.consent.people import THURSDAY, Person, rows
from tests.fresh_logs import captured_logs
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


def test_the_journal_is_applied_where_the_database_was_down(somebody: Person) -> None:
    somebody.signs_up()
    somebody.gets()
    journal = somebody.consent.journal
    journal.append(of(somebody, somebody.later(minutes=5).now))

    applied = apply_journal(somebody.consent.engine, journal, somebody.later(hours=2).now)

    assert (applied.applied, applied.known, applied.damaged) == (1, 0, 0)
    assert somebody.scope == ""
    assert somebody.message_states() == {("update", "last"): ("skipped", "stop")}
    assert somebody.row().number is None
    ended = rows(somebody.consent.engine, consents)[-1]
    assert (ended.event, ended.at, ended.sid) == ("ended", somebody.later(minutes=5).now, "SMx")


def test_it_is_applied_from_where_it_was_applied_to(somebody: Person) -> None:
    engine, journal = somebody.consent.engine, somebody.consent.journal
    assert apply_journal(engine, journal, THURSDAY).applied == 0
    journal.append(withdrawal(1), withdrawal(2))
    assert apply_journal(engine, journal, THURSDAY).applied == 2
    assert position(engine) == journal.size()
    assert apply_journal(engine, journal, THURSDAY).applied == 0
    journal.append(withdrawal(3))
    assert apply_journal(engine, journal, THURSDAY).applied == 1
    assert {row.fingerprint for row in rows(engine, objections)} == {f"{number:032x}" for number in (1, 2, 3)}


def test_a_withdrawal_ends_nothing_that_is_newer_than_itself(somebody: Person) -> None:
    somebody.signs_up()
    somebody.gets()
    somebody.consent.journal.append(
        of(somebody, somebody.later(minutes=-1).now),
        of(somebody, somebody.later(minutes=-2).now, "SMy.erase", erases=True),
    )
    apply_journal(somebody.consent.engine, somebody.consent.journal, somebody.later(minutes=1).now)
    assert somebody.scope == "all"
    assert somebody.message_states() == {("update", "last"): ("planned", "")}
    assert rows(somebody.consent.engine, objections) == []


def test_no_line_whatever_stands_in_it_holds_back_the_sending(somebody: Person) -> None:
    engine, journal = somebody.consent.engine, somebody.consent.journal
    somebody.signs_up()
    odd = "\0 " + "é" * 200 + "x" * 200
    journal.append(Withdrawal(somebody.fingerprint, "stop", THURSDAY, odd, odd, odd, odd, odd))
    assert apply_journal(engine, journal, THURSDAY).applied == 1
    assert somebody.scope == ""


def test_applying_twice_is_applying_once(somebody: Person) -> None:
    engine, journal = somebody.consent.engine, somebody.consent.journal
    somebody.signs_up()
    journal.append(of(somebody, somebody.later(minutes=5).now))
    apply_journal(engine, journal, somebody.later(minutes=6).now)
    somebody.later(minutes=7).signs_up()
    forget_position(engine)

    apply_journal(engine, journal, somebody.later(minutes=8).now)

    assert somebody.scope == "all"
    assert [row.event for row in rows(engine, consents)].count("ended") == 1


def test_a_stop_that_waits_in_the_journal_does_not_end_what_is_agreed_to_after_it(somebody: Person) -> None:
    """The old subscription still looks active when its caller asks anew."""
    somebody.signs_up()
    somebody.consent.journal.append(of(somebody, somebody.later(minutes=5).now))
    assert somebody.later(minutes=10).does("subscribe_all") == "saved"
    apply_journal(somebody.consent.engine, somebody.consent.journal, somebody.later(minutes=11).now)
    assert somebody.scope == "all"


@pytest.mark.parametrize(
    ("effect", "outcome"),
    [("look_up_reminders", "none"), ("show_data", "nothing"), ("done", "nothing"), ("keep", "not_saved")],
)
def test_who_stopped_while_the_database_was_down_is_told_so_at_once(
    somebody: Person, effect: str, outcome: str
) -> None:
    somebody.signs_up()
    somebody.consent.journal.append(of(somebody, somebody.later(minutes=5).now))
    assert somebody.later(minutes=9).does(effect) == outcome


def test_a_shorter_journal_is_applied_from_its_beginning(somebody: Person) -> None:
    engine, journal = somebody.consent.engine, somebody.consent.journal
    journal.append(*[withdrawal(number) for number in range(9)])
    apply_journal(engine, journal, THURSDAY)
    journal.path.unlink()
    assert apply_journal(engine, journal, THURSDAY).applied == 0
    assert position(engine) == 0
    somebody.signs_up()
    journal.append(of(somebody, somebody.later(minutes=5).now))
    assert apply_journal(engine, journal, somebody.later(minutes=6).now).applied == 1
    assert somebody.scope == ""


def test_a_torn_last_line_waits_and_is_told_once(somebody: Person) -> None:
    engine, journal = somebody.consent.engine, somebody.consent.journal
    journal.append(withdrawal(1))
    whole = journal.size()
    with journal.path.open("ab") as file:
        file.write(b'{"at": 17965')
    with captured_logs() as logs:
        first = apply_journal(engine, journal, THURSDAY)
        apply_journal(engine, journal, THURSDAY)
    assert (first.applied, first.torn, first.damaged) == (1, 12, 0)
    assert position(engine) == whole
    assert [entry["log_level"] for entry in logs] == ["warning", "info"]

    journal.append(withdrawal(2))
    with captured_logs() as logs:
        second = apply_journal(engine, journal, THURSDAY)
    assert (second.applied, second.torn, second.damaged) == (1, 0, 1)
    assert [entry["log_level"] for entry in logs] == ["error"]
    assert position(engine) == journal.size()


def test_more_than_one_reading_is_applied(somebody: Person) -> None:
    engine, journal = somebody.consent.engine, somebody.consent.journal
    known = withdrawal(1)
    journal.append(known)
    apply_journal(engine, journal, THURSDAY)
    journal.append(*[known] * 3000)  # as if a webhook had been repeated: known by its key
    journal.append(withdrawal(2))
    applied = apply_journal(engine, journal, THURSDAY)
    assert (applied.applied, applied.known) == (1, 3000)


def test_a_stop_by_voice_that_waited_is_confirmed_within_the_day_only(somebody: Person) -> None:
    engine, journal = somebody.consent.engine, somebody.consent.journal
    other = replace(somebody, number="+33639980002")
    somebody.signs_up()
    other.signs_up()
    journal.append(of(somebody, somebody.later(minutes=5).now, "CA1.3.stop", tell=True))
    apply_journal(engine, journal, somebody.later(hours=2).now)
    journal.append(of(other, other.later(hours=5).now, "CA2.3.stop", tell=True))
    apply_journal(engine, journal, other.later(days=2).now)
    assert [(row.caller_id, row.kind) for row in rows(engine, messages)] == [(somebody.row().id, "stopped")]


def test_two_appliers_at_once_do_it_once(somebody: Person) -> None:
    engine, journal = somebody.consent.engine, somebody.consent.journal
    people = [replace(somebody, number=f"+336399800{number:02}") for number in range(10, 30)]
    for person in people:
        person.signs_up()
    journal.append(*[of(person, person.later(minutes=1).now, f"SM{person.number}.stop") for person in people])
    threads = [
        threading.Thread(target=apply_journal, args=(engine, Journal(journal.path), somebody.later(minutes=2).now))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [row.event for row in rows(engine, consents)].count("ended") == 20
    assert len(rows(engine, objections)) == 20
    assert position(engine) == journal.size()


def test_what_cannot_be_read_stops_the_sending(consent: Consent) -> None:
    consent.journal.path.mkdir(parents=True)
    with pytest.raises(OSError, match="Is a directory"):
        apply_journal(consent.engine, consent.journal, THURSDAY)


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


def position(engine: Engine) -> int:
    return int(rows(engine, controls, controls.c.name.startswith(POSITION))[0].value)


def forget_position(engine: Engine) -> None:
    """As after a backup was restored: and the outcomes of effects are older too."""
    with engine.begin() as connection:
        connection.execute(controls.delete())
        connection.execute(effects.delete())
