"""`helpline migrate`, `helpline backup` and `helpline restore`, as an operator types them."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from helpline.cli import main
from helpline.records.engine import open_records
from helpline.records.migrate import downgrade, is_current
from helpline.server.only_server import only_server
from helpline.settings import CHECKOUT
from tests.records.filled import FINGERPRINT_KEY, KEY, everything, fill

COMMANDS = ("migrate", "backup", "restore")


@pytest.fixture
def environ(database_url: str, tmp_path: Path) -> dict[str, str]:
    """A helpline that was just set up."""
    return {
        "VAR_DIR": str(tmp_path / "var"),
        "DATABASE_URL": database_url,
        "HELPLINE_ENV": "demo",
        "NUMBER_KEYS": KEY,
        "FINGERPRINT_KEY": FINGERPRINT_KEY.decode(),
    }


def run(environ: dict[str, str], *words: str) -> Result:
    return CliRunner().invoke(main, words, env=environ)


def filled(environ: dict[str, str], people: int = 3) -> None:
    assert run(environ, "migrate").exit_code == 0
    engine = open_records(environ["DATABASE_URL"])
    fill(engine, people)
    engine.dispose()


@pytest.mark.parametrize("name", COMMANDS)
def test_each_explains_itself_with_an_example(name: str) -> None:
    shown = CliRunner().invoke(main, [name, "--help"]).output
    assert "Example" in shown
    assert f"helpline {name}" in shown


def test_migrate_makes_the_tables_and_a_second_time_does_nothing(environ: dict[str, str]) -> None:
    for _ in range(2):
        result = run(environ, "migrate")
        assert (result.exit_code, result.output) == (0, "The database is at revision 0004.\n")
    assert is_current(environ["DATABASE_URL"])


def test_a_backup_and_its_restore_are_told_in_plain_lines(environ: dict[str, str], tmp_path: Path) -> None:
    filled(environ)
    path = tmp_path / "monday.gz"
    result = run(environ, "backup", str(path))
    assert result.exit_code == 0, result.output
    assert "callers: 3 rows\n" in result.output
    assert re.search(r"monday\.gz: 30 rows, 3 callers, as of 20\d\d-\d\d-\d\d .* UTC, [\d,]+ bytes\.\n$", result.output)
    result = run(environ, "restore", str(path))
    assert result.exit_code == 1
    assert "add --replace" in result.output
    result = run(environ, "restore", "--replace", str(path))
    assert result.exit_code == 0, result.output
    assert "messages: 3 rows\n" in result.output
    assert "Sending is paused" in result.output


def as_json(environ: dict[str, str], *words: str) -> dict[str, Any]:
    """Standard output is one object, and nothing else."""
    result = run(environ, *words, "--json")
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    found = json.loads(result.stdout)
    assert isinstance(found, dict)
    return found


def test_each_tells_programs_what_it_did(environ: dict[str, str], tmp_path: Path) -> None:
    assert as_json(environ, "migrate") == {"revision": "0004"}
    filled(environ)
    path = tmp_path / "monday.gz"
    written = as_json(environ, "backup", str(path))
    assert written["file"] == str(path)
    assert written["bytes"] == path.stat().st_size
    assert written["rows"]["callers"] == 3
    assert datetime.fromisoformat(written["taken_at"]).tzinfo
    restored = as_json(environ, "restore", "--replace", str(path))
    pause = restored.pop("paused")
    assert restored == {name: value for name, value in written.items() if name != "bytes"}
    assert (pause["by"], pause["reason"]) == ("restore", "restored")


def test_what_goes_wrong_leaves_standard_output_to_nobody(environ: dict[str, str], tmp_path: Path) -> None:
    filled(environ)
    path = str(tmp_path / "monday.gz")
    as_json(environ, "backup", path)
    for words in (["restore", path], ["restore", f"{path}.none"], ["backup", f"{path}/none"]):
        result = run(environ, *words, "--json")
        assert result.exit_code == 1
        assert result.stdout == ""
        assert result.stderr.startswith("Error: ")


def test_a_restore_says_that_an_operators_pause_stays(environ: dict[str, str], tmp_path: Path) -> None:
    filled(environ)
    path = str(tmp_path / "monday.gz")
    as_json(environ, "backup", path)
    as_json(environ, "reminders", "pause", "--reason", "a wrong word")
    assert as_json(environ, "restore", "--replace", path)["paused"]["reason"] == "a wrong word"
    output = run(environ, "restore", "--replace", path).output
    assert "An operator had paused it (a wrong word)" in output


def test_a_helpline_moves_from_a_file_to_a_postgresql(
    environ: dict[str, str], postgresql_url: str, tmp_path: Path
) -> None:
    environ["DATABASE_URL"] = f"sqlite:///{tmp_path}/var/small.db"
    filled(environ)
    assert run(environ, "backup", str(tmp_path / "move.gz")).exit_code == 0
    environ["DATABASE_URL"] = postgresql_url.replace("postgresql+psycopg://", "postgres://")
    result = run(environ, "restore", str(tmp_path / "move.gz"))
    assert result.exit_code == 0, result.output
    engine = open_records(postgresql_url)
    assert len(everything(engine)["callers"]) == 3
    engine.dispose()


def test_a_restore_waits_for_nobody_to_run(environ: dict[str, str], tmp_path: Path) -> None:
    filled(environ)
    assert run(environ, "backup", str(tmp_path / "b.gz")).exit_code == 0
    script = (
        "import sys\nfrom pathlib import Path\nfrom helpline.server.only_server import only_server\n"
        "with only_server(Path(sys.argv[1])): print('runs', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, environ["VAR_DIR"]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == "runs\n"
        result = run(environ, "restore", "--replace", str(tmp_path / "b.gz"))
        server.communicate("")
    assert result.exit_code == 1
    assert "Stop it before a restore" in result.output
    with only_server(Path(environ["VAR_DIR"])):
        pass


@pytest.mark.parametrize("name", ["backup", "restore"])
def test_what_goes_wrong_is_told_without_a_trace(environ: dict[str, str], tmp_path: Path, name: str) -> None:
    result = run(environ, name, str(tmp_path / "none.gz"))
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert "helpline migrate" in result.output or "There is no file" in result.output


def test_no_file_appears_for_a_database_that_is_not_there(environ: dict[str, str], tmp_path: Path) -> None:
    environ["DATABASE_URL"] = f"sqlite:///{tmp_path}/none.db"
    result = run(environ, "backup", str(tmp_path / "b.gz"))
    assert result.exit_code == 1
    assert "There is no database" in result.output
    assert not (tmp_path / "none.db").exists()


def test_a_database_out_of_reach_is_told_without_its_password(environ: dict[str, str]) -> None:
    environ["DATABASE_URL"] = "postgresql://me:s3cret@127.0.0.1:1/none"
    for words in (["migrate"], ["backup", "b.gz"]):
        result = run(environ, *words)
        assert result.exit_code == 1
        assert "cannot be used" in result.output
        assert "s3cret" not in result.output


def test_a_person_at_a_terminal_sees_how_far_it_is(environ: dict[str, str], tmp_path: Path) -> None:
    filled(environ)
    ours, theirs = pty.openpty()
    words = [sys.executable, "-c", "from helpline.cli import main; main()", "backup", str(tmp_path / "b.gz")]
    with subprocess.Popen(words, stdout=theirs, stderr=theirs, env=environ | {"TERM": "xterm"}) as process:
        os.close(theirs)
        shown = b""
        while chunk := _read(ours):
            shown += chunk
    os.close(ours)
    assert process.returncode == 0, shown
    assert "━" in shown.decode()
    assert "3 of 3" in shown.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # Linux says so when the other side is closed
        return b""


def test_a_backup_of_an_older_program_is_restored_by_a_newer_one_and_not_the_other_way(
    environ: dict[str, str], tmp_path: Path
) -> None:
    """A newer helpline is this one with one more step, in a folder of its own."""
    filled(environ)
    old, new = tmp_path / "old.gz", tmp_path / "new.gz"
    newer = tmp_path / "newer"
    copy_with_one_more_step(newer)
    assert run(environ, "backup", str(old)).exit_code == 0
    for words in (["restore", "--replace", str(old)], ["backup", str(new)]):
        done = subprocess.run(
            [sys.executable, "-c", "from helpline.cli import main; main()", *words],
            cwd=newer,
            env=environ | {"PYTHONPATH": str(newer)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    for words, told in (
        (["migrate"], "made by a newer helpline: it is at revision 0005"),
        (["backup", str(tmp_path / "x.gz")], "The database is at revision 0005, and this helpline works with 0004"),
        (["restore", "--replace", str(new)], "made by a newer helpline"),
    ):
        result = run(environ, *words)
        assert result.exit_code == 1
        assert told in result.output
    with pytest.raises(Exception, match="newer"):
        downgrade(environ["DATABASE_URL"], "0004")


def copy_with_one_more_step(folder: Path) -> None:
    shutil.copytree(CHECKOUT / "helpline", folder / "helpline", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "helpline/records/migrations/versions/0005_test.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\nrevision, down_revision = '0005', '0004'\n"
        "def upgrade():\n    op.add_column('callers', sa.Column('mood', sa.Text(), server_default='good'))\n"
        "def downgrade():\n    op.drop_column('callers', 'mood')\n"
    )
