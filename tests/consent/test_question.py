"""A question that was answered is answered no second time: an old message of ours may still stand in a session."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from helpline.consent.looking_up import asked_recently
from helpline.consent.performers import performers
from helpline.consent.withdrawing import blocked_by_carrier
from helpline.records.engine import open_records
from helpline.records.tables import callers, consents, objections
from helpline.sms.store import CallerStore
from helpline.sms.texts import Text, Texts
from helpline.telemetry.counters import Counters
from helpline.turns.turn import Turns
from tests.conftest import Line
from tests.consent.people import MOBILE, THURSDAY, Person, rows
from tests.conversations.player import Folder, load
from tests.phone import new_sid

ANSWERS = ["subscribe_all", "subscribe_last"]


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("left_by", ["refuse", "stop", "not_me", "erase"])
def test_who_left_the_question_signs_up_only_after_it_was_asked_again(
    somebody: Person, left_by: str, answer: str
) -> None:
    somebody.does("look_up_reminders")
    somebody.later(minutes=1).does(left_by)
    before = [row.event for row in rows(somebody.consent.engine, consents)]

    assert somebody.later(minutes=2).does(answer) == "not_asked"

    assert somebody.scope == ""
    assert rows(somebody.consent.engine, callers) == []
    assert [row.event for row in rows(somebody.consent.engine, consents)] == before
    somebody.later(minutes=3).does("look_up_reminders")
    assert somebody.later(minutes=4).does(answer) == "saved"


@pytest.mark.parametrize("ended_by", ["stop", "not_me", "erase"])
def test_what_has_ended_comes_back_only_after_it_was_asked_again(somebody: Person, ended_by: str) -> None:
    somebody.signs_up()
    somebody.calls().later(minutes=1).does(ended_by)
    assert somebody.later(minutes=2).does("subscribe_last") == "not_asked"
    assert somebody.scope == ""
    assert len(rows(somebody.consent.engine, objections)) == 1
    somebody.later(minutes=3).signs_up()
    assert somebody.scope == "all"


def test_a_stop_that_waits_in_the_journal_has_answered_too(somebody: Person, tmp_path: Path) -> None:
    somebody.does("look_up_reminders")
    away = replace(somebody.consent, engine=open_records(f"sqlite:///{tmp_path}/no/folder.db", 0.1))
    assert replace(somebody.later(minutes=1), consent=away).does("stop") == "stopped"
    assert somebody.later(minutes=2).does("subscribe_all") == "not_asked"


def test_a_question_in_a_call_opens_none_by_text(somebody: Person) -> None:
    somebody.does("look_up_reminders")
    somebody.later(minutes=1).does("refuse")
    call = somebody.calls().later(minutes=2)
    call.does("look_up_reminders")
    call.does("subscribe_all")
    assert somebody.later(minutes=3).does("subscribe_all") == "not_asked"


def test_two_keys_of_a_call_ask_and_answer_by_themselves(somebody: Person) -> None:
    somebody.does("look_up_reminders")
    somebody.later(minutes=1).does("refuse")
    call = somebody.calls().later(minutes=2)
    assert call.does("subscribe_all") == "confirm"
    assert call.does("confirm_all") == "saved"


def test_a_question_of_days_ago_may_be_answered(somebody: Person) -> None:
    """The conversation shows it again before it takes a late answer."""
    somebody.does("look_up_reminders")
    assert somebody.later(days=2).does("subscribe_all") == "saved"


def test_who_has_reminders_changes_them_without_being_asked_anew(somebody: Person) -> None:
    somebody.signs_up()
    somebody.later(days=1).does("stop")
    somebody.later(days=2).calls().signs_up()
    assert somebody.later(days=3).does("subscribe_last") == "saved"
    assert somebody.scope == "last"


def test_who_is_blocked_is_told_so_all_the_same(somebody: Person) -> None:
    somebody.signs_up()
    blocked_by_carrier(somebody.consent.engine, somebody.fingerprint, somebody.later(minutes=1).now)
    assert somebody.later(minutes=2).does("subscribe_all") == "blocked"


def test_a_repeat_hears_what_the_first_one_heard(somebody: Person) -> None:
    somebody.does("look_up_reminders")
    somebody.later(minutes=1).does("refuse")
    assert somebody.later(minutes=2).does("subscribe_all", key="SM1") == "not_asked"
    somebody.later(minutes=3).does("look_up_reminders")
    assert somebody.later(minutes=4).does("subscribe_all", key="SM1") == "not_asked"
    assert somebody.scope == ""
    assert somebody.later(minutes=5).does("subscribe_all", key="SM2") == "saved"


@pytest.mark.parametrize("word", ["NON", "STOP", "menu"])
def test_who_left_the_question_while_redis_was_down_is_asked_again_when_it_is_back(
    line: Line, somebody: Person, word: str
) -> None:
    now = [THURSDAY]

    def texts(body: str, sid: str = "") -> tuple[str, ...]:
        now[0] += timedelta(seconds=20)
        return talk.answer(Text(sid or new_sid(), MOBILE, body))

    consent = somebody.consent
    talk = Texts(
        Folder(load(("fr", "en"))),
        Turns(performers(consent), Counters()),
        CallerStore(line.wire.url),
        Counters(),
        b"the key of sessions",
        lambda: now[0],
        lambda number, moment: asked_recently(consent, number, moment),
    )
    (asked,) = texts("rappel")
    line.wire.refuse()
    texts(word)
    line.wire.forward()
    sid = new_sid()
    assert texts("1", sid) == (asked,)
    assert somebody.scope == ""
    assert texts("1", sid) == (asked,)
    assert [row.event for row in rows(consent.engine, consents)] == ["asked", "refused", "asked"]
    texts("1")
    assert somebody.scope == "all"
