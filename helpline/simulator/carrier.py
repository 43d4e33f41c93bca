"""The simulated carrier, as a process of its own: `python -m helpline.simulator.carrier --help`."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import click

from helpline.demo.date import DemoDate
from helpline.server.plainly import told_plainly
from helpline.settings import Settings, load_settings
from helpline.simulator.carrier_parts import carrier_of
from helpline.simulator.messages_behaviour import Behaviour
from helpline.simulator.messages_carrier import SimulatedCarrier
from helpline.simulator.messages_http import HERE, listen
from helpline.simulator.messages_journal import Journal

WEBHOOKS_AT_ONCE = 32


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Where to listen; 0 takes a free port.")
@click.option("--journal", type=click.Path(path_type=Path), required=True, help="Where accepted messages are kept.")
@click.option("--delay", metavar="MS", help="Milliseconds before each answer.")
@click.option("--drop", metavar="SHARE", help="Accepted, then the connection breaks off without an answer.")
@click.option("--late", metavar="SHARE:SECONDS", help="Accepted only after so many seconds.")
@click.option("--garbage", metavar="SHARE", help="Accepted, then an answer that nobody can read.")
@click.option("--fail", metavar="RULES", help="CODE:SHARE or CODE:NUMBER, with commas; 500+accepted:SHARE sends it.")
@click.option("--undelivered", metavar="RULES", help="Accepted, and reported later as not delivered, with that code.")
@click.option("--callbacks", is_flag=True, help="Report statuses to StatusCallback, signed with TWILIO_AUTH_TOKEN.")
@click.option("--callbacks-at", metavar="URL", default="", help="Where the helpline is, if not at its PUBLIC_URL.")
@click.option("--report-after", metavar="SECONDS", help="From accepted to sent, and from sent to delivered.")
@click.option("--repeat", metavar="SHARE", help="Reports that come twice.")
@click.option("--disorder", metavar="SHARE", help="Messages whose reports come in the wrong order.")
@click.option("--lost", metavar="SHARE", help="Reports that never come.")
@click.option("--again", metavar="SHARE", help="Callers' texts that are posted twice, as if an answer had been lost.")
@click.option("--opt-out", metavar="WAY", help="Who handles STOP: none, default or advanced; usually by the sender.")
@click.option("--unwatched", metavar="SECONDS", help="A call ends when nobody looked at its phone for so long.")
@click.option("--date-from", type=click.Path(path_type=Path), help="The VAR_DIR of a demo, whose date it goes by.")
@click.option("--seed", type=int, help="The same seed, the same chances.")
def main(
    port: int,
    journal: Path,
    callbacks: bool,
    callbacks_at: str,
    date_from: Path | None,
    seed: int | None,
    **behaviour: Any,
) -> None:
    """Take the place of Twilio: nothing leaves this machine, every text is written to a journal.

    \b
    Example, with one post in twenty lost after it was accepted:
      python -m helpline.simulator.carrier --port 9100 --journal var/sent.jsonl --drop 0.05
      TWILIO_API_URL=http://127.0.0.1:9100 scripts/server

    \b
    While it runs, its behaviour can be seen and changed, and a caller's text put into its list:
      curl http://127.0.0.1:9100/control
      curl http://127.0.0.1:9100/control -d '{"fail": "429:0.5,21610:+33639980001", "delay": 50}'
      curl http://127.0.0.1:9100/received -d '{"from": "+33639980001", "to": "38123", "body": "STOP"}'

    \b
    With --callbacks it knows the helpline with the same settings, and in a demo it has phones:
      curl http://127.0.0.1:9100/phones/+33639980001
      curl http://127.0.0.1:9100/phones/+33639980001/texts -H 'Content-Type: application/json' -d '{"body": "actu"}'
    """
    try:
        chosen = Behaviour().changed({name: text for name, text in behaviour.items() if text is not None})
    except ValueError as problem:
        raise click.ClickException(str(problem)) from problem
    settings, clock = _settings() if callbacks else None, _date(date_from) if date_from else time.time
    try:
        asyncio.run(serve(port, journal, chosen, settings, callbacks_at, random.Random(seed), clock))  # noqa: S311
    except OSError as problem:
        raise click.ClickException(f"It cannot start: {problem}") from problem


def _settings() -> Settings:
    """Those of the helpline, as it takes us for Twilio by its token."""
    with told_plainly():
        return load_settings()


def _date(var_dir: Path) -> Callable[[], float]:
    date = DemoDate(var_dir)
    return lambda: date.now().timestamp()


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
    server = await listen(answer, port)
    click.echo(f"The simulated carrier listens on http://{HERE}:{server.sockets[0].getsockname()[1]}")
    await stopped.wait()
    server.close()


if __name__ == "__main__":
    main()
