"""A call counts as delivered only if whoever picked up was told what it is about, and nobody is told it twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import Engine, insert, update

from helpline.carrier.calling import ListedCall
from helpline.carrier.sending import Carrier
from helpline.records.engine import open_records
from helpline.records.restore import RECONCILE
from helpline.records.tables import controls, messages
from helpline.reminders.consequences import Consequences
from helpline.reminders.silence import CALL_SILENT_AFTER, ask_about_silent
from helpline.reminders.status_webhook import Reports
from helpline.reminders.statuses import ONCE_MORE_AFTER
from helpline.reminders.words_said import WAIT_SECONDS, Noting, WordsSaid
from helpline.sms.store import QUICK_TIMEOUT_SECONDS, connect
from helpline.telemetry.counters import Counters
from tests.reminders.bench import KEY, LAST_WAVE, Bench
from tests.reminders.people import paris
from tests.server.running import free_port, wait_until

SID, NEXT = "CA" + "1" * 32, "CA" + "2" * 32
AGAIN = ("planned", "again unheard")


class Web:
    """What the carrier asks and tells of calls: what is to be said, and how they ended.

    `wait`: how long an answer waits for the note, here until it is written.
    """

    def __init__(
        self, bench: Bench, engine: Engine | None = None, redis: Redis | None = None, wait: float = 60
    ) -> None:
        self.bench = bench
        self.counters = Counters()
        known = WordsSaid(redis or bench.redis)
        engine = engine or bench.engine
        self.noting = Noting(engine, known, bench.clock, KEY, self.counters, wait)
        consequences = Consequences(engine, None, bench.alerts.append)
        self.reports = Reports(
            consequences, lambda: bench.prompts.menus.calendar, self.counters, bench.clock, KEY, len, known.known
        )

    def asks(self, message: int, tries: int = 1, sid: str = SID, about: str = "") -> None:
        form = {"CallSid": sid, "CallStatus": "in-progress"}
        self.noting.handed_out(about or self.bench.about(message, tries), form)

    def ends(self, message: int, status: str = "completed", tries: int = 1, sid: str = SID) -> int:
        """The answer's status."""
        form = {"CallSid": sid, "CallStatus": status}
        return self.reports.take(self.bench.about(message, tries), form).status_code


def taken(bench: Bench, tries: int = 1, sid: str = SID, **columns: Any) -> int:
    """A call that the carrier took in this try."""
    state = {"state": "accepted", "tries": tries, "sid": sid, "claimed_at": bench.clock()}
    return bench.call(**(state | columns))


def nowhere() -> Engine:
    return open_records("postgresql+psycopg://nobody@127.0.0.1:1/nothing", patience=0.1)


def no_redis() -> Redis:
    return connect(f"redis://127.0.0.1:{free_port()}/0", QUICK_TIMEOUT_SECONDS)


def stands(bench: Bench, message: int) -> tuple[str, str]:
    row = bench.row(message)
    return row.state, row.reason


def test_who_is_told_what_it_is_about_has_got_the_message(bench: Bench) -> None:
    message, web = taken(bench), Web(bench)
    web.asks(message)
    assert bench.state(message) == "sent"
    assert web.ends(message) == 204
    assert stands(bench, message) == ("delivered", "")
    assert bench.redis.keys("*") == [], "where the database answers, nothing else is asked to keep it"


def test_who_picked_up_while_nobody_answered_the_carrier_is_called_again(bench: Bench) -> None:
    message, web = taken(bench), Web(bench)
    assert web.ends(message) == 204
    assert web.ends(message) == 204
    assert stands(bench, message) == AGAIN
    assert bench.row(message).due_at == bench.clock() + ONCE_MORE_AFTER
    assert bench.row(message).sid == SID


def test_whoever_hears_nothing_in_three_calls_is_called_no_more(bench: Bench) -> None:
    message, web = taken(bench), Web(bench)
    for tries in (1, 2, 3):
        bench.change(message, state="accepted", tries=tries, sid=f"CA{tries:032}")
        web.ends(message, tries=tries, sid=f"CA{tries:032}")
        assert bench.state(message) == ("planned" if tries < 3 else "undelivered")
    assert bench.row(message).reason == "unheard"


def test_who_heard_nothing_is_called_again_within_hours(bench: Bench) -> None:
    bench.clock.now = paris(2026, 12, 12, 19, 50)
    message = taken(bench, not_after=paris(2026, 12, 20))
    Web(bench).ends(message)
    assert bench.row(message).due_at == paris(2026, 12, 14, 9), "the 13th is a Sunday"


def test_who_asked_to_be_called_back_and_heard_nothing_is_called_again_at_any_hour(bench: Bench) -> None:
    bench.clock.now = paris(2026, 12, 12, 19, 50)
    message = taken(bench, kind="call_back", occurrence="a", wave="")
    Web(bench).ends(message)
    assert stands(bench, message) == AGAIN
    assert bench.row(message).due_at == bench.clock() + ONCE_MORE_AFTER


