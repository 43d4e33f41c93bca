"""A row of a file of paper forms stands, or is refused for a reason that tells nothing of what stands in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.callers_command.paper_file import Cells
from helpline.callers_command.paper_rows import LONGEST_FORM, Refused, Rules, Signed, a_year_before, read_row
from helpline.landlines import is_landline

TODAY = date(2026, 12, 3)
RULES = Rules({"fr": "fr", "français": "fr", "en": "en", "english": "en"}, ("FR",), TODAY)
GOOD = Cells(7, "06 39 98 00 01", "fr", "PONT-2026-014", "2026-11-02")


def why(rules: Rules = RULES, **cells: str) -> str:
    found = read_row(replace(GOOD, **cells), rules)
    assert isinstance(found, Refused), found
    assert found.line == 7
    return found.why


def stands(rules: Rules = RULES, **cells: str) -> Signed:
    found = read_row(replace(GOOD, **cells), rules)
    assert isinstance(found, Signed), found
    return found


def test_a_row_becomes_values() -> None:
    assert stands() == Signed(7, "+33639980001", "fr", "PONT-2026-014", date(2026, 11, 2))


@pytest.mark.parametrize(
    "number",
    [
        "0639980001",
        "06.39.98.00.01",
        "+33 6 39 98 00 01",
        "0033639980001",
        "639980001",
        "33639980001",
        "+33(0)639980001",
    ],
)
def test_a_number_is_taken_as_people_and_excel_write_it(number: str) -> None:
    assert stands(number=number).number == "+33639980001"


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("", "missing"),
        ("Marie", "no phone number"),
        ("3949", "no phone number"),
        ("06399800", "no phone number"),
        ("0639980001 ext 12", "no phone number"),
        ("3,36E+10", "Excel shortened"),
        ("01 99 00 12 34", "landline"),
        ("0800 123 456", "landline"),
        ("09 39 98 00 01", "landline"),
        ("0899 12 34 56", "premium"),
        ("+44 7700 900123", "another country"),
        ("+1 202 555 0143", "another country"),
        ("+262 692 12 34 56", "another country"),
    ],
)
def test_a_number_that_takes_no_text_of_ours_is_refused(number: str, reason: str) -> None:
    assert reason in why(number=number)


def test_countries_that_are_allowed_are_taken() -> None:
    overseas = replace(RULES, countries=("RE", "FR"))
    assert stands(overseas, number="+262 692 12 34 56").number == "+262692123456"
    assert stands(overseas, number="0692 12 34 56").number == "+262692123456"
    assert stands(overseas, number="+33 6 39 98 00 01").number == "+33639980001"


@pytest.mark.parametrize("language", ["fr", "FR", "Français", "english"])
def test_a_language_is_taken_by_its_code_or_its_name(language: str) -> None:
    assert stands(language=language).language == language[:2].casefold()


@pytest.mark.parametrize("language", ["", "ar", "0639980001"])
def test_a_language_that_is_not_in_use_is_refused(language: str) -> None:
    assert why(language=language) == "the language is none of those in use (en, fr)"


@pytest.mark.parametrize("form", ["F", "Été 2026/3", "a_b-c.d", "x" * LONGEST_FORM, "two  words"])
def test_a_form_has_a_short_name(form: str) -> None:
    assert stands(form=form).form == " ".join(form.split())


@pytest.mark.parametrize("form", ["", "x" * (LONGEST_FORM + 1), "a,b", "<b>", "a\0", "14 €"])
def test_a_form_with_another_name_is_refused(form: str) -> None:
    assert "the form" in why(form=form)


@pytest.mark.parametrize("signed", ["2026-11-02", "02/11/2026", "2/11/2026"])
def test_a_day_is_taken_as_iso_or_as_in_france(signed: str) -> None:
    assert stands(signed=signed).on == date(2026, 11, 2)


@pytest.mark.parametrize("signed", ["", "2026-13-01", "31/02/2026", "11/13/2026", "02/11/26", "yesterday", "20261102"])
def test_what_is_no_day_is_refused_with_an_example(signed: str) -> None:
    assert "write it as 2026-11-02 or 02/11/2026" in why(signed=signed)


def test_a_day_lies_in_the_year_before_today() -> None:
    assert stands(signed="2026-12-03").on == TODAY
    assert stands(signed="2025-12-03").on == date(2025, 12, 3)
    assert "yet to come" in why(signed="2026-12-04")
    assert "more than a year ago" in why(signed="2025-12-02")


def test_a_year_before_a_leap_day_is_the_28th() -> None:
    assert a_year_before(date(2028, 2, 29)) == date(2027, 2, 28)
    assert a_year_before(date(2029, 2, 28)) == date(2028, 2, 28)


ANY = st.text(max_size=60)
NUMBERS = st.from_regex(r"(\+33|0|33|0033)[67]( ?\d\d){4}", fullmatch=True) | st.from_regex(
    r"\+?\d{6,15}", fullmatch=True
)
DAYS = st.dates(date(2024, 1, 1), date(2028, 1, 1)).flatmap(lambda day: st.sampled_from([f"{day}", f"{day:%d/%m/%Y}"]))


@given(
    number=NUMBERS | ANY, language=st.sampled_from(["fr", "en"]) | ANY, form=ANY | st.just("PONT-1"), signed=DAYS | ANY
)
def test_any_row_stands_as_it_should_or_is_refused_without_its_number(
    number: str, language: str, form: str, signed: str
) -> None:
    found = read_row(Cells(3, number, language, form, signed), RULES)
    assert found.line == 3
    if isinstance(found, Signed):
        parsed = phonenumbers.parse(found.number)
        assert phonenumbers.region_code_for_number(parsed) == "FR"
        assert not is_landline(parsed)
        assert found.language in ("fr", "en")
        assert 0 < len(found.form) <= LONGEST_FORM
        assert TODAY - timedelta(days=366) < found.on <= TODAY
    else:
        assert len(found.ending) <= 2
        assert found.why
        assert not any(cell in found.why for cell in (number, form, signed) if len(cell) > 12)
