"""The database at the start: brought to the tables of this program, or as soon as it answers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from sqlalchemy.exc import DBAPIError

from helpline.records.belonging import OfAnother, Use, refuse_that_of_another, take_for
from helpline.records.errors import RecordsError
from helpline.records.migrate import upgrade
from helpline.server.errors import ServerError

PAUSE = 5.0
WITHOUT = (
    "The helpline starts without it: calls and texts are answered, STOP is kept; nobody can sign up, and no reminder "
    "goes out. It is tried again every few seconds."
)


def prepare_database(
    url: str, use: Use, say: Callable[[str], None], give_up: Callable[[str], None] = lambda reason: None
) -> Callable[[], None]:
    """Bring it up to date. Returns what remains to be done beside the helpline: nothing, or to go on trying.

    ServerError if it answers and this program cannot work with it. `give_up` is told the reason if it turns out later
    to belong to a helpline of the other kind.
    """
    if not (problem := _problem(url, use)):
        return lambda: None
    say(f"{problem}\n{WITHOUT}")
    trying = threading.Thread(target=_keep_trying, args=(url, use, say, give_up), name="database", daemon=True)
    return trying.start


def _keep_trying(url: str, use: Use, say: Callable[[str], None], give_up: Callable[[str], None]) -> None:
    while True:
        time.sleep(PAUSE)
        try:
            if not _problem(url, use):
                say("The database answers now, and is ready.")
                return
        except ServerError as error:
            end = give_up if isinstance(error.__cause__, OfAnother) else say
            end(str(error))
            return


def _problem(url: str, use: Use) -> str:
    """Why the database does not answer; nothing if it is ready."""
    try:
        refuse_that_of_another(url, use, unmarked=True)
        upgrade(url)
        take_for(url, use)
    except RecordsError as error:
        if isinstance(error.__cause__, DBAPIError):
            return str(error)
        raise ServerError(str(error)) from error
    return ""
