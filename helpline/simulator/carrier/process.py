"""The process of the simulated carrier: it listens until it is told to end."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click

from helpline.settings import Settings
from helpline.simulator.carrier.behaviour import Behaviour
from helpline.simulator.carrier.door import guarded
from helpline.simulator.carrier.http import HERE, listen
from helpline.simulator.carrier.journal import Journal
from helpline.simulator.carrier.messages_api import SimulatedCarrier
from helpline.simulator.carrier.parts import carrier_of

WEBHOOKS_AT_ONCE = 32


async def serve(
    port: int,
    journal: Path,
    behaviour: Behaviour,
    settings: Settings | None,
    callbacks_at: str,
    chances: random.Random,
    clock: Callable[[], float] = time.time,
) -> None:
    """Answer until SIGTERM or Ctrl-C. Without settings there is no helpline to tell anything, and no phone."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    loop.set_default_executor(ThreadPoolExecutor(WEBHOOKS_AT_ONCE, thread_name_prefix="webhook"))
    kept = Journal(journal)
    if settings:
        answer = carrier_of(settings, callbacks_at, kept, behaviour, chances.random, clock)
    else:
        answer = SimulatedCarrier(kept, behaviour, chances.random, clock=clock).answer
    server = await listen(guarded(answer), port)
    click.echo(f"The simulated carrier listens on http://{HERE}:{server.sockets[0].getsockname()[1]}")
    await stopped.wait()
    server.close()
