"""Today, as an operator reads it."""

from __future__ import annotations

from datetime import timedelta
from threading import Event

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import OperationalError

from helpline.desk import counted
from helpline.desk.figures import Figures, figures
from helpline.operators.audit import note
from helpline.records.desk_tables import held_waves, people_helped
from helpline.records.engine import reading
from helpline.reminders.pause import pause
from helpline.tallies.counting import add
from tests.desk.people import Desk
from tests.desk.test_figures import message, somebody
from tests.menus.calendars import USUAL
from tests.server.running import wait_until

LARGEST = 100_000


def noted(desk: Desk, by: str, reason: str) -> None:
    with desk.engine.begin() as connection:
        pause(connection, by, reason, desk.clock.now)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("language", "what", "to_do"),
    [
        (
            "fr",
            "Les rappels attendent depuis le 3 déc. 2026, 10:00 : le compte Twilio n’a plus de crédit",
            "Rechargez le compte sur console.twilio.com.",
        ),
        (
            "en",
            "Reminders have waited since 3 Dec 2026, 10:00: the Twilio account has no credit",
            "Pay into the account at console.twilio.com.",
        ),
    ],
)
def test_what_fails_is_told_in_words_with_what_to_do(desk: Desk, language: str, what: str, to_do: str) -> None:
    noted(desk, "carrier", "20005")
    page = desk.person(language=language).browser.open("/desk/").text
    assert what in page
    assert to_do in page


def test_who_paused_and_why_is_written_as_text(desk: Desk) -> None:
    noted(desk, "operator", "<b>{wrong} word</b>")
    page = desk.person(language="en").browser.open("/desk/").text
    assert "Reason: &lt;b&gt;{wrong} word&lt;/b&gt;." in page


def test_the_figures_are_those_of_the_database(desk: Desk) -> None:
    now = desk.clock.now
    with desk.engine.begin() as connection:
        for place in range(1234):
            somebody(connection, place, now - timedelta(days=3))
        message(connection, 1, "delivered", now)
        message(connection, 1, "planned", now + timedelta(days=4))
        add(
            connection,
            {
                ("2026-12-03", "turns", "channel=sms,heard=key"): 1500,
                ("2026-12-03", "turns", "channel=voice,heard=key"): 99,
                ("2026-12-03", "calls", "status=completed"): 31,
                ("2026-12-02", "people", ""): 800,
            },
        )
        connection.execute(insert(people_helped), [{"day": "2026-12-03", "mark": f"{n:016x}"} for n in range(1021)])
    page = desk.person(language="en").browser.open("/desk/").text
    shown = [line.strip() for line in page.splitlines() if line.strip().startswith("<div><dt>")]
    assert shown == [
        "<div><dt>People helped today</dt><dd>1,021</dd></div>",
        "<div><dt>Texts today</dt><dd>1,500</dd></div>",
        "<div><dt>Calls today</dt><dd>31</dd></div>",
        "<div><dt>Reminders sent today</dt><dd>1</dd></div>",
        "<div><dt>Still to send today</dt><dd>0</dd></div>",
        "<div><dt>To send in all</dt><dd>1</dd></div>",
        "<div><dt>People signed up for reminders</dt><dd>1,234</dd></div>",
        "<div><dt>Next reminders</dt><dd>8 Dec</dd></div>",
    ]
    assert page.count("<rect") == 6  # a day of sign-ups, reminders, texts and calls, two days of people
    assert "1,821 in all, 1,021 at most on a day." in page
    assert len(page.encode()) < LARGEST


def test_a_database_that_cannot_count_in_time_still_lets_it_tell_how_the_parts_do(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_slow(*_: object) -> None:
        raise OperationalError("SELECT", {}, Exception("statement timeout"))

    monkeypatch.setattr("helpline.desk.figures.figures", too_slow)
    page = desk.person(language="en").browser.open("/desk/")
    assert page.status_code == 200
    assert "The figures are not available at the moment." in page.text
    assert "Calls and texts are answered." in page.text


def test_a_database_that_is_gone_is_told_in_words(desk: Desk) -> None:
    anna = desk.person(language="en")
    with desk.engine.begin() as connection:
        connection.execute(text("ALTER TABLE operator_sessions RENAME TO elsewhere"))
    for path in ("/desk/", "/desk/audit"):
        answer = anna.browser.open(path)
        assert answer.status_code == 503
        assert "The database does not answer" in answer.text
        assert "elsewhere" not in answer.text


def test_the_audit_trail_is_read_page_by_page(desk: Desk) -> None:
    with desk.engine.begin() as connection:
        for place in range(60):
            note(connection, desk.clock.now, f"Operator {place:02}", "signed_in")
    anna = desk.person(language="en")
    first = anna.browser.open("/desk/audit").text
    assert "Operator 59</b> signed in" in first
    assert "Operator 05" not in first
    (older,) = (part.split('"')[0] for part in first.split('href="')[1:] if part.startswith("/desk/audit?before="))
    assert "Operator 05" in anna.browser.open(older).text
    assert anna.browser.open("/desk/audit?before=nonsense").status_code == 200


def test_what_is_still_being_counted_is_said_and_asked_for_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counted, "PATIENCE_SECONDS", 0.0)
    may_go = Event()
    with reading(desk.engine).connect() as connection:
        real = figures(connection, USUAL, desk.clock.now)

    def slowly(*_: object) -> Figures:
        assert may_go.wait(30)
        return real

    monkeypatch.setattr("helpline.desk.figures.figures", slowly)
    browser = desk.person(language="en").browser
    first = browser.open("/desk/")
    assert (first.status_code, first.headers["Refresh"]) == (200, "3")
    assert "The figures are being counted. The page reloads by itself." in first.text
    may_go.set()
    wait_until(lambda: "Refresh" not in browser.open("/desk/").headers, lambda: "still counting")
    assert "People signed up for reminders" in browser.open("/desk/").text


@pytest.mark.parametrize(("occurrence", "is_told"), [("2026-11", True), ("2026-09", False)])
def test_a_wave_that_is_held_is_told_of_while_it_can_still_go(desk: Desk, occurrence: str, is_told: bool) -> None:
    with desk.engine.begin() as connection:
        held = {"kind": "update", "occurrence": occurrence, "wave": "last", "reason": "un mot faux"}
        connection.execute(insert(held_waves).values(**held, since=desk.clock.now, who="Anna"))
    page = desk.person(language="en").browser.open("/desk/").text
    assert ("A wave of reminders has been held back since 3 Dec 2026, 10:00. Reason: un mot faux." in page) is is_told
