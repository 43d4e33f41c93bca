"""What an operator is told when the database cannot be used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy.exc import DBAPIError


class RecordsError(Exception):
    """The database cannot be used as it is; the message says why, and what to do."""


@contextmanager
def told_of(url: str) -> Iterator[None]:
    """Turns a database that does not answer, or refuses, into a RecordsError that names it, without its password."""
    from sqlalchemy import make_url  # here, as every command knows RecordsError, and many no database
    from sqlalchemy.exc import DBAPIError

    try:
        yield
    except DBAPIError as error:
        raise RecordsError(
            f"The database {make_url(url)!r} cannot be used: {_first_line(error)}.\n"
            "Check DATABASE_URL, that the database runs, and that this user may write to it."
        ) from error


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).strip().split("\n")[0].rstrip(".")
