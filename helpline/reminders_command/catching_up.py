"""What `helpline reminders resume` does on a restored helpline: it catches up with the carrier, and shows how far."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import click
from rich.progress import BarColumn, Progress, TextColumn

from helpline.reminders.reconcile import NotReconciled, Ours, Reconciled, Report, TooEarly, nobody_waits, reconcile
from helpline.reminders.sender import Sender
from helpline.reminders_command.words import moment_in_words
from helpline.settings import Settings
from helpline.terminal import Terminal
from helpline.wiring import wire

_WORDS = {
    "stop": "said stop",
    "not_me": "said that it is not them",
    "erase": "erased themselves",
    "done": "answered that it is done",
    "no_call": "no longer wanted to be called by a person",
    "sent": "had got a text that the backup still held as planned",
}


Say = Callable[[str], object]


def _patiently(sender: Sender, settings: Settings, say: Say, terminal: Terminal | None) -> Reconciled | None:
    """Once the carrier's list is complete: a message may appear in it some time after it was sent."""
    settle = timedelta(seconds=settings.settle_seconds)
    while True:
        try:
            with _shown(terminal) as report:
                return reconcile(sender, Ours(settings.sms_sender, settings.service_name), settle, report)
        except TooEarly as early:
            say(f"The carrier's list is complete in {early.seconds} seconds. Waiting ...")
            time.sleep(early.seconds)


@contextmanager
def _shown(terminal: Terminal | None) -> Iterator[Report]:
    """How far back it has looked: a bar in a terminal, nothing in a pipe."""
    if terminal is None or not terminal.is_drawn:
        yield nobody_waits
        return
    columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[listed]:,} messages")
    with Progress(*columns, console=terminal.console) as progress:
        began = datetime.now(UTC)
        task = progress.add_task("Looking back", total=1.0, listed=0)

        def report(listed: int, at: datetime, since: datetime) -> None:
            way = max((began - since).total_seconds(), 1.0)
            progress.update(task, completed=(began - at).total_seconds() / way, listed=listed)

        yield report


def catch_up(settings: Settings, say: Say, since: datetime, terminal: Terminal | None) -> Reconciled | None:
    """Look up what happened since the backup, and end the pause. ClickException if it stays paused.

    What was brought in; None if the running demo looks it up, or has done so. Only `terminal` is drawn on.
    """
    if settings.is_demo and "twilio_api_url" not in settings.model_fields_set:
        say("The running demo looks up by itself what happened since, and sends again within two minutes.")
        return None
    say(f"A backup of {moment_in_words(since)} was restored. Looking up what happened since ...")
    parts = wire(settings)
    try:
        found = _patiently(parts.sender, settings, say, terminal)
    except NotReconciled as error:
        raise click.ClickException(f"{error}\nSending stays paused. Try again: helpline reminders resume") from error
    finally:
        parts.engine.dispose()
    if found is None:
        say("It was looked up already. Sending goes on.")
    return found


def show_caught_up(terminal: Terminal, found: Reconciled) -> None:
    """What was brought in, in numbers."""
    terminal.line(f"Looked at {found.listed:,} messages of the carrier's list. Sending goes on.")
    for name, words in _WORDS.items():
        if found.counts.get(name):
            terminal.line(f"{found.counts[name]:>9,}  {words}", indent=2)
    if found.lost:
        terminal.line(f"{found.lost:>9,}  seem to have signed up since: that is lost, they must ask again", indent=2)
    if found.lost_calls:
        lost = "seem to have asked to be called since: that is lost, they must ask again"
        terminal.line(f"{found.lost_calls:>9,}  {lost}", indent=2)


def caught_up_as_json(found: Reconciled | None) -> dict[str, Any] | None:
    """The same for programs."""
    if found is None:
        return None
    counts = {name: found.counts.get(name, 0) for name in _WORDS}
    lost = {"lost": found.lost, "lost_calls": found.lost_calls}
    return {"since": found.since.astimezone(UTC).isoformat(), "listed": found.listed, **counts, **lost}
