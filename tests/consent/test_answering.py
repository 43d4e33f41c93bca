"""FAIT, keep, DONNEES, and OUI while Redis is down."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from helpline.consent.invitations import Paper, invite
from helpline.consent.looking_up import asked_recently
from helpline.consent.withdrawal import Withdrawal
from helpline.records.tables import consents, subscriptions
from tests.consent.people import LANDLINE, MOBILE, THURSDAY, Person, rows


def test_done_ends_this_months_reminders_and_no_others(somebody: Person) -> None:
    somebody.signs_up()
    for wave in ("middle", "last", "missed"):
        somebody.gets(wave=wave)
    somebody.gets(wave="opening", occurrence="2026-12")
    somebody.gets(kind="keep", wave="")

    assert somebody.later(days=1).does("done", heard="7") == "done_all"

    assert somebody.message_states() == {
        ("update", "middle"): ("skipped", "done"),
        ("update", "last"): ("skipped", "done"),
        ("update", "missed"): ("skipped", "done"),
        ("update", "opening"): ("planned", ""),
        ("keep", ""): ("planned", ""),
    }
    assert rows(somebody.consent.engine, subscriptions)[0].done == "2026-11"
    assert somebody.row().last_seen == somebody.later(days=1).now


@pytest.mark.parametrize(
    ("day", "occurrence"),
    [((2026, 12, 15, 22), "2026-11"), ((2026, 12, 20, 12), "2026-11"), ((2026, 12, 28, 12), "2026-12")],
)
def test_done_answers_the_window_that_is_open_or_closed_last(
    somebody: Person, day: tuple[int, int, int, int], occurrence: str
) -> None:
    somebody.signs_up("last")
    assert replace(somebody, now=datetime(*day, tzinfo=UTC)).does("done") == "done_last"
    assert rows(somebody.consent.engine, subscriptions)[0].done == occurrence


def test_done_of_who_has_no_reminders_is_nothing(somebody: Person) -> None:
    assert somebody.does("done") == "nothing"
    assert replace(somebody, number="").does("done") == "nothing"
    somebody.signs_up()
    somebody.later(minutes=1).does("stop")
    assert somebody.later(minutes=2).does("done") == "nothing"


def test_keep_makes_a_caller_present_again(somebody: Person) -> None:
    somebody.signs_up()
    later = somebody.later(days=340)
    later.gets(kind="keep", wave="")
    assert later.does("keep") == "kept"
    assert somebody.row().last_seen == later.now
    assert somebody.message_states() == {("keep", ""): ("skipped", "kept")}


def test_nothing_can_be_kept_of_who_was_erased(somebody: Person) -> None:
    somebody.signs_up()
    somebody.later(days=1).does("erase")
    assert somebody.later(days=2).does("keep") == "not_saved"
    assert replace(somebody, number="").does("keep") == "not_saved"


def test_what_is_kept_is_told_by_text_only(somebody: Person) -> None:
    assert somebody.does("show_data") == "nothing"
    somebody.signs_up("last")
    assert somebody.does("show_data") == "last"
    assert somebody.calls().does("show_data") == "by_text"
    assert replace(somebody, number="").does("show_data") == "nothing"


def test_who_was_asked_by_text_may_answer_yes_for_half_an_hour(somebody: Person) -> None:
    asked = replace(somebody, language="en")
    assert asked_recently(asked.consent, MOBILE, THURSDAY) == ""
    asked.does("look_up_reminders")
    assert asked_recently(asked.consent, MOBILE, asked.later(minutes=30).now) == "en"
    assert asked_recently(asked.consent, MOBILE, asked.later(minutes=31).now) == ""
    assert asked_recently(asked.consent, LANDLINE, THURSDAY) == ""
    assert asked_recently(asked.consent, "", THURSDAY) == ""


def test_who_was_asked_on_paper_only_may_not_have_the_question_yet(somebody: Person) -> None:
    form = Paper(somebody.fingerprint, somebody.consent.seals.seal(MOBILE), "fr", "PONT-14", somebody.now.date())
    asked = somebody.later(minutes=-5)
    asked.does("look_up_reminders")
    assert invite(somebody.consent.engine, [form], somebody.now, lambda: somebody.now) == ["invited"]
    assert asked_recently(somebody.consent, MOBILE, asked.later(minutes=30).now) == "fr"  # that was by text
    assert asked_recently(somebody.consent, MOBILE, asked.later(minutes=31).now) == ""


@pytest.mark.parametrize("answer", ["subscribe_all", "subscribe_last"])
def test_who_has_answered_is_not_taken_for_answering_again(somebody: Person, answer: str) -> None:
    somebody.does("look_up_reminders")
    somebody.later(minutes=1).does(answer)
    assert asked_recently(somebody.consent, MOBILE, somebody.later(minutes=2).now) == ""
    somebody.later(minutes=3).does("stop")
    assert asked_recently(somebody.consent, MOBILE, somebody.later(minutes=4).now) == ""
    somebody.later(minutes=5).does("look_up_reminders")
    assert asked_recently(somebody.consent, MOBILE, somebody.later(minutes=6).now) == "fr"


@pytest.mark.parametrize("answer", ["refuse", "stop", "not_me", "erase"])
def test_who_has_nothing_active_and_answers_no_is_not_asked_any_more(somebody: Person, answer: str) -> None:
    somebody.does("stop")  # an objection of before
    somebody.later(minutes=1).does("look_up_reminders")
    somebody.later(minutes=2).does(answer, heard="no")
    assert asked_recently(somebody.consent, MOBILE, somebody.later(minutes=3).now) == ""
    last = rows(somebody.consent.engine, consents)[-1]
    assert (last.event, last.heard, last.channel, last.language) == ("refused", "no", "sms", "fr")
    somebody.later(minutes=4).does("look_up_reminders")
    assert asked_recently(somebody.consent, MOBILE, somebody.later(minutes=5).now) == "fr"


def test_a_stop_in_a_call_answers_the_question_too(somebody: Person) -> None:
    somebody.does("look_up_reminders")
    somebody.calls().later(minutes=1).does("stop")
    assert asked_recently(somebody.consent, MOBILE, somebody.later(minutes=2).now) == ""


def test_a_stop_that_is_only_in_the_journal_answers_the_question_too(somebody: Person) -> None:
    somebody.does("look_up_reminders")
    at = somebody.later(minutes=1).now
    somebody.consent.journal.append(Withdrawal(somebody.fingerprint, "stop", at, "sms", key="SM1.stop"))
    assert asked_recently(somebody.consent, MOBILE, somebody.later(minutes=2).now) == ""


def test_nobody_refuses_what_was_not_asked(somebody: Person) -> None:
    assert somebody.does("refuse") == "refused"
    assert replace(somebody, number="").does("refuse") == "refused"
    somebody.signs_up()
    assert somebody.does("refuse") == "refused"
    assert [row.event for row in rows(somebody.consent.engine, consents)] == ["asked", "given"]
    assert somebody.scope == "all"


def test_a_question_in_a_call_is_not_answered_by_text(somebody: Person) -> None:
    somebody.calls().does("look_up_reminders")
    somebody.calls().does("subscribe_all")
    assert asked_recently(somebody.consent, MOBILE, THURSDAY) == ""


def test_who_said_that_it_is_done_is_told_so_when_looking_up(somebody: Person) -> None:
    somebody.signs_up("last")
    somebody.does("done")
    assert somebody.does("look_up_reminders", heard="remind") == "last_done"
    assert somebody.later(days=30).does("look_up_reminders", heard="remind") == "last"
