"""STOP, "pas moi", EFFACER, and what the carrier says: all ends at once, and the proof stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from helpline.consent.consent import Consent
from helpline.consent.journal import Journal
from helpline.consent.withdrawing import blocked_by_carrier, ended_by_carrier
from helpline.records.messages import move
from helpline.records.tables import (
    callers,
    carrier_blocks,
    consent_texts,
    consents,
    effects,
    messages,
    objections,
    subscriptions,
)
from tests.consent.people import MOBILE, THURSDAY, Person, rows
from tests.fresh_logs import captured_logs


def test_a_stop_ends_every_planned_message(somebody: Person) -> None:
    somebody.signs_up()
    for wave in ("opening", "middle", "last"):
        somebody.gets(wave=wave)
    later = somebody.later(hours=3)
    assert later.does("stop", key="SMstop", heard="stop") == "stopped"

    assert somebody.scope == ""
    assert set(somebody.message_states().values()) == {("skipped", "stop")}
    (subscription,) = rows(somebody.consent.engine, subscriptions)
    assert (subscription.ended_at, subscription.end_reason) == (later.now, "stop")
    ended = rows(somebody.consent.engine, consents)[-1]
    assert (ended.event, ended.at, ended.scope, ended.heard, ended.sid) == ("ended", later.now, "all", "stop", "SMstop")
    (objection,) = rows(somebody.consent.engine, objections)
    assert (objection.fingerprint, objection.since, objection.reason) == (somebody.fingerprint, later.now, "stop")


def test_the_number_goes_with_the_stop(somebody: Person) -> None:
    somebody.signs_up()
    somebody.gets(wave="last")
    somebody.later(hours=1).does("stop")
    assert (somebody.row().number, somebody.row().number_key) == (None, None)


@pytest.mark.parametrize("state", ["sending", "unknown"])
def test_the_number_stays_while_a_message_is_in_doubt(somebody: Person, state: str) -> None:
    somebody.signs_up()
    somebody.gets(wave="last", state=state)
    somebody.later(hours=1).does("stop")
    assert somebody.row().number is not None
    assert somebody.message_states() == {("update", "last"): (state, "")}


def test_a_stop_by_voice_is_confirmed_by_text(somebody: Person) -> None:
    somebody.signs_up()
    somebody.calls().later(hours=1).does("stop", key="CA1.2")
    (message,) = rows(somebody.consent.engine, messages)
    assert (message.kind, message.queue, message.state, message.occurrence) == (
        "stopped",
        "replies",
        "planned",
        "CA1.2",
    )
    assert somebody.row().number is not None  # until that text is gone


def test_a_stop_by_text_is_answered_by_the_text_alone(somebody: Person) -> None:
    somebody.signs_up()
    somebody.later(hours=1).does("stop")
    assert rows(somebody.consent.engine, messages) == []


def test_a_stop_of_who_has_nothing_is_an_objection_and_sends_nothing(somebody: Person) -> None:
    assert somebody.calls().does("stop") == "stopped"
    assert [row.reason for row in rows(somebody.consent.engine, objections)] == ["stop"]
    for table in (callers, consents, messages):
        assert rows(somebody.consent.engine, table) == []


def test_a_stop_ends_what_a_clock_that_is_ahead_has_written(somebody: Person) -> None:
    somebody.later(seconds=5).signs_up()
    assert somebody.does("stop") == "stopped"
    assert somebody.scope == ""
    assert somebody.does("erase") == "erased"
    assert somebody.row() is None


def test_a_stop_from_a_withheld_call_is_not_taken_for_anybodys(somebody: Person) -> None:
    assert replace(somebody.calls(), number="").does("stop") == "not_saved"
    assert replace(somebody, number="").does("stop") == "stopped"
    assert rows(somebody.consent.engine, objections) == []


def test_not_me_ends_it_like_a_stop(somebody: Person) -> None:
    somebody.signs_up()
    somebody.gets()
    assert somebody.later(hours=1).does("not_me", heard="not_me") == "stopped"
    assert somebody.scope == ""
    assert somebody.message_states() == {("update", "last"): ("skipped", "not_me")}
    assert [row.reason for row in rows(somebody.consent.engine, objections)] == ["not_me"]


def test_not_me_of_who_gets_nothing_changes_nothing(somebody: Person) -> None:
    assert somebody.does("not_me") == "nothing"
    assert replace(somebody, number="").does("not_me") == "nothing"
    assert rows(somebody.consent.engine, objections) == []


def test_erasing_leaves_the_objection_and_the_proof_without_a_number(somebody: Person) -> None:
    somebody.signs_up()
    for state in ("planned", "delivered", "unknown"):
        somebody.gets(wave=state, state=state)
    assert somebody.later(days=1).does("erase", key="SMerase", heard="1") == "erased"

    for table in (callers, subscriptions, messages):
        assert rows(somebody.consent.engine, table) == []
    assert [row.reason for row in rows(somebody.consent.engine, objections)] == ["erase"]
    proof = rows(somebody.consent.engine, consents)
    assert [row.event for row in proof] == ["asked", "given", "ended"]
    assert len(rows(somebody.consent.engine, consent_texts)) == 1
    assert MOBILE[3:] not in str(proof)


def test_erasing_needs_a_number(somebody: Person) -> None:
    assert replace(somebody, number="").does("erase") == "no_number"


def test_who_was_never_here_can_be_erased_too(somebody: Person) -> None:
    assert somebody.does("erase") == "erased"
    assert [row.reason for row in rows(somebody.consent.engine, objections)] == ["erase"]


def test_erasing_while_a_message_is_being_sent_is_safe(somebody: Person) -> None:
    somebody.signs_up()
    message = somebody.gets(state="sending")
    somebody.later(minutes=1).does("erase")
    with somebody.consent.engine.begin() as connection:  # what the worker does after the carrier's answer
        assert move(connection, "accepted", THURSDAY, messages.c.id == message, sid="SM1") == 0
    assert rows(somebody.consent.engine, messages) == []


def test_who_was_erased_can_sign_up_again(somebody: Person) -> None:
    somebody.signs_up()
    somebody.later(hours=1).does("erase")
    somebody.later(hours=2).signs_up()
    assert somebody.scope == "all"
    assert rows(somebody.consent.engine, objections) == []


def test_a_block_by_the_carrier_ends_it_and_is_remembered(somebody: Person) -> None:
    somebody.signs_up()
    somebody.gets()
    somebody.gets(kind="stopped", wave="", occurrence="2026-12-01")
    now = THURSDAY + timedelta(hours=1)
    for _ in range(2):
        blocked_by_carrier(somebody.consent.engine, somebody.fingerprint, now)
    assert somebody.scope == ""
    assert set(somebody.message_states().values()) == {("skipped", "blocked")}
    assert [row.since for row in rows(somebody.consent.engine, carrier_blocks)] == [now]
    assert [row.reason for row in rows(somebody.consent.engine, objections)] == ["blocked"]
    ended = rows(somebody.consent.engine, consents)[-1]
    assert (ended.event, ended.channel, ended.heard) == ("ended", "carrier", "21610")


def test_a_block_of_texts_calls_no_call_off_that_somebody_asked_for(somebody: Person) -> None:
    somebody.signs_up()
    somebody.gets()
    somebody.gets("call_back", "", "CA1", queue="calls")
    blocked_by_carrier(somebody.consent.engine, somebody.fingerprint, somebody.later(minutes=1).now)
    assert somebody.message_states() == {("update", "last"): ("skipped", "blocked"), ("call_back", ""): ("planned", "")}
    assert somebody.row().number is not None  # until that call was made
    assert somebody.later(minutes=2).does("stop") == "stopped"
    assert somebody.message_states()["call_back", ""] == ("skipped", "stop")


def test_a_number_that_is_no_more_ends_it_by_the_error_code(somebody: Person) -> None:
    somebody.signs_up()
    somebody.gets(state="sending")
    ended_by_carrier(somebody.consent.engine, somebody.fingerprint, "21211", THURSDAY)
    assert somebody.scope == ""
    ended = rows(somebody.consent.engine, consents)[-1]
    assert (ended.event, ended.channel, ended.heard) == ("ended", "carrier", "21211")
    assert rows(somebody.consent.engine, carrier_blocks) == []
    assert somebody.row().number is not None  # that message is in doubt still


def test_a_repeated_webhook_does_nothing_twice_and_is_answered_alike(somebody: Person) -> None:
    somebody.signs_up()
    answers = {somebody.later(minutes=1).does("not_me", key="SM1") for _ in range(3)}
    assert answers == {"stopped"}  # not "nothing", though nothing was left to end
    assert [row.event for row in rows(somebody.consent.engine, consents)] == ["asked", "given", "ended"]


def test_a_stop_that_is_repeated_after_a_new_sign_up_does_not_end_that(somebody: Person) -> None:
    somebody.signs_up()
    somebody.later(minutes=1).does("stop", key="SM1")
    somebody.later(minutes=2).signs_up()
    assert somebody.later(minutes=3).does("stop", key="SM1") == "stopped"
    assert somebody.later(minutes=4).does("look_up_reminders") == "all"


def test_an_effect_without_a_key_is_not_remembered(somebody: Person) -> None:
    somebody.signs_up()
    before = len(rows(somebody.consent.engine, effects))
    somebody.does("stop", key="")
    assert len(rows(somebody.consent.engine, effects)) == before


def test_a_stop_holds_though_the_journal_cannot_be_written(consent: Consent, alerts: list[str], tmp_path: Path) -> None:
    in_the_way = tmp_path / "a file"
    in_the_way.write_text("")
    somebody = Person(replace(consent, journal=Journal(in_the_way / "withdrawals.jsonl")))
    Person(consent).signs_up()
    with captured_logs() as logs:
        assert somebody.does("stop") == "stopped"
    assert somebody.scope == ""
    assert alerts == []
    assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == [
        "the journal of withdrawals cannot be written"
    ]
