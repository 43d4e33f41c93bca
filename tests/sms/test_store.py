"""Whatever answers in the place of Redis, or does not: told quickly, and never as an error of ours."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext, suppress
from statistics import median

import pytest

from helpline.sms.store import FAILURES, CallerStore, Kept, StoreDown
from tests.conftest import Line, redis_of

ANSWERS = {
    "not Redis": b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "a password is wanted": b"-NOAUTH Authentication required.\r\n",
    "it is loading": b"-LOADING Redis is loading the dataset in memory\r\n",
    "it may only be read": b"-READONLY You can't write against a read only replica.\r\n",
    "its memory is full": b"-OOM command not allowed when used memory > 'maxmemory'.\r\n",
    "a script is running": b"-BUSY Redis is busy running a script.\r\n",
    "another type": b"-WRONGTYPE Operation against a key\r\n",
    "no sense": b"\xff\xfe\x00\r\n",
    "half an answer": b"*3\r\n$5\r\nab",
    "bytes that are no text": b"*3\r\n$2\r\n\xff\xfe\r\n$2\r\n\xff\xfe\r\n$2\r\n\xff\xfe\r\n",
    "an answer of somebody else's": b"*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nx\r\n",
    "nothing": b"",
}


@contextmanager
def answering(answer: bytes) -> Iterator[str]:
    """The address of something that says the same to whatever it is asked."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(client: socket.socket) -> None:
        with client, suppress(OSError):
            while client.recv(65536):
                client.sendall(answer)

    def accept() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                threading.Thread(target=serve, args=(client,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    with closing(listener):
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"
        listener.shutdown(socket.SHUT_RDWR)


@contextmanager
def full() -> Iterator[str]:
    """The address of something that takes no more connections: connecting to it hangs, as behind a firewall."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(listener.getsockname())
        time.sleep(0.05)
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"
        for one in waiting:
            one.close()


def seconds_of(store: CallerStore) -> tuple[float, float, float]:
    """How long it takes to be told, of reading, writing and the language."""
    times = []
    for ask in (
        lambda: store.read("f", "SM1"),
        lambda: store.commit("f", "SM1", Kept("", "", None), "a", "fr", ["x"]),
        lambda: store.language("f"),
    ):
        began = time.monotonic()
        with suppress(StoreDown):
            ask()
        times.append(time.monotonic() - began)
    return times[0], times[1], times[2]


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_that_is_none_is_as_good_as_no_redis(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("helpline.sms.store.DRAIN_TIMEOUT_SECONDS", 0.5)  # seconds; five are for a busy Redis
    monkeypatch.setattr("helpline.sms.store.FAILURES", 1000)  # it is asked each time
    with answering(ANSWERS[name]) as url:
        store = CallerStore(url)
        for _ in range(2):
            with suppress(StoreDown):
                store.read("f", "SM1")
            with suppress(StoreDown):
                store.commit("f", "SM1", Kept("", "", None), "a", "fr", ["x"])
            with suppress(StoreDown):
                store.callers(["f", "g"])
            with suppress(StoreDown):
                store.replace_callers([("f", "", "a"), ("g", "", "b")])
            with suppress(StoreDown):
                list(store.drain_seen())
            store.saw("f")
            store.forget("f")
            assert isinstance(store.language("f"), str)


@pytest.mark.parametrize(
    "place",
    [
        pytest.param(lambda: answering(b""), id="it hangs"),
        pytest.param(full, id="it takes no connections"),
        pytest.param(lambda: nullcontext("redis://127.0.0.1:1/0"), id="nobody is there"),
        pytest.param(lambda: nullcontext("unix:///nowhere/valkey.sock"), id="no socket"),
        pytest.param(lambda: nullcontext("redis://:password@127.0.0.1:1/3"), id="with a password"),
    ],
)
def test_no_redis_is_told_quickly(place: Callable[[], AbstractContextManager[str]]) -> None:
    with place() as url:
        took = [seconds_of(CallerStore(url)) for _ in range(3)]  # one that was just told does not ask again
    reading, writing, language = (median(times) for times in zip(*took, strict=True))
    assert reading < 0.3
    assert writing < 0.3
    assert language < 0.17


def fail(store: CallerStore, times: int) -> None:
    for _ in range(times):
        with pytest.raises(StoreDown):
            store.read("f", "SM1")


@pytest.mark.parametrize("state", ["refuse", "hang"])
def test_after_some_failures_it_is_not_asked_for_a_moment(
    line: Line, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("helpline.sms.store.RESTS_SECONDS", 300)
    store = CallerStore(line.wire.url)
    getattr(line.wire, state)()
    fail(store, FAILURES)
    line.wire.forward()
    with pytest.raises(StoreDown, match="away a moment ago"):
        store.read("f", "SM1")
    with pytest.raises(StoreDown, match="away a moment ago"):
        store.commit("f", "SM1", Kept("", "", None), "a", "fr", ["x"])


def test_after_its_rest_it_is_asked_again(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("helpline.sms.store.RESTS_SECONDS", 0.2)
    store = CallerStore(line.wire.url)
    line.wire.refuse()
    fail(store, FAILURES)
    line.wire.forward()
    time.sleep(0.3)
    assert store.read("f", "SM1") == Kept("", "", None)


def test_fewer_failures_change_nothing_and_a_success_forgets_them(line: Line) -> None:
    store = CallerStore(line.wire.url)
    for _ in range(3):
        line.wire.refuse()
        fail(store, FAILURES - 1)
        line.wire.forward()
        assert store.read("f", "SM1") == Kept("", "", None)


def test_whether_it_is_up_is_asked_each_time_and_ends_the_rest(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("helpline.sms.store.RESTS_SECONDS", 300)
    store = CallerStore(line.wire.url)
    line.wire.refuse()
    fail(store, FAILURES)
    assert not store.is_up()
    line.wire.forward()
    assert store.is_up()
    assert store.read("f", "SM1") == Kept("", "", None)


def test_what_is_too_slow_for_calls_is_still_asked_for_texts(line: Line) -> None:
    store = CallerStore(line.wire.url)
    line.wire.refuse()
    for _ in range(FAILURES):
        assert store.language("f") == ""
    line.wire.forward()
    assert store.read("f", "SM1") == Kept("", "", None)


def test_an_error_that_it_answers_with_is_an_answer(line: Line) -> None:
    store = CallerStore(line.wire.url)
    with redis_of(line.valkey) as client:
        client.lpush("caller:f", "not a text")
    for _ in range(FAILURES + 1):
        with pytest.raises(StoreDown, match="ResponseError"):
            store.commit("f", "SM1", Kept("", "", None), "a", "fr", ["x"])


def test_a_session_that_was_changed_meanwhile_is_not_written(line: Line) -> None:
    store = CallerStore(line.wire.url)
    kept = store.read("f", "SM1")
    assert kept == Kept("", "", None)
    assert store.commit("f", "SM1", kept, "first", "fr", ["one"]) == ("one",)
    assert store.commit("f", "SM2", kept, "second", "fr", ["two"]) is None
    assert store.commit("f", "SM1", kept, "third", "fr", ["three"]) == ("one",)
    assert store.read("f", "SM1") == Kept("first", "fr", ("one",))
    assert store.language("f") == "fr"


def test_silence_is_an_answer_too(line: Line) -> None:
    store = CallerStore(line.wire.url)
    assert store.commit("f", "SM1", store.read("f", "SM1"), "a", "fr", []) == ()
    assert store.read("f", "SM1").answer == ()


def test_who_texts_is_noted_in_the_same_trip(line: Line) -> None:
    store = CallerStore(line.wire.url)
    kept = store.read("f", "SM1")
    before = line.wire.trips
    store.commit("f", "SM1", kept, "a", "fr", ["one"])
    store.commit("f", "SM2", store.read("f", "SM2"), "b", "fr", ["two"])
    assert line.wire.trips - before == 3
    assert list(store.drain_seen()) == ["f"]
    assert list(store.drain_seen()) == []


def test_everybody_who_was_there_is_told_once(line: Line) -> None:
    store = CallerStore(line.wire.url)
    people = {f"caller {number}" for number in range(3000)}
    with redis_of(line.valkey) as client:
        client.sadd("seen", *people)
    store.saw("a call")
    assert set(store.drain_seen()) == people | {"a call"}
    assert list(store.drain_seen()) == []


def test_who_was_not_told_of_is_told_next_time(line: Line) -> None:
    store = CallerStore(line.wire.url)
    for name in ("f", "g"):
        store.saw(name)
    next(store.drain_seen())  # and then the worker dies
    store.saw("h")
    assert set(store.drain_seen()) == {"f", "g", "h"}


def test_that_nobody_can_be_told_of_is_said(line: Line) -> None:
    store = CallerStore(line.wire.url)
    line.wire.refuse()
    with pytest.raises(StoreDown):
        list(store.drain_seen())


def test_an_empty_caller_is_forgotten_with_the_language(line: Line) -> None:
    store = CallerStore(line.wire.url)
    store.commit("f", "SM1", store.read("f", "SM1"), "a", "fr", ["one"])
    store.commit("f", "SM2", store.read("f", "SM2"), "", "", ["gone"])
    assert store.read("f", "SM3") == Kept("", "", None)
    assert store.read("f", "SM2").answer == ("gone",)
    assert list(store.drain_seen()) == []


def test_a_call_can_have_everything_forgotten(line: Line) -> None:
    store = CallerStore(line.wire.url)
    store.commit("f", "SM1", store.read("f", "SM1"), "a", "fr", ["one"])
    store.forget("f")
    assert store.read("f", "SM3") == Kept("", "", None)
    assert list(store.drain_seen()) == []


def test_many_callers_are_written_unless_they_changed_meanwhile(line: Line) -> None:
    store = CallerStore(line.wire.url)
    store.commit("f", "SM1", store.read("f", "SM1"), "old", "fr", ["one"])
    assert store.callers(["f", "g", "h"]) == ["old", "", ""]
    changes = [("f", "old", "new"), ("g", "", "first"), ("h", "not this", "never")]
    assert store.replace_callers(changes) == {"f", "g"}
    assert store.callers(["f", "g", "h"]) == ["new", "first", ""]