def test_a_call_back_whose_words_were_said_is_over(bench: Bench) -> None:
    message, web = taken(bench, kind="call_back", occurrence="b", wave=""), Web(bench)
    web.asks(message)
    web.ends(message)
    assert bench.state(message) == "delivered"


@pytest.mark.parametrize("state", ["sending", "unknown"])
def test_words_may_be_asked_for_before_our_own_answer_is_written_down(bench: Bench, state: str) -> None:
    message, web = taken(bench, state=state, sid=None), Web(bench)
    web.asks(message)
    assert (bench.state(message), bench.row(message).sid) == ("sent", SID)
    web.ends(message)
    assert bench.state(message) == "delivered"


def test_words_that_are_asked_for_keep_a_call_from_being_made_again_that_was_not_found(bench: Bench) -> None:
    message = taken(bench, state="planned", sid=None, reason="not found")
    Web(bench).asks(message)
    assert bench.state(message) == "sent"


def test_that_the_call_goes_on_does_not_tell_that_anything_was_said(bench: Bench) -> None:
    message, web = taken(bench), Web(bench)
    web.ends(message, "in-progress")
    web.ends(message)
    assert stands(bench, message) == AGAIN


@pytest.mark.parametrize("order", ["ask end ask", "ask ask end", "end ask ask", "end ask end", "ask end end"])
def test_in_whatever_order_and_however_often_words_that_were_said_count_once(bench: Bench, order: str) -> None:
    message, web = taken(bench), Web(bench)
    for what in order.split():
        {"ask": web.asks, "end": web.ends}[what](message)
    assert stands(bench, message) == ("delivered", "")


def test_a_note_that_comes_after_the_last_try_was_given_up_counts(bench: Bench) -> None:
    message, web = taken(bench, tries=3), Web(bench)
    web.ends(message, tries=3)
    assert stands(bench, message) == ("undelivered", "unheard")
    web.asks(message, tries=3)
    assert stands(bench, message) == ("delivered", "")


@pytest.mark.parametrize("state", ["sending", "accepted", "unknown"])
def test_words_of_an_earlier_call_are_enough_when_the_next_one_was_claimed(bench: Bench, state: str) -> None:
    message, web = taken(bench, tries=2, sid=NEXT, state=state), Web(bench)
    web.asks(message, tries=1)
    assert bench.state(message) == "delivered"
    web.ends(message, "busy", tries=2, sid=NEXT)
    assert bench.state(message) == "delivered", "they are not called a third time"


def test_the_end_of_an_earlier_call_in_which_nothing_was_said_leaves_the_next_one_alone(bench: Bench) -> None:
    message, web = taken(bench, tries=2, sid=NEXT), Web(bench)
    web.ends(message, tries=1)
    assert bench.state(message) == "accepted"
    web.asks(message, tries=2, sid=NEXT)
    web.ends(message, tries=1)
    assert bench.state(message) == "sent"


@pytest.mark.parametrize("about", ["", "x", "1.1", "{message}.1.0123456789ab", "{message}.1.", "99999.1.0123456789ab"])
def test_words_for_what_is_not_ours_are_not_noted(bench: Bench, about: str) -> None:
    """Also where a restored backup has given the number of the row to another message."""
    message, web = taken(bench), Web(bench)
    web.asks(message, about=about.format(message=message) or "-")
    assert bench.state(message) == "accepted"
    web.ends(message)
    assert stands(bench, message) == AGAIN


# Where the database does not answer.


def test_with_the_database_away_the_note_is_kept_beside_it(bench: Bench) -> None:
    message = taken(bench)
    Web(bench, nowhere()).asks(message)
    assert bench.state(message) == "accepted"
    (key,) = bench.redis.keys("*")
    assert 0 < bench.redis.ttl(key) <= timedelta(days=3).total_seconds()
    assert Web(bench).ends(message) == 204
    assert bench.state(message) == "delivered"


def test_a_note_beside_the_database_counts_for_its_own_call_only(bench: Bench) -> None:
    message = taken(bench)
    Web(bench, nowhere()).asks(message)
    bench.change(message, state="accepted", tries=2, sid=NEXT)
    Web(bench).ends(message, tries=2, sid=NEXT)
    assert stands(bench, message) == AGAIN


def test_a_note_beside_the_database_of_an_earlier_call_is_enough(bench: Bench) -> None:
    message = taken(bench)
    Web(bench, nowhere()).asks(message)
    bench.change(message, state="accepted", tries=2, sid=NEXT)
    Web(bench).ends(message, tries=1)
    assert bench.state(message) == "delivered"


@contextmanager
def locked(bench: Bench, message: int) -> Iterator[None]:
    """Nobody else can write to that message now."""
    with bench.engine.begin() as connection:
        connection.execute(update(messages).where(messages.c.id == message).values(reason=""))
        yield


