"""One planner in a process of its own: plans a wave and says how long it took and how much memory it grew by.

python -m tests.bench.planner DATABASE_URL
"""

from __future__ import annotations

import json
import logging
import math
import resource
import sys
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import structlog

from helpline.menus.shapes import WaveRule
from helpline.records.engine import open_records
from helpline.reminders.planning import plan
from tests.reminders.people import CALENDAR, paris

PATIENCE = 600.0
MIDDLE_ONLY = replace(CALENDAR, waves=(WaveRule("middle", "closes", -7, "next"),))
EVENING_BEFORE = paris(2026, 12, 7, 20)
WEEKS_BEFORE = EVENING_BEFORE - timedelta(days=14)


def peak_memory() -> int:
    """The most that this process ever held, in kB."""
    if sys.platform == "linux":  # what getrusage says there includes whoever started this process
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main(url: str) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    engine = open_records(url, PATIENCE)
    plan(engine, MIDDLE_ONLY, WEEKS_BEFORE)  # plans nothing: connected, and all is loaded
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
    print("begins", flush=True)  # noqa: T201
    before, began = peak_memory(), time.perf_counter()
    (count,) = plan(engine, MIDDLE_ONLY, EVENING_BEFORE, seconds=math.inf).values()
    seconds = time.perf_counter() - began
    print(json.dumps({"rows": count, "seconds": seconds, "kilobytes": peak_memory() - before}))  # noqa: T201
    engine.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:])
