"""A stub of the carrier's Messages API, as a process of its own: `python -m helpline.simulator.messages_api --help`."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from helpline.simulator.messages_behaviour import Behaviour
from helpline.simulator.messages_carrier import SimulatedCarrier, nobody_listens
from helpline.simulator.messages_http import HERE, listen
from helpline.simulator.messages_journal import Journal
from helpline.simulator.messages_reports import Reports


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
@click.option("--seed", type=int, help="The same seed, the same chances.")
def main(port: int, journal: Path, callbacks: bool, callbacks_at: str, seed: int | None, **behaviour: Any) -> None:
    """Take the place of Twilio's Messages API: nothing is sent, everything is written to a journal.

    \b
    Example, with one post in twenty lost after it was accepted:
      python -m helpline.simulator.messages_api --port 9100 --journal var/sent.jsonl --drop 0.05
      TWILIO_API_URL=http://127.0.0.1:9100 scripts/server

    \b
    While it runs, its behaviour can be seen and changed, and a caller's text put into its list:
      curl http://127.0.0.1:9100/control
      curl http://127.0.0.1:9100/control -d '{"fail": "429:0.5,21610:+33639980001", "delay": 50}'
      curl http://127.0.0.1:9100/received -d '{"from": "+33639980001", "to": "38123", "body": "STOP"}'
    """
    try:
        chosen = Behaviour().changed({name: text for name, text in behaviour.items() if text is not None})
    except ValueError as problem:
        raise click.ClickException(str(problem)) from problem
    try:
        asyncio.run(serve(port, journal, chosen, _token() if callbacks else "", callbacks_at, random.Random(seed)))  # noqa: S311
    except OSError as problem:
        raise click.ClickException(f"It cannot start: {problem}") from problem


def _token() -> str:
    """What the helpline with the same settings takes for Twilio's."""
    from helpline.server.plainly import told_plainly
    from helpline.settings import load_settings

    with told_plainly():
        return load_settings().auth_tokens[0].get_secret_value()


async def serve(
    port: int,
    journal: Path,
    behaviour: Behaviour,
    token: str,
    callbacks_at: str,
    chances: random.Random,
    clock: Callable[[], float] = time.time,
) -> None:
    """Answer until SIGTERM or Ctrl-C. Without a token nothing is reported."""
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    kept = Journal(journal)
    reports = Reports(token, callbacks_at, chances.random)
    carrier = SimulatedCarrier(kept, behaviour, chances.random, reports.follow if token else nobody_listens, clock)
    server = await listen(carrier.answer, port)
    click.echo(f"The stub of the Messages API listens on http://{HERE}:{server.sockets[0].getsockname()[1]}")
    await stopped.wait()
    server.close()


if __name__ == "__main__":
    main()
