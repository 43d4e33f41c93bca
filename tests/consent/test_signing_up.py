"""Asking for reminders: two steps, the proof, changes, and who cannot have them."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from helpline.consent.caller_rows import spread_of
from helpline.consent.consent import Consent
from helpline.consent.withdrawing import blocked_by_carrier
from helpline.menus.waves import wave_of
from helpline.records.tables import (
    callers,
    carrier_blocks,
    consent_texts,
    consents,
    messages,
    objections,
    subscriptions,
)
from helpline.reminders.planning import plan
from tests.consent.people import ASK, LANDLINE, MOBILE, SEALING, THURSDAY, Person, rows
from tests.menus.calendars import USUAL

WITHHELD = ""


def test_by_text_the_question_and_one_answer_sign_up(somebody: Person) -> None:
    assert somebody.does("look_up_reminders", heard="remind") == "none"
    assert somebody.scope == ""
    assert somebody.does("subscribe_all") == "saved"
    assert somebody.scope == "all"
    assert somebody.does("look_up_reminders") == "all"


def test_the_proof_says_who_when_how_and_to_which_words(somebody: Person) -> None:
    somebody.does("look_up_reminders", key="SMasked", heard="remind")
    somebody.later(seconds=40).does("subscribe_last", key="SMgiven", heard="2")

    asked, given = rows(somebody.consent.engine, consents)
    assert (asked.event, asked.heard, asked.text_hash, asked.sid) == ("asked", "remind", None, "SMasked")
    assert (given.event, given.scope, given.channel, given.language) == ("given", "last", "sms", "fr")
    assert (given.heard, given.sid) == ("2", "SMgiven")
    assert (given.at - THURSDAY).seconds == 40
    assert given.fingerprint == somebody.fingerprint
    (text,) = rows(somebody.consent.engine, consent_texts)
    assert text.text == ASK
    assert text.hash == given.text_hash == hashlib.sha256(ASK.encode()).hexdigest()


def test_the_same_words_are_kept_once(consent: Consent) -> None:
    for last in range(3):
        Person(consent, f"+3363998000{last}").signs_up()
    assert len(rows(consent.engine, consent_texts)) == 1


def test_nowhere_in_the_database_is_the_number_in_clear(somebody: Person) -> None:
    somebody.signs_up()
    row = somebody.row()
    assert MOBILE not in str(row)
    assert MOBILE[3:] not in str(row)
    assert somebody.consent.seals.open(row.number) == MOBILE
    assert row.number_key == somebody.consent.seals.mark
    assert SEALING not in str(row)


def test_nobody_signs_up_without_the_words_that_they_agree_to(somebody: Person) -> None:
    assert somebody.does("subscribe_all", shown="") == "not_saved"
    assert somebody.calls().does("confirm_all", shown="") == "not_saved"
    assert somebody.scope == ""


def test_a_call_takes_two_keys_and_a_text_informs(somebody: Person) -> None:
    call = somebody.calls()
    assert call.does("look_up_reminders") == "in_call"
    assert call.does("subscribe_all", key="CA1.2", shown="Pour dire oui, tapez 1.") == "confirm"
    assert call.scope == ""
    assert somebody.row() is None
    assert call.does("confirm_all", key="CA1.3", shown="Pour confirmer, tapez encore 1.") == "saved"
    assert call.scope == "all"

    (welcome,) = rows(call.consent.engine, messages)
    assert (welcome.kind, welcome.wave, welcome.queue, welcome.state, welcome.occurrence) == (
        "welcome",
        "all",
        "replies",
        "planned",
        "CA1.3",
    )
    assert welcome.due_at == THURSDAY


def test_both_keys_of_a_call_are_part_of_the_proof(somebody: Person) -> None:
    call = somebody.calls()
    call.does("subscribe_all", key="CA1.2", shown="Pour dire oui, tapez 1.")
    call.does("confirm_all", key="CA1.3", shown="Pour confirmer, tapez encore 1.")
    texts = {row.hash: row.text for row in rows(call.consent.engine, consent_texts)}
    assert [(row.event, texts[row.text_hash], row.sid) for row in rows(call.consent.engine, consents)] == [
        ("asked", "Pour dire oui, tapez 1.", "CA1"),
        ("given", "Pour confirmer, tapez encore 1.", "CA1"),
    ]


@pytest.mark.parametrize("effect", ["subscribe_all", "confirm_all", "subscribe_last", "confirm_last"])
def test_speech_signs_nobody_up(somebody: Person, effect: str) -> None:
    assert somebody.calls().does(effect, spoken=True) == "not_saved"
    assert somebody.scope == ""


@pytest.mark.parametrize("effect", ["look_up_reminders", "subscribe_all", "confirm_last"])
def test_a_landline_and_a_withheld_number_are_told_why_not(somebody: Person, effect: str) -> None:
    assert replace(somebody.calls(), number=LANDLINE).does(effect) == "no_text"
    assert replace(somebody.calls(), number=WITHHELD).does(effect) == "no_number"
    assert replace(somebody, number=WITHHELD).does(effect) == "no_number"
    assert rows(somebody.consent.engine, callers) == []


def test_a_landline_that_texts_can_be_texted(consent: Consent) -> None:
    landline = Person(consent, LANDLINE)
    landline.signs_up()
    assert landline.calls().does("look_up_reminders") == "in_call"


def test_a_short_code_cannot_be_texted(consent: Consent) -> None:
    assert Person(consent, "38123").does("subscribe_all") == "no_text"


def test_who_wants_fewer_gets_no_more_of_the_others(somebody: Person) -> None:
    somebody.signs_up()
    somebody.gets(wave="middle")
    somebody.gets(wave="last")

    assert somebody.later(minutes=5).does("subscribe_last", heard="2") == "saved"

    assert somebody.scope == "last"
    assert somebody.message_states() == {
        ("update", "middle"): ("skipped", "changed"),
        ("update", "last"): ("planned", ""),
    }
    assert [row.event for row in rows(somebody.consent.engine, consents)] == ["asked", "given", "changed"]
    assert len(rows(somebody.consent.engine, subscriptions)) == 1


def test_who_changes_back_can_be_planned_for_again(somebody: Person) -> None:
    somebody.signs_up()
    somebody.gets(wave="middle")
    somebody.does("subscribe_last")
    somebody.does("subscribe_all")
    assert somebody.scope == "all"
    assert somebody.message_states() == {("update", "middle"): ("planned", "")}


def test_who_changes_there_and_back_after_a_wave_was_planned_for_good_still_gets_it(somebody: Person) -> None:
    """On the morning of a wave nobody plans it any more: the row that was called off is the only one there will be."""
    early = replace(somebody, now=datetime(2026, 12, 1, 9, 0, tzinfo=UTC))
    early.signs_up()
    engine, wave = early.consent.engine, wave_of(USUAL, "2026-11", "middle")
    assert wave
    morning = wave.begins + timedelta(minutes=2)
    plan(engine, USUAL, morning)
    (before,) = rows(engine, messages)
    there = replace(early, now=morning + timedelta(seconds=10))
    assert there.does("subscribe_last") == "saved"
    assert there.message_states()[("update", "middle")] == ("skipped", "changed")
    back = replace(early, now=morning + timedelta(seconds=20))
    assert back.does("subscribe_all") == "saved"
    plan(engine, USUAL, morning + timedelta(minutes=20))
    (after,) = rows(engine, messages)
    assert (after.state, after.reason, after.due_at, after.tries) == ("planned", "", before.due_at, 0)


def test_asking_for_what_one_has_changes_nothing(somebody: Person) -> None:
    somebody.signs_up()
    assert somebody.does("subscribe_all") == "saved"
    assert [row.event for row in rows(somebody.consent.engine, consents)] == ["asked", "given"]


def test_opting_in_again_lifts_the_objection_and_seals_the_number_again(somebody: Person) -> None:
    somebody.signs_up()
    somebody.later(hours=1).does("stop")
    assert somebody.row().number is None
    assert len(rows(somebody.consent.engine, objections)) == 1

    somebody.later(hours=2).signs_up("last")

    assert somebody.scope == "last"
    assert somebody.consent.seals.open(somebody.row().number) == MOBILE
    assert rows(somebody.consent.engine, objections) == []
    assert [row.event for row in rows(somebody.consent.engine, consents)] == [
        "asked",
        "given",
        "ended",
        "asked",
        "given",
    ]


@pytest.mark.parametrize("effect", ["look_up_reminders", "done", "keep", "show_data", "start"])
def test_no_other_effect_signs_up_or_lifts_an_objection(somebody: Person, effect: str) -> None:
    somebody.signs_up()
    somebody.later(hours=1).does("stop")
    somebody.later(hours=2).does(effect)
    assert somebody.scope == ""
    assert len(rows(somebody.consent.engine, objections)) == 1


def test_what_was_called_off_by_a_stop_can_be_planned_for_who_comes_back(somebody: Person) -> None:
    somebody.signs_up()
    somebody.gets(wave="middle")
    somebody.gets(wave="last", tries=1, sid="SM1")  # it went once, so its row has to stay
    somebody.later(minutes=1).does("stop")
    assert set(somebody.message_states().values()) == {("skipped", "stop")}
    somebody.later(minutes=2).signs_up()
    assert somebody.message_states() == {("update", "last"): ("skipped", "stop")}


def test_what_is_done_stays_done_for_who_comes_back(somebody: Person) -> None:
    somebody.signs_up()
    somebody.gets(wave="last")
    assert somebody.does("done") == "done_all"
    somebody.later(minutes=1).does("stop")
    somebody.later(minutes=2).signs_up()
    assert rows(somebody.consent.engine, subscriptions)[-1].done == "2026-11"
    assert somebody.message_states() == {("update", "last"): ("skipped", "done")}


def test_what_somebody_else_has_done_is_not_done_for_who_has_the_number_now(somebody: Person) -> None:
    somebody.signs_up()
    somebody.gets(wave="last")
    somebody.does("done")
    somebody.later(minutes=1).does("not_me")
    somebody.later(minutes=2).signs_up()
    assert rows(somebody.consent.engine, subscriptions)[-1].done == ""
    assert somebody.message_states() == {}


def test_who_is_blocked_by_the_carrier_is_told_so_by_text_and_by_voice(somebody: Person) -> None:
    blocked_by_carrier(somebody.consent.engine, somebody.fingerprint, THURSDAY)
    for person in (somebody, somebody.calls()):
        for effect in ("look_up_reminders", "subscribe_all", "confirm_last"):
            assert person.does(effect) == "blocked"
    assert somebody.scope == ""


def test_start_unblocks_and_signs_nobody_up(somebody: Person) -> None:
    somebody.signs_up()
    blocked_by_carrier(somebody.consent.engine, somebody.fingerprint, THURSDAY)
    assert somebody.does("start") == "started"
    assert rows(somebody.consent.engine, carrier_blocks) == []
    assert somebody.scope == ""
    assert somebody.does("look_up_reminders") == "none"
    somebody.later(minutes=1).signs_up()
    assert somebody.scope == "all"


def test_a_text_that_says_stopped_does_not_go_to_who_came_back(somebody: Person) -> None:
    call = somebody.calls()
    call.signs_up()
    call.later(minutes=1).does("stop")
    assert call.message_states()[("stopped", "")] == ("planned", "")
    call.later(days=1, minutes=2).signs_up()
    assert call.message_states()[("stopped", "")] == ("skipped", "signed_up")
    assert call.message_states()[("welcome", "all")] == ("planned", "")
    call.later(days=1, minutes=3).does("stop")
    assert call.message_states()[("stopped", "")] == ("planned", "")


def test_each_thing_done_by_voice_on_one_day_gets_its_text(somebody: Person) -> None:
    call = somebody.calls()
    call.signs_up()
    _all_went(call)
    assert call.later(minutes=5).does("confirm_last") == "saved"
    _all_went(call)
    assert call.later(minutes=10).does("stop") == "stopped"
    _all_went(call)
    call.later(days=1, minutes=15).signs_up()
    assert [(row.kind, row.wave, row.state) for row in rows(call.consent.engine, messages)] == [
        ("welcome", "all", "delivered"),
        ("welcome", "last", "delivered"),
        ("stopped", "", "delivered"),
        ("welcome", "all", "planned"),
    ]


def test_a_call_cannot_bring_more_than_a_few_texts_a_day(somebody: Person) -> None:
    call = somebody.calls()
    for count in range(5):
        somebody.later(minutes=10 * count).signs_up()
        call.later(minutes=10 * count + 5).does("stop")
        _all_went(call)
    kinds = [row.kind for row in rows(call.consent.engine, messages, messages.c.state == "delivered")]
    assert kinds.count("stopped") == 3
    call.later(days=2).signs_up()
    assert rows(call.consent.engine, messages)[-1].kind == "welcome"


def test_a_welcome_that_says_what_is_no_longer_so_does_not_go(somebody: Person) -> None:
    call = somebody.calls()
    call.signs_up()
    call.later(minutes=1).does("confirm_last")
    assert call.message_states() == {
        ("welcome", "all"): ("skipped", "signed_up"),
        ("welcome", "last"): ("planned", ""),
    }


def _all_went(person: Person) -> None:
    with person.consent.engine.begin() as connection:
        connection.execute(messages.update().where(messages.c.state == "planned").values(state="delivered", tries=1))


def test_reminders_speak_the_language_in_which_they_were_looked_up_last(somebody: Person) -> None:
    somebody.signs_up()
    assert somebody.row().language == "fr"
    replace(somebody, language="en").later(days=1).does("look_up_reminders")
    assert somebody.row().language == "en"


def test_moments_are_spread_evenly_and_always_the_same(consent: Consent) -> None:
    found = [spread_of(consent.fingerprint(f"+336399800{number:02}")) for number in range(100)]
    assert found == [spread_of(consent.fingerprint(f"+336399800{number:02}")) for number in range(100)]
    quarters = [sum(1 for spread in found if spread * 4 // 65_536 == quarter) for quarter in range(4)]
    assert min(quarters) > 10
    assert len(set(found)) > 95


def test_a_caller_who_is_known_without_a_subscription_is_asked(somebody: Person) -> None:
    row = {"fingerprint": somebody.fingerprint, "language": "fr", "spread": 1}
    with somebody.consent.engine.begin() as connection:
        connection.execute(insert(callers).values(**row, last_seen=THURSDAY, created_at=THURSDAY))
    assert somebody.does("look_up_reminders") == "none"
    assert somebody.does("subscribe_all") == "saved"
    assert len(rows(somebody.consent.engine, callers)) == 1
