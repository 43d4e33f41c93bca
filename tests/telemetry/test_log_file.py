"""Lines of the log are written at once, or together by a thread beside; none is lost or written twice."""

from __future__ import annotations

import io
import os
import threading

from helpline.telemetry.logs import MOST_WAITING, LogFile


def test_without_a_thread_each_line_is_written_at_once() -> None:
    file = io.StringIO()
    LogFile(file).write("one\n")
    assert file.getvalue() == "one\n"


def test_with_one_they_are_written_together_in_their_order() -> None:
    file = io.StringIO()
    log = LogFile(file)
    log.write_out()
    log.write("one\n")
    log.write("two\n")
    assert file.getvalue() == ""
    log.write_out()
    assert file.getvalue() == "one\ntwo\n"


def test_at_the_end_nothing_is_held_back() -> None:
    file = io.StringIO()
    log = LogFile(file)
    log.write_out()
    log.write("one\n")
    log.end()
    log.write("two\n")
    log.write_out()
    log.write("three\n")
    assert file.getvalue() == "one\ntwo\nthree\n"


def test_more_than_can_wait_are_written_at_once() -> None:
    file = io.StringIO()
    log = LogFile(file)
    log.write_out()
    for _ in range(MOST_WAITING + 1):
        log.write("x")
    assert file.getvalue() == "x"
    log.write_out()
    assert file.getvalue() == "x" * (MOST_WAITING + 1)


def test_threads_lose_none() -> None:
    file = io.StringIO()
    log = LogFile(file)
    log.write_out()
    writers = [threading.Thread(target=lambda: [log.write("x") for _ in range(2000)]) for _ in range(8)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        log.write_out()
    log.end()
    assert len(file.getvalue()) == 16_000


def test_a_fork_writes_its_own_lines_only() -> None:
    read, write = os.pipe()
    with os.fdopen(write, "w") as file:
        log = LogFile(file)
        log.write_out()
        log.write("parent\n")
        child = os.fork()
        if child == 0:
            log.write("child\n")
            log.write_out()
            log.end()
            os._exit(0)
        os.waitpid(child, 0)
        log.end()
    with os.fdopen(read) as found:
        assert found.read() == "child\nparent\n"
