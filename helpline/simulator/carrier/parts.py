"""The whole carrier put together: the messages and calls of the API, and the phones of the other side."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from helpline.settings import Settings
from helpline.simulator.carrier.behaviour import Behaviour
from helpline.simulator.carrier.calls_api import CALLS, CallsApi
from helpline.simulator.carrier.calls_journal import CallsJournal, calls_beside
from helpline.simulator.carrier.calls_shapes import kept_call
from helpline.simulator.carrier.http import Answer, Handler, Request
from helpline.simulator.carrier.intake import Intake
from helpline.simulator.carrier.journal import Journal, Message
from helpline.simulator.carrier.messages_api import SimulatedCarrier
from helpline.simulator.carrier.opt_outs import OptOuts
from helpline.simulator.carrier.reports import Reports
from helpline.simulator.line.webhooks import Exchange, Webhooks
from helpline.simulator.phones import events
from helpline.simulator.phones.calls import PhoneCalls
from helpline.simulator.phones.phone import Phone, Phones
from helpline.simulator.phones.routes import PhoneRoutes
from helpline.simulator.phones.texts import PhoneTexts
from helpline.simulator.phones.world import World


def carrier_of(
    settings: Settings,
    address: str,
    journal: Journal,
    behaviour: Behaviour,
    chance: Callable[[], float],
    date: Callable[[], float],
) -> Handler:
    """What answers the requests of the carrier that serves the helpline with these settings.

    `address` is where the helpline is reached, if not where its settings say.
    """
    webhooks = Webhooks.of(settings, address)
    reports = Reports(webhooks, address, chance)
    opt_outs = OptOuts(journal)

    def accepted(message: Message, now: Behaviour, account: str) -> None:
        reports.follow(message, now, account)
        if phone := phones.known(message.to):
            texts.follow(phone, message, now)

    messages = SimulatedCarrier(journal, behaviour, chance, accepted, date, opt_outs)
    world = World(
        settings=settings,
        public_url=webhooks.url(""),
        webhooks=lambda phone: _webhooks(settings, address, phone),
        behaviour=lambda: messages.behaviour,
        date=date,
        chance=chance,
    )
    texts = PhoneTexts(world, journal, opt_outs)
    phones = Phones(date, texts.remember)
    kept = CallsJournal(calls_beside(journal.path), date)
    calls = PhoneCalls(world, lambda line: kept.keep(kept_call(line)))
    api = CallsApi(world, phones, calls, kept, reports, Intake(chance, messages.counts, "calls_"))
    routes = PhoneRoutes(settings, phones, texts, calls, opt_outs)

    async def answer(request: Request) -> Answer | None:
        if settings.has_phones and request.path.startswith("/phones"):
            return await routes.answer(request)
        if CALLS.match(request.path):
            return await api.answer(request)
        return await messages.answer(request)

    return answer


def _webhooks(settings: Settings, address: str, phone: Phone) -> Webhooks:
    """Those of one phone, which shows each of them; they are posted from threads."""
    loop = asyncio.get_running_loop()

    def told(exchange: Exchange) -> None:
        loop.call_soon_threadsafe(lambda: phone.tell("exchange", **events.exchange(exchange)))

    return Webhooks.of(settings, address, told)
