"""What each error code of the carrier's asks of us."""

from __future__ import annotations

import pytest

from helpline.carrier.errors import act_on, act_on_report, is_about_account


@pytest.mark.parametrize(
    ("code", "act"),
    [
        (21610, "block"),
        *((code, "end") for code in (21211, 21614, 21635, 21265, 30005, 30006)),
        (30004, "suppress"),
        *((code, "retry_later") for code in (30003, 30008, 30036)),
        *((code, "back_off") for code in (20429, 30001, 21611, 30017)),
        *((code, "operator") for code in (20003, 20005, 20403, 10001, 90010, 30002, 21606, 21660, 21703)),
        *((code, "drop") for code in (21408, 21612, 30007, 30034)),
        *((code, "end") for code in (13223, 21202, 21217)),
        *((code, "no_calls") for code in (10005, 21203, 21205, 21210, 21212, 21213)),
        *((code, "drop") for code in (13225, 13227, 21214, 21215, 21216, 21219, 32205)),
        (10004, "back_off"),
        (13224, "retry_later"),
    ],
)
def test_a_known_code_says_what_to_do_whatever_the_status(code: int, act: str) -> None:
    assert act_on(code, 400) == act_on(code, 403) == act_on_report(code) == act


@pytest.mark.parametrize(("http", "act"), [(401, "operator"), (403, "operator"), (404, "operator"), (302, "operator")])
def test_without_a_known_code_the_status_tells_whose_fault_it_is(http: int, act: str) -> None:
    assert act_on(0, http) == act_on(http, http) == act


def test_an_unknown_refusal_is_not_repeated() -> None:
    assert act_on(29999, 400) == "drop"


def test_an_unknown_reason_in_a_report_is_worth_another_try() -> None:
    assert act_on_report(39999) == act_on_report(0) == "retry_later"


@pytest.mark.parametrize("code", [20003, 20005, 10001, 401, 403, 302])
def test_what_is_wrong_with_the_account_stops_calls_as_well_as_texts(code: int) -> None:
    assert is_about_account(code)


@pytest.mark.parametrize("code", [21606, 21703, 21210, 10005, 60728])
def test_what_is_wrong_with_one_of_the_two_leaves_the_other_alone(code: int) -> None:
    assert not is_about_account(code)
