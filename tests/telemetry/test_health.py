from helpline.reminders.last_tick import mark_tick
from tests.conftest import Line, redis_of


def test_it_is_alive_whatever_else_is_not(line: Line) -> None:
    line.wire.refuse()
    got = line.app.test_client().get("/healthz")
    assert (got.status_code, got.text) == (200, "ok\n")


def the_clock_ticks(line: Line) -> None:
    with redis_of(line.valkey) as redis:
        mark_tick(redis, line.clock.now)


def test_each_part_is_named(line: Line) -> None:
    the_clock_ticks(line)
    ready = line.app.test_client().get("/readyz").get_json()
    assert ready["state"] == "ok"
    assert ready["parts"]["redis"] == {"state": "ok"}
    assert ready["parts"]["prompts"]["state"] == "ok"
    assert ready["parts"]["reminders"]["state"] == "ok"
    assert ready["parts"]["reminders"]["last_tick_seconds"] == 0


def test_without_a_clock_it_says_that_no_reminder_goes_out(line: Line) -> None:
    part = line.app.test_client().get("/readyz").get_json()["parts"]["reminders"]
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
    assert line.app.test_client().get("/readyz").get_json()["state"] == "ok"
