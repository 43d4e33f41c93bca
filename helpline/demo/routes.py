"""The routes of the demo: the page with the phones, what they ask the carrier, the helpline's date."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, render_template, request, send_from_directory

from helpline.authentication import View, let_in
from helpline.date.moved import DemoDate
from helpline.demo.carrier_client import Answer, CarrierClient
from helpline.demo.door import WHOM, guard, refused
from helpline.demo.phones_shown import WITHHELD, address_of, as_written, offered_beside, read_phones, why_no_phones
from helpline.demo.seats import MOST_LOOKING, Seats
from helpline.demo.travel import local, stops_after
from helpline.menus.shapes import Calendar
from helpline.menus.windows import PARIS
from helpline.settings import Settings

STATIC = Path(__file__).parent / "static"
LONGEST_WAIT = 25
LOOK_AGAIN_SECONDS = 1  # where too many wait for news already
_NUMBER = re.compile(rf"\+[0-9]{{3,15}}|{WITHHELD}")
_CALL = re.compile(r"CA[0-9a-f]{32}")
# What a caller can do in a call, and the words that go with it.
IN_A_CALL = {
    "keys": "keys",
    "speech": "words",
    "silence": "",
    "hang-up": "",
    "answer": "",
    "decline": "",
    "machine": "",
    "transferred": "status",
}


def demo_routes(settings: Settings, date: DemoDate) -> Blueprint:
    """The page with the phones, and its JSON. In demo mode only: whoever reaches it may be anybody's phone."""
    routes = Blueprint("demo", __name__, template_folder="templates", static_folder=None)
    guard(routes, settings)
    _add_page(routes, settings, date)
    _add_phones(routes, CarrierClient(settings.twilio_api_url))
    _add_date(routes, date)
    return routes


def _add_page(routes: Blueprint, settings: Settings, date: DemoDate) -> None:
    @routes.get("/")
    @_demo
    def page() -> Response:
        phones, wrong = read_phones(request.args.getlist("phone"))
        html = render_template(
            "phones.html",
            phones=[(phone, address_of([other for other in phones if other != phone])) for phone in phones],
            wrong=why_no_phones(wrong),
            offered=offered_beside(phones),
            service=settings.service_name,
            sms_number=as_written(settings.sms_sender),
            voice_number=as_written(settings.voice_number),
            date=_shown(date),
        )
        return Response(html, content_type="text/html; charset=utf-8")

    @routes.get("/demo/<file>")
    @_demo
    def static_file(file: str) -> Response:
        answer = send_from_directory(STATIC, file)
        answer.headers["Cache-Control"] = "no-cache"
        return answer


def _add_phones(routes: Blueprint, carrier: CarrierClient) -> None:
    looking = Seats(MOST_LOOKING)

    @routes.get("/phone/<number>/events")
    @_demo
    def events(number: str) -> Response:
        if not _NUMBER.fullmatch(number):
            return _no_phone()
        wait = min(_whole("wait"), LONGEST_WAIT)
        known = {"epoch": epoch} if (epoch := request.args.get("epoch", "")) else {}
        with looking.one(wait > 0) as may_wait:
            seconds = wait if may_wait else 0
            got = carrier.get("phones", number, wait=seconds, after=str(_whole("after")), **known)
        answer = _passed_on(got)
        if wait and not may_wait:
            answer.headers["Retry-After"] = str(LOOK_AGAIN_SECONDS)
        return answer

    @routes.post("/phone/<number>/texts")
    @_demo
    def text(number: str) -> Response:
        if not _NUMBER.fullmatch(number):
            return _no_phone()
        body = _said("body")
        if not body.strip():
            return refused(400, "Write a text first.")
        if not _is_whole(body):
            return _half()
        return _passed_on(carrier.post("phones", number, "texts", told={"body": body}))

    @routes.post("/phone/<number>/calls")
    @_demo
    def call(number: str) -> Response:
        if not _NUMBER.fullmatch(number):
            return _no_phone()
        return _passed_on(carrier.post("phones", number, "calls", told={}))

    @routes.post("/phone/<number>/calls/<sid>/<done>")
    @_demo
    def do_in_call(number: str, sid: str, done: str) -> Response:
        if not _NUMBER.fullmatch(number):
            return _no_phone()
        if not _CALL.fullmatch(sid) or done not in IN_A_CALL:
            return refused(404, "There is no such call.")
        name = IN_A_CALL[done]
        words = _said(name) if name else ""
        if name and not words:
            return refused(400, f"Say which {name}.")
        if not _is_whole(words):
            return _half()
        return _passed_on(carrier.post("phones", number, "calls", sid, done, told={name: words} if name else {}))


def _add_date(routes: Blueprint, date: DemoDate) -> None:
    @routes.get("/phone/date")
    @_demo
    def the_date() -> Response:
        return jsonify(_shown(date))

    @routes.post("/phone/date")
    @_demo
    def travel() -> Response:
        told: dict[str, Any] = request.get_json()
        try:
            if told.get("back") is True:
                date.come_back()
            else:
                date.travel_to(_moment(told.get("to")))
        except ValueError as error:
            return refused(400, str(error))
        except OSError as error:
            why = error.strerror or type(error).__name__
            return refused(503, f"The file in VAR_DIR that keeps the date cannot be written ({why}).")
        return jsonify(_shown(date))


def _shown(date: DemoDate) -> dict[str, object]:
    """The helpline's date for the page: as a moment, and in French time."""
    now = date.now()
    stops = [{"label": stop.label, "shown": stop.shown, "to": stop.to} for stop in stops_after(now, _calendar())]
    moment = now.astimezone(PARIS).isoformat(timespec="seconds")
    return {"now": moment, "local": local(now), "travelled": bool(date.offset()), "stops": stops}


def _moment(text: object) -> datetime:
    try:
        moment = datetime.fromisoformat(text if isinstance(text, str) else "")
    except ValueError:
        raise ValueError("Write a date and a time, such as 2026-12-10T09:55.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=PARIS)


def _calendar() -> Calendar:
    calendar: Calendar = current_app.extensions["prompts"].current().prompts.menus.calendar
    return calendar


def _demo(view: View) -> View:
    return let_in(view, WHOM)


def _whole(name: str) -> int:
    text = request.args.get(name, "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


def _said(name: str) -> str:
    """What a request says under that name; nothing where that is no text."""
    words = request.get_json().get(name)
    return words if isinstance(words, str) else ""


def _is_whole(words: str) -> bool:
    """Whether it can be written down: JSON can hold one half of a character that takes two."""
    try:
        words.encode()
    except UnicodeEncodeError:
        return False
    return True


def _half() -> Response:
    return refused(400, "This holds half a character, which cannot be sent.")


def _no_phone() -> Response:
    return refused(404, "This is no phone number.")


def _passed_on(answer: Answer) -> Response:
    return Response(answer.body, status=answer.status, content_type="application/json; charset=utf-8")
