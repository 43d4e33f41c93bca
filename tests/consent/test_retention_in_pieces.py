"""What is forgotten at night is forgotten in pieces: each goes on where the one before was cut short or killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import Engine, event, update

from helpline.consent.consent import Consent
from helpline.consent.retention import Forgotten, retention
from helpline.consent.rounds import PLACE, Page, go_on
from helpline.records.engine import open_records
from helpline.records.sealing import Seals
from helpline.records.tables import callers, consents, controls, effects, messages, objections
from tests.consent.people import SEALING, THURSDAY, Person, rows
from tests.databases import address
from tests.menus.calendars import USUAL
from tests.records.filled import OTHER_KEY

MANY = 7
MINUTE = timedelta(minutes=1)


def people(consent: Consent, many: int = MANY) -> list[Person]:
    found = [Person(consent, f"+336399810{number:02}") for number in range(many)]
    for person in found:
        person.signs_up()
    return found


def piece(consent: Consent, now: datetime, seconds: float = 0, page: int = 2) -> Forgotten:
    return retention(consent.engine, consent.seals, (), now, USUAL, consent.journal, page, seconds)


def pieces_until_done(consent: Consent, now: datetime, every: timedelta = MINUTE) -> list[Forgotten]:
    found = []
    for number in range(100):
        found.append(piece(consent, now + number * every))
        if found[-1].round_began:
            return found
    raise AssertionError("it is never done")


def test_without_time_a_piece_is_one_page(consent: Consent) -> None:
    people(consent)
    now = THURSDAY + timedelta(days=340)
    assert [piece(consent, now + number * MINUTE).asked for number in range(5)] == [2, 2, 2, 1, 0]
    assert len(rows(consent.engine, messages)) == MANY


def test_after_enough_pieces_everything_is_done_that_one_night_would_have_done(consent: Consent) -> None:
    for person in people(consent):
        person.later(days=1).does("erase")
    rotated = replace(consent, seals=Seals([OTHER_KEY, SEALING]))
    stays = Person(rotated, "+33639981099", now=THURSDAY + timedelta(days=1200))
    replace(stays, consent=consent).signs_up()
    now = THURSDAY + timedelta(days=1240)

    found = pieces_until_done(rotated, now)

    assert [each.round_began for each in found[:-1]] == [None] * (len(found) - 1)
    assert found[-1].round_began == now
    assert sum(each.effects for each in found) == 2 * MANY + MANY + 2
    assert sum(each.proofs for each in found) == 3 * MANY
    assert sum(each.objections for each in found) == MANY
    assert sum(each.journal_lines for each in found) == MANY
    assert sum(each.resealed for each in found) == 1
    assert rows(consent.engine, effects) == rows(consent.engine, objections) == []
    assert {row.fingerprint for row in rows(consent.engine, consents)} == {stays.fingerprint}
    assert Seals([OTHER_KEY]).open(stays.row().number) == stays.number
    assert piece(rotated, now + timedelta(days=1), seconds=60).round_began == now + timedelta(days=1)


def test_with_time_enough_one_piece_is_a_whole_round(consent: Consent) -> None:
    people(consent)
    now = THURSDAY + timedelta(days=340)
    found = piece(consent, now, seconds=3600)
    assert (found.asked, found.round_began) == (MANY, now)
    assert rows(consent.engine, controls, controls.c.name == PLACE) == []


def test_nobody_is_erased_in_a_later_piece_who_was_there_since_the_first(consent: Consent) -> None:
    """Days may lie between two pieces of one round."""
    found = people(consent, 3)
    piece(consent, THURSDAY + timedelta(days=340), seconds=3600)
    with consent.engine.begin() as connection:
        connection.execute(update(messages).values(state="delivered"))
    first = THURSDAY + timedelta(days=380)
    assert [piece(consent, first, page=1).erased for _ in range(2)] == [0, 1]  # nobody is to be asked; the first went
    replace(found[1], now=first + timedelta(days=1)).does("keep")
    later = pieces_until_done(consent, first + timedelta(days=2))
    assert sum(each.erased for each in later) == 1
    assert [row.fingerprint for row in rows(consent.engine, callers)] == [found[1].fingerprint]


def test_a_stop_that_waits_in_the_journal_is_applied_before_any_piece(consent: Consent) -> None:
    found = people(consent, 3)
    now = THURSDAY + timedelta(days=340)
    piece(consent, now, page=1)
    away = replace(consent, engine=open_records(f"sqlite:///{consent.journal.path.parent}/no/folder.db", 0.1))
    Person(away, found[2].number, now=now).does("stop")
    piece(consent, now + MINUTE, page=1)
    piece(consent, now + 2 * MINUTE, page=1)
    asked = {row.caller_id for row in rows(consent.engine, messages, messages.c.kind == "keep")}
    assert asked == {found[0].row().id, found[1].row().id}


def test_pieces_on_other_days_are_of_the_round_that_the_first_began(consent: Consent) -> None:
    people(consent)
    now = THURSDAY + timedelta(days=340)
    found = pieces_until_done(consent, now, timedelta(hours=7))
    assert sum(each.asked for each in found) == MANY
    assert found[-1].round_began == now


def test_a_piece_that_breaks_off_anywhere_is_made_up_for(consent: Consent) -> None:
    """At each statement in turn, as if it were killed there: what is done in the end is the same."""
    now = THURSDAY + timedelta(days=340)
    people(consent, 3)
    for breaks_at in count():
        with consent.engine.begin() as connection:
            connection.execute(messages.delete())
            connection.execute(controls.delete())
        if not _broken_off(consent, now, breaks_at):
            break
        found = pieces_until_done(consent, now + MINUTE)
        assert len(rows(consent.engine, messages)) == 3, breaks_at
        assert found[-1].round_began in (now, now + MINUTE)
    assert breaks_at > 20


def _broken_off(consent: Consent, now: datetime, at: int) -> bool:
    """A round that fails at that statement. False if it has not so many."""
    left = iter(range(at))

    def look(*of_statement: object) -> None:
        if next(left, None) is None:
            raise KeyboardInterrupt

    event.listen(consent.engine, "before_cursor_execute", look)
    try:
        piece(consent, now, seconds=3600)
    except KeyboardInterrupt:
        return True
    else:
        return False
    finally:
        event.remove(consent.engine, "before_cursor_execute", look)


PROGRAM = """
import sys, time
from datetime import datetime, timedelta
from helpline.consent.rounds import go_on
from helpline.records.engine import open_records

