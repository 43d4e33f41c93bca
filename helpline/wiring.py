"""The parts that web, worker, clock and commands share, wired together from the settings. Nothing connects here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from redis import Redis
from sqlalchemy import Engine

from helpline.carrier.results import Sent
from helpline.carrier.sending import Carrier
from helpline.consent.applying import apply_journal, is_applied
from helpline.consent.consent import Consent
from helpline.consent.journal import Journal
from helpline.date.of_settings import clock_and_course
from helpline.identity import identity_of
from helpline.menus.prompts import Prompts
from helpline.prompts_folder import PromptsFolder
from helpline.records.engine import PATIENT, open_records
from helpline.records.sealing import Seals
from helpline.reminders.queues import connect_patiently
from helpline.reminders.rate import CALLS, Rate
from helpline.reminders.reconcile import Ours
from helpline.reminders.sender import Accepted, Sender
from helpline.reminders.wall_clock import WallClock
from helpline.reminders.words_said import WordsSaid
from helpline.settings import Settings
from helpline.sms.reminded import Reminded
from helpline.sms.reminded import Sent as LastMessage
from helpline.sms.store import CallerStore
from helpline.tallies.counting import Tallies
from helpline.tallies.people import PeopleHelped
from helpline.telemetry.alerts import Alerts
from helpline.telemetry.counters import Counters
from helpline.telemetry.latency import counting, took_nothing

DEFAULT_REDIS = "redis://127.0.0.1:6379/0"
NOBODY = "http://127.0.0.1:9"  # the port of "discard"
ALERT_SECONDS = 3600  # an alert that comes later is of no use


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that touches the world, once a process."""

    settings: Settings
    folder: PromptsFolder
    store: CallerStore
    engine: Engine
    consent: Consent
    carrier: Carrier
    sender: Sender
    alerts: Alerts
    counters: Counters
    people: PeopleHelped
    tallies: Tallies

    def prompts(self) -> Prompts:
        """Those in use at this moment."""
        return self.folder.current().prompts


def redis_url(settings: Settings) -> str:
    return settings.redis_url or DEFAULT_REDIS


def wire(
    settings: Settings,
    now: Callable[[], datetime] | None = None,
    patience: float = PATIENT,
    redis: Redis | None = None,
) -> Parts:
    """The parts for these settings. `patience`: seconds to wait for the database; `redis`: what the rate is kept in.

    `now` is the helpline's date; unless given it is the one of `clock_of`. PromptsError where the prompts have faults.
    """
    clock, course = clock_and_course(settings, now)
    folder = PromptsFolder(settings.prompts_dir, settings.languages, identity_of(settings))
    counters = Counters()
    store = CallerStore(redis_url(settings))
    engine = open_records(settings.database_url, patience)
    seals = Seals(settings.number_keys)
    journal = Journal(settings.journal_file)
    carrier = carrier_of(settings, counters)
    alerts = Alerts(engine, _alert_by(carrier, settings.alert_number), clock)
    rates = redis or connect_patiently(redis_url(settings))
    reminded = Reminded(folder, store, counters)
    sender = Sender(
        engine=engine,
        seals=seals,
        fingerprint_key=settings.fingerprint_key,
        carrier=carrier,
        rate=Rate(rates, settings.sms_per_second),
        call_rate=Rate(rates, settings.calls_per_second, name=CALLS),
        prompts=lambda: folder.current().prompts,
        remember=lambda accepted: reminded.remember_each(_last_messages(accepted)),
        apply_withdrawals=lambda moment: apply_journal(engine, journal, moment),
        journal_is_applied=lambda connection: is_applied(connection, journal),
        is_ours=Ours(settings.sms_sender, settings.service_name).is_ours,
        service=settings.service_name,
        alert=alerts.say,
        clock=clock,
        moved=course,
        clock_wrong_by=WallClock(rates, engine).wrong_by,
        said=WordsSaid(rates).known,
        countries=settings.allowed_countries,
        messages_a_day=settings.messages_a_day,
    )
    consent = Consent(
        engine=engine,
        seals=seals,
        fingerprint_key=settings.fingerprint_key,
        journal=journal,
        calendar=lambda: folder.current().prompts.menus.calendar,
        alert=alerts.say_beside,
        countries=settings.allowed_countries,
    )
    people = PeopleHelped(settings.fingerprint_key)
    tallies = Tallies(engine, counters, people, clock)
    return Parts(settings, folder, store, engine, consent, carrier, sender, alerts, counters, people, tallies)


def carrier_of(settings: Settings, counters: Counters | None = None) -> Carrier:
    """The carrier's Messages and Calls API, with the API key where there is one. `counters` count how long it takes."""
    if settings.twilio_api_key and settings.twilio_api_secret:
        credentials = (settings.twilio_api_key, settings.twilio_api_secret.get_secret_value())
    else:
        token = settings.auth_tokens[0].get_secret_value() if settings.auth_tokens else ""
        credentials = (settings.twilio_account_sid, token)
    demo_without_carrier = settings.is_demo and "twilio_api_url" not in settings.model_fields_set
    address = NOBODY if demo_without_carrier else settings.twilio_api_url  # a demo sends nothing to anybody
    return Carrier(
        settings.twilio_account_sid,
        credentials,
        settings.sms_sender,
        address,
        settings.public_url,
        voice=settings.voice_number,
        took=counting(counters) if counters else took_nothing,
    )


def _alert_by(carrier: Carrier, number: str) -> Callable[[str], bool]:
    if not number:
        return lambda text: True
    return lambda text: isinstance(carrier.send(number, text, ALERT_SECONDS), Sent)


def _last_messages(accepted: Sequence[Accepted]) -> list[LastMessage]:
    return [LastMessage(each.fingerprint, each.language, each.place, each.at, each.form) for each in accepted]
