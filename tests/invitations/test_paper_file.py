"""A file of paper forms is read as people and Excel write it, and each row is known by its line."""

from __future__ import annotations

import csv
import io
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.callers_command.paper_file import COLUMNS, Cells, PaperFileError, look_at, rows_of

ROW = ("0639980001", "fr", "PONT-14", "2026-11-02")


def written(folder: Path, text: str | bytes, encoding: str = "utf-8") -> Path:
    path = folder / "forms.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return path


def read(folder: Path, text: str | bytes, encoding: str = "utf-8") -> list[Cells]:
    return list(rows_of(look_at(written(folder, text, encoding))))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_it_is_read_however_it_was_saved(tmp_path: Path, delimiter: str, ends: str, encoding: str) -> None:
    lines = [("Numéro", "Langue", "Formulaire", "Signé"), ("0639980001", "fr", "été 14", "02/11/2026")]
    text = ends.join(delimiter.join(cells) for cells in lines) + ends
    assert read(tmp_path, text, encoding) == [Cells(2, "0639980001", "fr", "été 14", "02/11/2026")]


@pytest.mark.parametrize(
    "header",
    [
        "number,language,form,signed",
        " NUMBER , Language,form,SIGNED ",
        "numero,langue,formulaire,signe",
        "numéro,langue,formulaire,signé",
        "téléphone,langue,formulaire,date",
        '"number","language","form","signed"',
    ],
)
def test_its_columns_may_be_named_in_french_and_in_capitals(tmp_path: Path, header: str) -> None:
    assert read(tmp_path, f"{header}\n{','.join(ROW)}\n") == [Cells(2, *ROW)]


def test_columns_may_stand_in_any_order_and_others_are_not_read(tmp_path: Path) -> None:
    text = "signed;name;form;number;language\n2026-11-02;Somebody;PONT-14;0639980001;fr\n"
    assert read(tmp_path, text) == [Cells(2, *ROW)]


def test_a_row_is_named_by_the_line_where_it_begins(tmp_path: Path) -> None:
    text = 'number,language,form,signed\n\n1,fr,"a\nform",x\n   \n,,,\n2,fr,b,x\n'
    assert [(row.line, row.number) for row in read(tmp_path, text)] == [(3, "1"), (7, "2")]


def test_lines_above_the_header_may_be_blank(tmp_path: Path) -> None:
    assert [row.line for row in read(tmp_path, f"\n\nnumber,language,form,signed\n{','.join(ROW)}\n")] == [4]


def test_a_row_that_ends_early_has_empty_cells(tmp_path: Path) -> None:
    assert read(tmp_path, "number,language,form,signed\n0639980001,fr\n") == [Cells(2, "0639980001", "fr")]


def test_cells_too_many_are_a_fault_of_their_row_unless_empty(tmp_path: Path) -> None:
    rows = read(tmp_path, "number,language,form,signed\n1,fr,a,b,c\n2,fr,a,b,,\n")
    assert rows == [Cells(2, fault="has more cells than the first line"), Cells(3, "2", "fr", "a", "b")]


def test_a_quote_that_is_never_closed_says_what_it_swallowed(tmp_path: Path) -> None:
    rest = "\n".join(",".join(ROW) for _ in range(30))
    (row,) = read(tmp_path, f'number,language,form,signed\n1,fr,"a,b\n{rest}\n')
    assert row.line == 2
    assert "lines 2 to 32 were not read" in row.fault


def test_the_rows_after_one_with_wrong_quotes_are_read(tmp_path: Path) -> None:
    rows = read(tmp_path, f'number,language,form,signed\n1,fr,"a"b,x\n{",".join(ROW)}\n')
    assert ["quotes" in rows[0].fault, rows[1:]] == [True, [Cells(3, *ROW)]]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "has no column number"),
        (b"0639980001,fr,PONT-14,2026-11-02\n", "has no column number"),
        (b"number,language,signed\n", "has no column form"),
        (b"number,telephone,language,form,signed\n", "has two columns for number"),
        (b"number,language,form,signed\n\x00", "is no text"),
        (b"number,language,form,signed\n\x81\x8d", "neither in UTF-8 nor in Windows-1252"),
        ("number,language,form,signed\n".encode("utf-16"), "is no text"),
    ],
)
def test_a_file_of_another_kind_is_refused_and_nothing_of_it_is_shown(
    tmp_path: Path, content: bytes, told: str
) -> None:
    with pytest.raises(PaperFileError, match=told) as refused:
        look_at(written(tmp_path, content))
    assert "0639980001" not in str(refused.value)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(PaperFileError, match="cannot be read"):
        look_at(tmp_path)


def test_a_header_of_an_endless_cell_is_refused_and_not_shown(tmp_path: Path) -> None:
    with pytest.raises(PaperFileError, match="its first line has a cell of more than 131,072 characters") as refused:
        look_at(written(tmp_path, "x" * 140_000 + ",number,language,form,signed\n"))
    assert "xx" not in str(refused.value)


def test_a_row_with_an_endless_cell_says_so_and_the_next_is_read(tmp_path: Path) -> None:
    rows = read(tmp_path, f"number,language,form,signed\n1,fr,{'x' * 140_000},x\n{','.join(ROW)}\n")
    assert rows == [Cells(2, fault="it has a cell of more than 131,072 characters"), Cells(3, *ROW)]


@pytest.mark.parametrize("first", ["sep={}", "SEP={}", '"sep={}"', "\n sep={}"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_the_line_that_excel_puts_first_is_no_header(tmp_path: Path, first: str, delimiter: str, encoding: str) -> None:
    lines = [first.format(delimiter), delimiter.join(COLUMNS), delimiter.join(ROW)]
    begins = 3 + first.count("\n")
    assert read(tmp_path, "\r\n".join(lines) + "\r\n", encoding) == [Cells(begins, *ROW)]


CELL = st.text(st.characters(codec="cp1252", exclude_categories=("Cc", "Zs")), max_size=12) | st.sampled_from(
    ["a\nb", "a\r\nb", 'say "yes"', ";", ",", "\t", '"']
)


@given(
    rows=st.lists(st.tuples(CELL, CELL, CELL, CELL), max_size=8),
    delimiter=st.sampled_from(",;\t"),
    order=st.permutations(COLUMNS),
    ends=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp1252"]),
)
def test_what_is_written_is_read(
    tmp_path: Path,
    rows: list[tuple[str, str, str, str]],
    delimiter: str,
    order: list[str],
    ends: str,
    encoding: str,
) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=ends)
    writer.writerow(order)
    expected = []
    for row in rows:
        line = 1 + text.getvalue().replace("\r\n", "\n").count("\n")
        writer.writerow([row[COLUMNS.index(name)] for name in order])
        if any(cell.strip() for cell in row):
            expected.append(Cells(line, *(cell.strip() for cell in row)))
    assert list(rows_of(look_at(written(tmp_path, text.getvalue(), encoding)))) == expected


def rows_or_fault(path: Path) -> list[Cells] | PaperFileError:
    try:
        return list(rows_of(look_at(path)))
    except PaperFileError as error:
        return error


@given(st.binary(max_size=300))
def test_any_bytes_below_a_header_are_rows_or_a_told_fault(tmp_path: Path, content: bytes) -> None:
    path = written(tmp_path, b"number,language,form,signed\n" + content)
    found = rows_or_fault(path)
    if isinstance(found, PaperFileError):
        assert str(path) in str(found)
    else:
        assert all(1 < first.line < second.line for first, second in pairwise(found))
