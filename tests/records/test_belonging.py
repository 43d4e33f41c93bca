"""Whose a database is: `migrate` and `restore` never say, and touch nothing of the other kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, delete, select, text

from helpline.cli import main
from helpline.records.belonging import BELONGS_TO, OfAnother, Use, refuse_that_of_another, take_for
from helpline.records.engine import open_records
from helpline.records.migrate import upgrade
from helpline.records.tables import callers, controls
from tests.records.filled import FINGERPRINT_KEY, KEY, everything, fill

IN_PLAIN_SHELL = {"NUMBER_KEYS": KEY, "FINGERPRINT_KEY": FINGERPRINT_KEY.decode()}
FOR_REAL = {"HELPLINE_ENV": "demo", "TWILIO_AUTH_TOKEN": "a" * 32}  # rehearsing with a real token: callers are real
SETTINGS: dict[Use, dict[str, str]] = {"demo": {}, "production": FOR_REAL}
OTHER: dict[Use, Use] = {"demo": "production", "production": "demo"}
uses = pytest.mark.parametrize("use", ["demo", "production"])

Helpline = Callable[..., Result]


@pytest.fixture
def helpline(tmp_path: Path) -> Helpline:
    """A command, on a database, in the environment of a demo or of a helpline for real callers."""

    def run(use: Use, url: str, *words: str) -> Result:
        env = {**IN_PLAIN_SHELL, "VAR_DIR": str(tmp_path / "var"), "DATABASE_URL": url, **SETTINGS[use]}
        return CliRunner(env=dict.fromkeys(("HELPLINE_ENV", "TWILIO_AUTH_TOKEN"))).invoke(main, words, env=env)

    return run


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    engine = open_records(url)
    yield engine
    engine.dispose()


def mark_of(url: str) -> str | None:
    with opened(url) as engine, engine.begin() as connection:
        found: str | None = connection.scalar(select(controls.c.value).where(controls.c.name == BELONGS_TO))
        return found


def held(url: str) -> object:
    with opened(url) as engine:
        return everything(engine)


def fill_it(url: str) -> None:
    with opened(url) as engine:
        fill(engine)


def unmark(url: str) -> None:
    with opened(url) as engine, engine.begin() as connection:
        connection.execute(delete(controls).where(controls.c.name == BELONGS_TO))


def belongs_to(url: str, use: Use, *, filled: bool = True) -> None:
    upgrade(url)
    take_for(url, use)
    if filled:
        fill_it(url)


@uses
def test_migrate_says_of_no_database_whose_it_is(helpline: Helpline, database_url: str, use: Use) -> None:
    for _ in range(2):
        assert helpline(use, database_url, "migrate").exit_code == 0
    assert mark_of(database_url) is None
    take_for(database_url, OTHER[use])


def test_a_plain_shell_may_migrate_what_holds_callers_and_is_not_marked_yet(
    helpline: Helpline, database_url: str
) -> None:
    upgrade(database_url)
    fill_it(database_url)
    assert helpline("demo", database_url, "migrate").exit_code == 0
    assert mark_of(database_url) is None


@uses
def test_migrate_refuses_that_of_another_before_it_changes_anything(
    helpline: Helpline, database_url: str, use: Use
) -> None:
    belongs_to(database_url, OTHER[use])
    with opened(database_url) as engine, engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    before = held(database_url)
    result = helpline(use, database_url, "migrate")
    assert result.exit_code == 1
    assert {"demo": "HELPLINE_ENV=production", "production": "DATABASE_URL"}[use] in result.output
    assert "revision 0000" not in result.output, "it went on to the steps"
    assert held(database_url) == before


@uses
def test_restore_refuses_the_database_of_another_and_changes_nothing(
    helpline: Helpline, database_url: str, tmp_path: Path, use: Use
) -> None:
    ours, backup = f"sqlite:///{tmp_path}/ours.db", str(tmp_path / "b.gz")
    belongs_to(ours, use)
    assert helpline(use, ours, "backup", backup).exit_code == 0
    belongs_to(database_url, OTHER[use])
    before = held(database_url)
    result = helpline(use, database_url, "restore", "--replace", backup)
    assert result.exit_code == 1
    assert "The database" in result.output
    assert held(database_url) == before


@uses
def test_restore_refuses_the_backup_of_another_and_changes_nothing(
    helpline: Helpline, database_url: str, tmp_path: Path, use: Use
) -> None:
    theirs, backup = f"sqlite:///{tmp_path}/theirs.db", str(tmp_path / "b.gz")
    belongs_to(theirs, OTHER[use])
    assert helpline(OTHER[use], theirs, "backup", backup).exit_code == 0
    belongs_to(database_url, use)
    before = held(database_url)
    result = helpline(use, database_url, "restore", "--replace", backup)
    assert result.exit_code == 1
    assert "The backup" in result.output
    assert "Nothing was changed" in result.output
    assert held(database_url) == before
    refuse_that_of_another(database_url, use)


def test_a_backup_of_another_leaves_no_file_behind(helpline: Helpline, tmp_path: Path) -> None:
    theirs, backup = f"sqlite:///{tmp_path}/theirs.db", str(tmp_path / "b.gz")
    belongs_to(theirs, "production")
    assert helpline("production", theirs, "backup", backup).exit_code == 0
    assert helpline("demo", f"sqlite:///{tmp_path}/new.db", "restore", backup).exit_code == 1
    assert not (tmp_path / "new.db").exists()


@uses
def test_a_backup_says_whose_the_restored_database_is(
    helpline: Helpline, database_url: str, tmp_path: Path, use: Use
) -> None:
    ours, backup = f"sqlite:///{tmp_path}/ours.db", str(tmp_path / "b.gz")
    belongs_to(ours, use)
    assert helpline(use, ours, "backup", backup).exit_code == 0
    result = helpline(use, database_url, "restore", backup)
    assert result.exit_code == 0, result.output
    assert mark_of(database_url) == use


def test_a_backup_from_before_the_mark_is_claimed_by_the_next_server_for_real_callers(
    helpline: Helpline, database_url: str, tmp_path: Path
) -> None:
    old, backup = f"sqlite:///{tmp_path}/old.db", str(tmp_path / "b.gz")
    upgrade(old)
    fill_it(old)
    assert helpline("production", old, "backup", backup).exit_code == 0
    belongs_to(database_url, "production")
    result = helpline("production", database_url, "restore", "--replace", backup)
    assert result.exit_code == 0, result.output
    assert mark_of(database_url) is None
    with pytest.raises(OfAnother, match="holds 3 callers"):
        take_for(database_url, "demo")
    take_for(database_url, "production")
    assert mark_of(database_url) == "production"


def test_a_demo_never_claims_what_holds_people_and_says_what_to_do(database_url: str) -> None:
    upgrade(database_url)
    fill_it(database_url)
    with pytest.raises(OfAnother) as refused:
        take_for(database_url, "demo")
    assert mark_of(database_url) is None
    for words in ("does not say whose", "Unset DATABASE_URL", "HELPLINE_ENV=production"):
        assert words in str(refused.value)
    with pytest.raises(OfAnother):
        refuse_that_of_another(database_url, "demo", unmarked=True)
    refuse_that_of_another(database_url, "production", unmarked=True)


def test_who_has_stopped_is_somebody_too(database_url: str) -> None:
    upgrade(database_url)
    fill_it(database_url)
    with opened(database_url) as engine, engine.begin() as connection:
        connection.execute(text("DELETE FROM messages"))
        connection.execute(text("DELETE FROM subscriptions"))
        connection.execute(delete(callers))
    with pytest.raises(OfAnother, match="objections"):
        take_for(database_url, "demo")
