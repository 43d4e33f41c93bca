"""Who signed on paper is asked once by text; only their own answer signs them up, and silence is forgotten."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from helpline.consent.consent import Consent
from helpline.consent.idleness import months_before
from helpline.consent.invitations import (
    Fate,
    Paper,
    fates,
    forget_invitations,
    forget_unanswered,
    invite,
)
from helpline.consent.kept import what_is_kept
from helpline.consent.retention import Forgotten, retention
from helpline.consent.withdrawing import blocked_by_carrier
from helpline.records.engine import reading
from helpline.records.messages import move
from helpline.records.tables import callers, consents, invitations, messages, subscriptions
from tests.consent.people import ASK, MOBILE, Person, rows
from tests.menus.calendars import USUAL

TODAY = date(2026, 12, 3)
IN_AN_HOUR = timedelta(hours=1)


def paper(person: Person, on: date = TODAY, form: str = "PONT-14", language: str = "fr") -> Paper:
    return Paper(person.fingerprint, person.consent.seals.seal(person.number), language, form, on)


def invited(person: Person, on: date = TODAY, form: str = "PONT-14", language: str = "fr") -> Fate:
    """What an import does for one person, which is also what it said that it would do."""
    with reading(person.consent.engine).connect() as connection:
        (told,) = fates(connection, [(person.fingerprint, on)])
    papers = [paper(person, on, form, language)]
    (done,) = invite(person.consent.engine, papers, person.now, lambda: person.now + IN_AN_HOUR)
    assert done == told
    return done


def gone_out(person: Person) -> None:
    """The carrier took what was planned."""
    with person.consent.engine.begin() as connection:
        move(connection, "sending", person.now)
        move(connection, "accepted", person.now)


def nightly(person: Person) -> int:
    """How many were forgotten."""
    return sum(done["invited"] for _, done in forget_unanswered(person.consent.engine, person.now, 2))


@pytest.fixture
def somebody(consent: Consent) -> Person:
    return Person(consent)


def test_an_invitation_is_a_text_to_be_sent_and_a_question_asked_on_paper(somebody: Person) -> None:
    assert invited(somebody, date(2026, 11, 2), language="en") == "invited"
    engine = somebody.consent.engine
    (caller,) = rows(engine, callers)
    assert somebody.consent.seals.open(caller.number) == MOBILE
    assert (caller.language, caller.channel) == ("en", "sms")
    (message,) = rows(engine, messages)
    assert (message.kind, message.occurrence, message.wave) == ("invite", "2026-11-02", "")
    assert (message.queue, message.state, message.due_at) == ("bulk", "planned", somebody.now + IN_AN_HOUR)
    assert message.not_after == message.due_at + timedelta(days=7)
    (asked,) = rows(engine, consents)
    assert (asked.event, asked.channel, asked.heard, asked.kind) == ("asked", "paper", "signed 2026-11-02", "update")
    (kept,) = rows(engine, invitations)
    assert (kept.form, kept.signed_on, kept.language) == ("PONT-14", "2026-11-02", "en")


def test_nobody_is_subscribed_by_a_file(somebody: Person) -> None:
    invited(somebody)
    assert rows(somebody.consent.engine, subscriptions) == []
    assert somebody.scope == ""


@pytest.mark.parametrize(("key", "scope"), [("subscribe_all", "all"), ("subscribe_last", "last")])
def test_the_answer_to_it_signs_up_with_the_words_that_were_sent(somebody: Person, key: str, scope: str) -> None:
    invited(somebody)
    gone_out(somebody)
    assert somebody.later(days=2).does(key) == "saved"
    assert somebody.scope == scope
    events = [(proof.event, proof.channel, proof.scope) for proof in rows(somebody.consent.engine, consents)]
    assert events == [("asked", "paper", ""), ("given", "sms", scope)]
    assert nightly(somebody.later(days=60)) == 0
    assert rows(somebody.consent.engine, invitations)[0].form == "PONT-14"


def test_the_answer_counts_also_of_somebody_whose_reminders_had_ended(somebody: Person) -> None:
    somebody.signs_up()
    with somebody.consent.engine.begin() as connection:
        connection.execute(subscriptions.update().values(ended_at=somebody.now, end_reason="idle"))
        connection.execute(consents.insert().values(_ended(somebody)))
    assert somebody.does("subscribe_all") == "not_asked"
    later = somebody.later(days=10)
    assert invited(later) == "invited"
    assert later.later(hours=2).does("subscribe_all") == "saved"


def _ended(person: Person) -> dict[str, object]:
    row = {"fingerprint": person.fingerprint, "at": person.now, "kind": "update", "event": "ended"}
    return {**row, "channel": "nightly", "language": "fr"}


def test_a_stop_in_answer_is_final(somebody: Person) -> None:
    invited(somebody)
    assert somebody.later(hours=2).does("stop", heard="STOP") == "stopped"
    assert somebody.message_states() == {("invite", ""): ("skipped", "stop")}
    assert somebody.later(hours=3).does("subscribe_all") == "not_asked"
    assert invited(somebody.later(days=200), date(2027, 6, 1)) == "objected"


def test_who_said_stop_before_is_left_alone(somebody: Person) -> None:
    somebody.signs_up()
    somebody.later(hours=1).does("stop", heard="STOP")
    assert invited(somebody.later(days=1)) == "objected"
    assert rows(somebody.consent.engine, invitations) == []


def test_who_has_the_reminders_is_left_alone(somebody: Person) -> None:
    somebody.signs_up("last")
    assert invited(somebody) == "subscribed"
    assert (somebody.scope, rows(somebody.consent.engine, messages)) == ("last", [])


def test_whom_the_carrier_blocks_is_left_alone(somebody: Person) -> None:
    somebody.signs_up()
    blocked_by_carrier(somebody.consent.engine, somebody.fingerprint, somebody.now)
    assert invited(somebody) == "blocked"


def test_a_second_time_changes_nothing(somebody: Person) -> None:
    invited(somebody)
    before = [rows(somebody.consent.engine, table) for table in (callers, messages, invitations, consents)]
    assert invited(somebody.later(days=1)) == "already"
    assert before == [rows(somebody.consent.engine, table) for table in (callers, messages, invitations, consents)]


@pytest.mark.parametrize(("days", "fate"), [(90, "already"), (91, "invited")])
@pytest.mark.parametrize("form", ["PONT-14", "PONT-15"])
def test_a_new_form_invites_again_after_ninety_days(somebody: Person, days: int, fate: Fate, form: str) -> None:
    invited(somebody)
    signed = TODAY + timedelta(days=days)
    assert invited(somebody.later(days=days), signed, form) == fate
    assert len(rows(somebody.consent.engine, messages)) == 1 + (fate == "invited")


def test_an_old_form_does_not_invite_again_however_late_it_comes(somebody: Person) -> None:
    invited(somebody)
    assert invited(somebody.later(days=300), TODAY + timedelta(days=30), "PONT-15") == "already"


def test_somebody_known_gets_their_number_back_and_who_is_reminded_of_something_keeps_theirs(somebody: Person) -> None:
    somebody.signs_up()
    engine = somebody.consent.engine
    with engine.begin() as connection:
        connection.execute(subscriptions.update().values(ended_at=somebody.now))
        connection.execute(callers.update().values(number=None, number_key=None))
    assert invited(somebody, language="en") == "invited"
    assert (somebody.consent.seals.open(somebody.row().number), somebody.row().language) == (MOBILE, "en")
    with engine.begin() as connection:
        connection.execute(subscriptions.update().values(ended_at=None, kind="appointment", occurrence="2026-12-30"))
    again = somebody.later(days=200)
    assert invited(again, date(2027, 6, 1), language="fr") == "invited"
    assert somebody.row().language == "en"


def test_who_is_silent_for_a_month_is_forgotten_but_not_invited_again(somebody: Person) -> None:
    invited(somebody)
    gone_out(somebody)
    assert nightly(somebody.later(days=29)) == 0
    assert nightly(somebody.later(days=30)) == 1
    assert (rows(somebody.consent.engine, callers), rows(somebody.consent.engine, messages)) == ([], [])
    (kept,) = rows(somebody.consent.engine, invitations)
    assert kept == (somebody.fingerprint, "", "", "", somebody.now)
    assert nightly(somebody.later(days=31)) == 0
    assert invited(somebody.later(days=40), TODAY + timedelta(days=40)) == "already"
    assert invited(somebody.later(days=100), TODAY + timedelta(days=100)) == "invited"


def test_nobody_is_forgotten_to_whom_the_text_may_still_go(somebody: Person) -> None:
    invited(somebody)
    assert nightly(somebody.later(days=30)) == 0
    assert somebody.row().number


def test_many_are_forgotten_page_by_page(consent: Consent) -> None:
    people = [Person(consent, f"+3363998000{place}") for place in range(5)]
    for person in people:
        invited(person)
    gone_out(people[0])
    people[1].later(days=1).does("subscribe_all")
    assert nightly(people[0].later(days=30)) == 4
    assert [row.fingerprint for row in rows(consent.engine, callers)] == [people[1].fingerprint]
    assert sum(row.form == "" for row in rows(consent.engine, invitations)) == 4


def test_that_somebody_was_invited_is_forgotten_with_the_objections(somebody: Person) -> None:
    invited(somebody)
    gone_out(somebody)
    nightly(somebody.later(days=30))

    def forgotten(now: datetime) -> int:
        limit = months_before(now, 36)
        return sum(done["invitations"] for _, done in forget_invitations(somebody.consent.engine, limit, 2))

    assert forgotten(somebody.later(days=3 * 365).now) == 0
    assert forgotten(somebody.later(days=3 * 366).now) == 1
    assert rows(somebody.consent.engine, invitations) == []


def test_who_erases_everything_is_kept_as_an_objection_only(somebody: Person) -> None:
    invited(somebody)
    assert somebody.later(hours=2).does("erase", heard="EFFACER") == "erased"
    assert rows(somebody.consent.engine, invitations) == []
    assert invited(somebody.later(days=100), TODAY + timedelta(days=100)) == "objected"


def test_what_is_kept_tells_of_the_invitation_until_it_is_forgotten(somebody: Person) -> None:
    invited(somebody)
    gone_out(somebody)
    (kept,) = what_is_kept(somebody.consent.engine, somebody.fingerprint).invitations
    assert (kept.form, kept.signed_on, kept.invited_at) == ("PONT-14", "2026-12-03", somebody.now)
    nightly(somebody.later(days=30))
    after = what_is_kept(somebody.consent.engine, somebody.fingerprint)
    assert not after.is_nothing
    assert [(one.form, one.signed_on) for one in after.invitations] == [("", "")]


def test_the_whole_night_forgets_who_was_silent(somebody: Person) -> None:
    invited(somebody)
    gone_out(somebody)
    consent = somebody.consent

    def night(days: int) -> Forgotten:
        now = somebody.later(days=days).now
        return retention(consent.engine, consent.seals, (), now, USUAL, consent.journal)

    assert night(1).numbers == 1
    assert somebody.row().number is None
    assert night(30).invited == 1
    assert rows(consent.engine, consents) == []
    assert night(3 * 366).invitations == 1


def test_the_words_that_were_answered_are_the_proof(somebody: Person) -> None:
    invited(somebody)
    assert replace(somebody, now=somebody.now + IN_AN_HOUR).does("subscribe_all", shown=ASK) == "saved"
    asked, given = rows(somebody.consent.engine, consents)
    assert (asked.text_hash, given.text_hash is not None) == (None, True)
