"""Several askers at the same moment: no limit is exceeded by one, and none is left unused."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

from helpline.consent.limits import MOST
from helpline.records.tables import callers, controls, messages
from tests.consent.test_at_once import all_at_once
from tests.databases import address
from tests.on_request.people import Asker, a_call, rows

AT_ONCE = 8
CHECKOUT = Path(__file__).parent.parent.parent


def test_pages_asked_for_at_once_are_five(asker: Asker) -> None:
    found = all_at_once(*[asker.asks_for_page] * AT_ONCE)
    assert Counter(found) == {"sent": MOST["page"], "too_many": AT_ONCE - MOST["page"]}
    assert len(asker.messages("page")) == MOST["page"]


def test_of_calls_asked_for_at_once_by_one_number_one_is_made(asker: Asker) -> None:
    found = all_at_once(*[asker.texts().asks_for_call] * AT_ONCE)
    assert Counter(found) == {"calling": 1, "too_soon": AT_ONCE - 1}
    assert len(asker.messages("call_back")) == 1


def test_a_webhook_that_came_many_times_at_once_calls_back_once(asker: Asker) -> None:
    sid = a_call()

    def ring() -> str:
        asker.on_request.missed(sid, asker.number, "canceled")
        return ""

    all_at_once(*[ring] * AT_ONCE)
    assert [message.occurrence for message in asker.messages("call_back")] == [sid]
    assert [row.value for row in rows(asker.rules.consent.engine, controls, controls.c.name.startswith("call_"))] == [
        "1"
    ]


def test_many_numbers_at_once_share_the_days_calls_to_the_last_one(asker: Asker, alerts: list[str]) -> None:
    few = asker.texts().with_rules(calls_a_day=5)
    found = all_at_once(*[few.at(f"+336399802{number:02}").asks_for_call for number in range(12)])
    assert Counter(found) == {"calling": 5, "budget": 7}
    assert len(rows(asker.rules.consent.engine, messages)) == 5
    assert len(rows(asker.rules.consent.engine, callers)) == 5
    assert len(alerts) == 1


def test_asking_and_erasing_at_once_leaves_nothing_half_done(asker: Asker) -> None:
    texter = asker.texts()
    for last in range(4):
        somebody = texter.at(f"+3363998030{last}")
        assert somebody.asks_for_call() == "calling"
        later = somebody.later(minutes=11)
        asked, erased = all_at_once(later.asks_for_call, lambda later=later: later.says("erase"))  # type: ignore[misc]
        assert erased == "erased"
        assert asked == "calling"
        assert len(somebody.messages("call_back")) <= 1


def test_processes_that_ask_at_once_share_the_days_calls_to_the_last_one(asker: Asker, tmp_path: Path) -> None:
    given = [address(asker.rules.consent.engine), str(tmp_path), "4"]
    command = [sys.executable, "-m", "tests.on_request.asking", *given]
    done = subprocess.run(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True, check=False)
    lines = [line.split() for line in done.stdout.splitlines()]
    outcomes = [line[1] for line in lines if line[0] == "asked"]
    assert done.returncode == 0
    assert Counter(outcomes) == {"calling": 17, "budget": 23, "alert": 1}
    assert len(rows(asker.rules.consent.engine, messages)) == 17
