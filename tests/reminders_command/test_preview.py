"""`helpline reminders preview`: who gets a reminder and who does not, when, and what it costs."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import Engine, insert, update

from helpline.records.tables import carrier_blocks, messages
from helpline.reminders.figures import wave_figures
from helpline.reminders.planning import plan
from helpline.reminders.preview import preview, waves_on
from tests.reminders.people import (
    fingerprint_of,
    many_subscribed,
    paris,
    subscribed,
)
from tests.reminders_command.running import CALENDAR, PROMPTS, run, shown


def test_a_day_without_a_reminder_shows_the_next_one(env: dict[str, str], engine: Engine) -> None:
    many_subscribed(engine, 9)
    many_subscribed(engine, 3, "en")
    output = shown(env, "preview", "--on", "2026-12-10")
    assert output.startswith("No reminder begins on Thursday 10 December 2026. The next one:")
    assert "Reminder 'last' for November 2026, Saturday 12 December 2026" in output
    assert re.search(r"Messages: 12, the first at \d\d:\d\d, the last at \d\d:\d\d", output)
    assert "Français: 9, 2 segments each" in output
    assert "English: 3, 2 segments each" in output
    assert "Cost: 24 segments at 0.07 € = 1.68 €" in output
    assert "l'actualisation finit dans 3 jours" in output


def test_the_price_of_a_segment_is_the_settings(env: dict[str, str], engine: Engine) -> None:
    many_subscribed(engine, 1000)
    assert "2,000 segments at 0.0450 € = 90.00 €" in shown(
        env | {"SMS_PRICE": "0.0450"}, "preview", "--on", "2026-12-08"
    )


def test_a_preview_counts_who_gets_nothing_and_says_why(env: dict[str, str], engine: Engine) -> None:
    for number in range(4):
        subscribed(engine, number, done="2026-11")
    for number in range(10, 13):
        subscribed(engine, number, scope="last")
    for number in range(20, 22):
        subscribed(engine, number, ended_at=paris(2026, 12, 2, 12))
    subscribed(engine, 30)
    with engine.begin() as connection:
        connection.execute(insert(carrier_blocks).values(fingerprint=fingerprint_of(30), since=paris(2026, 12, 2)))
    subscribed(engine, 31)
    output = shown(env, "preview", "--on", "2026-12-08")
    assert "Messages: 1," in output
    assert re.search(r"4  answered that it is done\n", output)
    assert re.search(r"3  chose the last reminder only\n", output)
    assert re.search(r"1  the carrier lets nothing through to them\n", output)
    assert re.search(r"Ended in the month before:\n +2  ", output)


def test_a_preview_as_json_says_the_same(env: dict[str, str], engine: Engine) -> None:
    many_subscribed(engine, 20)
    subscribed(engine, 100, done="2026-11")
    found = json.loads(shown(env, "preview", "--on", "2026-12-12", "--json"))
    (wave,) = found["waves"]
    assert found["asked_for"] == "2026-12-12"
    assert (wave["wave"], wave["messages"], wave["segments"], wave["cost"]) == ("last", 20, 40, "2.80")
    assert sum(wave["hours"].values()) == 20
    assert wave["languages"]["fr"]["messages"] == 20
    assert wave["not_sent"] == {"done": {"count": 1, "means": "answered that it is done"}}
    assert wave["begins"] <= wave["first"] <= wave["last"] < wave["spread_until"]


def test_a_preview_is_what_is_then_planned(engine: Engine) -> None:
    many_subscribed(engine, 200)
    subscribed(engine, 1000, done="2026-11")
    (wave,) = waves_on(CALENDAR, paris(2026, 12, 8).date())
    for _ in range(2):  # the second time it is planned
        with engine.connect() as connection:
            found = preview(connection, PROMPTS, wave, Decimal("0.07"))
        plan(engine, CALENDAR, paris(2026, 12, 7, 20))
        with engine.connect() as connection:
            figures = wave_figures(connection, wave)[wave]
            dues = connection.execute(messages.select().where(messages.c.wave == "middle")).all()
        assert found.count == figures.total == 200
        assert found.first == min(row.due_at for row in dues)
        assert found.last == max(row.due_at for row in dues)


def test_what_has_gone_already_is_not_counted_again(env: dict[str, str], engine: Engine) -> None:
    many_subscribed(engine, 10)
    plan(engine, CALENDAR, paris(2026, 12, 7, 20))
    with engine.begin() as connection:
        connection.execute(update(messages).where(messages.c.caller_id <= 4).values(state="accepted", tries=1))
    output = shown(env, "preview", "--on", "2026-12-08")
    assert "Already gone, or under way: 4" in output
    assert "Messages: 6," in output


def test_words_that_are_missing_are_a_fault(engine: Engine) -> None:
    subscribed(engine, 1)
    wave = replace(waves_on(CALENDAR, paris(2026, 12, 8).date())[0], name="nowhere")
    with engine.connect() as connection:
        found = preview(connection, PROMPTS, wave, Decimal("0.07"))
    assert found.faults == ("prompts/ has no place wave.nowhere",)
    assert (found.count, found.cost) == (1, 0)


@pytest.mark.parametrize("day", ["10/12/2026", "2026-13-01", "1026-12-10", "tomorrow"])
def test_a_date_that_is_none_is_refused_with_the_right_form(env: dict[str, str], day: str) -> None:
    result = run(env, "preview", "--on", day)
    assert result.exit_code == 2
    assert "2026-12-10" in result.stderr
