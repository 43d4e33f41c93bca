"""Send me this by SMS: a text for whoever asks under a number that takes one, and nothing else is changed by it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert

from helpline.consent.asked_pages import page_of
from helpline.consent.caller_rows import drop_numbers
from helpline.consent.limits import MOST
from helpline.consent.withdrawal import Withdrawal
from helpline.records.engine import open_records
from helpline.records.tables import callers, carrier_blocks, consents, effects, messages, subscriptions
from tests.on_request.people import LANDLINE, OWN, PAGE, Asker, rows


def test_the_page_is_planned_at_once_and_the_number_is_kept_for_it(asker: Asker) -> None:
    assert asker.asks_for_page(f"{PAGE}P1") == "sent"
    (message,) = asker.messages("page")
    assert (message.queue, message.channel, message.state, message.wave) == ("replies", "sms", "planned", "")
    assert (message.due_at, message.not_after) == (asker.now, asker.now + timedelta(days=1))
    page = page_of(message.occurrence)
    assert page is not None
    assert page.node == PAGE
    row = asker.row()
    assert row.language == "fr"
    assert asker.rules.consent.seals.open(row.number) == asker.number


def test_nobody_is_subscribed_by_it_and_nothing_is_proved(asker: Asker) -> None:
    assert asker.asks_for_page() == "sent"
    assert rows(asker.rules.consent.engine, subscriptions) == []
    assert rows(asker.rules.consent.engine, consents) == []


@pytest.mark.parametrize(
    ("number", "outcome"),
    [
        ("", "withheld"),
        (OWN, "landline"),
        (LANDLINE, "landline"),
        ("+33976123456", "landline"),
        ("+447400123456", "not_allowed"),
        ("38123", "not_allowed"),
    ],
)
def test_whose_number_cannot_get_it_hears_why_and_nothing_is_kept(asker: Asker, number: str, outcome: str) -> None:
    assert asker.at(number).asks_for_page() == outcome
    for table in (callers, messages, effects):
        assert rows(asker.rules.consent.engine, table) == []


def test_our_own_number_is_never_texted(asker: Asker) -> None:
    assert asker.with_rules(own_numbers=frozenset({asker.number})).asks_for_page() == "not_allowed"


def test_whom_the_carrier_blocks_hears_that_and_no_number_is_kept(asker: Asker) -> None:
    with asker.rules.consent.engine.begin() as connection:
        connection.execute(insert(carrier_blocks).values(fingerprint=asker.fingerprint, since=asker.now))
    assert asker.asks_for_page() == "blocked"
    assert asker.row() is None


@pytest.mark.parametrize("item", ["", "remind.ask", "data.all", "menu", "no.such.place", "update.howP", "../x"])
def test_what_is_no_page_for_everybody_is_not_sent(asker: Asker, item: str) -> None:
    assert asker.asks_for_page(item) == "not_saved"
    assert rows(asker.rules.consent.engine, messages) == []


def test_a_repeated_webhook_gets_the_same_outcome_and_one_text(asker: Asker) -> None:
    assert [asker.asks_for_page(key="CA1.4") for _ in range(3)] == ["sent"] * 3
    assert len(asker.messages("page")) == 1


def test_a_webhook_that_comes_again_after_its_effect_was_forgotten_brings_no_second_text(asker: Asker) -> None:
    assert asker.asks_for_page(key="CA1.4") == "sent"
    with asker.rules.consent.engine.begin() as connection:
        connection.execute(effects.delete())
    assert asker.asks_for_page(key="CA1.4") == "sent"
    assert len(asker.messages("page")) == 1


def test_the_same_page_may_be_asked_for_again(asker: Asker) -> None:
    assert [asker.asks_for_page(), asker.later(minutes=1).asks_for_page()] == ["sent", "sent"]
    assert len(asker.messages("page")) == 2


def test_five_within_any_24_hours(asker: Asker) -> None:
    evening = [asker.later(hours=hour).asks_for_page() for hour in range(MOST["page"])]
    assert evening == ["sent"] * MOST["page"]
    assert asker.later(hours=23, minutes=59).asks_for_page() == "too_many"
    assert asker.later(hours=24).asks_for_page() == "sent"
    assert asker.later(hours=24, minutes=1).asks_for_page() == "too_many"


def test_the_limit_is_one_of_each_number(asker: Asker) -> None:
    for _ in range(MOST["page"]):
        asker.asks_for_page()
    assert asker.asks_for_page() == "too_many"
    assert asker.at("+33639980002").asks_for_page() == "sent"


def test_who_said_stop_gets_what_they_ask_for_and_the_stop_stays(asker: Asker) -> None:
    asker.texts().says("subscribe_all")
    assert asker.texts().later(hours=1).says("stop") == "stopped"
    assert asker.row().number is None
    assert asker.later(days=2).asks_for_page() == "sent"
    assert asker.row().number is not None
    assert asker.objection().reason == "stop"
    assert [row.ended_at is None for row in rows(asker.rules.consent.engine, subscriptions)] == [False]


def test_who_said_not_me_gets_nothing_that_is_asked_for_under_their_number(asker: Asker) -> None:
    asker.texts().says("subscribe_all")
    assert asker.texts().later(hours=1).says("not_me") == "stopped"
    assert asker.later(days=2).asks_for_page() == "not_allowed"
    assert asker.row().number is None


def test_a_stop_that_answers_a_page_ends_the_pages(asker: Asker) -> None:
    assert asker.asks_for_page() == "sent"
    asker.gets_all()
    assert asker.texts().later(hours=3).says("stop") == "stopped"
    assert asker.later(hours=4).asks_for_page() == "not_allowed"
    assert asker.later(days=30).asks_for_page() == "not_allowed"


@pytest.mark.parametrize("reason", ["blocked", "ended"])
def test_what_the_carrier_said_of_a_page_is_no_answer_to_it(asker: Asker, reason: str) -> None:
    assert asker.asks_for_page() == "sent"
    asker.gets_all()
    asker.later(minutes=1).objected(reason)
    assert asker.later(hours=1).asks_for_page() == "sent"


def test_a_stop_calls_off_a_page_that_has_not_gone_and_counts_as_no_answer_to_it(asker: Asker) -> None:
    assert asker.asks_for_page() == "sent"
    assert asker.texts().later(seconds=2).says("stop") == "stopped"
    assert [message.state for message in asker.messages("page")] == ["skipped"]
    assert asker.row().number is None
    assert asker.later(hours=1).asks_for_page() == "sent"


def test_erasing_opens_no_way_around_the_limit(asker: Asker) -> None:
    for _ in range(MOST["page"]):
        asker.asks_for_page()
    assert asker.texts().later(minutes=1).says("erase") == "erased"
    assert asker.later(minutes=2).asks_for_page() == "too_many"
    assert asker.later(minutes=3).texts().says("subscribe_all") == "saved"
    assert asker.later(minutes=4).asks_for_page() == "too_many"
    assert asker.later(hours=25).asks_for_page() == "sent"


def test_the_number_goes_again_once_nothing_more_is_to_be_sent(asker: Asker) -> None:
    assert asker.asks_for_page() == "sent"

    caller = asker.row().id

    def dropped() -> int:
        with asker.rules.consent.engine.begin() as connection:
            return drop_numbers(connection, [caller])

    assert dropped() == 0
    asker.gets_all()
    assert dropped() == 1


def test_an_older_stop_that_waits_in_the_journal_does_not_call_off_the_page(asker: Asker) -> None:
    consent = asker.rules.consent
    stop = Withdrawal(asker.fingerprint, "stop", asker.now - timedelta(hours=1), "sms", "fr", "stop", "SM1", "SM1.stop")
    consent.journal.append(stop)
    assert asker.asks_for_page() == "sent"
    assert asker.objection().reason == "stop"
    assert [message.state for message in asker.messages("page")] == ["planned"]


def test_who_is_reminded_by_calls_still_is(asker: Asker) -> None:
    asker.asks_for_page()
    with asker.rules.consent.engine.begin() as connection:
        connection.execute(callers.update().values(channel="voice"))
    assert asker.later(minutes=1).asks_for_page() == "sent"
    assert asker.row().channel == "voice"
    assert [(message.queue, message.channel) for message in asker.messages("page")] == [("replies", "sms")] * 2


def test_without_the_database_the_caller_hears_that_it_did_not_work(asker: Asker) -> None:
    consent = replace(asker.rules.consent, engine=open_records("sqlite:////nowhere/at/all.db"))
    assert asker.with_rules(consent=consent).asks_for_page() == "not_saved"
