"""`create_app()`: the one place where the parts are wired together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import phonenumbers
from flask import Flask

from helpline.authentication import routes_without_authentication
from helpline.carrier.webhooks import Gate
from helpline.menus.forms import Identity
from helpline.prompts_folder import PromptsFolder
from helpline.settings import Settings, load_settings
from helpline.sms.store import CallerStore
from helpline.sms.texts import Texts
from helpline.sms.webhook import sms_routes
from helpline.telemetry.counters import Counters
from helpline.telemetry.health import Part, health_routes
from helpline.telemetry.logs import set_up_logs
from helpline.turns.turn import Turns
from helpline.voice.calls import CallPaths, Calls
from helpline.voice.recordings import recording_routes
from helpline.voice.webhook import voice_routes

FRANCE = 33
LARGEST_BODY = 64 * 1024
DEFAULT_REDIS = "redis://127.0.0.1:6379/0"


def identity_of(settings: Settings) -> Identity:
    """Who speaks, from the settings. A messaging service has no number that a caller could text."""
    return Identity(
        service=settings.service_name,
        operator=settings.operator_name,
        operator_phone=settings.operator_phone,
        sms="" if settings.sms_sender.startswith("MG") else as_written(settings.sms_sender),
        voice_number=as_written(settings.voice_number),
    )


def as_written(number: str) -> str:
    """A number as people write it: +33199001234 is 01 99 00 12 34; a short code stays as it is."""
    if not number.startswith("+"):
        return number
    parsed = phonenumbers.parse(number)
    french = parsed.country_code == FRANCE
    form = phonenumbers.PhoneNumberFormat.NATIONAL if french else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, form)


def utc_now() -> datetime:
    return datetime.now(UTC)


def create_app(settings: Settings | None = None, now: Callable[[], datetime] = utc_now) -> Flask:
    """The helpline as a WSGI application. SettingsError or PromptsError where it cannot start."""
    settings = settings or load_settings()
    set_up_logs()
    counters = Counters()
    folder = PromptsFolder(settings.prompts_dir, settings.languages, identity_of(settings))
    store = CallerStore(settings.redis_url or DEFAULT_REDIS)
    turns = Turns({}, counters)
    key = settings.fingerprint_key
    paths = CallPaths(settings.public_url_given or "")

    app = Flask("helpline", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.config["MAX_FORM_MEMORY_SIZE"] = LARGEST_BODY
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.url_map.merge_slashes = False  # a redirect would lose what Twilio posted
    app.extensions["prompts"] = folder
    tokens = [token.get_secret_value() for token in settings.auth_tokens]
    app.extensions["gate"] = Gate(tokens, settings.public_url_given or "", counters)
    app.register_blueprint(sms_routes(Texts(folder, turns, store, counters, key, now)))
    calls = Calls(folder, turns, store.language, paths, key, now, settings.voice_speech)
    app.register_blueprint(voice_routes(calls, counters))
    app.register_blueprint(recording_routes(folder, settings.prompts_dir))
    parts = {"redis": lambda: _redis_part(store), "prompts": lambda: _prompts_part(folder)}
    app.register_blueprint(health_routes(parts, counters))
    open_routes = routes_without_authentication(app)
    if open_routes:
        raise RuntimeError(f"routes that do not say who may use them: {', '.join(open_routes)}")
    return app


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
