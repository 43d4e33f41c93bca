"""The whole carrier put together: the messages and calls of the API, and the phones of the other side."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from helpline.settings import Settings
from helpline.simulator import phone_events
from helpline.simulator.calls_api import CALLS, CallsApi
from helpline.simulator.messages_behaviour import Behaviour
from helpline.simulator.messages_carrier import SimulatedCarrier
from helpline.simulator.messages_http import Answer, Handler, Request
from helpline.simulator.messages_journal import Journal, Message
from helpline.simulator.messages_reports import Reports
from helpline.simulator.opt_outs import OptOuts
from helpline.simulator.phone_calls import PhoneCalls
from helpline.simulator.phone_routes import PhoneRoutes
from helpline.simulator.phone_texts import PhoneTexts, World
from helpline.simulator.phones import Phone, Phones
from helpline.simulator.webhooks import Exchange, Webhooks


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
    reports = Reports(settings.auth_tokens[0].get_secret_value(), address, chance)
    opt_outs = OptOuts(journal)

    def accepted(message: Message, now: Behaviour, account: str) -> None:
        reports.follow(message, now, account)
        if phone := phones.known(message.to):
            texts.follow(phone, message, now)

    messages = SimulatedCarrier(journal, behaviour, chance, accepted, date, opt_outs)
    world = World(
        settings=settings,
        public_url=Webhooks.of(settings, address).url(""),
        webhooks=lambda phone: _webhooks(settings, address, phone),
        behaviour=lambda: messages.behaviour,
        date=date,
        chance=chance,
    )
    texts = PhoneTexts(world, journal, opt_outs)
    phones = Phones(date, texts.remember)
    calls = PhoneCalls(world, phones)
    api = CallsApi(world, phones, calls, reports)
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
        loop.call_soon_threadsafe(lambda: phone.tell("exchange", **phone_events.exchange(exchange)))

    return Webhooks.of(settings, address, told)
