"""One server at a time on one var/ folder."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from helpline.server.errors import ServerError

FILE_NAME = "server.pid"


@contextmanager
def only_server(var_dir: Path) -> Iterator[bool]:
    """Holds `var_dir` for this process; tells whether the last server on it was killed."""
    try:
        var_dir.mkdir(parents=True, exist_ok=True)
        file = os.fdopen(os.open(var_dir / FILE_NAME, os.O_RDWR | os.O_CREAT, 0o600), "r+")
    except OSError as error:
        raise ServerError(
            f"The folder {var_dir} cannot be written: {error.strerror}.\n"
            "Give a folder of yours: VAR_DIR=/tmp/helpline scripts/server"
        ) from None
    with file:
        try:
            # Of the two kinds of lock this is the one that processes forked from us do not share.
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ServerError(
                f"A helpline is already running with the folder {var_dir} (process {file.read().strip()}).\n"
                "Stop it first, or give this one its own folder and port:\n"
                "  VAR_DIR=/tmp/second-helpline PORT=8001 scripts/server"
            ) from None
        killed = bool(file.read().strip())
        _write(file.fileno(), f"{os.getpid()}\n")
        try:
            yield killed
        finally:
            _write(file.fileno(), "")


def _write(descriptor: int, text: str) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, text.encode(), 0)
