"""Whatever somebody does and in whichever order: what may reach a number stays within the limits."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from helpline.consent.limits import BETWEEN_CALLS, MOST
from helpline.menus.windows import PARIS
from helpline.records.tables import controls, messages
from tests.on_request.people import Asker, rows, rules_on

ACTS = ["page", "page", "text", "ring", "ring", "answered", "arrives", "stop", "erase", "subscribe"]
STEPS = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 8 * 3600)), max_size=14)
BUDGET = 4
# A case that is not the smallest tells enough: to shrink it takes minutes of writing to the disk.
SEARCHED = (Phase.explicit, Phase.generate)

_numbers = itertools.count()


class Watched:
    """One person's doings, with a note of each moment at which something went out to their number."""

    def __init__(self, asker: Asker) -> None:
        self.asker = asker
        self.went: dict[str, list[datetime]] = {"page": [], "call_back": []}
        self.seen: set[int] = set()

    def does(self, act: str) -> None:
        asker = self.asker
        match act:
            case "page":
                asker.asks_for_page()
            case "text":
                asker.texts().asks_for_call()
            case "ring":
                asker.rings_and_hangs_up()
            case "answered":
                asker.was_answered()
            case "arrives":
                self.note()
                asker.gets_all()
            case "stop" | "erase":
                self.note()  # what is on its way may arrive all the same
                asker.gets_all()
                asker.texts().says(act)
            case _:
                asker.texts().says("subscribe_all")

    def note(self) -> None:
        for kind, moments in self.went.items():
            for message in self.asker.messages(kind):
                if message.state == "planned" and message.id not in self.seen:
                    self.seen.add(message.id)
                    moments.append(message.due_at)


def most_within(moments: list[datetime], span: timedelta) -> int:
    return max((sum(1 for other in moments if first <= other < first + span) for first in moments), default=0)


@settings(max_examples=25, phases=SEARCHED)
@given(steps=STEPS)
def test_no_number_gets_more_than_its_share(
    steps: list[tuple[str, int]], sqlite_engine: Engine, tmp_path: Path
) -> None:
    watched = Watched(Asker(rules_on(sqlite_engine, tmp_path, calls_a_day=10_000), f"+3363999{next(_numbers):04}"))
    for act, seconds in steps:
        watched.asker = watched.asker.later(seconds=seconds)
        watched.does(act)
    watched.note()
    assert most_within(watched.went["page"], timedelta(days=1)) <= MOST["page"]
    assert most_within(watched.went["call_back"], timedelta(days=1)) <= MOST["call_back"]
    assert most_within(watched.went["call_back"], BETWEEN_CALLS) <= 1


@settings(max_examples=25, phases=SEARCHED)
@given(steps=STEPS)
def test_no_day_has_more_calls_than_its_budget(
    steps: list[tuple[str, int]], sqlite_engine: Engine, tmp_path: Path
) -> None:
    with sqlite_engine.begin() as connection:
        connection.execute(messages.delete())
        connection.execute(controls.delete())
    rules = rules_on(sqlite_engine, tmp_path, calls_a_day=BUDGET)
    crowd = [Watched(Asker(rules, f"+3363999{next(_numbers):04}")) for _ in range(3)]
    for number, (act, seconds) in enumerate(steps):
        for watched in crowd:
            watched.asker = watched.asker.later(seconds=seconds)
        crowd[number % 3].does(act)
    days: dict[str, int] = {}
    for watched in crowd:
        watched.note()
        for moment in watched.went["call_back"]:
            day = f"{moment.astimezone(PARIS):%Y-%m-%d}"
            days[day] = days.get(day, 0) + 1
    assert all(count <= BUDGET for count in days.values())
    counted = {
        row.name: int(row.value) for row in rows(sqlite_engine, controls, controls.c.name.startswith("call_backs"))
    }
    assert all(value <= BUDGET for value in counted.values())
