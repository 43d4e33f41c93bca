"""The workers: one for each queue, started again when it dies, gone when they are to go."""

from __future__ import annotations

import os
import shutil
import signal

import pytest
from rq import Worker
from rq.serializers import PickleSerializer

from helpline.reminders import jobs
from helpline.reminders.queues import QUEUES, REPLIES, UPKEEP, enqueue, queue
from helpline.settings import CHECKOUT
from tests.server.running import Running, all_end, descendants, is_alive, wait_until
from tests.workers.programs import Place

STARTED = "workers started"


def deliver(place: Place, tick: str = "1") -> None:
    assert enqueue(queue(place.redis, REPLIES), "helpline.reminders.jobs.deliver", REPLIES, job_id=f"test-{tick}")


def workers(place: Place, name: str) -> list[int]:
    """The processes of a queue's workers that live and wait for jobs or do them."""
    found = Worker.all(queue=queue(place.redis, name))  # type: ignore[arg-type]
    at_work = [worker for worker in found if worker.get_state() in ("idle", "busy")]
    return [worker.pid for worker in at_work if worker.pid and is_alive(worker.pid)]


def wait_for_workers(place: Place, program: Running, *names: str) -> dict[str, int]:
    wait_until(lambda: all(workers(place, name) for name in names), lambda: program.output)
    return {name: workers(place, name)[0] for name in names}


def test_each_queue_has_a_worker_of_its_own(place: Place) -> None:
    with place.program("worker") as program:
        found = wait_for_workers(place, program, *QUEUES)
        assert len(set(found.values())) == len(QUEUES)
        assert sorted(worker.queue_names() for worker in Worker.all(place.redis)) == [[name] for name in sorted(QUEUES)]
        assert program.end() == 0
    assert Worker.all(place.redis) == []


def test_one_queue_can_be_given_workers_of_its_own(place: Place) -> None:
    with place.program("worker", "bulk") as program:
        wait_for_workers(place, program, "bulk")
        assert len(Worker.all(place.redis)) == 1


def test_what_is_due_goes_out(place: Place) -> None:
    message = place.owe_a_text()
    deliver(place)
    with place.program("worker", "replies") as program:
        wait_until(lambda: place.state(message) == "accepted", lambda: program.output)
        (sent,) = place.stub.messages()
        assert sent.to not in program.output
        assert program.end() == 0
    assert "Traceback" not in program.output


def test_a_text_whose_worker_was_killed_before_the_answer_goes_out_once(place: Place) -> None:
    place.stub.behave(delay=3000)
    message = place.owe_a_text()
    deliver(place)
    with place.program("worker", "replies") as program:
        wait_until(lambda: place.stub.messages(), lambda: program.output)
        os.kill(program.pid, signal.SIGKILL)
        wait_until(lambda: place.state(message) == "sending", lambda: place.state(message))
    deliver(place, "2")
    with place.program("worker", "replies") as program:
        wait_until(lambda: queue(place.redis, REPLIES).count == 0, lambda: program.output)
        assert program.end() == 0
    assert len(place.stub.messages()) == 1


def test_a_worker_that_dies_is_started_again(place: Place) -> None:
    with place.program("worker") as program:
        before = wait_for_workers(place, program, *QUEUES)
        os.kill(before["replies"], signal.SIGKILL)
        wait_until(
            lambda: [pid for pid in workers(place, "replies") if pid != before["replies"]], lambda: program.output
        )
        assert workers(place, "bulk") == [before["bulk"]]
        message = place.owe_a_text()
        deliver(place)
        wait_until(lambda: place.state(message) == "accepted", lambda: program.output)


def test_asked_to_end_it_finishes_what_it_has_begun(place: Place) -> None:
    place.stub.behave(delay=1500)
    message = place.owe_a_text()
    deliver(place)
    with place.program("worker", "replies") as program:
        wait_until(lambda: place.stub.counts.get("posts"), lambda: program.output)
        assert program.end() == 0
    assert place.state(message) == "accepted"


def test_when_it_is_killed_nothing_is_left(place: Place) -> None:
    place.stub.behave(delay=60_000)
    place.owe_a_text()
    deliver(place)
    with place.program("worker") as program:
        wait_for_workers(place, program, *QUEUES)
        wait_until(lambda: place.stub.counts.get("posts"), lambda: program.output)
        family = descendants(program.pid)
        assert len(family) >= 4
        program.end(signal.SIGKILL)
        all_end(family)


def test_a_job_of_somebody_elses_making_is_not_run(place: Place) -> None:
    """Pickled jobs could run anything: a worker must not even look into one."""
    place.redis.sadd("rq:queues", "rq:queue:upkeep")
    job = queue(place.redis, UPKEEP).create_job("os.getpid", job_id="pickled")
    job.serializer = PickleSerializer  # type: ignore[assignment]
    job.save()
    place.redis.rpush("rq:queue:upkeep", "pickled")
    with place.program("worker", "upkeep") as program:
        wait_until(lambda: "pickled" in program.output, lambda: program.output)
        assert "DeserializationError" in program.output


def test_a_job_that_fails_is_told_without_what_was_in_the_database(place: Place) -> None:
    with place.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE messages")
    enqueue(queue(place.redis, UPKEEP), "helpline.reminders.jobs.settle", job_id="test")
    with place.program("worker", "upkeep") as program:
        program.wait_for("a job failed")
        wait_until(lambda: jobs.failed_lately(place.redis) == 1, lambda: program.output)
        assert "OperationalError" in program.output
        assert "SELECT" not in program.output


def test_edited_prompts_are_in_use_with_the_next_job(place: Place) -> None:
    prompts = place.folder / "prompts"
    shutil.copytree(CHECKOUT / "prompts", prompts)
    with place.program("worker", "replies", PROMPTS_DIR=str(prompts)) as program:
        wait_for_workers(place, program, "replies")
        edited = prompts / "calendar.yaml"
        edited.write_text(edited.read_text(encoding="utf-8") + "# edited\n", encoding="utf-8")
        deliver(place)
        program.wait_for("prompts taken up")


@pytest.mark.parametrize("wrong", ["letters", ""])
def test_an_unknown_queue_is_named(place: Place, wrong: str) -> None:
    with place.program("worker", wrong) as program:
        assert program.ended() == 2
    assert "'replies', 'bulk', 'calls', 'upkeep'" in program.output


def test_it_explains_itself(place: Place) -> None:
    with place.program("worker", "--help") as program:
        assert program.ended() == 0
    assert "python -m workers.worker bulk" in program.output
