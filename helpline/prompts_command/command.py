"""`helpline prompts`: the words looked at by those who write them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import click
from rapidfuzz import fuzz, process

from helpline.date.of_settings import clock_of
from helpline.identity import identity_of
from helpline.menus.dates import PARIS
from helpline.menus.faults import Fault, PromptsError
from helpline.menus.prompts import Prompts
from helpline.prompts_command.fallback import fallback_files, segments_of
from helpline.prompts_command.faults_shown import show_counts, show_faults
from helpline.prompts_command.node_shown import NodeView
from helpline.prompts_folder import inspect_folder, load_prompts, recordings_in
from helpline.server.plainly import told_plainly
from helpline.settings import Settings, load_settings
from helpline.terminal import Terminal

ALIKE, MOST_NAMES = 60, 5
FIRST_YEAR, LAST_YEAR = 2000, 2100


@click.group()
def prompts() -> None:
    """The words of the helpline: check them, or see a place as a caller gets it.

    \b
    Examples:
      helpline prompts check
      helpline prompts show update.when --lang fr
      helpline prompts fallback fallback/
    """


@prompts.command(short_help="Name every fault of the words, and how to mend it.")
@click.option("-q", "--quiet", is_flag=True, help="Faults only, no warnings.")
def check(quiet: bool) -> None:
    """Name every fault of the prompts folder, where it is and how to mend it.

    A warning stops nothing; a fault stops the start of the server, and this ends with exit code 1.

    \b
    Example:
      helpline prompts check --quiet
    """
    settings = _settings()
    found, faults = _inspected(settings)
    terminal = Terminal()
    show_faults(terminal, [fault for fault in faults if not quiet or fault.severity == "fault"])
    show_counts(terminal, found, faults)
    if any(fault.severity == "fault" for fault in faults):
        raise SystemExit(1)


@prompts.command(short_help="Print a place as a caller gets it.")
@click.argument("node")
@click.option("--lang", "language", metavar="CODE", help="Its language; the first one unless given.")
@click.option("--on", "day", metavar="DATE", help="The day whose dates are filled in, as 2026-12-10; today.")
def show(node: str, language: str | None, day: str | None) -> None:
    """Print a place as a caller gets it, by text and in a call.

    \b
    Example:
      helpline prompts show update.when --lang fr --on 2026-12-10
    """
    settings = _settings()
    code = (language or settings.languages[0]).lower()
    if code not in settings.languages:
        raise click.BadParameter(f"use one of {', '.join(settings.languages)}.", param_hint="--lang")
    now = _moment(day, clock_of(settings))
    terminal = Terminal()
    found, faults = _inspected(settings)
    if found is None:
        show_faults(terminal, faults)
        raise click.ClickException("The prompts cannot be read before these faults are mended.")
    if node not in found.menus.nodes:
        raise click.BadParameter(_unknown(node, found), param_hint="NODE")
    NodeView(found, recordings_in(settings.prompts_dir), code, now).show(terminal, node)


@prompts.command(short_help="Write what callers get while this server does not answer.")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def fallback(folder: Path) -> None:
    """Write the words of the place "fallback" as TwiML into two files: sms.xml and voice.xml.

    Host them on another machine as text/xml, answering GET and POST, and name them to Twilio as fallback URL of the
    number: it asks for them when this server does not answer. Write them again after each change of those words.

    
    Example:
      helpline prompts fallback fallback/
    """
    settings = _settings()
    with told_plainly():
        found = load_prompts(settings.prompts_dir, settings.languages, identity_of(settings))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in fallback_files(found).items():
            (folder / name).write_text(content, encoding="utf-8")
            click.echo(f"{folder / name}: {len(content):,} characters")
    except OSError as error:
        raise click.ClickException(f"{folder} cannot be written to: {error.strerror}. Name another folder.") from error
    click.echo(f"A text that is answered so costs {segments_of(found)} segments.")


def _settings() -> Settings:
    with told_plainly():
        return load_settings()


def _inspected(settings: Settings) -> tuple[Prompts | None, list[Fault]]:
    """The prompts and their faults, each once."""
    try:
        found, faults = inspect_folder(settings.prompts_dir, settings.languages, identity_of(settings))
    except PromptsError as error:
        return None, list(error.faults)
    return found, list(dict.fromkeys(faults))


def _moment(day: str | None, clock: Callable[[], datetime]) -> datetime:
    """Noon in France on that day, or now."""
    if not day:
        return clock().astimezone(PARIS)
    try:
        found = date.fromisoformat(day)
        if not FIRST_YEAR <= found.year <= LAST_YEAR:
            raise ValueError(day)
    except ValueError as error:
        hint = "write a date as 2026-12-10 (year-month-day)."
        raise click.BadParameter(hint, param_hint="--on") from error
    return datetime(found.year, found.month, found.day, 12, tzinfo=PARIS)


def _unknown(name: str, found: Prompts) -> str:
    near = process.extract(name, list(found.menus.nodes), scorer=fuzz.WRatio, limit=MOST_NAMES)
    names = [other for other, score, _ in near if score >= ALIKE]
    return f"there is no place '{name}'." + (f" Near to it: {', '.join(names)}." if names else "")
