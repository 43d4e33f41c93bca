"""Commands to Redis, one at a time, each with its answer, on connections that are kept."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest
from redis import Redis
from redis.exceptions import RedisError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from helpline.sms.round_trips import RoundTrips
from helpline.sms.store import connect
from tests.conftest import Line


@pytest.fixture
def client(line: Line) -> Iterator[Redis]:
    with closing(connect(line.valkey.url, 5.0)) as client:
        yield client


def _connections(client: Redis) -> int:
    return len(client.client_list())


def test_an_answer_is_what_the_command_gives(client: Redis) -> None:
    trips = RoundTrips(client)

    assert trips.ask("SET", "caller:a", "é 👍") == "OK"
    assert trips.ask("MGET", "caller:a", "caller:b") == ["é 👍", None]


def test_one_connection_is_kept_for_one_who_asks_again_and_again(client: Redis) -> None:
    trips, before = RoundTrips(client), _connections(client)

    for _ in range(20):
        trips.ask("GET", "caller:a")

    assert _connections(client) == before + 1


def test_an_error_of_the_server_is_raised_and_the_connection_goes_on(client: Redis) -> None:
    trips = RoundTrips(client)
    trips.ask("SET", "caller:a", "1")

    with pytest.raises(ResponseError):
        trips.ask("SADD", "caller:a", "x")

    assert trips.ask("GET", "caller:a") == "1"


def test_a_connection_that_went_stale_is_opened_again_without_a_word(client: Redis) -> None:
    trips = RoundTrips(client)
    trips.ask("SET", "caller:a", "1")
    client.client_kill_filter(_type="normal", skipme=True)

    assert trips.ask("GET", "caller:a") == "1"


def test_an_answer_that_came_too_late_is_nobody_elses(line: Line) -> None:
    with closing(connect(line.wire.url, 0.3)) as impatient:
        trips = RoundTrips(impatient)
        trips.ask("SET", "caller:a", "mine")
        line.wire.delay = 0.6
        with pytest.raises(RedisTimeoutError):
            trips.ask("GET", "caller:a")
        line.wire.delay = 0.0

        assert trips.ask("SET", "caller:b", "theirs") == "OK"
        assert trips.ask("GET", "caller:b") == "theirs"


def test_threads_that_ask_at_once_each_get_their_own_answer(client: Redis) -> None:
    trips, wrong = RoundTrips(client), list[str]()

    def ask(name: str) -> None:
        for number in range(100):
            trips.ask("SET", name, f"{name}{number}")
            found = trips.ask("GET", name)
            if found != f"{name}{number}":
                wrong.append(found)

    threads = [threading.Thread(target=ask, args=(f"caller:{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []


def test_a_forked_process_opens_connections_of_its_own(client: Redis) -> None:
    trips = RoundTrips(client)
    mine = trips.ask("CLIENT", "ID")
    there, here = os.pipe()

    child = os.fork()
    if not child:
        try:
            os.write(here, str(trips.ask("CLIENT", "ID")).encode())
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    theirs = int(os.read(there, 100))
    os.close(here)
    os.close(there)

    assert theirs != mine
    assert trips.ask("CLIENT", "ID") == mine


def test_where_nobody_answers_it_says_so_until_somebody_does_again(line: Line) -> None:
    with closing(connect(line.wire.url, 5.0)) as client:
        trips = RoundTrips(client)
        line.wire.refuse()
        for _ in range(2):
            with pytest.raises(RedisError):
                trips.ask("GET", "caller:a")
        line.wire.forward()

        assert trips.ask("SET", "caller:a", "1") == "OK"


def test_connections_are_closed_with_whoever_asked_by_them(client: Redis) -> None:
    before = _connections(client)
    trips = RoundTrips(client)
    trips.ask("GET", "caller:a")
    del trips
    gc.collect()

    assert _connections(client) == before
