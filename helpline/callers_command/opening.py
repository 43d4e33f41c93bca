"""What the command works with: the database and the journal, without a running helpline."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from helpline.consent.consent import Consent
from helpline.consent.journal import Journal
from helpline.identity import identity_of
from helpline.menus.shapes import Calendar
from helpline.prompts_folder import load_prompts
from helpline.records.engine import open_records
from helpline.records.sealing import Seals
from helpline.settings import Settings

PATIENCE = 10.0  # seconds that somebody at a terminal waits for the database


@contextmanager
def open_consent(settings: Settings) -> Iterator[Consent]:
    """Consent on the database of these settings. Needs no prompts before it is asked for dates."""

    def calendar() -> Calendar:
        return load_prompts(settings.prompts_dir, settings.languages, identity_of(settings)).menus.calendar

    engine = open_records(settings.database_url, PATIENCE)
    journal = Journal(settings.journal_file)
    try:
        yield Consent(engine, Seals(settings.number_keys), settings.fingerprint_key, journal, calendar)
    finally:
        engine.dispose()
