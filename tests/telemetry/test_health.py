from typing import Any

from helpline.reminders.last_tick import mark_tick
from tests.conftest import Line, redis_of
from tests.server.running import wait_until


def test_it_is_alive_whatever_else_is_not(line: Line) -> None:
    line.wire.refuse()
    got = line.app.test_client().get("/healthz")
    assert (got.status_code, got.text) == (200, "ok\n")


def the_clock_ticks(line: Line) -> None:
    with redis_of(line.valkey) as redis:
        mark_tick(redis, line.clock.now)


def ready(line: Line) -> dict[str, Any]:
    return dict(line.app.test_client().get("/readyz").get_json())


def test_each_part_is_named(line: Line) -> None:
    the_clock_ticks(line)
    wait_until(lambda: ready(line)["state"] == "ok", lambda: str(ready(line)))
    parts = ready(line)["parts"]
    assert parts["redis"] == {"state": "ok"}
    assert parts["prompts"]["state"] == "ok"
    assert parts["reminders"]["state"] == "ok"
    assert parts["reminders"]["last_tick_seconds"] == 0


def test_without_a_clock_it_says_that_no_reminder_goes_out(line: Line) -> None:
    wait_until(lambda: ready(line)["parts"]["reminders"].get("database") == "ok", lambda: str(ready(line)))
    part = ready(line)["parts"]["reminders"]
    assert part["state"] == "degraded"
    assert "no reminder goes out" in part["means"]


def test_without_redis_it_says_what_that_means_for_callers(line: Line) -> None:
    the_clock_ticks(line)
    for trouble in (line.wire.refuse, line.wire.hang):
        trouble()
        got = line.app.test_client().get("/readyz")
        assert got.status_code == 200
        assert got.get_json()["state"] == "degraded"
        assert "Calls work in full" in got.get_json()["parts"]["redis"]["means"]
        line.wire.forward()
    wait_until(lambda: ready(line)["state"] == "ok", lambda: str(ready(line)))


def counts_for(line: Line, address: str = "127.0.0.1", host: str = "localhost") -> set[str]:
    """The names of what is told to who asks from this address, by this host."""
    got = line.app.test_client().get("/readyz", headers={"Host": host}, environ_base={"REMOTE_ADDR": address})
    return {name.partition("{")[0] for name in got.get_json()["counts_of_this_process"]}


def test_what_callers_did_is_told_only_to_who_may_read_the_figures(line: Line) -> None:
    line.phone().text("menu")
    line.wire.refuse()
    line.phone().text("rappel")
    line.wire.forward()
    assert {"store_down", "turns"} <= counts_for(line)
    assert "store_down" in counts_for(line, address="203.0.113.7")
    for told in (counts_for(line, address="203.0.113.7"), counts_for(line, host="helpline.example.org")):
        assert told <= {"store_down", "status_lost", "call_words_lost", "signature_refused", "body_refused"}
