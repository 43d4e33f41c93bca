"""A call goes on in full without Redis, and hardly ever asks it anything."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

from tests.conftest import Line, Server, redis_of
from tests.phone import Phone, Reply


def test_with_valkey_killed_a_call_goes_on_in_full(server: Server) -> None:
    quiet = server.phone()
    hello = quiet.dial()
    expected = whole_call(quiet, hello)
    phone = server.phone()
    begun = phone.dial()
    server.kill_valkey()
    assert whole_call(phone, begun) == expected
    assert whole_call(phone, phone.dial()) == expected
    server.start_valkey()
    assert whole_call(phone, phone.dial()) == expected


def test_with_valkey_hanging_a_call_goes_on_in_full_within_half_a_second(server: Server) -> None:
    phone = server.phone()
    expected = whole_call(phone, phone.dial())
    with server.hanging_valkey():
        took = []
        for _ in range(5):
            began = time.monotonic()
            hello = phone.dial()
            took.append(time.monotonic() - began)
        assert median(took) < 0.5, took
        assert whole_call(phone, hello) == expected


def whole_call(phone: Phone, hello: Reply) -> list[str]:
    """What is heard in one long call."""
    heard = [hello]
    for key in ("1", "2", "2", "6", "9", "*", "0", "5", "1", "7", "#", "0"):
        heard.append(phone.press(heard[-1], key))
    heard.append(phone.wait(heard[-1]))
    return [reply.said for reply in heard]


def test_a_turn_of_a_call_touches_no_redis(line: Line, phone: Phone) -> None:
    phone.dial()
    before = line.wire.trips
    hello = phone.dial()
    assert line.wire.trips - before == 1
    before, connections = line.wire.trips, line.wire.accepted
    whole_call(phone, hello)
    phone.speak(hello, "mot de passe")
    assert (line.wire.trips, line.wire.accepted) == (before, connections)


def test_the_end_of_a_call_notes_that_somebody_was_there_in_one_trip(line: Line, phone: Phone) -> None:
    phone.dial()
    before = line.wire.trips
    assert phone.follow("/twilio/voice/status", [("CallStatus", "completed")]).status == 204
    assert line.wire.trips - before == 1
    with redis_of(line.valkey) as client:
        assert len(client.smembers("seen")) == 1


def test_the_end_of_a_call_waits_at_most_150_ms_for_redis(line: Line, phone: Phone) -> None:
    line.wire.hang()
    took = [seconds(lambda: phone.follow("/twilio/voice/status", [("CallStatus", "completed")])) for _ in range(5)]
    assert median(took) < 0.3, took


def test_a_withheld_number_needs_no_redis_at_all(line: Line, phone: Phone) -> None:
    before = line.wire.trips
    for sender in ("anonymous", "+266696687", ""):
        assert phone.dial(sender).status == 200
    assert line.wire.trips == before


def test_the_first_request_waits_at_most_150_ms_for_redis(line: Line, phone: Phone) -> None:
    took = {}
    for trouble in ("hang", "cut", "slow"):
        line.wire.forward()
        phone.dial()
        if trouble == "slow":
            line.wire.delay = 0.045  # each answer just in time
            line.wire.cut()
        else:
            line.wire.hang()
            if trouble == "cut":
                line.wire.cut()
        alone = [seconds(lambda: phone.dial("anonymous")) for _ in range(5)]
        took[trouble] = median([seconds(phone.dial) for _ in range(5)]) - median(alone)
    assert max(took.values()) < 0.17, took  # 150 ms, and the noise of a busy machine


def seconds(work: Callable[[], Reply]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began