def slow(after):
    for page in range((after or 0) + 1, 1000):
        print(page, flush=True)
        time.sleep(0.05)
        yield page, {"pages": 1}

steps = {"quick": lambda after: iter(()), "slow": slow}
go_on(open_records(sys.argv[1]), steps, datetime.fromisoformat(sys.argv[2]), 3600)
"""


def test_a_round_that_is_killed_is_still_the_same_round(engine: Engine) -> None:
    words = [sys.executable, "-c", PROGRAM, address(engine), THURSDAY.isoformat()]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout
        assert program.stdout.readline() == "1\n"
        os.kill(program.pid, signal.SIGKILL)
    begun: list[object] = []

    def slow(after: object) -> list[Page]:
        begun.append(after)
        return [(1, {"pages": 1})]

    found = go_on(
        engine, {"quick": lambda after: iter(()), "slow": lambda after: iter(slow(after))}, THURSDAY + MINUTE, 60
    )
    assert found.round_began == THURSDAY
    assert begun == [None]
    assert found.counts == {"pages": 1}


def test_a_step_that_is_no_more_begins_a_new_round(engine: Engine) -> None:
    assert go_on(engine, {"old": lambda after: iter([(7, {})])}, THURSDAY, 0).round_began is None
    found = go_on(engine, {"new": lambda after: iter([(1, {"pages": 1})])}, THURSDAY + MINUTE, 60)
    assert found.round_began == THURSDAY + MINUTE


@pytest.mark.parametrize("after", [7, "a" * 32, None])
def test_it_goes_on_after_the_key_of_the_last_page(engine: Engine, after: object) -> None:
    began: list[object] = []

    def step(start: object) -> list[Page]:
        began.append(start)
        return [(after, {"pages": 1})]

    steps = {"one": lambda start: iter(step(start)), "two": lambda start: iter(())}
    for _ in range(2):
        go_on(engine, steps, THURSDAY, 0)
    assert began == [None, after]
