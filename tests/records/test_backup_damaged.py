"""A backup that is not as it was written is refused, before anything is touched."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.records.backup_file import read
from helpline.records.engine import open_records
from helpline.records.errors import RecordsError
from helpline.records.migrate import upgrade
from helpline.records.restore import restore_backup
from tests.records.filled import FINGERPRINT_KEY, KEY, NOON, everything, fill
from tests.records.test_backup import back_up, quiet


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a good backup."""
    folder = tmp_path_factory.mktemp("whole")
    upgrade(f"sqlite:///{folder}/helpline.db")
    engine = open_records(f"sqlite:///{folder}/helpline.db")
    fill(engine, people=30)
    back_up(engine, folder / "whole.gz")
    engine.dispose()
    return (folder / "whole.gz").read_bytes()


def check(path: Path) -> None:
    """Read all of it."""
    _, pages = read(path)
    for _ in pages:
        pass


def refused(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    with pytest.raises(RecordsError) as caught:
        check(path)
    return str(caught.value)


@given(at=st.floats(0, 1, exclude_max=True))
def test_a_backup_cut_anywhere_is_refused(whole: bytes, tmp_path: Path, at: float) -> None:
    assert str(tmp_path) in refused(tmp_path / "cut.gz", whole[: int(at * len(whole))])


@given(at=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_backup_with_one_bit_turned_is_refused_or_says_the_same(
    whole: bytes, tmp_path: Path, at: float, bit: int
) -> None:
    place = int(at * len(whole))
    content = bytearray(whole)
    content[place] ^= 1 << bit
    try:
        same = gzip.decompress(bytes(content)) == gzip.decompress(whole)
    except Exception:
        same = False
    if same:  # a bit of gzip's own header that means nothing
        return
    refused(tmp_path / "turned.gz", bytes(content))


def lines_of(whole: bytes) -> list[bytes]:
    return gzip.decompress(whole).splitlines(keepends=True)


def without_last(lines: list[bytes]) -> list[bytes]:
    return lines[:-1]


def without_a_page(lines: list[bytes]) -> list[bytes]:
    return lines[:1] + lines[2:]


def twice_a_page(lines: list[bytes]) -> list[bytes]:
    return [*lines[:2], *lines[1:]]


def with_more_behind(lines: list[bytes]) -> list[bytes]:
    return [*lines, lines[1]]


def with_a_row_too_short(lines: list[bytes]) -> list[bytes]:
    table, rows = json.loads(lines[1])
    return [lines[0], json.dumps([table, [rows[0][:-1]]]).encode() + b"\n", *lines[2:]]


def with_another_table(lines: list[bytes]) -> list[bytes]:
    return [lines[0], b'["operators",[]]\n', *lines[1:]]


@pytest.mark.parametrize(
    "change",
    [without_last, without_a_page, twice_a_page, with_more_behind, with_a_row_too_short, with_another_table],
)
def test_a_backup_that_somebody_edited_is_refused(
    whole: bytes, tmp_path: Path, change: Callable[[list[bytes]], list[bytes]]
) -> None:
    message = refused(tmp_path / "edited.gz", gzip.compress(b"".join(change(lines_of(whole)))))
    assert "is damaged" in message
    assert "Nothing was changed" in message


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is not a backup of a helpline"),
        (b"PK\x03\x04 something else", "cannot be unpacked"),
        (gzip.compress(b"hello\n", mtime=0), "is not a backup of a helpline"),
        (gzip.compress(b"[]\n", mtime=0), "is not a backup of a helpline"),
        (gzip.compress(b'{"backup_of":"helpline","format":2}\n', mtime=0), r"newer helpline (format 2)"),
        (gzip.compress(b'{"backup_of":"helpline","format":1}\n', mtime=0), "is not a backup of a helpline"),
    ],
)
def test_a_file_that_is_no_backup_is_refused(tmp_path: Path, content: bytes, why: str) -> None:
    assert why in refused(tmp_path / "other.gz", content)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecordsError, match=r"There is no file .*none\.gz"):
        check(tmp_path / "none.gz")


def test_a_damaged_backup_leaves_the_database_as_it_was(whole: bytes, database_url: str, tmp_path: Path) -> None:
    upgrade(database_url)
    engine = open_records(database_url)
    fill(engine)
    before = everything(engine)
    (tmp_path / "cut.gz").write_bytes(whole[:-9])
    with pytest.raises(RecordsError, match="is damaged"):
        restore_backup(database_url, tmp_path / "cut.gz", FINGERPRINT_KEY, (KEY,), NOON, quiet, replace=True)
    assert everything(engine) == before
    engine.dispose()
