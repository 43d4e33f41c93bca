"""What no page of ours sends is answered like any other request, and never as if something were broken."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from helpline.desk.guard import HEADERS
from helpline.desk.waves_shown import value_of
from helpline.menus.waves import waves_between
from helpline.operators.audit import entries
from helpline.records.desk_tables import held_waves
from helpline.reminders.held import key_of
from helpline.reminders.pause import paused
from tests.desk.people import Desk, token_of

HUGE = "9" * 25
DAY = timedelta(days=1)


def test_a_huge_number_is_no_entry_and_no_notice(desk: Desk) -> None:
    browser = desk.person().browser
    assert browser.open(f"/desk/audit?before={HUGE}").status_code == 200
    assert browser.send("/desk/notice/down", page="/desk/notice", notice=HUGE).location == "/desk/notice"


def test_what_a_database_cannot_keep_is_left_out_of_a_reason(desk: Desk) -> None:
    browser = desk.person().browser
    assert browser.send("/desk/reminders/pause", reason="a \0mistake").status_code == 303
    with desk.engine.connect() as connection:
        pause = paused(connection)
        assert pause
        assert (pause.reason, entries(connection, 1)[0].detail) == ("a mistake", "a mistake")


def test_what_a_database_cannot_keep_is_left_out_of_a_name(desk: Desk) -> None:
    anna = desk.person()
    browser = desk.browser()
    anna.browser = browser
    assert anna.sign_in(desk.clock.now, name="An\0na").location == "/desk/"


@pytest.mark.parametrize("back", ["/desk/\r\nX: y", "/desk/\n", "/desk/\0", "/desk/\t", "/desk/\x7f", "/desk/\x85"])
def test_who_chooses_a_language_is_led_to_no_odd_address(desk: Desk, back: str) -> None:
    browser = desk.person().browser
    token = token_of(browser.open("/desk/people").text)
    answer = browser.client.post("/desk/language", data={"csrf_token": token, "language": "en", "back": back})
    assert (answer.status_code, answer.location) == (303, "/desk/")


def test_only_a_wave_that_is_near_can_be_held(desk: Desk) -> None:
    browser, now = desk.person().browser, desk.clock.now
    ahead = waves_between(desk.app.extensions["prompts"].current().prompts.menus.calendar, now, now + 400 * DAY)
    near = [wave for wave in ahead if now < wave.begins <= now + 45 * DAY]
    far = [wave for wave in ahead if wave.begins > now + 45 * DAY]
    for wave, told in ((far[0], "too_far"), (near[-1], "held")):
        fields = {"wave": value_of(key_of(wave)), "reason": "a mistake"}
        answer = browser.send("/desk/reminders/hold", page="/desk/reminders", **fields)
        assert answer.location == f"/desk/reminders?told={told}"
        assert ("plus de 45 jours" in browser.open(answer.location).text) == (told == "too_far")
    with desk.engine.connect() as connection:
        assert connection.execute(select(held_waves.c.wave)).scalars().all() == [near[-1].name]


@pytest.mark.parametrize("path", ["/desk/nowhere", "/desk/people/1/2/3/4/5", "/desk"])
def test_what_is_no_page_of_the_desk_is_in_nobodys_frame_either(desk: Desk, path: str) -> None:
    answer = desk.app.test_client().get(path)
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


def test_a_method_that_no_page_takes_is_in_nobodys_frame_either(desk: Desk) -> None:
    answer = desk.app.test_client().delete("/desk/people")
    assert answer.status_code == 405
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert "Content-Security-Policy" not in desk.app.test_client().get("/healthz").headers
