"""`helpline callers import`: people who signed a paper form are invited to confirm it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import click

from helpline.callers_command.import_shown import Bar, Cost, Shown, as_object, summary
from helpline.callers_command.importing import Judge, Tally, Tell, Turns, go_over, inviting, would_invite
from helpline.callers_command.opening import open_consent
from helpline.callers_command.paper_file import PaperFile, PaperFileError, look_at, rows_of
from helpline.callers_command.paper_rows import Rules
from helpline.consent.applying import apply_journal
from helpline.consent.consent import Consent
from helpline.date.of_settings import clock_of
from helpline.identity import identity_of
from helpline.menus import gsm7
from helpline.menus.dates import date_values, today_in_paris
from helpline.menus.pages import put
from helpline.menus.prompts import Prompts
from helpline.prompts_folder import load_prompts
from helpline.records.errors import RecordsError, told_of
from helpline.records.migrate import is_current
from helpline.server.plainly import told_plainly
from helpline.settings import Settings, load_settings
from helpline.terminal import Terminal

INVITATION = "invite.ask"
NEEDS_SOMEBODY = 3


@dataclass(frozen=True, slots=True)
class Import:
    """What an import works with."""

    consent: Consent
    settings: Settings
    prompts: Prompts
    file: PaperFile
    now: datetime

    def rules(self) -> Rules:
        """What each row is held against."""
        spoken = self.prompts.menus.languages
        names = {written.casefold(): code for code in spoken for written in (code, spoken[code].name)}
        return Rules(names, self.settings.allowed_countries, today_in_paris(self.now))

    def turns(self) -> Turns:
        """When the invitations go."""
        return Turns(self.prompts.menus.calendar, self.now, self.settings.sms_per_second)


@click.command("import", short_help="Invite people who signed a paper form, from a CSV file.")
@click.argument("path", metavar="FILE.csv", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what would happen. Nothing is changed, nobody is written to.")
@click.option("--yes", is_flag=True, help="Do not ask first. Needed where nobody can answer, as in a pipe.")
@click.option("--json", "wants_json", is_flag=True, help="For programs: one JSON object.")
def import_file(path: Path, dry_run: bool, yes: bool, wants_json: bool) -> None:
    """Invite people who signed a paper form to confirm it by text. Nobody is signed up by a file: only their own
    answer does that.

    FILE.csv has a first line that names its columns, in any order: number, language, form, signed (or numéro, langue,
    formulaire, signé). Commas, semicolons or tabs; UTF-8, or as Excel saves it. Further columns are not read.

    \b
      number;language;form;signed
      06 39 98 00 01;fr;PONT-2026-014;2026-11-02
      +33639980002;en;PONT-2026-015;03/11/2026

    Numbers are mobiles of ALLOWED_COUNTRIES. The form is the name of the paper: letters, digits, - _ / . and blanks,
    40 at most. It was signed in the year before today. Each row that invites nobody is named by its line, and why.

    One text goes to each, in the hours of prompts/calendar.yaml. The file may be given again, also after it was broken
    off: nobody is invited twice, but by a form signed more than 90 days after the last invitation.

    The exit code is 0 if all rows stand, 3 if some were refused, 1 if the file or the database cannot be read. With
    --json: `changed`, `invited`, `already` (invited before), `subscribed`, `objected`, `blocked`, `refused`,
    `segments`, `cost`, `first_at`, `last_at`, and `rows`: `line`, `why`, `number_ends`.

    \b
    Examples:
      helpline callers import forms.csv --dry-run
      helpline callers import forms.csv
      helpline callers import forms.csv --yes --json
    """
    if not (yes or dry_run or sys.stdin.isatty()):
        raise click.UsageError("nobody can be asked here: add --yes, or --dry-run")
    with _opened(path) as work:
        shown, cost, turns = Shown(Terminal(), wants_json), _cost(work), work.turns()
        if yes and not dry_run:
            tally = _over(work, inviting(work.consent, turns, work.now), shown.tell, shown.bar("inviting"))
        else:
            tally = _over(work, would_invite(work.consent, turns), shown.tell, shown.bar("reading"))
            if tally.invited and not dry_run:
                _ask(summary(tally, turns, cost, is_done=False), tally, wants_json)
                turns = work.turns()
                # The rows that invite nobody were told before it asked.
                judge = inviting(work.consent, turns, work.now)
                tally = _over(work, judge, lambda row: None, shown.bar("inviting"))
        is_done = not dry_run
        if wants_json:
            click.echo(json.dumps(as_object(tally, turns, cost, shown, is_done), ensure_ascii=False, indent=2))
        else:
            for line in summary(tally, turns, cost, is_done):
                shown.terminal.line(line)
    if tally.refused:
        raise SystemExit(NEEDS_SOMEBODY)


def _over(work: Import, judge: Judge, tell: Tell, bar: Bar) -> Tally:
    tally = Tally()
    rows = rows_of(work.file)
    try:
        with told_of(work.settings.database_url), bar(work.file.lines) as progress:
            for line in go_over(rows, work.rules(), judge, tell, work.consent, tally):
                progress(line)
    except (RecordsError, OSError) as error:
        raise click.ClickException(
            f"{error}\nIt was broken off after {tally.invited:,} were invited. Do it again: nobody is invited twice."
        ) from error
    return tally


def _ask(lines: list[str], tally: Tally, wants_json: bool) -> None:
    for line in lines:
        click.echo(line, err=wants_json)
    texts = "1 text" if tally.invited == 1 else f"{tally.invited:,} texts"
    if not click.confirm(f"Send {texts}? Nobody is signed up before they answer.", err=wants_json):
        raise click.ClickException("Nothing was changed.")


def _cost(work: Import) -> Cost:
    """What the words of the invitation take in each language. An error where they are not there."""
    languages, forms = work.prompts.menus.languages, work.prompts.forms
    segments = {}
    for code, language in languages.items():
        form = forms.get((INVITATION, code))
        if form is None or not form.sms:
            raise click.ClickException(f"prompts/ has no words for {INVITATION} in {language.name}.")
        values = date_values(work.prompts.menus.calendar, work.now, language.locale)
        segments[code] = gsm7.segments(gsm7.to_gsm7(put(form.sms[0].text, values)))
    return Cost(segments, work.settings.sms_price)


@contextmanager
def _opened(path: Path) -> Iterator[Import]:
    with told_plainly():
        settings = load_settings()
        prompts = load_prompts(settings.prompts_dir, settings.languages, identity_of(settings))
    try:
        file = look_at(path)
    except PaperFileError as error:
        raise click.ClickException(str(error)) from error
    with open_consent(settings) as consent:
        now = clock_of(settings)()
        with told_plainly(), told_of(settings.database_url):
            if not is_current(settings.database_url):
                raise RecordsError(
                    "The database is not there yet, or of another version of the helpline. Run: helpline migrate"
                )
            apply_journal(consent.engine, consent.journal, now)  # who said STOP must be known as such
        yield Import(consent, settings, prompts, file, now)
