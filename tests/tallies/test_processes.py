"""The helpline's own processes write down what they counted: while they run, and when they end."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from sqlalchemy import Engine

from helpline.reminders.queues import REPLIES, enqueue, queue
from helpline.server.embedded_valkey import EmbeddedValkey
from tests.databases import address
from tests.phone import SECOND_TOKEN, TOKEN, Phone, http_post
from tests.server.running import Running, free_port, is_alive, running, wait_until
from tests.tallies.conftest import written
from tests.workers.programs import a_place


def of(engine: Engine, name: str) -> int:
    """What was counted under a name and labels, on whatever day."""
    return sum(count for each, count in written(engine).items() if each.partition(" ")[2] == name)


def web(folder: Path, engine: Engine, valkey: EmbeddedValkey, port: int) -> dict[str, str]:
    return {
        "PORT": str(port),
        "REDIS_URL": valkey.url,
        "DATABASE_URL": address(engine),
        "VAR_DIR": str(folder),
        "HELPLINE_ENV": "demo",
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_AUTH_TOKEN_SECONDARY": SECOND_TOKEN,
        "WEB_CONCURRENCY": "2",
    }


def is_there(port: int, process: Running) -> bool:
    assert process.process.poll() is None, process.output
    try:
        return Phone(http_post(port), base=f"http://127.0.0.1:{port}").text("menu") != []
    except OSError:
        return False


def test_a_web_server_that_is_asked_to_end_writes_what_each_of_its_processes_counted(
    tmp_path: Path, sqlite_engine: Engine, shared_valkey: EmbeddedValkey
) -> None:
    port, texts = free_port(), 12
    env = web(tmp_path, sqlite_engine, shared_valkey, port)
    with running([sys.executable, "-m", "helpline.server.web"], tmp_path / "output", env) as server:
        wait_until(lambda: is_there(port, server), lambda: server.output)
        phone = Phone(http_post(port), base=f"http://127.0.0.1:{port}")
        for _ in range(texts):
            phone.text("menu")
        server.end(signal.SIGTERM)
    assert of(sqlite_engine, "requests{route=/twilio/sms,status=200}") == texts + 1


def test_what_a_worker_handed_to_the_carrier_is_counted_with_its_time(
    tmp_path: Path, shared_valkey: EmbeddedValkey
) -> None:
    with a_place(tmp_path, shared_valkey.url) as place:
        place.redis.flushall()
        message = place.owe_a_text()
        assert enqueue(queue(place.redis, REPLIES), "helpline.reminders.jobs.deliver", REPLIES, job_id="test-1")
        with place.program("worker", "replies") as program:
            wait_until(lambda: place.state(message) == "accepted", lambda: program.output)
            wait_until(lambda: any("carrier{" in name for name in written(place.engine)), lambda: program.output)
            counted = {name: count for name, count in written(place.engine).items() if " carrier{" in name}
            assert sum(counted.values()) == 1
            assert all("channel=sms" in name and "result=sent" in name for name in counted)
            assert program.end() == 0
            assert not is_alive(program.pid)
