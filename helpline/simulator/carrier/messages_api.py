"""The simulated carrier itself: takes posts of messages, refuses, loses and delays them as it is told, lists them."""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections import Counter
from collections.abc import Callable

from helpline.simulator.carrier.behaviour import Behaviour
from helpline.simulator.carrier.http import Answer, Request, json_answer
from helpline.simulator.carrier.intake import Intake
from helpline.simulator.carrier.journal import DELIVERED, INBOUND, Journal, Message
from helpline.simulator.carrier.json_body import read_object, read_received
from helpline.simulator.carrier.lists import page, page_asked, wanted
from helpline.simulator.carrier.messages_shapes import NO_SUCH, error, refused_parameter, resource
from helpline.simulator.carrier.opt_outs import OptOuts, handling
from helpline.simulator.line.webhooks import sid

_PATH = re.compile(
    r"/2010-04-01/Accounts/(?P<account>AC[0-9a-f]{32})/Messages(?:/(?P<sid>[A-Z]{2}[0-9a-f]{32}))?\.json"
)


def nobody_listens(message: Message, behaviour: Behaviour, account: str) -> None:
    """Nothing is reported."""


class SimulatedCarrier:
    """Answers the requests about messages. `accepted` is told of every message that it took.

    Messages are dated by `clock`, the helpline's date; how old they are is a matter of `real` time.
    """

    def __init__(
        self,
        journal: Journal,
        behaviour: Behaviour,
        chance: Callable[[], float] = random.random,
        accepted: Callable[[Message, Behaviour, str], None] = nobody_listens,
        clock: Callable[[], float] = time.time,
        opt_outs: OptOuts | None = None,
        real: Callable[[], float] = time.time,
    ) -> None:
        self._journal, self.behaviour, self._chance, self._accepted = journal, behaviour, chance, accepted
        self._clock, self._real = clock, real
        self._opt_outs = opt_outs or OptOuts(journal)
        self.counts: Counter[str] = Counter()
        self._intake = Intake(chance, self.counts)

    async def answer(self, request: Request) -> Answer | None:
        """What a request is answered with; None breaks off the connection."""
        if request.path == "/control":
            return self._control(request)
        if request.path == "/received" and request.method == "POST":
            return self._receive(request)
        found = _PATH.fullmatch(request.path)
        if not found:
            return error(NO_SUCH, f"The requested resource {request.path} was not found")
        if not request.headers.get("authorization", "").startswith("Basic "):
            return error(401, "Authenticate")
        if request.method == "POST" and not found["sid"]:
            return await self._post(request, found["account"])
        if request.method == "GET":
            await asyncio.sleep(self.behaviour.delay)
            return self._show(found["sid"], found["account"]) if found["sid"] else self._list(request, found["account"])
        return error(405 if request.method not in ("GET", "POST") else NO_SUCH, "Not simulated")

    async def _post(self, request: Request, account: str) -> Answer | None:
        form, now = request.form, self.behaviour

        def accept() -> Answer:
            message = self._accept(form, account, now)
            first = "accepted" if message.sender.startswith("MG") else "queued"
            return json_answer(201, resource(message, account, first))

        return await self._intake.take(now, form, lambda: refused_parameter(form) or self._blocked(form["To"]), accept)

    def _blocked(self, number: str) -> tuple[int, str] | None:
        if not self._opt_outs.is_blocked(number):
            return None
        return 21610, "Attempt to send to unsubscribed recipient"

    def _accept(self, form: dict[str, str], account: str, now: Behaviour) -> Message:
        fate = next((str(rule.code) for rule in now.undelivered if rule.befalls(form["To"], self._chance)), DELIVERED)
        message = Message(
            sid=sid("SM"),
            to=form["To"],
            sender=form.get("MessagingServiceSid") or form["From"],
            body=form["Body"],
            at=self._clock(),
            taken=self._real(),
            callback=form.get("StatusCallback", ""),
            fate=fate,
        )
        self._journal.add(message)
        self._accepted(message, now, account)
        return message

    def _show(self, wanted_sid: str, account: str) -> Answer:
        message = self._journal.find(wanted_sid)
        if message is None:
            return error(NO_SUCH, f"The requested message {wanted_sid} was not found")
        return json_answer(200, resource(message, account, self.status(message)))

    def _list(self, request: Request, account: str) -> Answer:
        self.counts["lists"] += 1
        query = request.query
        try:
            size, before = page_asked(query)
            found, go_on = self._journal.select(wanted(query, "DateSent"), before, size)
            shown = [resource(message, account, self.status(message)) for message in found]
            return json_answer(200, page(request.path, query, "messages", shown, size, go_on))
        except ValueError as problem:
            return error(20001, f"Bad request: {problem}")

    def status(self, message: Message) -> str:
        """Where a message stands: it follows from its age, so that a restarted carrier still knows."""
        age = message.age(self._real())
        if age < self.behaviour.report_after:
            return "queued"
        if age < 2 * self.behaviour.report_after:
            return "sent"
        return DELIVERED if message.fate == DELIVERED else "undelivered"

    def _control(self, request: Request) -> Answer:
        """GET shows how it behaves and what it counted; POST changes the behaviour, in JSON, by the options' names."""
        if request.method == "POST":
            try:
                self.behaviour = self.behaviour.changed(read_object(request.body))
            except ValueError as problem:
                return json_answer(400, {"message": str(problem)})
        return json_answer(200, {"behaviour": self.behaviour.shown(), "counts": dict(self.counts)})

    def _receive(self, request: Request) -> Answer:
        """A text that a caller sent us, which the carrier lists from now on: JSON with from, to, body."""
        try:
            told = read_received(request.body)
        except ValueError as problem:
            return json_answer(400, {"message": str(problem)})
        word, _ = self._opt_outs.heard(told.sender, told.body, handling(told.to, self.behaviour.opt_out))
        at = self._clock() if told.at is None else told.at
        message = Message(sid("SM"), told.to, told.sender, told.body, at, self._real(), direction=INBOUND, opt_out=word)
        self._journal.add(message)
        return json_answer(201, {"sid": message.sid})
