"""What has a date of its own is forgotten once it is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update

from helpline.consent.retention import Forgotten, retention
from helpline.menus.windows import PARIS
from helpline.records.tables import messages, subscriptions
from tests.consent.people import APPOINTMENT, Person, rows
from tests.menus.dated_kinds import DATED

PAPER = ("paper", "2027-03-31")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


def nightly(person: Person, moment: str | datetime) -> Forgotten:
    now = at(moment) if isinstance(moment, str) else moment
    consent = person.consent
    return retention(consent.engine, consent.seals, (), now, DATED, consent.journal, page=2)


def sent(person: Person, wave: str, when: str, state: str = "delivered") -> None:
    which = (messages.c.caller_id == person.row().id, messages.c.wave == wave)
    went: dict[str, Any] = {"state": state, "tries": 1, "claimed_at": at(when), "changed_at": at(when)}
    with person.consent.engine.begin() as connection:
        assert connection.execute(update(messages).where(*which).values(**went)).rowcount == 1


def kept(person: Person) -> tuple[int, int]:
    """How many things, and messages, are kept."""
    engine = person.consent.engine
    return len(rows(engine, subscriptions)), len(rows(engine, messages))


def test_an_appointment_is_forgotten_a_day_after_it_with_its_messages(somebody: Person) -> None:
    somebody.calls().notes(*APPOINTMENT)
    assert kept(somebody) == (1, 3)
    with somebody.consent.engine.begin() as connection:
        connection.execute(update(messages).values(state="delivered"))
    nightly(somebody, "2026-12-12 03:00")
    assert somebody.has() == [APPOINTMENT]
    assert somebody.row().number is not None
    assert nightly(somebody, "2026-12-13 03:00").dated == 1
    assert kept(somebody) == (0, 0)
    assert somebody.row().number is None


def test_a_paper_is_forgotten_with_its_last_reminder(somebody: Person) -> None:
    somebody.notes(*PAPER)
    sent(somebody, "second", "2027-01-15 10:00")
    nightly(somebody, "2027-03-16 03:00")
    assert kept(somebody)[0] == 1
    sent(somebody, "last", "2027-03-16 10:00")
    nightly(somebody, "2027-03-17 03:00")
    assert kept(somebody) == (0, 0)


def test_what_the_carrier_took_and_never_spoke_of_again_is_forgotten_a_day_later(somebody: Person) -> None:
    somebody.notes(*PAPER)
    sent(somebody, "last", "2027-03-16 10:00", "accepted")
    nightly(somebody, "2027-03-17 03:00")
    assert kept(somebody)[0] == 1
    nightly(somebody, "2027-03-18 03:00")
    assert kept(somebody) == (0, 0)


def test_what_may_be_on_its_way_waits(somebody: Person) -> None:
    somebody.notes(*APPOINTMENT)
    sent(somebody, "morning", "2026-12-11 09:00", "unknown")
    nightly(somebody, "2026-12-14 03:00")
    assert kept(somebody)[0] == 1


def test_a_paper_whose_last_reminder_can_no_longer_go_is_forgotten(somebody: Person) -> None:
    somebody.notes(*PAPER)
    nightly(somebody, "2027-03-31 03:00")
    assert kept(somebody) == (0, 0)


def test_what_was_ended_is_forgotten_a_day_later(somebody: Person) -> None:
    somebody.notes(*PAPER)
    somebody.notes(*APPOINTMENT)
    paper = next(item.key for item in somebody.told("look_up_reminders").items if item.kind == "paper")
    somebody.does("end_item", item=paper)
    nightly(somebody, somebody.now + timedelta(hours=12))
    assert {row.kind for row in rows(somebody.consent.engine, messages)} == {"paper", "appointment"}
    nightly(somebody, somebody.now + timedelta(hours=36))
    assert {row.kind for row in rows(somebody.consent.engine, messages)} == {"appointment"}
    assert {row.kind for row in rows(somebody.consent.engine, subscriptions)} == {"appointment"}


def test_what_was_ended_and_noted_again_keeps_its_messages(somebody: Person) -> None:
    somebody.notes(*PAPER)
    somebody.does("end_item", item=somebody.told("look_up_reminders").items[0].key)
    somebody.later(minutes=1).notes(*PAPER)
    nightly(somebody, somebody.now + timedelta(hours=36))
    assert kept(somebody) == (1, 2)
    assert somebody.has() == [PAPER]


def test_a_thing_whose_kind_is_no_more_is_forgotten_when_it_is_over(somebody: Person) -> None:
    somebody.notes(*PAPER)
    with somebody.consent.engine.begin() as connection:
        connection.execute(update(subscriptions).values(kind="holiday"))
    nightly(somebody, "2027-03-31 03:00")
    assert len(rows(somebody.consent.engine, subscriptions)) == 1
    nightly(somebody, "2027-04-03 03:00")
    assert rows(somebody.consent.engine, subscriptions) == []


def test_whoever_has_only_things_with_a_date_is_not_asked_to_go_on(somebody: Person) -> None:
    far = ("paper", "2028-06-30")
    somebody.notes(*far)
    nightly(somebody, somebody.now + timedelta(days=345))
    later = nightly(somebody, somebody.now + timedelta(days=500))
    assert (later.asked, later.erased) == (0, 0)
    assert somebody.has() == [far]
    assert {row.kind for row in rows(somebody.consent.engine, messages)} == {"paper"}


def test_whoever_had_only_such_things_is_erased_a_year_later(somebody: Person) -> None:
    somebody.notes(*APPOINTMENT)
    nightly(somebody, "2026-12-14 03:00")
    nightly(somebody, somebody.now + timedelta(days=370))
    assert somebody.row() is None


def test_the_monthly_reminders_outlive_an_appointment(somebody: Person) -> None:
    somebody.signs_up()
    somebody.notes(*APPOINTMENT)
    nightly(somebody, "2026-12-14 03:00")
    assert somebody.scope == "all"
    assert somebody.row().number is not None


def test_a_call_is_asked_whether_to_go_on_by_call(somebody: Person) -> None:
    caller = replace(somebody).calls()
    caller.does("confirm_call_all")
    nightly(somebody, somebody.now + timedelta(days=345))
    asked = [row for row in rows(somebody.consent.engine, messages) if row.kind == "keep"]
    assert [row.queue for row in asked] == ["calls"]


def test_a_paper_whose_welcome_is_in_doubt_waits_so_that_its_date_is_kept_nowhere(somebody: Person) -> None:
    somebody.calls().notes(*PAPER)
    sent(somebody, "last", "2027-03-16 10:00")
    sent(somebody, "paper", "2026-12-03 10:00", state="unknown")
    nightly(somebody, "2027-03-17 03:00")
    assert kept(somebody)[0] == 1
    sent(somebody, "paper", "2026-12-03 10:00")
    nightly(somebody, "2027-03-18 03:00")
    assert kept(somebody) == (0, 0)
