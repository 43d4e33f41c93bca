"""One row of a file of paper forms: who is to be invited, or why not. Pure; no reason tells what stands in a row."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType

from helpline.callers_command.paper_file import Cells
from helpline.landlines import FRENCH, is_landline

LONGEST_FORM = 40
_FORM = re.compile(r"(?:[^\W_]|[-_/. ])+")
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_FRENCH = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_SHORTENED = re.compile(r"\d[.,]\d+[eE]\+?\d+")  # as Excel writes a long number in a cell of numbers


@dataclass(frozen=True, slots=True)
class Signed:
    """A row that stands: somebody signed a form on paper on a day."""

    line: int
    number: str = field(repr=False)
    language: str
    form: str
    on: date


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that nobody is invited by, and why. `ending` are the last two digits of its number, if it holds any."""

    line: int
    why: str
    ending: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a row is held against. `languages` leads from what may be written to the code; `countries`: ours first."""

    languages: Mapping[str, str]
    countries: tuple[str, ...]
    today: date


def read_row(cells: Cells, rules: Rules) -> Signed | Refused:
    """The row as values, or the first thing that is wrong with it."""
    ending = "".join(re.findall(r"\d", cells.number))[-2:]
    if cells.fault:
        return Refused(cells.line, cells.fault)
    if _SHORTENED.fullmatch(cells.number):
        return Refused(cells.line, "Excel shortened the number: make the column one of text, and fill it in again")
    number = _number(cells.number, rules.countries)
    if not number.startswith("+"):
        return Refused(cells.line, number, ending)
    language = rules.languages.get(cells.language.casefold(), "")
    if not language:
        known = ", ".join(sorted({*rules.languages.values()}))
        return Refused(cells.line, f"the language is none of those in use ({known})", ending)
    form = " ".join(cells.form.split())
    if why := _wrong_form(form):
        return Refused(cells.line, why, ending)
    on = _day(cells.signed)
    if on is None:
        return Refused(cells.line, "the day of signing is no date: write it as 2026-11-02 or 02/11/2026", ending)
    if on > rules.today:
        return Refused(cells.line, "the day of signing is yet to come", ending)
    if on < a_year_before(rules.today):
        return Refused(cells.line, "it was signed more than a year ago", ending)
    return Signed(cells.line, number, language, form, on)


def a_year_before(day: date) -> date:
    """The same day a year ago; of a 29 February the 28th."""
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def _number(written: str, countries: tuple[str, ...]) -> str:
    """The number as +33639980001, or in words why it is none for us."""
    if not written:
        return "the number is missing"
    try:
        number = phonenumbers.parse(written, countries[0])
    except phonenumbers.NumberParseException:
        return "this is no phone number"
    if number.extension or not phonenumbers.is_possible_number(number):
        return "this is no phone number"
    region = _region(number, countries)
    if region not in countries:
        return f"the number is of another country than those allowed ({', '.join(countries)})"
    if phonenumbers.number_type(number) == PhoneNumberType.PREMIUM_RATE:
        return "this is a premium number"
    if is_landline(number):
        return "this is a landline, or a number that takes no texts"
    # French 06 and 07 that the library does not know yet may be given: `is_landline` has looked at the first digit.
    if not phonenumbers.is_valid_number(number) and number.country_code not in FRENCH:
        return "this is no phone number that is given to anybody"
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _region(number: PhoneNumber, countries: tuple[str, ...]) -> str:
    """Its country. One of a block that the library does not know yet is of any that shares the country code."""
    found = phonenumbers.region_code_for_number(number)
    if found:
        return str(found)
    sharing = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(number.country_code or 0, ())
    return next((country for country in countries if country in sharing), "")


def _wrong_form(form: str) -> str:
    if not form:
        return "the form is missing"
    if len(form) > LONGEST_FORM:
        return f"the name of the form is longer than {LONGEST_FORM} characters"
    if not _FORM.fullmatch(form):
        return "the name of the form may hold letters, digits, blanks and - _ / . only"
    return ""


def _day(written: str) -> date | None:
    """A day written as 2026-11-02 or as 02/11/2026, the day first."""
    if found := _ISO.fullmatch(written):
        year, month, day = found.groups()
    elif found := _FRENCH.fullmatch(written):
        day, month, year = found.groups()
    else:
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
