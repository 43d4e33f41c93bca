"""`helpline callers`: what is kept of one person, and its end, for the operator who answers them."""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from helpline.callers_command.caller_shown import as_json, show_caller, summary
from helpline.callers_command.export_file import export_of, write_privately
from helpline.callers_command.import_command import import_file
from helpline.callers_command.opening import open_consent
from helpline.consent.applying import apply_journal
from helpline.consent.consent import Consent
from helpline.consent.kept import Kept, what_is_kept
from helpline.consent.reach import takes_texts
from helpline.consent.withdrawal import Withdrawal
from helpline.consent.withdrawing import LOST, withdraw
from helpline.date.of_settings import clock_of
from helpline.records.errors import RecordsError, told_of
from helpline.records.migrate import is_current
from helpline.server.plainly import told_plainly
from helpline.setting_rules import e164
from helpline.settings import Settings, load_settings
from helpline.telemetry.logs import set_up_logs
from helpline.terminal import Terminal

NUMBER = click.argument("number", nargs=-1, required=True)
YES = click.option("--yes", is_flag=True, help="Do not ask first. Needed where nobody can answer, as in a pipe.")
JSON = click.option("--json", "wants_json", is_flag=True, help="Everything as JSON.")
OUTCOME = click.option("--json", "wants_json", is_flag=True, help="For programs: one JSON object.")


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a command is about."""

    consent: Consent
    settings: Settings
    number: str
    fingerprint: str


@click.group()
def callers() -> None:
    """What is kept of a caller: show it, hand it over, stop or erase it. And people who signed a form: invite them.

    NUMBER is written as people write it, with or without spaces.

    \b
    Examples:
      helpline callers show 06 39 98 00 01
      helpline callers erase +33639980001 --yes
      helpline callers import forms.csv --dry-run
    """
    set_up_logs()


callers.add_command(import_file)


@callers.command(short_help="What is kept of a caller, with the proof of consent.")
@NUMBER
@JSON
def show(number: tuple[str, ...], wants_json: bool) -> None:
    """What is kept of a caller: language, reminders, the proof with the exact words shown, the last messages.

    \b
    Example:
      helpline callers show 06 39 98 00 01
    """
    with _person(number) as person:
        kept = _kept(person)
        if wants_json:
            click.echo(json.dumps(as_json(kept), ensure_ascii=False, indent=2))
        else:
            show_caller(Terminal(), kept)


@callers.command(short_help="Write all of it to a file, for the caller who asks.")
@NUMBER
@click.option("--to", "path", type=click.Path(dir_okay=False, path_type=Path), help="The file; - for standard output.")
def export(number: tuple[str, ...], path: Path | None) -> None:
    """Write everything that is kept of a caller to a JSON file, to be handed to that person (RGPD, article 15).

    Make sure first that it is them who ask: call that number back. The file is readable by you only; send it to
    nobody else, and delete it afterwards.

    \b
    Example:
      helpline callers export 06 39 98 00 01 --to caller.json
    """
    with _person(number) as person:
        kept = _kept(person)
        now = clock_of(person.settings)()
        found = export_of(kept, person.number, person.fingerprint, person.settings, now)
        if path == Path("-"):
            click.echo(found, nl=False)
            return
        path = path or Path(f"caller-{person.fingerprint[:8]}-{now:%Y-%m-%d}.json")
        try:
            write_privately(path, found)
        except OSError as error:
            raise click.ClickException(
                f"{path} cannot be written: {error.strerror}. Name another one with --to"
            ) from error
        Terminal().line(f"{path}: {summary(kept)}")


@callers.command(short_help="End the reminders of a caller.")
@NUMBER
@YES
@OUTCOME
def stop(number: tuple[str, ...], yes: bool, wants_json: bool) -> None:
    """End the reminders of a caller, as if they had sent STOP. One text tells them.

    With --json: `outcome` is stopped, nothing_active or in_journal (the database is down); `told_by_text` is true or
    false, or null while nobody knows. What is kept, and the question, go to standard error.

    \b
    Examples:
      helpline callers stop 06 39 98 00 01
      helpline callers stop 06 39 98 00 01 --yes --json
    """
    with _person(number) as person:
        _end(person, erases=False, yes=yes, wants_json=wants_json)


@callers.command(short_help="Erase a caller.")
@NUMBER
@YES
@OUTCOME
def erase(number: tuple[str, ...], yes: bool, wants_json: bool) -> None:
    """Erase a caller: number, language, reminders, messages. What stays has no number: the proof and the objection.

    With --json: `outcome` is erased, nothing_kept or in_journal (the database is down); `told_by_text` is false. What
    is kept, and the question, go to standard error.

    \b
    Examples:
      helpline callers erase 06 39 98 00 01
      helpline callers erase 06 39 98 00 01 --yes --json
    """
    with _person(number) as person:
        _end(person, erases=True, yes=yes, wants_json=wants_json)


def _end(person: Person, *, erases: bool, yes: bool, wants_json: bool) -> None:
    terminal = Terminal()
    before = _kept_if_there(person)
    shown = summary(before) if before else "The database does not answer: what is kept of this number is not known."
    if wants_json:
        click.echo(shown, err=True)
    else:
        terminal.line(shown)
    _ask(erases, yes, wants_json)
    now = clock_of(person.settings)()
    withdrawal = Withdrawal(
        fingerprint=person.fingerprint,
        reason="operator",
        at=now,
        channel="operator",
        key=f"{secrets.token_hex(8)}.operator",
        erases=erases,
        tell=not erases and takes_texts(person.number),
    )
    if withdraw(person.consent, withdrawal, now) == LOST:
        raise click.ClickException(
            "Nothing was saved, neither in the database nor in the journal on disk. "
            f"Look at DATABASE_URL and at the disk of {person.settings.var_dir}, then do it again."
        )
    after = _kept_if_there(person) if before else None
    outcome = _outcome(before, after, erases)
    told = _is_told(after, erases)
    if wants_json:
        click.echo(json.dumps({"outcome": outcome, "told_by_text": told}, indent=2))
    else:
        terminal.line(_in_words(outcome, told), style="bold")


def _ask(erases: bool, yes: bool, wants_json: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError("nobody can be asked here: add --yes")
    question = "Erase this caller? It cannot be undone." if erases else "End the reminders of this caller?"
    if not click.confirm(question, err=wants_json):
        raise click.ClickException("Nothing was changed.")


def _outcome(before: Kept | None, after: Kept | None, erases: bool) -> str:
    """What was done, in a word."""
    if before is None or after is None:
        return "in_journal"
    if erases:
        return "erased" if before.created_at else "nothing_kept"
    return "stopped" if before.is_reminded else "nothing_active"


def _is_told(after: Kept | None, erases: bool) -> bool | None:
    """Whether one text tells them. None while nobody knows."""
    if erases:
        return False
    if after is None:
        return None
    return any(message.kind == "stopped" and message.state == "planned" for message in after.messages)


def _in_words(outcome: str, told: bool | None) -> str:
    noted = "The objection is noted: nobody will write to this number."
    journal = "Written to the journal on disk: it is applied when the database is back, before anything is sent."
    return {
        "in_journal": journal,
        "erased": "Erased. What stays has no number: the objection, and the proof of consent.",
        "nothing_kept": f"Nothing was there to erase. {noted}",
        "nothing_active": f"No reminders were active. {noted}",
        "stopped": "Stopped. " + ("One text tells them." if told else "They cannot be told by text."),
    }[outcome]


@contextmanager
def _person(words: tuple[str, ...]) -> Iterator[Person]:
    number = e164(" ".join(words))
    if number is None:
        raise click.BadParameter(
            "this is no phone number. Write it as 06 39 98 00 01 or +33639980001.", param_hint="NUMBER"
        )
    with told_plainly():
        settings = load_settings()
    with open_consent(settings) as consent:
        yield Person(consent, settings, number, consent.fingerprint(number))


def _kept(person: Person) -> Kept:
    """What is kept now, with every withdrawal that waited in the journal."""
    url = person.settings.database_url
    try:
        if not is_current(url):
            raise RecordsError(
                "The database is not there yet, or of another version of the helpline. Run: helpline migrate"
            )
        with told_of(url):
            apply_journal(person.consent.engine, person.consent.journal, clock_of(person.settings)())
            return what_is_kept(person.consent.engine, person.fingerprint)
    except RecordsError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{person.consent.journal.path} cannot be read: {error.strerror}.") from error


def _kept_if_there(person: Person) -> Kept | None:
    """What is kept; None while the database cannot tell: a withdrawal does not wait for that."""
    try:
        return _kept(person)
    except click.ClickException as error:
        click.echo(f"Warning: {error.format_message()}", err=True)
        return None
