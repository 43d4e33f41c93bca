"""`helpline reminders`: what will go out, how it goes, and the switch that holds everything back."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from functools import partial
from typing import Any

import click
import structlog
from sqlalchemy import Connection, Engine

from helpline.date.of_settings import clock_of
from helpline.date.real import utc_now
from helpline.identity import identity_of
from helpline.menus.prompts import Prompts
from helpline.menus.windows import PARIS
from helpline.prompts_folder import load_prompts
from helpline.records.engine import reading
from helpline.records.errors import RecordsError, told_of
from helpline.records.migrate import file_of, is_current, opened
from helpline.reminders import pause as switch
from helpline.reminders.coming import coming
from helpline.reminders.preview import preview as preview_of
from helpline.reminders.preview import waves_on
from helpline.reminders.reconcile import restored_since
from helpline.reminders_command.catching_up import catch_up, caught_up_as_json, show_caught_up
from helpline.reminders_command.pause_shown import pause_as_json
from helpline.reminders_command.preview_shown import previews_as_json, show_previews
from helpline.reminders_command.status import quick_redis
from helpline.reminders_command.status import status as status_of
from helpline.reminders_command.status_shown import show_status, status_as_json
from helpline.reminders_command.words import moment_in_words
from helpline.server.plainly import told_plainly
from helpline.settings import Settings, load_settings
from helpline.terminal import Terminal

FIRST_YEAR, LAST_YEAR = 2000, 2100
NEEDS_SOMEBODY = 3
OF_A_DEMO = "Start scripts/server first, or give its VAR_DIR."

AS_JSON = click.option("--json", "as_json", is_flag=True, help="For programs: one JSON object.")


@click.group()
def reminders() -> None:
    """What will go out and when, how it goes, and the switch that holds everything back.

    \b
    Examples:
      helpline reminders preview --on 2026-12-10
      helpline reminders status
      helpline reminders pause --reason "a wrong word in wave.last"
    """
    # Who reads the command's own words needs no log beside them, and a program reads nothing but JSON.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


@reminders.command(short_help="Say what will be sent, when, to how many, at what cost.")
@click.option("--on", "day", metavar="DATE", help="The day, as 2026-12-10; today unless given.")
@AS_JSON
def preview(day: str | None, as_json: bool) -> None:
    """Say what will be sent on a day: to how many, when, in which language, in how many segments, at what cost.

    Where no reminder begins on that day, the next one is shown. Who gets nothing is counted too, with the reason. What
    callers noted with a date of its own is counted by kind, as far as it is planned for that day. The exit code is 1
    if a language has no words for it.

    \b
    Example:
      helpline reminders preview --on 2026-12-10
    """
    settings, terminal = _settings(), Terminal()
    wanted = _day(day, clock_of(settings)())
    prompts = _prompts(settings)
    with _database(settings) as engine, _counting(terminal), reading(engine).connect() as connection:
        waves = waves_on(prompts.menus.calendar, wanted)
        found = [preview_of(connection, prompts, wave, settings.sms_price) for wave in waves]
        dated = coming(connection, wanted, wanted)
    if as_json:
        _echo(previews_as_json(wanted, found, dated))
    else:
        show_previews(terminal, wanted, found, prompts.menus.languages, dated)
    if any(each.faults for each in found):
        raise SystemExit(1)


@reminders.command(short_help="Say how the reminders go: accepted, delivered, failed.")
@AS_JSON
def status(as_json: bool) -> None:
    """Say how the reminders go: whether anything is paused or late, and what became of the last waves.

    The exit code is 0 if all is well, 3 if somebody must look at something.

    \b
    Example, for a program that watches:
      helpline reminders status --json
    """
    settings, terminal = _settings(), Terminal()
    prompts = _prompts(settings)
    with _database(settings) as engine, _counting(terminal), quick_redis(settings) as redis:
        now = clock_of(settings)()
        found = status_of(engine, redis, prompts.menus.calendar, now, ahead=now - utc_now())
    if as_json:
        _echo(status_as_json(found))
    else:
        show_status(terminal, found)
    if found.means:
        raise SystemExit(NEEDS_SOMEBODY)


@reminders.command(short_help="Hold back every text that we send by ourselves.")
@click.option("--reason", default="", help="Why, for whoever looks at the status.")
@AS_JSON
def pause(reason: str, as_json: bool) -> None:
    """Hold back every text that we send by ourselves, until `helpline reminders resume`.

    Answers to texts and calls go on, and so does the taking of sign-ups and stops. What is held back too long for its
    deadline is not sent at all. Texts that a worker has begun to send, some hundred at most, still go.

    With --json: `changed`, whether this command paused it, and `paused`, the pause that holds: `by`, `reason`, `since`.

    \b
    Examples:
      helpline reminders pause --reason "a wrong word in wave.last"
      helpline reminders pause --json
    """
    settings, terminal = _settings(), Terminal()
    with _database(settings) as engine, engine.begin() as connection:
        new = switch.pause(connection, "operator", reason, clock_of(settings)())
        found = switch.paused(connection)
    if as_json:
        _echo({"changed": new, "paused": pause_as_json(found)})
    elif new:
        terminal.line("Paused. To go on: helpline reminders resume")
    elif found:
        why = f" ({found.reason})" if found.reason else ""
        terminal.line(f"It was paused already, by {found.by}, since {moment_in_words(found.since)}{why}.")


@reminders.command(short_help="Send again after a pause.")
@AS_JSON
def resume(as_json: bool) -> None:
    """Send again after a pause. Reminders that were held back go out now, if there is time before their deadline.

    After a restore it first looks up at the carrier what happened since the backup, and goes on only if that is
    known. It can be broken off and started again. The exit code is 1 if sending stays paused.

    With --json: `changed`, whether this command ended a pause; `paused`, what holds now, or null; `caught_up`, what was
    looked up after a restore, or null. What it waits for is said on standard error.

    \b
    Examples:
      helpline reminders resume
      helpline reminders resume --json
    """
    settings, terminal, caught_up = _settings(), Terminal(), None
    with _database(settings) as engine:
        with engine.begin() as connection:
            found, since = switch.paused(connection), restored_since(connection)
            if since is None:
                switch.resume(connection)
            else:
                _leave_to_the_restore(connection, found, clock_of(settings)())
        if since is not None:
            say = partial(click.echo, err=True) if as_json else terminal.line
            caught_up = catch_up(settings, say, since, None if as_json else terminal)
        with engine.begin() as connection:
            _end_of_restore(connection)
            left = switch.paused(connection)
    if as_json:
        changed = found is not None and left is None
        _echo({"changed": changed, "paused": pause_as_json(left), "caught_up": caught_up_as_json(caught_up)})
    elif caught_up:
        show_caught_up(terminal, caught_up)
    elif since is None:
        since_when = f"Sending goes on; it was paused since {moment_in_words(found.since)}." if found else ""
        terminal.line(since_when or "Nothing was paused.")


def _leave_to_the_restore(connection: Connection, found: switch.Pause | None, now: datetime) -> None:
    """An operator's pause ends; until it is known what happened since the backup nothing goes out all the same."""
    if found is None or found.by != "restore":
        switch.resume(connection)
        switch.pause(connection, "restore", "restored", now)