def test_a_caller_does_not_wait_for_a_database_that_is_busy(bench: Bench) -> None:
    """The note is kept beside it, and goes where it belongs as soon as it can."""
    message = taken(bench)
    about, web = bench.about(message), Web(bench, wait=WAIT_SECONDS)
    with locked(bench, message):
        web.asks(message, about=about)
        assert bench.redis.keys("*"), "the answer goes out before the lock is free"
    wait_until(lambda: bench.state(message) == "sent", lambda: bench.state(message))


def test_an_end_that_comes_while_the_note_is_being_written_calls_nobody_again(bench: Bench) -> None:
    message = taken(bench)
    about, web = bench.about(message), Web(bench, redis=no_redis())
    noted = Thread(target=web.asks, args=(message, 1, SID, about))
    ended = Thread(target=Web(bench).reports.take, args=(about, {"CallSid": SID, "CallStatus": "completed"}))
    with locked(bench, message):
        noted.start()
        ended.start()
    noted.join()
    ended.join()
    assert stands(bench, message) == ("delivered", "")


def test_with_nothing_there_the_answer_goes_out_all_the_same(bench: Bench) -> None:
    message, web = taken(bench), Web(bench, nowhere(), no_redis())
    web.asks(message)
    assert bench.state(message) == "accepted"
    assert web.counters.all()["call_words_lost"] == 1


def test_whether_words_were_said_is_not_guessed_while_redis_is_away(bench: Bench) -> None:
    message = taken(bench)
    assert Web(bench, redis=no_redis()).ends(message) == 503
    assert bench.state(message) == "accepted"
    assert Web(bench).ends(message) == 204
    assert stands(bench, message) == AGAIN


def test_what_the_database_knows_counts_while_redis_is_away(bench: Bench) -> None:
    message, web = taken(bench), Web(bench, redis=no_redis())
    web.asks(message)
    assert web.ends(message) == 204
    assert bench.state(message) == "delivered"
    assert web.ends(message) == 204, "a repeated report is taken, too"


def test_a_line_that_was_busy_needs_no_redis(bench: Bench) -> None:
    message = taken(bench)
    assert Web(bench, redis=no_redis()).ends(message, "busy") == 204
    assert stands(bench, message) == ("planned", "again busy")


# Reports that were lost, and calls in doubt.


@pytest.fixture
def asked(bench: Bench) -> Callable[..., int]:
    """Asks the carrier, which says that each call is over: how many were asked about."""

    def ask(redis: Redis | None = None) -> int:
        bench.clock.pass_by(seconds=CALL_SILENT_AFTER.total_seconds() + 60)
        said = WordsSaid(redis or bench.redis).known
        return ask_about_silent(replace(bench.sender, carrier=_Over(bench.carrier()), said=said))

    return ask


def test_a_call_whose_end_nobody_reported_and_in_which_nothing_was_said_is_made_again(
    bench: Bench, asked: Callable[..., int]
) -> None:
    message = taken(bench)
    assert asked() == 1
    assert stands(bench, message) == AGAIN


def test_a_call_whose_end_nobody_reported_counts_if_its_words_were_said(
    bench: Bench, asked: Callable[..., int]
) -> None:
    in_sql, beside = taken(bench), taken(bench, sid=NEXT)
    Web(bench).asks(in_sql)
    Web(bench, nowhere()).asks(beside, sid=NEXT)
    assert asked() == 2
    assert bench.states([in_sql, beside]) == ["delivered"] * 2


def test_it_is_asked_about_later_while_redis_is_away(bench: Bench, asked: Callable[..., int]) -> None:
    message = taken(bench)
    assert asked(no_redis()) == 0
    assert stands(bench, message) == ("accepted", "")
    assert asked() == 1
    assert stands(bench, message) == AGAIN


def test_notes_that_a_restored_backup_lacks_call_nobody_again(bench: Bench, asked: Callable[..., int]) -> None:
    """Until it is known what happened since the backup, whoever picked up counts as having heard it."""
    by_report, by_look = taken(bench), taken(bench, sid=NEXT)
    since = {"name": RECONCILE, "value": bench.clock().isoformat(), "changed_at": bench.clock()}
    with bench.engine.begin() as connection:
        connection.execute(insert(controls).values(since))
    assert Web(bench).ends(by_report) == 204
    assert asked() == 1
    assert bench.states([by_report, by_look]) == ["delivered"] * 2


class _Over(Carrier):
    """The carrier, to whom each call was picked up and is over."""

    def __init__(self, carrier: Carrier) -> None:
        self.__dict__.update(carrier.__dict__)

    def one_call(self, sid: str) -> ListedCall:
        return ListedCall(sid, "", "", LAST_WAVE, "outbound-api", "completed")
