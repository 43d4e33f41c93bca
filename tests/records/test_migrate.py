"""The tables, made step by step: alike on SQLite and PostgreSQL, up and down, by several processes at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, make_url, text

import helpline.records.migrations
from helpline.records.engine import open_records
from helpline.records.errors import RecordsError
from helpline.records.migrate import downgrade, is_current, newest, revision_of, revisions, upgrade
from helpline.records.tables import metadata
from tests.databases import Postgresql, address

OURS = "namespace = 'public'::regnamespace"


def rows(connection: Connection, statement: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in connection.execute(text(statement))]


def all_that_is_there(engine: Engine) -> set[tuple[object, ...]]:
    """Every column, index, constraint and trigger in the database's own words."""
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            found = rows(connection, "SELECT name, sql FROM sqlite_master WHERE type <> 'table'")
            for table in inspect(connection).get_table_names():
                found += [(table, *row) for row in rows(connection, f"PRAGMA table_info({table})")]
                found += [(table, *row) for row in rows(connection, f"PRAGMA foreign_key_list({table})")]
        else:
            found = (
                rows(connection, "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'")
                + rows(connection, f"SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE con{OURS}")
                + rows(connection, "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal")
                + rows(connection, f"SELECT proname, 'function' FROM pg_proc WHERE pro{OURS}")
                + rows(
                    connection,
                    "SELECT table_name, column_name, ordinal_position, data_type, character_maximum_length, "
                    "is_nullable, column_default FROM information_schema.columns WHERE table_schema = 'public'",
                )
            )
        return {row for row in found if "alembic_version" not in str(row)}


def is_trigger(row: tuple[object, ...]) -> bool:
    return "CREATE TRIGGER" in str(row) or row[-1] == "function"


def test_the_steps_make_the_tables_of_this_program(engine: Engine) -> None:
    with engine.begin() as connection:
        # Alembic takes an empty default of SQLite for none; the next test compares them.
        options = {"compare_type": True, "compare_server_default": engine.dialect.name != "sqlite"}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []
        assert revision_of(connection) == newest()


def test_the_names_of_the_steps_tell_their_order() -> None:
    """Which revision is the newest is told by them, without loading Alembic at each start."""
    config = Config()
    config.set_main_option("script_location", str(Path(str(helpline.records.migrations.__file__)).parent))
    steps = ScriptDirectory.from_config(config).walk_revisions()
    assert [step.revision for step in steps][::-1] == revisions()
    assert len(revisions()) > 3


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_columns_indexes_and_constraints_are_those_of_the_tables_to_the_letter(
    kind: str, request: pytest.FixtureRequest
) -> None:
    migrated = request.getfixturevalue(f"{kind}_engine")
    straight = open_records(request.getfixturevalue(f"{kind}_url").replace("helpline.db", "straight.db"))
    metadata.create_all(straight)
    made = {row for row in all_that_is_there(migrated) if not is_trigger(row)}
    assert made == all_that_is_there(straight)
    assert any("planned" in str(row) and "WHERE" in str(row) for row in made)
    straight.dispose()


def test_going_back_leaves_nothing_and_going_up_again_makes_it_all(engine: Engine) -> None:
    before = all_that_is_there(engine)
    url = address(engine)
    downgrade(url, "base")
    with engine.begin() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
    assert all_that_is_there(engine) == set()
    assert not is_current(url)
    assert upgrade(url) == newest()
    assert all_that_is_there(engine) == before


def test_a_database_says_whether_it_is_current(database_url: str) -> None:
    assert not is_current(database_url)
    assert upgrade(database_url) == upgrade(database_url) == newest()
    assert is_current(database_url)


UPGRADE = (
    "import sys\nfrom helpline.records.migrate import upgrade\n"
    "print('ready', flush=True)\nsys.stdin.readline()\nprint(upgrade(sys.argv[1]))"
)


def test_processes_that_start_together_make_the_tables_once(database_url: str) -> None:
    starting = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", UPGRADE, database_url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in starting:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in starting:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    ends = [process.communicate(timeout=50) for process in starting]
    assert ends == [(f"{newest()}\n", "")] * 4
    assert is_current(database_url)


def test_a_database_of_a_newer_helpline_is_refused(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for use in (upgrade, lambda url: downgrade(url, "base")):
        with pytest.raises(RecordsError, match="made by a newer helpline: it is at revision 9999"):
            use(address(engine))
    assert not is_current(address(engine))


def test_tables_of_unknown_age_are_left_alone(database_url: str) -> None:
    engine = open_records(database_url)
    metadata.create_all(engine)
    with pytest.raises(RecordsError, match="not which revision they are of"):
        upgrade(database_url)
    engine.dispose()


def test_a_step_that_fails_leaves_nothing_half_done(database_url: str) -> None:
    engine = open_records(database_url)
    in_the_way = {  # a name that the last things made would like to have
        "sqlite": "CREATE TABLE other (at INTEGER); CREATE INDEX ix_effects_at ON other (at)",
        "postgresql": "CREATE FUNCTION consents_are_append_only() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    }
    with engine.begin() as connection:
        for statement in in_the_way[engine.dialect.name].split(";"):
            connection.execute(text(statement))
    with pytest.raises(RecordsError, match="already exists"):
        upgrade(database_url)
    with engine.begin() as connection:
        assert not set(metadata.tables) & set(inspect(connection).get_table_names())
    engine.dispose()


@pytest.mark.parametrize("url", ["postgresql+psycopg://me:s3cret@127.0.0.1:1/none", "sqlite:////proc/none/helpline.db"])
def test_a_database_that_cannot_be_used_is_named_without_its_password(url: str) -> None:
    with pytest.raises(RecordsError) as caught:
        upgrade(url)
    assert "The database" in str(caught.value)
    assert "Check" in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a database at all " * 50)
    with pytest.raises(RecordsError, match=r"notes\.txt\S* cannot be used: file is not a database"):
        upgrade(f"sqlite:///{tmp_path}/notes.txt")


def test_a_user_who_may_not_make_tables_is_told_so(postgresql: Postgresql, postgresql_url: str) -> None:
    url = make_url(postgresql_url)
    user = f"guest_{url.database}"
    postgresql.run(f"CREATE ROLE \"{user}\" LOGIN PASSWORD 's3cret'")
    try:
        with pytest.raises(RecordsError, match="permission denied for schema public") as caught:
            upgrade(url.set(username=user, password="s3cret").render_as_string(hide_password=False))
        assert "s3cret" not in str(caught.value)
    finally:
        postgresql.run(f'DROP ROLE "{user}"')


def test_nobody_else_may_read_the_file_of_a_database(tmp_path: Path) -> None:
    path = tmp_path / "var" / "helpline.db"
    upgrade(f"sqlite:///{path}")
    engine = open_records(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM controls"))
        modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
    assert set(modes) == {"helpline.db", "helpline.db-wal", "helpline.db-shm"}
    assert set(modes.values()) == {0o600}
    engine.dispose()