def _end_of_restore(connection: Connection) -> None:
    """Where a worker knew what happened since before this command could leave the pause to it."""
    left = switch.paused(connection)
    if left and left.by == "restore" and restored_since(connection) is None:
        switch.end(connection, left)


def _echo(found: dict[str, Any]) -> None:
    click.echo(json.dumps(found, ensure_ascii=False, indent=2))


def _settings() -> Settings:
    with told_plainly():
        return load_settings()


def _prompts(settings: Settings) -> Prompts:
    with told_plainly():
        return load_prompts(settings.prompts_dir, settings.languages, identity_of(settings))


@contextmanager
def _database(settings: Settings) -> Iterator[Engine]:
    """The database, or a message that says why it cannot be used."""
    url = settings.database_url
    file = file_of(url)
    if settings.has_phones and not settings.database_url_given and file and not file.exists():
        raise click.ClickException(f"There is no demo in {settings.var_dir}. {OF_A_DEMO}")
    try:
        with told_of(url), opened(url) as engine:
            if not is_current(url):
                first = OF_A_DEMO if settings.has_phones else "First run: helpline migrate"
                raise RecordsError(f"The database has not the tables of this helpline. {first}")
            yield engine
    except RecordsError as error:
        raise click.ClickException(str(error)) from error


@contextmanager
def _counting(terminal: Terminal) -> Iterator[None]:
    """Something moves while a million rows are counted."""
    if not terminal.is_drawn:
        yield
        return
    with terminal.console.status("Counting ..."):
        yield


def _day(day: str | None, now: datetime) -> date:
    if not day:
        return now.astimezone(PARIS).date()
    try:
        found = date.fromisoformat(day)
        if not FIRST_YEAR <= found.year <= LAST_YEAR:
            raise ValueError(day)
    except ValueError as error:
        raise click.BadParameter("write a date as 2026-12-10 (year-month-day).", param_hint="--on") from error
    return found
