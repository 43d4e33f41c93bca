"""Texts between the phones and the helpline: the webhook of each, its answer, and what the API sends."""

from __future__ import annotations

import asyncio
import time

from helpline.simulator.carrier.behaviour import Behaviour
from helpline.simulator.carrier.journal import DELIVERED, INBOUND, OUTBOUND, REPLY, Journal, Message
from helpline.simulator.carrier.opt_outs import OptOuts, handling
from helpline.simulator.line.numbers import why_no_texts
from helpline.simulator.line.texts import TextLine
from helpline.simulator.line.webhooks import CarrierError, sid
from helpline.simulator.phones import events
from helpline.simulator.phones.phone import KEPT, Phone
from helpline.simulator.phones.world import NotNow, World

LONGEST = 1600
BLOCKED = 21610


class PhoneTexts:
    """Carries texts both ways, and keeps them in the journal."""

    def __init__(self, world: World, journal: Journal, opt_outs: OptOuts) -> None:
        self._world, self._journal, self._opt_outs = world, journal, opt_outs

    async def send(self, phone: Phone, body: str) -> str:
        """The owner of a phone texts the helpline: the id of the text, once it was handed over and answered."""
        if problem := why_no_texts(phone.number):
            raise NotNow(problem)
        sender, behaviour = self._world.settings.sms_sender, self._world.behaviour()
        handled = handling(sender, behaviour.opt_out)
        word, own_answer = self._opt_outs.heard(phone.number, body, handled)
        text = self._kept(phone, body, INBOUND, word)
        phone.tell("text", **events.text(text, "sent"))
        if own_answer:
            self._arrive(phone, own_answer)
        line = TextLine(self._world.webhooks(phone), self._world.settings, phone.number)
        opt_out = word if handled == "advanced" else ""
        try:
            if self._world.chance() < behaviour.again:  # its answer is lost on the way
                await asyncio.to_thread(line.send, body, sid=text.sid, opt_out=opt_out)
            answers = await asyncio.to_thread(line.send, body, sid=text.sid, opt_out=opt_out)
        except CarrierError as problem:
            phone.tell("status", sid=text.sid, status="failed", code=None)
            phone.tell("fault", message=str(problem))
            return text.sid
        phone.tell("status", sid=text.sid, status="delivered", code=None)
        for answer in answers:
            if self._opt_outs.is_blocked(phone.number):
                phone.tell("fault", message=f"The answer is not delivered ({BLOCKED}): this number texted STOP.")
            else:
                self._arrive(phone, answer)
        return text.sid

    def follow(self, phone: Phone, message: Message, behaviour: Behaviour) -> None:
        """A message of the API is on its way to a phone: it arrives in its time."""
        age = message.age(time.time())
        for place, status in enumerate(("sent", "delivered" if message.fate == DELIVERED else "undelivered"), start=1):
            left = max(0.0, behaviour.report_after * place - age)
            asyncio.get_running_loop().call_later(left, self._moved, phone, message, status)

    def remember(self, phone: Phone) -> None:
        """Give a phone the texts of its past, as the journal has them."""
        behaviour, real = self._world.behaviour(), time.time()
        for message in self._journal.of(phone.number, KEPT):
            if message.direction == OUTBOUND and message.age(real) < 2 * behaviour.report_after:
                self.follow(phone, message, behaviour)
            elif message.fate == DELIVERED:
                phone.tell("text", message.at, **events.text(message, "delivered"))

    def _moved(self, phone: Phone, message: Message, status: str) -> None:
        code = int(message.fate) if status == "undelivered" else None
        if status == "delivered":
            phone.tell("text", **events.text(message, status))
        phone.tell("status", sid=message.sid, status=status, code=code)

    def _arrive(self, phone: Phone, body: str) -> None:
        """What answers a text, the helpline or the carrier itself, arrives at once."""
        message = self._kept(phone, body, REPLY)
        phone.tell("text", **events.text(message, "delivered"))

    def _kept(self, phone: Phone, body: str, direction: str, opt_out: str = "") -> Message:
        ours = self._world.settings.sms_sender
        if direction == INBOUND and ours.startswith("MG"):
            ours = self._world.settings.voice_number
        to, sender = (ours, phone.number) if direction == INBOUND else (phone.number, ours)
        at, taken = self._world.date(), time.time()
        kept = Message(sid("SM"), to, sender, body, at, taken, direction=direction, opt_out=opt_out)
        self._journal.add(kept)
        return kept
