"""The file of a backup: gzip, and in it one JSON value a line.

    {"backup_of": "helpline", "format": 1, "revision": "0001", "taken_at": ..., "tables": {"callers": [columns]} ...}
    ["callers", [[1, "ab12...", ...], ...]]                 a page of rows, table by table
    {"rows": {"callers": 2, ...}, "sha256": ...}            of everything before; without it the file is not whole

Values are those of the database, so that no kind of database shows in it. Numbers stay sealed, and the keys are not in
the file: `Marks` says which ones it needs.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from helpline.records.errors import RecordsError

FORMAT = 1
PAGE = 1000
QUICK = 3  # compression: sealed numbers hardly get smaller, however long one tries

Row = list[Any]


@dataclass(frozen=True, slots=True)
class Header:
    """What a backup says of itself before its rows. The marks tell keys apart and say nothing of them."""

    version: str
    revision: str
    taken_at: datetime
    fingerprint_key: str
    number_keys: list[str]
    tables: dict[str, list[str]]
    rows: dict[str, int]


@dataclass(slots=True)
class Writer:
    """Writes lines and remembers what is to stand in the last one."""

    file: IO[bytes]
    digest: Any = field(default_factory=hashlib.sha256)
    rows: dict[str, int] = field(default_factory=dict)

    def header(self, header: Header) -> None:
        self.rows = dict.fromkeys(header.tables, 0)
        self._line({"backup_of": "helpline", "format": FORMAT, **asdict(header)})

    def page(self, table: str, rows: list[Row]) -> None:
        self.rows[table] += len(rows)
        self._line([table, rows])

    def end(self) -> None:
        self._line({"rows": self.rows, "sha256": self.digest.hexdigest()})

    def _line(self, value: object) -> None:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=datetime.isoformat)
        line = text.encode() + b"\n"
        self.digest.update(line)
        self.file.write(line)


@contextmanager
def written(path: Path) -> Iterator[Writer]:
    """A file that appears under its name when it is whole and on the disk, and never otherwise."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with _created(draft) as disk:
            with gzip.GzipFile(filename="", mode="wb", compresslevel=QUICK, fileobj=disk, mtime=0) as file:
                yield Writer(file)  # type: ignore[arg-type]
            disk.flush()
            os.fsync(disk.fileno())
        draft.replace(path)
        _keep_name(path.parent)
    except OSError as error:
        raise RecordsError(f"The backup {path} cannot be written: {error.strerror or error}.") from error
    finally:
        with suppress(OSError):
            draft.unlink()


def _created(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _keep_name(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read(path: Path) -> tuple[Header, Iterator[tuple[str, list[Row]]]]:
    """The header, and the pages of rows. RecordsError as soon as something is wrong, at the latest after the last."""
    lines = _lines(path)
    digest = hashlib.sha256()
    first = next(lines, b"")
    digest.update(first)
    header = _header(path, first)

    def pages() -> Iterator[tuple[str, list[Row]]]:
        counted = dict.fromkeys(header.tables, 0)
        for line in lines:
            before = digest.hexdigest()
            digest.update(line)
            value = _json(path, line)
            if isinstance(value, dict):
                if value != {"rows": counted, "sha256": before} or counted != header.rows or next(lines, b""):
                    raise damaged(path, "what it says at its end is not what it holds")
                return
            match value:
                case [str(table), list(rows)] if _fit(rows, header.tables.get(table)):
                    counted[table] += len(rows)
                    yield table, rows
                case _:
                    raise damaged(path, "a line of it cannot be understood")
        raise damaged(path, "its end is missing")

    return header, pages()


def damaged(path: Path, why: str) -> RecordsError:
    """The refusal of a file that is not as it was written."""
    return RecordsError(f"The backup {path} is damaged: {why}. Nothing was changed. Take another one.")


def _fit(rows: list[Any], columns: list[str] | None) -> bool:
    return columns is not None and all(isinstance(row, list) and len(row) == len(columns) for row in rows)


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with gzip.open(path, "rb") as file:
            yield from file
    except FileNotFoundError:
        raise RecordsError(f"There is no file {path}.") from None
    except EOFError:
        raise damaged(path, "its end is missing") from None
    except (gzip.BadGzipFile, zlib.error):
        raise damaged(path, "it cannot be unpacked") from None
    except OSError as error:
        raise RecordsError(f"The backup {path} cannot be read: {error.strerror or error}.") from error


def _json(path: Path, line: bytes) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        raise damaged(path, "a line of it cannot be understood") from None


def _header(path: Path, line: bytes) -> Header:
    try:
        values = json.loads(line)
        if values.pop("backup_of") != "helpline":
            raise ValueError(line)
        made_by = values.pop("format")
        if made_by == FORMAT:
            return Header(**{**values, "taken_at": datetime.fromisoformat(values["taken_at"])})
    except (ValueError, KeyError, TypeError, AttributeError):
        raise RecordsError(f"{path} is not a backup of a helpline, or its beginning is damaged.") from None
    raise RecordsError(f"The backup {path} was made by a newer helpline (format {made_by}): restore it with that one.")
