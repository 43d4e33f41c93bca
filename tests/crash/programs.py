"""The programs of a crash test: those that operators run, going by another clock.

python -m tests.crash.programs web|worker|clock
python -m tests.crash.programs worker QUEUE ...
python -m tests.crash.programs carrier PORT JOURNAL DROP LATE ANSWERING
"""

from __future__ import annotations

import asyncio
import random
import sys
from pathlib import Path

from helpline.reminders.queues import QUEUES
from helpline.server import web
from helpline.settings import load_settings
from helpline.simulator.carrier.behaviour import Behaviour
from helpline.simulator.carrier.process import serve
from tests.crash.application import application
from tests.crash.shifted import ShiftedClock, have_wrong_clock
from workers import clock, worker
from workers.process import begin


def main(name: str, *arguments: str) -> None:
    have_wrong_clock()
    now, settings = ShiftedClock.of_environment(), load_settings()
    if name == "carrier":
        port, journal, drop, late, answering = arguments
        behaviour = Behaviour().changed(
            {"drop": drop, "late": late, "delay": 20, "repeat": 0.1, "disorder": 0.1}
            | {"answering": answering, "rings": 0.1, "greeting": 0.1, "listens": 1}
        )
        chances = random.Random()
        asyncio.run(serve(int(port), Path(journal), behaviour, settings, "", chances, clock=now.timestamp))
    elif name == "web":
        application()
        web.serve(settings, application)
    elif name == "worker":
        begin()
        worker.run(settings, [name for name in QUEUES if name in arguments] or QUEUES, now=now)
    elif name == "clock":
        begin()
        clock.run(settings, now)


if __name__ == "__main__":
    main(*sys.argv[1:])
