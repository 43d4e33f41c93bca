"""The simulated carrier, as a process of its own: `python -m helpline.simulator.carrier --help`."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from helpline.date.moved import DemoDate
from helpline.server.plainly import told_plainly
from helpline.settings import Settings, load_settings
from helpline.simulator.carrier.behaviour import Behaviour
from helpline.simulator.carrier.process import serve


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Where to listen; 0 takes a free port.")
@click.option(
    "--journal", type=click.Path(path_type=Path), required=True, help="Where messages are kept; calls go beside it."
)
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
@click.option("--answering", metavar="RULES", help="Who answers calls: WHO:SHARE or WHO:NUMBER, such as machine:0.3.")
@click.option("--rings", metavar="SECONDS", help="How long it rings until somebody picks up by itself.")
@click.option("--greeting", metavar="SECONDS", help="How long an answering machine speaks before its beep.")
@click.option("--listens", metavar="SECONDS", help="After how long whoever picked up by itself hangs up.")
@click.option("--seed", type=int, help="The same seed, the same chances.")
def main(
    port: int,
    journal: Path,
    callbacks: bool,
    callbacks_at: str,
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
    Who answers the helpline's calls: person (at the phone, as usual), human, machine, machine-silence, machine-other,
    fax, silence, busy, no-answer or failed; the first rule that fits counts:
      curl http://127.0.0.1:9100/control -d '{"answering": "machine:+33199001299,busy:0.1,human:1"}'

    \b
    With --callbacks it knows the helpline with the same settings, and in a demo it has phones:
      curl http://127.0.0.1:9100/phones/+33639980001
      curl http://127.0.0.1:9100/phones/+33639980001/texts -H 'Content-Type: application/json' -d '{"body": "actu"}'
    """
    try:
        chosen = Behaviour().changed({name: text for name, text in behaviour.items() if text is not None})
    except ValueError as problem:
        raise click.ClickException(str(problem)) from problem
    settings = _settings() if callbacks else None
    try:
        asyncio.run(serve(port, journal, chosen, settings, callbacks_at, random.Random(seed), _clock(settings)))  # noqa: S311
    except OSError as problem:
        raise click.ClickException(f"It cannot start: {problem}") from problem


def _settings() -> Settings:
    """Those of the helpline, as it takes us for Twilio by its token."""
    with told_plainly():
        return load_settings()


def _clock(settings: Settings | None) -> Callable[[], float]:
    """The real date, but for a helpline with phones, whose date can be moved."""
    if settings is None or not settings.has_phones:
        return time.time
    date = DemoDate(settings.var_dir)
    return lambda: date.now().timestamp()


if __name__ == "__main__":
    main()
