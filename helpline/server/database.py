"""The database at the start: brought to the tables of this program, or as soon as it answers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from sqlalchemy.exc import DBAPIError

from helpline.records.errors import RecordsError
from helpline.records.migrate import upgrade
from helpline.server.errors import ServerError

PAUSE = 5.0
WITHOUT = (
    "The helpline starts without it: calls and texts are answered, STOP is kept; nobody can sign up, and no reminder "
    "goes out. It is tried again every few seconds."
)


def prepare_database(url: str, say: Callable[[str], None]) -> Callable[[], None]:
    """Bring it up to date. Returns what remains to be done beside the helpline: nothing, or to go on trying.

    ServerError if it answers and this program cannot work with it.
    """
    if not (problem := _problem(url)):
        return lambda: None
    say(f"{problem}\n{WITHOUT}")
    return lambda: threading.Thread(target=_keep_trying, args=(url, say), name="database", daemon=True).start()


def _keep_trying(url: str, say: Callable[[str], None]) -> None:
    while True:
        time.sleep(PAUSE)
        try:
            if not _problem(url):
                say("The database answers now, and is ready.")
                return
        except ServerError as error:
            say(str(error))
            return


def _problem(url: str) -> str:
    """Why the database does not answer; nothing if it is ready."""
    try:
        upgrade(url)
    except RecordsError as error:
        if isinstance(error.__cause__, DBAPIError):
            return str(error)
        raise ServerError(str(error)) from error
    return ""
