"""`helpline talk --script FILE`: conversations played against a running server, and what it answers otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

import click

from helpline.settings import Settings
from helpline.simulator.line.webhooks import Webhooks
from helpline.simulator.script.conversation import Conversation, read_conversations
from helpline.simulator.script.dates import ServerDate
from helpline.simulator.script.numbers import fresh_numbers
from helpline.simulator.script.replay import Skipped, replay, why_not
from helpline.simulator.script.shown import progress, show_differences, show_end
from helpline.terminal import Terminal, printable

NO_DEMO = (
    "This server is no demo: it has no time machine (/phone/date). A script signs fictitious numbers (06 39 98 xx xx) "
    "up for real: they stay in its database, and its reminders would be sent to them and paid for.\n"
    "To play it all the same: --yes"
)


def scripts_in(place: Path) -> list[Conversation]:
    """The conversations of a file, or of every .yaml file of a folder. ClickException where one cannot be read."""
    files = sorted(place.glob("*.yaml")) if place.is_dir() else [place]
    try:
        return [conversation for file in files for conversation in read_conversations(file)]
    except (ValueError, OSError) as error:
        raise click.ClickException(printable(str(error))) from error


def play_script(
    conversations: Sequence[Conversation], webhooks: Webhooks, settings: Settings, terminal: Terminal, is_meant: bool
) -> bool:
    """Play them all; whether any was played, and every answer is as written.

    `is_meant`: also against a server that is no demo.
    """
    date = ServerDate.of(webhooks)
    if date is None and not is_meant:
        raise click.ClickException(NO_DEMO)
    numbers = fresh_numbers(settings.var_dir)
    played, differing, skipped = 0, 0, Counter[str]()
    with date or nullcontext(), progress(terminal, len(conversations)) as begins:
        for conversation in conversations:
            begins(printable(conversation.title))
            try:
                if why := why_not(conversation, settings.languages, date is not None):
                    raise Skipped(why)
                differences = replay(conversation, webhooks, settings, next(numbers), date)
            except Skipped as why_skipped:
                skipped[str(why_skipped)] += 1
                continue
            played += 1
            if differences:
                differing += 1
                show_differences(terminal, conversation, differences)
    show_end(terminal, played, differing, skipped)
    return played > 0 and not differing
