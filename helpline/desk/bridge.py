"""Calling somebody from the desk, and the webhooks of that call: what the operator hears, and who is put through."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import structlog
from flask import Blueprint, Response, g, request, url_for
from sqlalchemy.exc import SQLAlchemyError

from helpline.authentication import EDITOR, let_in
from helpline.call_requests import bridging, taking, waiting
from helpline.call_requests.bridging import Said
from helpline.call_requests.waiting import Request
from helpline.carrier.webhooks import signed_by_twilio, twiml
from helpline.consent.daily_budget import add
from helpline.consent.once import one_at_a_time
from helpline.consent.reach import may_call
from helpline.desk.desk import Desk
from helpline.desk.language import words_in, words_now
from helpline.desk.requests import WRONG, find, own_page
from helpline.desk.shown import go_to, message
from helpline.menus.dates import today_in_paris
from helpline.operators import audit
from helpline.operators.keys import hash_of
from helpline.records.engine import reading
from helpline.records.sealing import UnknownKey

BRIDGE_PATH = "/twilio/voice/bridge"
LONGEST_PHONE = 30
CALLS_OF_ONE = 2  # to the operator, and to who asked
LOCALES = {"fr": "fr-FR", "en": "en-GB"}
PICKED_UP = ("completed", "answered")  # DialCallStatus

log = structlog.get_logger(__name__)


def add_bridge(routes: Blueprint, desk: Desk) -> None:
    """The button that calls."""

    @routes.post("/requests/<request_id>")  # as the page: what was typed wrong is shown again there
    def call_request(request_id: str) -> Response:
        found = find(desk, request_id)
        if found is None:
            return message("not_found", 404)
        settings, typed = desk.wired.settings, request.form.get("phone", "")[:LONGEST_PHONE].strip()
        phone = bridging.phone_of(typed or settings.adviser_number, settings.allowed_countries)
        wrong = "wrong_phone" if phone in ("", settings.voice_number, settings.sms_sender) else ""
        wrong = wrong or _may_call_now(desk, found, phone)
        if wrong in WRONG:
            return own_page(desk, found, wrong, 400, typed)
        if wrong == "not_yours":
            return go_to(url_for("desk.requests", told=wrong))
        return go_to(url_for("desk.one_request", request_id=found.id, told=wrong or _call(desk, found.id, phone)))

    let_in(call_request, EDITOR)


def bridge_routes(desk: Desk) -> Blueprint:
    """What the carrier asks for while an operator is on the line."""
    routes = Blueprint("bridge", __name__)

    @routes.post(f"{BRIDGE_PATH}/<step>/<language>/<request_id>/<token>")
    @signed_by_twilio
    def bridge(step: str, language: str, request_id: str, token: str) -> Response:
        language = language if language in LOCALES else "fr"
        said, path = partial(said_by, desk, language), partial(_path, desk, language, request_id, token)
        match step:
            case "begin":
                return twiml(bridging.press_a_key(said("press"), path("go"), path("silence")))
            case "silence":
                return twiml(bridging.last_words(said("nobody")))
            case "go":
                number = _who_is_called(desk, request_id, token)
                if number.startswith("+"):
                    ours = desk.wired.settings.voice_number
                    return twiml(bridging.put_through(said("calling"), number, ours, path("over")))
                return twiml(bridging.last_words(said(number)))
            case _:
                picked_up = request.form.get("DialCallStatus", "") in PICKED_UP
                return twiml(bridging.last_words(said("talked" if picked_up else "no_answer")))

    return routes


def _may_call_now(desk: Desk, found: Request, phone: str) -> str:
    """Write down that an operator calls now; or the name of why not."""
    name = str(g.operator.name)
    with desk.engine.begin() as connection:
        one_at_a_time(connection, hash_of(name))  # else two at once would both be the last one
        try:
            number = bridging.number_of(connection, desk.wired.consent.seals, found.id, name)
        except UnknownKey:
            return "no_key"
        if not number:
            return "not_yours"
        if number == phone:
            return "their_phone"
        if bridging.called_lately(connection, name, desk.real()) >= bridging.MOST_AN_HOUR:
            return "too_many"
        if bridging.rings_already(connection, found.id, desk.real()):
            return "rings_already"
        taking.take(connection, found.id, name, desk.now())  # theirs for another while
        bridging.note_call(connection, found.id, name, desk.real())
        audit.note(connection, desk.real(), name, "call_request_called", about=found.fingerprint)
        add(connection, today_in_paris(desk.now()), CALLS_OF_ONE, desk.now())
    return ""


def _call(desk: Desk, request_id: int, phone: str) -> str:
    """Have the operator's phone called: how that went, by name. No transaction is open meanwhile."""
    name = str(g.operator.name)
    with reading(desk.engine).connect() as connection:
        found = waiting.one(connection, request_id)
    if found is None:
        return "gone"
    token = bridging.token_of(found, _mark(desk))
    path = f"{BRIDGE_PATH}/begin/{words_now().language}/{request_id}/{token}"
    result = desk.wired.carrier.call(phone, f"{desk.wired.carrier.public_url}{path}", machine=False)
    told = bridging.began(result)
    if told not in ("ringing", "unsure"):  # they may try again at once
        with desk.engine.begin() as connection:
            bridging.note_call(connection, request_id, name, None)
    desk.wired.counters.count("calls_from_desk", began=told)
    log.info("call from the desk", began=told)
    return told


def _who_is_called(desk: Desk, request_id: str, token: str) -> str:
    """The number; or the name of the words to say instead."""
    try:
        found = find(desk, request_id)
        if found is None or not bridging.fits(found, token, _mark(desk)):
            return "gone"
        with reading(desk.engine).connect() as connection:
            number = bridging.number_of(connection, desk.wired.consent.seals, found.id, found.taken_by)
    except (SQLAlchemyError, UnknownKey) as error:
        log.error("a call from the desk failed", error=type(error).__name__)
        return "failed"
    return number if may_call(number, desk.wired.settings.allowed_countries) else "gone"


def _mark(desk: Desk) -> Callable[[str], str]:
    return partial(desk.keys.mark, "bridge")


def _path(desk: Desk, language: str, request_id: str, token: str, step: str) -> str:
    return f"{desk.wired.settings.public_url_given or ''}{BRIDGE_PATH}/{step}/{language}/{request_id}/{token}"


def said_by(desk: Desk, language: str, name: str) -> Said:
    """Words for the ear of one of us, in one of LOCALES."""
    spoken = desk.wired.prompts().menus.languages.get(language)
    words = words_in(language)(f"bridge.{name}", service=desk.service)
    return Said(words, spoken.locale if spoken else LOCALES[language], spoken.voice if spoken else "")
