"""`helpline operators`: who may use the desk."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import click
from sqlalchemy import Connection

from helpline.date.real import utc_now
from helpline.menus.windows import PARIS
from helpline.operators import accounts
from helpline.operators.keys import Keys, keys_of
from helpline.operators.links import Link
from helpline.operators.operator import ROLES, Role
from helpline.records.errors import RecordsError, told_of
from helpline.records.migrate import is_current, opened
from helpline.server.plainly import told_plainly
from helpline.settings import Settings, load_settings
from helpline.telemetry.logs import set_up_logs
from helpline.terminal import Terminal

NAME = click.argument("name")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="For programs: one JSON object.")
YES = click.option("--yes", is_flag=True, help="Do not ask first. Needed where nobody can answer, as in a pipe.")
WHAT_ROLES_MAY = "A reader sees the pages; an editor also changes things, and sees who did what."


@dataclass(frozen=True, slots=True)
class Opened:
    """What a command works with, in one transaction. `by`: who runs it, as the audit trail says."""

    connection: Connection
    settings: Settings
    keys: Keys
    by: str
    now: datetime


@click.group()
def operators() -> None:
    """Who may use the operators' desk: the pages at /desk/ of the running helpline.

    Each gets a link, with which they choose a password and set up the app on their phone that shows codes. Everything
    that these commands do is in the audit trail, under the name of who is logged in to this machine.

    \b
    Examples:
      helpline operators add Anna --role editor
      helpline operators list
    """
    set_up_logs()


@operators.command(short_help="Add an operator; prints the link to begin with.")
@NAME
@click.option("--role", type=click.Choice(ROLES), default="reader", show_default=True, help=WHAT_ROLES_MAY)
@AS_JSON
def add(name: str, role: Role, as_json: bool) -> None:
    """Add an operator, and print the link with which they begin.

    The link works once, for 24 hours. Whoever has it becomes that operator: hand it over in person or by phone, and
    not where others read it. A reader sees the pages; an editor also changes things, and sees who did what. With
    --json: `name`, `role`, `link`, `expires_at`.

    \b
    Examples:
      helpline operators add Anna
      helpline operators add "Jean Dupont" --role editor --json
    """
    with _opened() as found:
        try:
            link = accounts.add(found.connection, found.keys, name, role, found.by, found.now)
        except accounts.NameTaken as error:
            raise click.ClickException(
                f"There is an operator {error} already. For a new link: helpline operators reset {_quoted(name)}"
            ) from error
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="NAME") from error
        settings = found.settings
    _show_link(link, settings, as_json)


@operators.command("list", short_help="Everybody who may use the desk.")
@AS_JSON
def list_all(as_json: bool) -> None:
    """Everybody who may use the desk: role, last sign-in, and whether a link is still out.

    With --json: `operators`, each with `name`, `role`, `created_at`, `signed_in_at`, `has_password`, `link_until`.

    \b
    Examples:
      helpline operators list
      helpline operators list --json
    """
    with _opened() as found:
        everybody = accounts.listed(found.connection)
        now = found.now
    if as_json:
        _echo({"operators": [_as_json(one) for one in everybody]})
        return
    terminal = Terminal()
    if not everybody:
        terminal.line("There is no operator yet. Add one: helpline operators add NAME --role editor")
    for one in everybody:
        terminal.line(f"{one.name:<24}{one.role:<9}{_standing(one, now)}")


@operators.command(short_help="Take an operator's access away, at once.")
@NAME
@YES
@AS_JSON
def remove(name: str, yes: bool, as_json: bool) -> None:
    """Take an operator's access away. Whoever is signed in under that name is out at the next click.

    What they did stays in the audit trail. With --json: `name`, `removed`.

    \b
    Examples:
      helpline operators remove Anna
      helpline operators remove Anna --yes --json
    """
    with _opened() as found:
        operator = _known(found, name)
    _ask(f"Remove {operator}? They are signed out at once.", yes, as_json)
    with _opened() as found:
        _known(found, name)
        operator = accounts.remove(found.connection, name, found.by, found.now).name
    _tell({"name": operator, "removed": True}, f"{operator} is no operator any more.", as_json)


@operators.command(short_help="A new link: password, app and codes begin anew.")
@NAME
@AS_JSON
def reset(name: str, as_json: bool) -> None:
    """Print a new link for an operator who lost phone or password, or is held back by too many attempts.

    Password, app, recovery codes and sessions that they had count no more from this moment on. Make sure that it is
    them who ask. With --json: `name`, `role`, `link`, `expires_at`.

    \b
    Examples:
      helpline operators reset Anna
      helpline operators reset Anna --json
    """
    with _opened() as found:
        _known(found, name)
        link = accounts.reset(found.connection, found.keys, name, found.by, found.now)
        settings = found.settings
    _show_link(link, settings, as_json)


@operators.command(short_help="Let an operator do more, or less.")
@NAME
@click.argument("role", type=click.Choice(ROLES))
@AS_JSON
def role(name: str, role: Role, as_json: bool) -> None:
    """Make an operator a reader or an editor. They are signed out, and sign in again.

    A reader sees the pages; an editor also changes things, and sees who did what. With --json: `name`, `role`.

    \b
    Examples:
      helpline operators role Anna editor
      helpline operators role Anna reader --json
    """
    with _opened() as found:
        _known(found, name)
        operator = accounts.set_role(found.connection, name, role, found.by, found.now)
    _tell({"name": operator.name, "role": role}, f"{operator.name}: {role}. They sign in again.", as_json)


@contextmanager
def _opened() -> Iterator[Opened]:
    with told_plainly():
        settings = load_settings()
    url = settings.database_url
    try:
        if not is_current(url):
            raise RecordsError(
                "The database is not there yet, or of another version of the helpline. Start scripts/server, "
                "or run: helpline migrate"
            )
        with told_of(url), opened(url) as engine, engine.begin() as connection:
            yield Opened(connection, settings, keys_of(settings.fingerprint_key), _who(), utc_now())
    except RecordsError as error:
        raise click.ClickException(str(error)) from error


def _known(found: Opened, name: str) -> str:
    try:
        return accounts.named(found.connection, name).name
    except accounts.UnknownOperator as error:
        raise click.ClickException(f"There is no operator {name}. To see them: helpline operators list") from error


def _who() -> str:
    try:
        return f"command: {getpass.getuser()}"
    except (KeyError, OSError):
        return "command"


def _ask(question: str, yes: bool, as_json: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError("nobody can be asked here: add --yes")
    if not click.confirm(question, err=as_json):
        raise click.ClickException("Nothing was changed.")


def _show_link(link: Link, settings: Settings, as_json: bool) -> None:
    address = f"{settings.public_url}/desk/link/{link.token}"
    operator = link.operator
    if as_json:
        until = link.expires_at.isoformat(timespec="seconds")
        _echo({"name": operator.name, "role": operator.role, "link": address, "expires_at": until})
        return
    terminal = Terminal()
    terminal.line(f"{operator.name} ({operator.role}) begins with this link. It works once, until {_moment(link)}:")
    click.echo(f"\n  {address}\n")
    terminal.line("Whoever opens it becomes that operator: hand it over in person or by phone.")


def _moment(link: Link) -> str:
    return f"{link.expires_at.astimezone(PARIS):%Y-%m-%d %H:%M}"


def _standing(one: accounts.Listed, now: datetime) -> str:
    if one.link_until and one.link_until > now:
        return f"has a link until {one.link_until.astimezone(PARIS):%Y-%m-%d %H:%M}"
    if not one.has_password:
        return f"has not begun; for a new link: helpline operators reset {_quoted(one.name)}"
    signed_in = f"{one.signed_in_at.astimezone(PARIS):%Y-%m-%d %H:%M}" if one.signed_in_at else "never"
    return f"last signed in {signed_in}"


def _as_json(one: accounts.Listed) -> dict[str, Any]:
    moments = {name: getattr(one, name) for name in ("created_at", "signed_in_at", "link_until")}
    told = {name: moment and moment.isoformat() for name, moment in moments.items()}
    return {"name": one.name, "role": one.role, "has_password": one.has_password, **told}


def _quoted(name: str) -> str:
    return f'"{name}"' if " " in name else name


def _tell(found: dict[str, Any], words: str, as_json: bool) -> None:
    if as_json:
        _echo(found)
    else:
        Terminal().line(words, style="bold")


def _echo(found: dict[str, Any]) -> None:
    click.echo(json.dumps(found, ensure_ascii=False, indent=2))
