"""The webhooks of a helpline that calls back, and of one that does not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, create_engine, select, text

from helpline.app import create_app
from helpline.records.migrate import upgrade
from helpline.records.tables import callers, messages
from helpline.server.embedded_valkey import EmbeddedValkey
from tests.conftest import Clock, settings_for
from tests.phone import Phone, Reply, flask_post, new_number

LANDLINE, ABROAD, WITHHELD = "+33199001234", "+447400123456", "+266696687"

Started = Callable[..., "Web"]


class Web:
    """One helpline in this process."""

    def __init__(self, folder: Path, valkey: EmbeddedValkey, **settings: str) -> None:
        given = settings_for(folder, REDIS_URL=valkey.url, **settings)
        upgrade(given.database_url)
        self.clock = Clock()
        self.app = create_app(given, now=self.clock)
        self.engine = create_engine(given.database_url)

    def phone(self, number: str = "") -> Phone:
        return Phone(flask_post(self.app), number=number or new_number())

    def rows(self, table: Table) -> list[Any]:
        with self.engine.connect() as connection:
            return list(connection.execute(select(table).order_by(*table.primary_key)))


@pytest.fixture
def started(tmp_path: Path, shared_valkey: EmbeddedValkey) -> Started:
    return lambda **settings: Web(tmp_path, shared_valkey, **settings)


@pytest.fixture
def web(started: Started) -> Web:
    return started(CALL_BACK_MISSED="1")


def over(phone: Phone, status: str, direction: str = "inbound", number: str = "") -> Reply:
    who = ("To", phone.number) if direction != "inbound" else ("From", number or phone.number)
    return phone.send(
        "/twilio/voice/status", [("CallSid", phone.call), ("CallStatus", status), ("Direction", direction), who]
    )


def at_a_topic(phone: Phone) -> Reply:
    """A call in French, at when the update is to be done."""
    here = phone.dial()
    for key in "111":
        here = phone.press(here, key)
    return here


def test_a_call_rings_for_six_seconds_before_anything_else(web: Web) -> None:
    first = web.phone().dial().xml[0]
    assert (first.tag, first.attrib) == ("Pause", {"length": "6"})


@pytest.mark.parametrize("number", [WITHHELD, ABROAD, "+33899123456"])
def test_who_cannot_be_called_back_is_answered_at_once(web: Web, number: str) -> None:
    assert web.phone(number).dial().xml[0].tag == "Gather"


def test_only_the_first_answer_of_a_call_waits(web: Web) -> None:
    phone = web.phone()
    assert phone.press(phone.dial(), "1").xml.find("Pause") is None


def test_a_call_of_ours_does_not_begin_with_a_pause(web: Web) -> None:
    phone = web.phone()
    form = [("CallSid", phone.call), ("From", "+33199001234"), ("To", phone.number), ("Direction", "outbound-api")]
    answer = phone.send("/twilio/voice/ours/2-fr-menu---------?message=1.1.ab", form)
    assert answer.status == 200
    assert answer.xml.find("Pause") is None
    assert answer.said


@pytest.mark.parametrize("status", ["no-answer", "canceled", "busy"])
def test_who_hung_up_while_it_rang_is_called_back_once_however_often_that_is_reported(web: Web, status: str) -> None:
    phone = web.phone()
    phone.dial()
    assert [over(phone, status).status for _ in range(3)] == [204] * 3
    (message,) = web.rows(messages)
    assert (message.kind, message.queue, message.channel, message.occurrence) == (
        *("call_back", "calls", "voice"),
        phone.call,
    )


def test_a_call_of_ours_that_nobody_answers_is_not_called_back(web: Web) -> None:
    assert over(web.phone(), "no-answer", "outbound-api").status == 204
    assert web.rows(messages) == []


def test_a_withheld_number_is_not_called_back(web: Web) -> None:
    assert over(web.phone(), "no-answer", number=WITHHELD).status == 204
    assert web.rows(callers) == []


def test_who_is_answered_meanwhile_is_not_called(web: Web) -> None:
    phone = web.phone()
    over(phone, "no-answer")
    again = web.phone(phone.number)
    again.dial()
    over(again, "completed")
    assert [message.state for message in web.rows(messages)] == ["skipped"]


def test_a_missed_call_that_nobody_signed_calls_nobody(web: Web) -> None:
    form = {"CallSid": "CA1", "From": new_number(), "CallStatus": "no-answer", "Direction": "inbound"}
    assert web.app.test_client().post("/twilio/voice/status", data=form).status_code == 403
    assert web.rows(messages) == []


@pytest.mark.parametrize(("words", "answer"), [("APPEL", "Nous vous appelons"), ("CALL", "We call you")])
def test_a_text_asks_for_a_call_in_both_languages(web: Web, words: str, answer: str) -> None:
    assert answer in web.phone().text(words)[0]
    assert [message.kind for message in web.rows(messages)] == ["call_back"]


def test_the_days_calls_are_those_of_the_settings(started: Started) -> None:
    web = started(CALL_BACK_MISSED="1", CALL_BACKS_A_DAY="1")
    assert "Nous vous appelons" in web.phone().text("APPEL")[0]
    assert "Aujourd'hui" in web.phone().text("APPEL")[0]


def test_the_countries_are_those_of_the_settings(started: Started) -> None:
    web = started(CALL_BACK_MISSED="1", ALLOWED_COUNTRIES="GB,FR")
    assert web.phone(ABROAD).dial().xml[0].tag == "Pause"


def test_a_helpline_that_does_not_call_back_answers_at_once_and_says_how_to_call(started: Started) -> None:
    web = started()
    phone = web.phone()
    assert phone.dial().xml[0].tag == "Gather"
    assert over(phone, "no-answer").status == 204
    assert "01 99 00 12 34" in phone.text("APPEL")[0]
    assert web.rows(callers) == []


def test_key_8_sends_the_page_and_the_caller_is_where_they_were(web: Web) -> None:
    phone = web.phone()
    topic = at_a_topic(phone)
    sent = phone.press(topic, "8")
    (message,) = web.rows(messages)
    assert (message.kind, message.queue) == ("page", "replies")
    assert message.occurrence.startswith("update.openP0@")
    assert phone.press(sent, "9").said == phone.press(topic, "9").said


def test_the_same_key_twice_by_a_repeated_webhook_is_one_text(web: Web) -> None:
    phone = web.phone()
    topic = at_a_topic(phone)
    assert phone.press(topic, "8").text == phone.press(topic, "8").text
    assert len(web.rows(messages)) == 1


@pytest.mark.parametrize(
    ("number", "why"), [(LANDLINE, "ne reçoit pas"), (WITHHELD, "caché"), (ABROAD, "Nous ne pouvons pas")]
)
def test_key_8_tells_who_gets_no_text_why_and_goes_on(web: Web, number: str, why: str) -> None:
    phone = web.phone(number)
    answer = phone.press(at_a_topic(phone), "8")
    assert why in answer.said
    assert answer.keys_url
    assert web.rows(callers) == []


def test_six_texts_are_one_too_many(web: Web) -> None:
    phone = web.phone()
    here = at_a_topic(phone)
    for _ in range(5):
        here = phone.press(here, "8")
        assert "C'est fait" in here.said
    assert "24 heures" in phone.press(here, "8").said
    assert len(web.rows(messages)) == 5


def test_without_the_database_both_say_so_and_go_on(web: Web) -> None:
    with web.engine.begin() as connection:
        messages.drop(connection)
    phone = web.phone()
    assert "panne" in phone.press(at_a_topic(phone), "8").said
    assert "panne" in phone.text("APPEL")[0]


def test_a_missed_call_is_reported_again_until_it_is_written_down(web: Web) -> None:
    with web.engine.begin() as connection:
        connection.execute(text("ALTER TABLE messages RENAME TO away"))
    phone = web.phone()
    assert [over(phone, "no-answer").status for _ in range(2)] == [503, 503]
    with web.engine.begin() as connection:
        connection.execute(text("ALTER TABLE away RENAME TO messages"))
    assert over(phone, "no-answer").status == 204
    assert [message.occurrence for message in web.rows(messages)] == [phone.call]
