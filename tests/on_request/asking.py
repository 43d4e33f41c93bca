"""Web processes of their own that begin together: ten people of each text APPEL, on a day that has seventeen calls.

python -m tests.on_request.asking DATABASE FOLDER PROCESSES
"""

from __future__ import annotations

import logging
import multiprocessing
import sys
from multiprocessing.synchronize import Barrier
from pathlib import Path

import structlog

from helpline.records.engine import open_records
from tests.on_request.people import Asker, rules_on, shipped


def ask(database: str, folder: Path, process: int, together: Barrier) -> None:
    told: list[str] = []
    rules = rules_on(open_records(database), folder / str(process), told.append, calls_a_day=17)
    together.wait()
    for person in range(10):
        outcome = Asker(rules, f"+33639984{process}{person:02}", "sms").asks_for_call()
        sys.stdout.write(f"asked {outcome}\n")
    sys.stdout.write("asked alert\n" * len(told))


def main() -> None:
    database, folder, count = sys.argv[1:]
    # Theirs is the same output, where a line of one must not stand within a line of another.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    shipped()  # once, before they are forked
    forking = multiprocessing.get_context("fork")
    together = forking.Barrier(int(count))
    given = [(database, Path(folder), process, together) for process in range(int(count))]
    processes = [forking.Process(target=ask, args=each) for each in given]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    raise SystemExit(max(abs(process.exitcode or 0) for process in processes))


if __name__ == "__main__":
    main()
