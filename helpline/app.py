"""`create_app()`: the one place where the parts are wired together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from flask import Flask
from redis import Redis

from helpline.authentication import routes_without_authentication
from helpline.background import Background, Task
from helpline.call_requests.performers import performers as person_performers
from helpline.call_requests.rules import Rules as PersonRules
from helpline.carrier.webhooks import LARGEST_BODY, Gate
from helpline.consent.looking_up import asked_recently
from helpline.consent.performers import performers
from helpline.date.of_settings import date_of
from helpline.date.real import utc_now
from helpline.desk.desk import Desk
from helpline.desk.desk import Parts as DeskParts
from helpline.desk.routes import add_desk
from helpline.notices.board import LOOK_SECONDS, Board
from helpline.on_request.on_request import OnRequest
from helpline.on_request.rules import Rules
from helpline.operators.keys import keys_of
from helpline.operators.passwords import Passwords
from helpline.operators.signing_in import Door
from helpline.prompts_folder import PromptsFolder
from helpline.records.engine import QUICK
from helpline.reminders.consequences import Consequences
from helpline.reminders.health import clock_watch, reminders_part
from helpline.reminders.last_tick import last_tick
from helpline.reminders.queues import QUEUES, SENDING, queue
from helpline.reminders.status_webhook import Reports, status_routes
from helpline.reminders.wall_clock import own_clock_watch
from helpline.reminders.words_said import Noting, WordsSaid
from helpline.settings import Settings, load_settings
from helpline.sms.store import QUICK_TIMEOUT_SECONDS, TIMEOUT_SECONDS, CallerStore, connect
from helpline.sms.texts import Texts
from helpline.sms.webhook import sms_routes
from helpline.tallies.counting import WRITE_SECONDS
from helpline.tallies.measures import Measures
from helpline.tallies.missed_words import MissedWords
from helpline.telemetry.errors import plainly_logged
from helpline.telemetry.health import Part, health_routes
from helpline.telemetry.logs import set_up_logs
from helpline.telemetry.metrics import MayRead, counting_requests, metrics_routes
from helpline.turns.turn import Told, Turns, tell_nobody
from helpline.voice.calls import CallPaths, Calls
from helpline.voice.recordings import recording_routes
from helpline.voice.webhook import voice_routes
from helpline.wiring import Parts, redis_url, wire

if TYPE_CHECKING:
    from helpline.date.moved import DemoDate

DRAIN_SECONDS = 3.0  # a STOP that only the disk of this machine has is unknown to workers on others
LOOK_AT_CLOCK_SECONDS = 60.0


def create_app(settings: Settings | None = None, now: Callable[[], datetime] | None = None) -> Flask:
    """The helpline as a WSGI application. SettingsError or PromptsError where it cannot start.

    `now` is its date; unless given, the settings say what tells it.
    """
    settings = settings or load_settings()
    log_file = set_up_logs()
    redis = connect(redis_url(settings), TIMEOUT_SECONDS)
    parts = wire(settings, now, QUICK, redis)
    real, now, date = now or utc_now, parts.sender.clock, date_of(settings)
    folder, store, counters = parts.folder, parts.store, parts.counters
    folder.listen()
    key = settings.fingerprint_key
    paths = CallPaths(settings.public_url_given or "")

    app = plainly_logged("helpline")
    told = _add_demo(app, settings, date, folder) if date else tell_nobody
    on_request = OnRequest(_rules(parts, store), now)
    own_numbers = frozenset({settings.voice_number, settings.sms_sender})
    person = person_performers(PersonRules(parts.consent, settings.adviser_number, own_numbers))
    missed = MissedWords(key)
    turns = Turns(
        {**performers(parts.consent), **on_request.performers, **person}, counters, told, parts.people.note, missed.note
    )
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.config["MAX_FORM_MEMORY_SIZE"] = LARGEST_BODY
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.url_map.merge_slashes = False  # a redirect would lose what Twilio posted
    app.extensions.update(log_file=log_file, prompts=folder, tallies=parts.tallies, turns=turns)
    tokens = [token.get_secret_value() for token in settings.auth_tokens]
    app.extensions["gate"] = Gate(tokens, settings.public_url_given or "", counters)
    asked = partial(asked_recently, parts.consent)
    notices = Board(parts.engine, now)
    app.register_blueprint(sms_routes(Texts(folder, turns, store, counters, key, now, asked, notices.current)))
    numbers = (settings.adviser_number, settings.voice_number)
    kept = (store.saw, store.forget, notices.current)
    calls = Calls(folder, turns, store.language, paths, key, now, settings.voice_speech, *kept, *numbers)
    sender = parts.sender
    consequences = Consequences(parts.engine, sender.rate, parts.alerts.say_beside, sender.call_rate)
    reports = Reports(consequences, parts.consent.calendar, counters, now, key, sender.remember_safely, sender.said)
    said = WordsSaid(connect(redis_url(settings), QUICK_TIMEOUT_SECONDS))
    noting = Noting(parts.engine, said, now, key, counters)
    of_calls = (on_request.missed, on_request.answered, on_request.rings_first, noting.handed_out)
    app.register_blueprint(voice_routes(calls, counters, reports.take, *of_calls))
    app.register_blueprint(status_routes(reports))
    app.register_blueprint(recording_routes(folder, settings.prompts_dir))
    ticked = partial(last_tick, redis)
    by_date = (lambda: last_tick(redis, date.offset())) if date else ticked
    ready = {
        "redis": lambda: _redis_part(store),
        "prompts": lambda: _prompts_part(folder),
        "reminders": reminders_part(parts.engine, parts.consent.calendar, by_date, now, parts.alerts),
    }
    may_read = MayRead(settings.metrics_token, for_this_machine=settings.is_demo)
    app.register_blueprint(health_routes(ready, counters, may_read))
    jobs = partial(_jobs_waiting, redis)
    app.register_blueprint(metrics_routes(may_read, Measures(parts.engine, SENDING, jobs, now)))
    shown = DeskParts(
        store.is_up, lambda: tuple(str(fault) for fault in folder.refused), parts.consent.calendar, by_date
    )
    add_desk(app, _desk(settings, parts, shown, notices, now, real))
    # From the first request on: this may be before a fork, which no thread outlives.
    background = Background(
        Task("withdrawals", DRAIN_SECONDS, lambda: parts.sender.apply_withdrawals(now())),
        Task("clock", LOOK_AT_CLOCK_SECONDS, clock_watch(parts.alerts, ticked, real)),
        Task("own clock", LOOK_AT_CLOCK_SECONDS, own_clock_watch(sender.clock_wrong_by, parts.alerts, now)),
        Task("tallies", WRITE_SECONDS, parts.tallies.write),
        Task("missed words", WRITE_SECONDS, lambda: missed.write(redis)),
        at_end=parts.tallies.write_safely,
    )
    # In a thread of its own: an alert that hangs at the carrier must not keep a notice from callers.
    looking = Background(Task("notices", LOOK_SECONDS, notices.look))

    @app.before_request
    def begin() -> None:
        background.begin()
        looking.begin()
        notices.wait_for_first_look()

    app.after_request(counting_requests(counters))
    open_routes = routes_without_authentication(app)
    if open_routes:
        raise RuntimeError(f"routes that do not say who may use them: {', '.join(open_routes)}")
    return app


def _rules(parts: Parts, store: CallerStore) -> Rules:
    settings = parts.settings
    return Rules(
        consent=parts.consent,
        prompts=parts.prompts,
        countries=frozenset(settings.allowed_countries),
        own_numbers=frozenset({settings.voice_number, settings.sms_sender}),
        calls_back=settings.call_back_missed,
        calls_a_day=settings.call_backs_a_day,
        messages_a_day=settings.messages_a_day,
        language_of=store.language,
        counters=parts.counters,
    )


def _add_demo(app: Flask, settings: Settings, date: DemoDate, folder: PromptsFolder) -> Told:
    """The page with the phones, and what tells the curious of each turn."""
    from helpline.demo.routes import demo_routes
    from helpline.demo.turn_told import TurnTold

    app.register_blueprint(demo_routes(settings, date))
    told = TurnTold(lambda words, node: folder.current().ears.keyword_in(words, node))
    told.add_to(app)
    return told.note


def _jobs_waiting(redis: Redis) -> dict[str, int]:
    return {name: queue(redis, name).count for name in QUEUES}


def _desk(
    settings: Settings,
    parts: Parts,
    shown: DeskParts,
    notices: Board,
    now: Callable[[], datetime],
    real: Callable[[], datetime],
) -> Desk:
    door = Door(parts.engine, keys_of(settings.fingerprint_key), Passwords())
    is_secure = not (settings.is_demo and settings.public_url.startswith("http://"))
    return Desk(door, shown, parts, notices, settings.service_name, now, real, is_secure)


def _redis_part(store: CallerStore) -> Part:
    if store.is_up():
        return {"state": "ok"}
    means = "Calls work in full. Texts are answered by keyword; numbers lead to the main menu."
    return {"state": "degraded", "means": means}


def _prompts_part(folder: PromptsFolder) -> Part:
    version = folder.current().prompts.version
    if not folder.refused:
        return {"state": "ok", "version": version}
    means = f"The edited prompts have faults, so the last good ones ({version}) stay in use: {folder.refused[0]}"
    return {"state": "degraded", "version": version, "means": means}
