"""Objections: what "not me" answers beside reminders, and what stays of several withdrawals of one number."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from helpline.consent.applying import apply_journal
from helpline.consent.invitations import Paper, forget_unanswered, invite
from helpline.consent.withdrawal import Reason, Withdrawal
from helpline.consent.withdrawing import apply, blocked_by_carrier, ended_by_carrier
from helpline.records.tables import callers, controls, effects, messages, objections
from tests.consent.people import THURSDAY, Person, rows

ONE_OF_THEM = ["page", "call_back", "invite"]


def objection(person: Person) -> tuple[float, str] | None:
    """After how many minutes this number objected, and why."""
    found = rows(person.consent.engine, objections, objections.c.fingerprint == person.fingerprint)
    return ((found[0].since - THURSDAY) / timedelta(minutes=1), found[0].reason) if found else None


def invited(person: Person) -> None:
    form = Paper(person.fingerprint, person.consent.seals.seal(person.number), "fr", "PONT-14", person.now.date())
    assert invite(person.consent.engine, [form], person.now, lambda: person.now) == ["invited"]


def known(person: Person) -> None:
    """The helpline has a row of them, and they are reminded of nothing."""
    person.signs_up()
    active = person.later(minutes=1).told("look_up_reminders")
    assert active.name == "all"
    with person.consent.engine.begin() as connection:
        connection.execute(callers.delete())
        connection.execute(objections.delete())
        row = {"fingerprint": person.fingerprint, "number": "sealed", "number_key": "key", "language": "fr"}
        moments = {"created_at": person.now, "last_seen": person.now}
        connection.execute(callers.insert().values(**row, **moments, spread=1))


def withdrawn(person: Person, reason: Reason, minutes: int) -> Withdrawal:
    at = THURSDAY + timedelta(minutes=minutes)
    erases = reason == "erase"
    return Withdrawal(person.fingerprint, reason, at, "sms", key=f"{minutes}.{reason}", erases=erases)


@pytest.mark.parametrize("kind", ONE_OF_THEM)
@pytest.mark.parametrize("state", ["planned", "accepted", "delivered", "unknown"])
def test_not_me_answers_what_went_for_once(somebody: Person, kind: str, state: str) -> None:
    known(somebody)
    somebody.gets(kind, "", "x@1", state=state, due_at=somebody.now)
    assert somebody.later(minutes=5).does("not_me") == "stopped"
    assert objection(somebody) == (5, "not_me")
    assert somebody.message_states()[kind, ""] == (("skipped", "not_me") if state == "planned" else (state, ""))


def test_not_me_answers_an_invitation_whose_text_was_forgotten(somebody: Person) -> None:
    invited(somebody)
    with somebody.consent.engine.begin() as connection:
        connection.execute(messages.update().values(state="delivered"))
    later = somebody.later(days=31)
    assert [done["invited"] for _, done in forget_unanswered(somebody.consent.engine, later.now, 10)] == [1]
    assert somebody.row() is None
    assert later.does("not_me") == "stopped"
    assert objection(somebody) == (31 * 24 * 60, "not_me")


def test_not_me_answers_nothing_where_only_reminders_of_long_ago_are_known(somebody: Person) -> None:
    known(somebody)
    somebody.gets("welcome", "all", "CA1", state="delivered", due_at=somebody.now)
    assert somebody.later(minutes=5).does("not_me") == "nothing"
    assert objection(somebody) is None


@pytest.mark.parametrize("kind", ONE_OF_THEM)
def test_what_is_asked_for_after_a_withdrawal_is_left_alone_by_it(somebody: Person, kind: str) -> None:
    """The journal is applied from its beginning now and then."""
    known(somebody)
    later = somebody.later(minutes=10)
    later.gets(kind, "", "x@1", due_at=later.now)
    for reason in ("not_me", "stop"):
        somebody.consent.journal.append(withdrawn(somebody, reason, 5))
        apply_journal(somebody.consent.engine, somebody.consent.journal, later.later(minutes=1).now)
        assert somebody.message_states() == {(kind, ""): ("planned", "")}
    assert objection(somebody) == (5, "stop")


def test_a_newer_withdrawal_brings_an_objection_up_to_date(somebody: Person) -> None:
    somebody.does("stop")
    assert objection(somebody) == (0, "stop")
    somebody.later(minutes=5).does("erase")
    assert objection(somebody) == (5, "erase")
    assert somebody.later(minutes=6).does("not_me") == "nothing"
    assert objection(somebody) == (6, "not_me")
    somebody.later(minutes=7).does("stop")
    assert objection(somebody) == (7, "not_me")


def test_what_the_carrier_says_hides_nothing_that_the_owner_said(somebody: Person) -> None:
    ended_by_carrier(somebody.consent.engine, somebody.fingerprint, "30005", THURSDAY)
    assert objection(somebody) == (0, "ended")
    somebody.later(minutes=5).does("stop")
    blocked_by_carrier(somebody.consent.engine, somebody.fingerprint, somebody.later(minutes=6).now)
    assert objection(somebody) == (5, "stop")


@pytest.mark.parametrize(
    ("said", "stays"),
    [
        ([("stop", 4), ("not_me", 2), ("operator", 6), ("stop", 6), ("blocked", 8)], (6, "not_me")),
        ([("stop", 4), ("erase", 6), ("operator", 6), ("ended", 3), ("blocked", 8)], (6, "operator")),
        ([("ended", 3), ("blocked", 8)], (8, "blocked")),
    ],
)
def test_in_whichever_order_withdrawals_come_the_same_is_kept(
    somebody: Person, said: list[tuple[Reason, int]], stays: tuple[float, str]
) -> None:
    """As those of two machines with a journal each may."""
    kept = set()
    for number, order in enumerate(permutations(said)):
        person = replace(somebody, number=f"+3363998{number:04}")
        withdrawals = [withdrawn(person, *one) for one in order]
        with somebody.consent.engine.begin() as connection:
            added = callers.insert().values(
                fingerprint=person.fingerprint, language="fr", created_at=THURSDAY, last_seen=THURSDAY, spread=1
            )
            (caller,) = connection.execute(added).inserted_primary_key or ()
            of_them = {"caller_id": caller, "kind": "page", "occurrence": "x@1", "wave": "", "queue": "replies"}
            moments = dict.fromkeys(("due_at", "not_after", "changed_at"), THURSDAY)
            connection.execute(messages.insert().values(**of_them, **moments, state="delivered"))
            for withdrawal in withdrawals:
                apply(connection, withdrawal, person.later(hours=1).now)
        kept.add(objection(person))
    assert kept == {stays}


def test_a_journal_that_is_applied_again_changes_nothing(somebody: Person) -> None:
    engine, journal = somebody.consent.engine, somebody.consent.journal
    known(somebody)
    said: list[tuple[Reason, int]] = [("not_me", 1), ("stop", 4), ("erase", 6), ("operator", 9)]
    journal.append(*[withdrawn(somebody, *one) for one in said])
    found = []
    for _ in range(3):
        apply_journal(engine, journal, somebody.later(hours=1).now)
        found.append(objection(somebody))
        with engine.begin() as connection:
            connection.execute(controls.delete())
            connection.execute(effects.delete())
    assert found == [(9, "operator")] * 3
