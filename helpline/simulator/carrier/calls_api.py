"""The Calls API: what the helpline posts to have a phone called, the list of calls, and the reports of how they went.

After twilio.com/docs/voice/api/call-resource (November 2026).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping

from helpline.simulator.carrier.answering import FAILED, who_answers
from helpline.simulator.carrier.behaviour import Behaviour
from helpline.simulator.carrier.calls_journal import CallsJournal
from helpline.simulator.carrier.calls_shapes import kept_call, refused_call, report, resource
from helpline.simulator.carrier.http import Answer, Request, json_answer
from helpline.simulator.carrier.intake import Intake
from helpline.simulator.carrier.lists import page, page_asked, wanted
from helpline.simulator.carrier.messages_shapes import NO_SUCH, error
from helpline.simulator.carrier.reports import Reports
from helpline.simulator.line.webhooks import sid
from helpline.simulator.phones.calls import RINGS_SECONDS, PhoneCalls
from helpline.simulator.phones.line_call import LineCall
from helpline.simulator.phones.phone import Phones
from helpline.simulator.phones.world import World

CALLS = re.compile(r"/2010-04-01/Accounts/(?P<account>AC[0-9a-f]{32})/Calls(?:/(?P<sid>CA[0-9a-f]{32}))?\.json")
NOT_IN_PROGRESS = 21220


class CallsApi:
    """Answers the requests about calls. Posts of new ones are lost, refused and delayed as those of messages are."""

    def __init__(
        self, world: World, phones: Phones, calls: PhoneCalls, journal: CallsJournal, reports: Reports, intake: Intake
    ) -> None:
        self._world, self._phones, self._calls, self._reports = world, phones, calls, reports
        self._journal, self._intake = journal, intake

    async def answer(self, request: Request) -> Answer | None:
        """What a request is answered with; None breaks off the connection."""
        found = CALLS.fullmatch(request.path)
        if not found:
            return error(NO_SUCH, f"The requested resource {request.path} was not found")
        if not request.headers.get("authorization", "").startswith("Basic "):
            return error(401, "Authenticate")
        account, wanted_sid = found["account"], found["sid"]
        match request.method:
            case "POST" if not wanted_sid:
                return await self._post(request, account)
            case "POST":
                return await self._change(wanted_sid, request.form, account)
            case "GET":
                await asyncio.sleep(self._world.behaviour().delay)
                return self._show(wanted_sid, account) if wanted_sid else self._list(request, account)
        return error(405, "Not simulated")

    async def _post(self, request: Request, account: str) -> Answer | None:
        form, now = request.form, self._world.behaviour()
        events = " ".join(request.fields("StatusCallbackEvent")).split() or ["completed"]
        return await self._intake.take(
            now,
            form,
            lambda: refused_call(form, events),
            lambda: self._make(form, frozenset(events), account, now),
        )

    def _make(self, form: Mapping[str, str], events: frozenset[str], account: str, now: Behaviour) -> Answer:
        to, callback = form["To"], form.get("StatusCallback", "")
        line = LineCall(
            sid=sid("CA"),
            phone=self._phones.of(to),
            direction="incoming",
            made=self._world.date(),
            sender=form["From"],
            to=to,
            url=self._here(form.get("Url", "")),
            fallback_url=self._here(form.get("FallbackUrl", "")),
            twiml=form.get("Twiml", ""),
            callback=callback,
            detection=form.get("MachineDetection", ""),
            changed=_Progress(self._world, self._reports, account, events if callback else frozenset()).changed,
            state="queued",
        )
        shown = resource(kept_call(line), account)
        chance = self._world.chance
        fails = any(rule.befalls(to, chance) for rule in now.undelivered)
        who = FAILED if fails else who_answers(now.answering, to, chance)
        self._calls.ring(line, float(form.get("Timeout") or RINGS_SECONDS), who)
        return json_answer(201, shown)

    async def _change(self, wanted_sid: str, form: Mapping[str, str], account: str) -> Answer:
        status = form.get("Status", "")
        if set(form) - {"Status"} or status not in ("completed", "canceled"):
            return error(20001, "Only Status=completed or Status=canceled is simulated.")
        line = self._calls.find(wanted_sid)
        if line is None and self._journal.find(wanted_sid) is None:
            return _no_such(wanted_sid)
        if line is None or line.is_over:
            return error(NOT_IN_PROGRESS, "Call is not in-progress. Cannot redirect.")
        await self._calls.end_by_api(line, status)
        return json_answer(200, resource(kept_call(line), account))

    def _show(self, wanted_sid: str, account: str) -> Answer:
        found = self._journal.find(wanted_sid)
        return json_answer(200, resource(found, account)) if found else _no_such(wanted_sid)

    def _list(self, request: Request, account: str) -> Answer:
        query = request.query
        try:
            size, before = page_asked(query)
            asked = wanted(query, "StartTime")
            found, go_on = self._journal.select(asked, query.get("Status", ""), before, size)
            shown = [resource(call, account) for call in found]
            return json_answer(200, page(request.path, query, "calls", shown, size, go_on))
        except ValueError as problem:
            return error(20001, f"Bad request: {problem}")

    def _here(self, url: str) -> str:
        """A URL of the helpline, by the name that its webhooks are signed for."""
        settings = self._world.settings
        known = f"{settings.public_url}/"
        return self._world.public_url + url.removeprefix(settings.public_url) if url.startswith(known) else url


class _Progress:
    """Reports on one call, as far as it was asked for."""

    def __init__(self, world: World, reports: Reports, account: str, events: frozenset[str]) -> None:
        self._world, self._reports, self._account, self._events = world, reports, account, events
        self._number = 0

    def changed(self, line: LineCall, event: str) -> None:
        if event in self._events:
            status = "initiated" if event == "initiated" else line.state
            form = report(kept_call(line), status, self._account, self._number)
            self._reports.tell(line.callback, form, self._world.behaviour())
        self._number += 1


def _no_such(wanted_sid: str) -> Answer:
    return error(NO_SUCH, f"The requested call {wanted_sid} was not found")
