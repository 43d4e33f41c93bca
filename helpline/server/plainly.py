"""Failures in the operator's words. The trace of a fault of ours goes to a file, for whoever mends it."""

import os
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click

from helpline.menus.faults import PromptsError
from helpline.records.errors import RecordsError
from helpline.server.errors import ServerError
from helpline.settings import CHECKOUT, SettingsError


@contextmanager
def told_plainly() -> Iterator[None]:
    """Ends the program with a message when what is inside fails."""
    try:
        yield
    except (SettingsError, PromptsError, ServerError, RecordsError) as error:
        _end(str(error))
    except Exception as error:
        trace = Path(os.environ.get("VAR_DIR") or CHECKOUT / "var") / "last-error.txt"
        with suppress(OSError):
            trace.write_text(traceback.format_exc(), encoding="utf-8")
        _end(f"The helpline has a fault of its own: {error!r}\nPlease report it with the file {trace}")


def _end(message: str) -> None:
    click.echo(f"Error: {message}", err=True)
    raise SystemExit(1)
