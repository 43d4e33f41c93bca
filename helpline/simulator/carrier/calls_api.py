"""The Calls API: what the helpline posts to have a phone called, and the reports of how it went."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from helpline.simulator.carrier.http import Answer, Request, json_answer
from helpline.simulator.carrier.messages_shapes import NO_SUCH, NUMBER, error
from helpline.simulator.carrier.reports import Reports
from helpline.simulator.line.webhooks import sid
from helpline.simulator.phones.calls import RINGS_SECONDS, PhoneCalls
from helpline.simulator.phones.line_call import LineCall
from helpline.simulator.phones.phone import Phones
from helpline.simulator.phones.world import World

CALLS = re.compile(r"/2010-04-01/Accounts/(?P<account>AC[0-9a-f]{32})/Calls(?:/(?P<sid>CA[0-9a-f]{32}))?\.json")
EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})
LONGEST_RING = 600
NOT_IN_PROGRESS = 21220
_WEB = ("http://", "https://")


class CallsApi:
    """Answers the requests about calls."""

    def __init__(self, world: World, phones: Phones, calls: PhoneCalls, reports: Reports) -> None:
        self._world, self._phones, self._calls, self._reports = world, phones, calls, reports

    async def answer(self, request: Request) -> Answer:
        found = CALLS.fullmatch(request.path)
        if not found:
            return error(NO_SUCH, f"The requested resource {request.path} was not found")
        if not request.headers.get("authorization", "").startswith("Basic "):
            return error(401, "Authenticate")
        account = found["account"]
        if not found["sid"]:
            return self._make(request, account) if request.method == "POST" else error(405, "Not simulated")
        line = self._calls.find(found["sid"])
        if line is None:
            return error(NO_SUCH, f"The requested call {found['sid']} was not found")
        if request.method == "POST":
            return await self._change(line, request.form, account)
        if request.method == "GET":
            return json_answer(200, resource(line, account))
        return error(405, "Not simulated")

    def _make(self, request: Request, account: str) -> Answer:
        form = request.form
        asked = " ".join(request.fields("StatusCallbackEvent")).split() or ["completed"]
        if refused := refused_call(form, asked):
            return error(*refused)
        now = self._world.behaviour()
        for rule in now.fail:
            if rule.befalls(form["To"], self._world.chance):
                return error(rule.code)
        progress = _Progress(self._world, self._reports, account, form.get("StatusCallback", ""), frozenset(asked))
        line = LineCall(
            sid=sid("CA"),
            phone=self._phones.of(form["To"]),
            direction="incoming",
            made=self._world.date(),
            sender=form["From"],
            to=form["To"],
            url=self._here(form.get("Url", "")),
            twiml=form.get("Twiml", ""),
            changed=progress.changed,
            state="queued",
        )
        shown = resource(line, account)
        if any(rule.befalls(form["To"], self._world.chance) for rule in now.undelivered):
            self._calls.fail(line)
        else:
            self._calls.ring(line, float(form.get("Timeout") or RINGS_SECONDS))
        return json_answer(201, shown)

    async def _change(self, line: LineCall, form: Mapping[str, str], account: str) -> Answer:
        status = form.get("Status", "")
        if set(form) - {"Status"} or status not in ("completed", "canceled"):
            return error(20001, "Only Status=completed or Status=canceled is simulated.")
        if line.is_over:
            return error(NOT_IN_PROGRESS, "Call is not in-progress. Cannot redirect.")
        await self._calls.end_by_api(line, status)
        return json_answer(200, resource(line, account))

    def _here(self, url: str) -> str:
        """A URL of the helpline, by the name that its webhooks are signed for."""
        settings = self._world.settings
        known = f"{settings.public_url}/"
        return self._world.public_url + url.removeprefix(settings.public_url) if url.startswith(known) else url


class _Progress:
    """Reports on one call, as far as it was asked for."""

    def __init__(self, world: World, reports: Reports, account: str, callback: str, events: frozenset[str]) -> None:
        self._world, self._reports, self._account = world, reports, account
        self._callback, self._events = callback, events
        self._number = 0

    def changed(self, line: LineCall, event: str) -> None:
        if self._callback and event in self._events:
            form = report(line, "initiated" if event == "initiated" else line.state, self._account, self._number)
            self._reports.tell(self._callback, form, self._world.behaviour())
        self._number += 1


def refused_call(form: Mapping[str, str], events: list[str]) -> tuple[int, str] | None:
    """The code and words with which a post of a new call is refused, if it is."""
    to, sender, timeout = form.get("To", ""), form.get("From", ""), form.get("Timeout") or "1"
    if not to:
        return 21201, "No 'To' number is specified"
    if not NUMBER.fullmatch(to):
        return 21211, f"Invalid 'To' Phone Number: {to[:4]}XXXX"
    if not sender:
        return 21213, "Caller phone number is required"
    if not NUMBER.fullmatch(sender):
        return 21212, f"Invalid 'From' Phone Number: {sender}"
    if not form.get("Twiml") and not form.get("Url", "").startswith(_WEB):
        return 21205, "Url parameter is required, or Twiml."
    if form.get("Method", "POST").upper() != "POST":
        return 20001, "Only Method=POST is simulated."
    if form.get("StatusCallback") and not form["StatusCallback"].startswith(_WEB):
        return 21609, "The 'StatusCallback' URL is not a valid URL."
    if unknown := sorted(set(events) - EVENTS):
        return 21626, f"Invalid StatusCallbackEvent: {', '.join(unknown)}"
    if not timeout.isdigit() or not 1 <= int(timeout) <= LONGEST_RING:
        return 20001, f"Invalid Timeout: whole seconds from 1 to {LONGEST_RING}"
    return None


def report(line: LineCall, status: str, account: str, number: int) -> dict[str, str]:
    """One report on a call, the `number`-th from 0."""
    ended = {"CallDuration": str(line.seconds), "Duration": str(-(-line.seconds // 60))}
    return {
        "CallSid": line.sid,
        "AccountSid": account,
        "From": line.sender,
        "To": line.to,
        "Caller": line.sender,
        "Called": line.to,
        "CallStatus": status,
        "Direction": "outbound-api",
        "ApiVersion": "2010-04-01",
        "CallbackSource": "call-progress-events",
        "SequenceNumber": str(number),
        "Timestamp": _date(line.ended or line.answered or line.made),
        **(ended if line.is_over else {}),
    }


def resource(line: LineCall, account: str) -> dict[str, Any]:
    """One call as the API shows it."""
    uri = f"/2010-04-01/Accounts/{account}/Calls/{line.sid}"
    made = _date(line.made)
    return {
        "account_sid": account,
        "annotation": None,
        "answered_by": None,
        "api_version": "2010-04-01",
        "caller_name": None,
        "date_created": made,
        "date_updated": _date(line.ended or line.answered or line.made),
        "direction": "outbound-api" if line.direction == "incoming" else "inbound",
        "duration": str(line.seconds) if line.is_over else None,
        "end_time": None if line.ended is None else _date(line.ended),
        "forwarded_from": None,
        "from": line.sender,
        "from_formatted": line.sender,
        "group_sid": None,
        "parent_call_sid": None,
        "phone_number_sid": None,
        "price": None,
        "price_unit": "EUR",
        "queue_time": "0",
        "sid": line.sid,
        "start_time": None if line.answered is None else _date(line.answered),
        "status": line.state,
        "subresource_uris": {},
        "to": line.to,
        "to_formatted": line.to,
        "trunk_sid": None,
        "uri": f"{uri}.json",
    }


def _date(at: float) -> str:
    return format_datetime(datetime.fromtimestamp(at, UTC))
