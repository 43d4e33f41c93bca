"""The figures of a wave: a text that did not arrive is one that did not arrive, also while it waits to go again."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from helpline.menus.waves import Wave, wave_of
from helpline.records.messages import move
from helpline.records.tables import messages, subscriptions
from helpline.reminders.figures import WaveFigures, arrived, wave_figures
from helpline.reminders.health import standing
from helpline.reminders.rate import BUSY
from helpline.reminders.statuses import ONCE_MORE_AFTER
from helpline.reminders_command.status import Status
from helpline.reminders_command.status_shown import show_status, status_as_json
from helpline.terminal import Terminal
from tests.reminders.bench import Bench
from tests.reminders.test_statuses import SID, accepted, told


def the_wave(bench: Bench) -> Wave:
    found = wave_of(bench.prompts.menus.calendar, "2026-11", "last")
    assert found
    return found


def figures(bench: Bench) -> WaveFigures:
    wave = the_wave(bench)
    with bench.engine.connect() as connection:
        return wave_figures(connection, wave)[wave]


def undelivered(bench: Bench, code: int = 30003) -> int:
    """A message that did not arrive, and waits to go again."""
    message = accepted(bench)
    told(bench, message, "undelivered", code)
    assert bench.state(message) == "planned"
    return message


def test_what_waits_to_go_again_was_not_delivered_and_keeps_its_code(bench: Bench) -> None:
    undelivered(bench)
    found = figures(bench)
    assert (found.total, found.goes_again, found.why_again) == (1, 1, {"30003": 1})
    assert (found.waiting, found.in_doubt, found.delivered, found.failed, found.not_sent) == (0, 0, 0, 0, 0)
    assert found.accepted == 1, "the carrier took it, and it did not arrive: the share of those delivered tells of it"


def test_a_report_without_a_code_counts_too(bench: Bench) -> None:
    undelivered(bench, code=0)
    assert figures(bench).why_again == {"undelivered": 1}


@pytest.mark.parametrize(("reason", "sid"), [("", None), ("not found", None), ("20429", None), ("late", None)])
def test_what_never_got_there_is_waiting(bench: Bench, reason: str, sid: str | None) -> None:
    bench.message(state="planned", tries=1, reason=reason, sid=sid)
    found = figures(bench)
    assert (found.waiting, found.goes_again, found.accepted) == (1, 0, 0)


def test_what_arrives_the_second_time_is_delivered(bench: Bench) -> None:
    message = undelivered(bench)
    bench.clock.now += ONCE_MORE_AFTER
    assert bench.deliver().accepted == 1
    assert (figures(bench).accepted, figures(bench).goes_again) == (1, 0)
    told(bench, message, "delivered", tries=2, sid=bench.row(message).sid)
    found = figures(bench)
    assert (found.delivered, found.goes_again, found.failed, found.why_again) == (1, 0, 0, {})
    assert bench.row(message).reason == ""


def test_what_does_not_arrive_the_second_time_either_has_the_code_of_that(bench: Bench) -> None:
    message = undelivered(bench)
    bench.clock.now += ONCE_MORE_AFTER
    assert bench.deliver().accepted == 1
    told(bench, message, "undelivered", 30008, tries=2, sid=bench.row(message).sid)
    assert (figures(bench).failed, figures(bench).why_failed) == (1, {"30008": 1})


def test_a_first_try_that_arrives_after_all_is_delivered(bench: Bench) -> None:
    told(bench, undelivered(bench), "delivered")
    assert (figures(bench).delivered, figures(bench).goes_again) == (1, 0)


def too_late(bench: Bench, message: int) -> None:
    bench.change(message, not_after=bench.clock())
    bench.clock.now += ONCE_MORE_AFTER
    assert bench.deliver().given_up == 1


def ended(bench: Bench, message: int) -> None:
    with bench.engine.begin() as connection:
        connection.execute(update(subscriptions).values(ended_at=bench.clock()))
    bench.clock.now += ONCE_MORE_AFTER
    assert bench.deliver().given_up == 1


def called_off(bench: Bench, message: int) -> None:
    with bench.engine.begin() as connection:
        assert move(connection, "skipped", bench.clock(), messages.c.id == message, reason="stop") == 1


@pytest.mark.parametrize(
    ("give_up", "state"),
    [(too_late, "expired"), (ended, "skipped"), (called_off, "skipped")],
    ids=["too late", "ended", "called off"],
)
def test_a_second_try_that_is_given_up_leaves_it_not_delivered_with_its_code(
    bench: Bench, give_up: Callable[[Bench, int], None], state: str
) -> None:
    message = undelivered(bench)
    give_up(bench, message)
    assert bench.state(message) == state
    found = figures(bench)
    assert (found.failed, found.why_failed, found.accepted) == (1, {"30003": 1}, 1)
    assert (found.not_sent, found.why_not_sent, found.goes_again) == (0, {}, 0)


def test_a_second_try_that_is_put_back_still_goes_again(bench: Bench) -> None:
    message = undelivered(bench)
    bench.clock.now += ONCE_MORE_AFTER
    bench.stub.behave(fail="429:1")
    assert bench.deliver().put_back == 1
    assert (figures(bench).goes_again, figures(bench).why_again) == (1, {"30003": 1})
    bench.stub.behave(fail="")
    bench.redis.delete(BUSY)
    too_late(bench, message)
    assert figures(bench).why_failed == {"30003": 1}


def test_a_second_try_that_never_got_there_still_goes_again(bench: Bench) -> None:
    message = undelivered(bench)
    bench.clock.now += ONCE_MORE_AFTER
    bench.stub.behave(fail="500:1")
    assert bench.deliver().unknown == 1
    assert (figures(bench).in_doubt, figures(bench).goes_again) == (1, 0)
    bench.stub.behave(fail="")
    bench.clock.pass_by(minutes=5)
    assert bench.settle().again == 1
    assert (bench.state(message), figures(bench).why_again) == ("planned", {"30003": 1})


def test_what_was_skipped_or_expired_and_never_went_was_not_sent(bench: Bench) -> None:
    bench.message(state="skipped", reason="done")
    bench.message(state="expired")
    found = figures(bench)
    assert (found.not_sent, found.why_not_sent, found.failed) == (2, {"done": 1, "expired": 1}, 0)


def test_a_second_try_that_is_given_up_counts_among_what_left_and_did_not_arrive(bench: Bench) -> None:
    too_late(bench, undelivered(bench))
    delivered = accepted(bench, sid="SM" + "2" * 32)
    told(bench, delivered, "delivered", sid="SM" + "2" * 32)
    bench.message(state="expired")
    with bench.engine.connect() as connection:
        found = arrived(connection, the_wave(bench), bench.clock() + timedelta(hours=2))
    assert (found.delivered, found.left) == (1, 2)


def status_of(bench: Bench) -> Status:
    wave = the_wave(bench)
    with bench.engine.connect() as connection:
        how = standing(connection, bench.prompts.menus.calendar, bench.clock(), bench.clock())
    return Status(bench.clock(), how, {"bulk": 0}, ((wave, figures(bench)),))


def test_an_operator_sees_what_goes_again_and_why(sqlite_bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    undelivered(sqlite_bench)
    for number in range(2, 5):
        sid = SID[:-1] + str(number)
        told(sqlite_bench, accepted(sqlite_bench, sid=sid), "delivered", sid=sid)
    show_status(Terminal(), status_of(sqlite_bench))
    shown = capsys.readouterr().out
    assert "[##############################~~~~~~~~~~]" in shown
    assert (
        "planned 4: waiting 0, being sent 0, accepted 4, delivered 3 (75% of those accepted), "
        "not delivered (goes again) 1, failed 0, not sent 0" in shown
    )
    assert re.search(r"Not delivered \(goes again\):\n +1  phone off or out of reach \(30003\)\n", shown)
    assert "~ not delivered (goes again)" in shown


def test_where_nothing_goes_again_no_word_is_lost_on_it(
    sqlite_bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    accepted(sqlite_bench)
    show_status(Terminal(), status_of(sqlite_bench))
    line = next(line for line in capsys.readouterr().out.split("\n") if "planned 1" in line)
    assert line.strip() == "planned 1: waiting 0, being sent 0, accepted 1, delivered 0 (0% of those accepted), " + (
        "failed 0, not sent 0"
    )


def test_a_program_is_told_what_goes_again_and_why(sqlite_bench: Bench) -> None:
    undelivered(sqlite_bench)
    (told_of,) = status_as_json(status_of(sqlite_bench))["waves"]
    assert (told_of["waiting"], told_of["goes_again"], told_of["failed"]) == (0, 1, 0)
    assert told_of["goes_again_by_reason"] == {"30003": 1}
