"""A file of signed paper forms: comma, semicolon or tab, in UTF-8 or as Excel saves it. Read row by row."""

from __future__ import annotations

import codecs
import csv
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

COLUMNS = ("number", "language", "form", "signed")
_NAMES = {
    **{name: name for name in COLUMNS},
    **{"numero": "number", "telephone": "number", "langue": "language", "formulaire": "form"},
    **{"signe": "signed", "date": "signed"},
}
_DELIMITERS = ",;\t"
_ENCODINGS = ("utf-8-sig", "cp1252")
_BLOCK = 1 << 16
_EXCEL_FIRST = re.compile(r'\ufeff?\s*"?sep=[,;\t]?"?\s*', re.IGNORECASE)  # what Excel may put before the header
_ENDLESS = f"a cell of more than {csv.field_size_limit():,} characters"
_LONGEST_ROW = 20  # lines: where a quote is never closed, it swallows what follows


class PaperFileError(Exception):
    """The file as a whole cannot be read. The message says why, and holds nothing of its rows."""


@dataclass(frozen=True, slots=True)
class PaperFile:
    """A file whose header was understood. `lines` is how many it has, `order` where each column stands.

    `above`: so many rows stand before those of forms: the header, and what Excel may put before it.
    """

    path: Path
    encoding: str
    delimiter: str
    order: tuple[int, ...]
    width: int
    lines: int
    above: int = 1


@dataclass(frozen=True, slots=True)
class Cells:
    """One row as it is written, and the line where it begins. `fault` says why it is none."""

    line: int
    number: str = ""
    language: str = ""
    form: str = ""
    signed: str = ""
    fault: str = ""


def look_at(path: Path) -> PaperFile:
    """How the file is written, by its bytes and its header. PaperFileError where it is no such file."""
    try:
        encoding, lines = _encoding(path)
        with _opened(path, encoding) as text:
            written = (line for line in text if line.strip())
            first = next(written, "")
            above = 2 if _EXCEL_FIRST.fullmatch(first) else 1
            header = next(written, "") if above > 1 else first
    except OSError as error:
        raise PaperFileError(f"{path} cannot be read: {error.strerror}.") from error
    try:
        delimiter, names = max((_names(header, delimiter) for delimiter in _DELIMITERS), key=_known)
    except csv.Error as error:
        raise PaperFileError(f"{path} cannot be read: its first line has {_ENDLESS}.") from error
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        raise PaperFileError(
            f"{path} has no column {' and no column '.join(missing)}. "
            "Its first line must name the columns: number, language, form, signed."
        )
    twice = [name for name in COLUMNS if names.count(name) > 1]
    if twice:
        raise PaperFileError(f"{path} has two columns for {twice[0]}: take one out, or name it otherwise.")
    return PaperFile(path, encoding, delimiter, tuple(names.index(name) for name in COLUMNS), len(names), lines, above)


def rows_of(file: PaperFile) -> Iterator[Cells]:
    """The rows below the header. A blank line is none."""
    with _opened(file.path, file.encoding) as text:
        reader = csv.reader(text, delimiter=file.delimiter, strict=True)
        above = file.above
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                is_endless = "field limit" in str(error)
                yield Cells(line, fault=f"it has {_ENDLESS}" if is_endless else _broken(line, reader.line_num))
                continue
            if not any(cell.strip() for cell in cells):
                continue
            if above:
                above -= 1
            elif reader.line_num - line >= _LONGEST_ROW:
                yield Cells(line, fault=_broken(line, reader.line_num))
            else:
                yield _row(file, line, cells)


def _row(file: PaperFile, line: int, cells: list[str]) -> Cells:
    if any(cell.strip() for cell in cells[file.width :]):
        return Cells(line, fault="has more cells than the first line")
    padded = cells + [""] * (file.width - len(cells))
    return Cells(line, *(padded[place].strip() for place in file.order))


def _broken(line: int, last: int) -> str:
    swallowed = f"; lines {line} to {last} were not read" if last > line else ""
    return f'its quotes (") are not closed as they should be{swallowed}'


def _encoding(path: Path) -> tuple[str, int]:
    """The first encoding that all of the file can be read in, and how many lines it has."""
    for encoding in _ENCODINGS:
        decoder = codecs.getincrementaldecoder(encoding)()
        lines, last = 0, ""
        try:
            with path.open("rb") as file:
                while block := file.read(_BLOCK):
                    text = decoder.decode(block)
                    if "\0" in text:
                        raise PaperFileError(f"{path} is no text. In Excel, save it as: CSV UTF-8.")
                    lines += text.count("\n") + text.count("\r") - (last + text).count("\r\n")
                    last = text[-1:] if text[-1:] == "\r" else ""
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding, lines + 1
    raise PaperFileError(f"{path} is neither in UTF-8 nor in Windows-1252. In Excel, save it as: CSV UTF-8.")


def _opened(path: Path, encoding: str) -> IO[str]:
    return path.open(encoding=encoding, newline="")


def _names(header: str, delimiter: str) -> tuple[str, list[str]]:
    """The columns that a header names under a delimiter; an empty string for each other one."""
    cells = next(csv.reader([header], delimiter=delimiter), [])
    return delimiter, [_NAMES.get(_plain(cell), "") for cell in cells]


def _known(found: tuple[str, list[str]]) -> int:
    return len({*found[1]} - {""})


def _plain(name: str) -> str:
    """Without accents, capitals and blanks around."""
    letters = unicodedata.normalize("NFKD", name.strip().casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
