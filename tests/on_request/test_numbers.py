"""Which numbers get a page, and which are called back."""

from __future__ import annotations

import pytest

from helpline.consent.reach import may_call
from helpline.on_request.numbers import no_text_to

FRANCE = frozenset({"FR"})
OVERSEAS = frozenset({"FR", "RE", "GP", "MQ", "GF", "YT"})

MOBILES = ["+33612345678", "+33712345678", "+33639980001"]
LINES = ["+33123456789", "+33199001234", "+33976123456"]
SERVICES = ["+33899123456", "+33812345678", "+33826123456", "+33800123456", "+33805123456", "+33877123456"]
ELSEWHERE = ["+447400123456", "+12125550123", "+4915112345678", "+262692123456", "+590690123456", "+882161234567"]
NO_NUMBERS = ["", "38123", "3949", "+3949", "+38123", "0612345678", "+336123456789", "+0", "+999123456789"]


@pytest.mark.parametrize("number", MOBILES)
def test_a_mobile_gets_pages(number: str) -> None:
    assert no_text_to(number, FRANCE) == ""


@pytest.mark.parametrize("number", LINES + SERVICES)
def test_a_landline_gets_none_and_is_told_that_it_is_one(number: str) -> None:
    assert no_text_to(number, FRANCE) == "landline"


@pytest.mark.parametrize("number", ELSEWHERE)
def test_a_country_that_is_not_served_gets_no_pages_and_no_calls(number: str) -> None:
    assert no_text_to(number, FRANCE) != ""
    assert not may_call(number, FRANCE)


@pytest.mark.parametrize("number", NO_NUMBERS)
def test_what_is_no_number_of_a_person_gets_nothing(number: str) -> None:
    assert no_text_to(number, FRANCE) != ""
    assert not may_call(number, FRANCE)


@pytest.mark.parametrize("number", MOBILES + LINES)
def test_people_are_called_on_mobiles_and_landlines(number: str) -> None:
    assert may_call(number, FRANCE)


@pytest.mark.parametrize("number", SERVICES)
def test_a_number_that_costs_or_earns_somebody_something_is_never_called(number: str) -> None:
    assert not may_call(number, FRANCE)


@pytest.mark.parametrize(
    "number", ["+262692123456", "+590690123456", "+596696123456", "+262639123456", "+262262123456"]
)
def test_overseas_is_called_where_it_is_allowed(number: str) -> None:
    assert may_call(number, OVERSEAS)
    assert not may_call(number, FRANCE)


@pytest.mark.parametrize("number", ["+447012345678", "+448712345678", "+449012345678", "+12429123456"])
def test_where_another_country_is_allowed_its_dear_numbers_are_not_called(number: str) -> None:
    assert not may_call(number, frozenset({"GB", "US"}))


def test_another_country_that_is_allowed_is_called() -> None:
    assert may_call("+447400123456", frozenset({"GB"}))
    assert no_text_to("+447400123456", frozenset({"GB"})) == ""


def test_a_block_that_nobody_knows_is_trusted_only_if_all_who_share_its_code_are_allowed() -> None:
    assert no_text_to("+447700900123", frozenset({"GB"})) == "not_allowed"
    assert no_text_to("+447700900123", frozenset({"GB", "GG", "IM", "JE"})) == ""
