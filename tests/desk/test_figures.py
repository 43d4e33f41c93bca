"""The figures of Today, counted in each kind of database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection, Engine, delete, insert

from helpline.desk.figures import counting, figures
from helpline.records.desk_tables import people_helped
from helpline.records.messages import State
from helpline.records.tables import callers, messages, subscriptions
from helpline.tallies.counting import add
from tests.conftest import THURSDAY
from tests.menus.calendars import USUAL


def somebody(connection: Connection, place: int, since: datetime, ended: datetime | None = None) -> int:
    values = {"fingerprint": f"{place:032x}", "language": "fr", "spread": 0, "last_seen": since, "created_at": since}
    key = connection.execute(insert(callers).values(values)).inserted_primary_key
    assert key is not None
    row = {"caller_id": key[0], "kind": "update", "scope": "all", "since": since, "ended_at": ended}
    connection.execute(insert(subscriptions).values(row))
    return int(key[0])


def message(
    connection: Connection, caller: int, state: State, at: datetime, kind: str = "update", queue: str = "bulk"
) -> None:
    moments = {"due_at": at, "not_after": at, "changed_at": at, "claimed_at": None if state == "planned" else at}
    row = {
        "caller_id": caller,
        "kind": kind,
        "occurrence": f"{at:%m-%dT%H:%M} {state} {kind}",
        "queue": queue,
        "state": state,
    }
    connection.execute(insert(messages).values(**row, **moments))


def test_who_is_reminded_and_who_is_not_any_more(engine: Engine) -> None:
    with engine.begin() as connection:
        somebody(connection, 1, THURSDAY - timedelta(days=2))
        somebody(connection, 2, THURSDAY - timedelta(days=90))
        somebody(connection, 3, THURSDAY - timedelta(days=2), THURSDAY)
        found = figures(connection, USUAL, THURSDAY)
    assert found.reminded == 2
    assert [(day.day.day, day.began, day.ended) for day in found.days if day.began or day.ended] == [
        (1, 2, 0),
        (3, 0, 1),
    ]


def test_what_left_is_counted_by_the_day_in_france_and_by_how_it_went(engine: Engine) -> None:
    just_after_midnight = datetime(2026, 12, 2, 23, 30, tzinfo=UTC)  # it is the 3rd in France
    with engine.begin() as connection:
        caller = somebody(connection, 1, THURSDAY)
        for state, at in (
            ("delivered", THURSDAY),
            ("delivered", just_after_midnight),
            ("accepted", THURSDAY),
            ("failed", THURSDAY),
            ("undelivered", just_after_midnight - timedelta(hours=1)),
            ("skipped", THURSDAY),
            ("sending", THURSDAY),
            ("delivered", THURSDAY - timedelta(days=31)),
        ):
            message(connection, caller, state, at)  # type: ignore[arg-type]
        found = figures(connection, USUAL, THURSDAY)
    today, yesterday = found.today, found.days[-2]
    assert (today.day, today.delivered, today.under_way, today.failed, today.sent) == (date(2026, 12, 3), 2, 1, 1, 4)
    assert (yesterday.failed, yesterday.sent) == (1, 1)
    assert sum(day.sent for day in found.days) == 5
    assert len(found.days) == 30


def test_what_answers_somebody_is_no_reminder(engine: Engine) -> None:
    with engine.begin() as connection:
        caller = somebody(connection, 1, THURSDAY)
        message(connection, caller, "delivered", THURSDAY, "welcome", "replies")
        message(connection, caller, "planned", THURSDAY, "stopped", "replies")
        message(connection, caller, "planned", THURSDAY, "keep")
        found = figures(connection, USUAL, THURSDAY)
    assert (found.today.sent, found.waiting) == (0, 0)


def test_what_waits_and_what_of_it_waits_for_today(engine: Engine) -> None:
    with engine.begin() as connection:
        caller = somebody(connection, 1, THURSDAY)
        for hours in (-2, 5, 14, 24 * 9):
            message(connection, caller, "planned", THURSDAY + timedelta(hours=hours))
        found = figures(connection, USUAL, THURSDAY)
    assert (found.waiting, found.waiting_today) == (4, 2)
    assert found.next_wave is not None
    assert found.next_wave.name == "middle"


def test_texts_calls_and_people_are_counted_by_the_day(engine: Engine) -> None:
    with engine.begin() as connection:
        add(
            connection,
            {
                ("2026-12-03", "turns", "channel=sms,heard=key"): 7,
                ("2026-12-03", "turns", "channel=sms,heard=unknown"): 2,
                ("2026-12-03", "turns", "channel=voice,heard=key"): 50,  # the keys of calls are no contacts
                ("2026-12-02", "calls", "status=completed"): 3,
                ("2026-12-02", "calls", "status=no-answer"): 1,
                ("2026-12-02", "people", ""): 5,
                ("2026-11-03", "turns", "channel=sms,heard=key"): 1000,  # 31 days ago
            },
        )
        connection.execute(insert(people_helped), [{"day": "2026-12-03", "mark": f"{n:016x}"} for n in range(4)])
        found = figures(connection, USUAL, THURSDAY)
    today, yesterday = found.today, found.days[-2]
    assert (today.texts, today.calls, today.people) == (9, 0, 4)
    assert (yesterday.texts, yesterday.calls, yesterday.people) == (0, 4, 5)
    assert sum(day.texts for day in found.days) == 9


def test_days_are_right_when_the_hour_changes(engine: Engine) -> None:
    summer, winter = datetime(2026, 10, 24, 22, 30, tzinfo=UTC), datetime(2026, 10, 25, 22, 30, tzinfo=UTC)
    with engine.begin() as connection:
        for place, at in enumerate((summer, winter)):
            somebody(connection, place, at)
        found = figures(connection, USUAL, datetime(2026, 10, 26, 12, tzinfo=UTC))
    assert [day.day.day for day in found.days if day.began] == [25]
    assert max(day.began for day in found.days) == 2


def test_they_are_counted_again_after_a_minute_and_when_somebody_travelled(engine: Engine) -> None:
    counted = counting(engine, lambda: USUAL)
    first = counted.at(THURSDAY)
    with engine.begin() as connection:
        somebody(connection, 1, THURSDAY)
    assert counted.at(THURSDAY + timedelta(seconds=59)) is first
    assert counted.at(THURSDAY + timedelta(seconds=60)).reminded == 1
    with engine.begin() as connection:
        connection.execute(delete(subscriptions))
    assert counted.at(THURSDAY - timedelta(days=1)).reminded == 0
