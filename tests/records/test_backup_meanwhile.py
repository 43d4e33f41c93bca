"""A backup is of one moment while others write; a process that dies leaves no half of anything."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, func, select

from helpline.records.backup import write_backup
from helpline.records.engine import open_records, reading
from helpline.records.restore import restore_backup
from helpline.records.tables import callers
from tests.databases import address
from tests.records.filled import FINGERPRINT_KEY, KEY, NOON, everything, fill, sign_up
from tests.records.test_backup import back_up, restore
from tests.server.running import PATIENCE, wait_until

ROOT = Path(__file__).parent.parent.parent
BEGIN = "import sys, time\nfrom helpline.records.engine import open_records\nfrom tests.records.filled import *\n"
SIGN_UP_WITHOUT_END = BEGIN + (
    "engine = open_records(sys.argv[1])\n"
    "for place in range(int(sys.argv[2]), 100_000):\n"
    "    with engine.begin() as connection: sign_up(connection, place)\n"
)
# Both stand still at the first page, in the middle of everything.
STAND_STILL = "def report(*page): print('half', flush=True); time.sleep(600)\n"
RESTORE_HALF = (
    BEGIN
    + STAND_STILL
    + (
        "from pathlib import Path\nfrom helpline.records.restore import restore_backup\n"
        "restore_backup(sys.argv[1], Path(sys.argv[2]), FINGERPRINT_KEY, (KEY,), NOON, report, replace=True)\n"
    )
)
BACK_UP_HALF = (
    BEGIN
    + STAND_STILL
    + (
        "from pathlib import Path\nfrom helpline.records.backup import write_backup\n"
        "write_backup(open_records(sys.argv[1]), Path(sys.argv[2]), FINGERPRINT_KEY, NOON, report)\n"
    )
)


@contextmanager
def program(code: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A process of its own, killed at the end."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=PATIENCE)


def how_many(engine: Engine) -> int:
    with reading(engine).begin() as connection:
        return connection.scalar(select(func.count()).select_from(callers)) or 0


def test_a_backup_is_of_one_moment_however_much_is_written_meanwhile(
    engine: Engine, sqlite_url: str, tmp_path: Path
) -> None:
    fill(engine, people=50)
    seen = [0]

    def while_others_write(table: str, done: int, total: int) -> None:
        before = how_many(engine)
        seen.append(before)
        wait_until(lambda: how_many(engine) > before, lambda: "nobody signs up meanwhile")

    with program(SIGN_UP_WITHOUT_END, address(engine), "50"):
        wait_until(lambda: how_many(engine) > 60, lambda: "nobody signs up")
        header = write_backup(engine, tmp_path / "one.gz", FINGERPRINT_KEY, NOON, while_others_write)
    assert len(set(seen)) > 5
    url = sqlite_url.replace("helpline.db", "restored.db")
    restore(url, tmp_path / "one.gz")
    restored = open_records(url)
    kept = everything(restored)
    restored.dispose()
    people = [f"{place:032x}" for place in range(header.rows["callers"])]
    assert 60 < len(people) < how_many(engine)
    assert [row[1] for row in kept["callers"]] == people
    assert [row[1] for row in kept["consents"]] == people
    ids = [row[0] for row in kept["callers"]]
    assert sorted(row[1] for row in kept["subscriptions"]) == ids
    assert sorted(row[1] for row in kept["messages"]) == ids


def test_a_restore_that_is_killed_changes_nothing(engine: Engine, tmp_path: Path) -> None:
    fill(engine)
    back_up(engine, tmp_path / "one.gz")
    with engine.begin() as connection:
        sign_up(connection, 500)
    before = everything(engine)
    with program(RESTORE_HALF, address(engine), str(tmp_path / "one.gz")) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "half\n"
    assert everything(engine) == before
    restore_backup(
        address(engine), tmp_path / "one.gz", FINGERPRINT_KEY, (KEY,), NOON, lambda *page: None, replace=True
    )
    assert how_many(engine) == 3


def test_a_backup_that_is_killed_leaves_the_one_before(engine: Engine, tmp_path: Path) -> None:
    fill(engine)
    path = tmp_path / "one.gz"
    for there in (False, True):
        if there:
            back_up(engine, path)
        before = path.read_bytes() if there else b""
        with program(BACK_UP_HALF, address(engine), str(path)) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "half\n"
        assert path.exists() == there
        assert not there or path.read_bytes() == before
