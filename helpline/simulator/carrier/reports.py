"""Status callbacks of the simulated carrier: signed, sometimes repeated, out of order or lost, as real ones are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import structlog

from helpline.simulator import failures
from helpline.simulator.carrier.behaviour import Behaviour
from helpline.simulator.carrier.journal import DELIVERED, Message
from helpline.simulator.line.webhooks import CarrierError, Webhooks

AT_ONCE = 16

log = structlog.get_logger(__name__)


class Reports:
    """Tells the helpline what became of its messages and calls.

    `address` is where the helpline is reached if not under its public URL, for which reports are signed.
    """

    def __init__(self, webhooks: Webhooks, address: str, chance: Callable[[], float]) -> None:
        self._webhooks, self._address, self._chance = webhooks, address, chance
        self._is_failing = False
        self._places = asyncio.Semaphore(AT_ONCE)
        self._running: set[asyncio.Task[None]] = set()

    def follow(self, message: Message, behaviour: Behaviour, account: str) -> None:
        """Report on a message that was just accepted, in its time."""
        if not message.callback:
            return
        end = "delivered" if message.fate == DELIVERED else "undelivered"
        statuses = ["sent", end]
        if self._chance() < behaviour.disorder:
            statuses.reverse()
        for place, status in enumerate(statuses, start=1):
            self._tell(message.callback, _form(message, status, account), behaviour, place)

    def tell(self, callback: str, form: Mapping[str, str], behaviour: Behaviour) -> None:
        """Report something that just happened, such as that a call was answered."""
        self._tell(callback, form, behaviour, 3 if self._chance() < behaviour.disorder else 1)

    def _tell(self, callback: str, form: Mapping[str, str], behaviour: Behaviour, place: int) -> None:
        if self._chance() < behaviour.lost:
            return
        for times in range(2 if self._chance() < behaviour.repeat else 1):
            task = asyncio.create_task(self._report(callback, form, behaviour.report_after * (place + times)))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _report(self, callback: str, form: Mapping[str, str], after: float) -> None:
        await asyncio.sleep(after)
        async with self._places:
            try:
                await asyncio.to_thread(self._webhooks.report, callback, form, self._address)
            except CarrierError as problem:
                self._failed(str(problem))
            except Exception as error:
                self._failed("The carrier itself failed.", **failures.told(error))
            else:
                self._is_failing = False

    def _failed(self, problem: str, **more: str) -> None:
        """Tell it, once until a report is taken again: the statuses that are missing would puzzle."""
        if not self._is_failing:
            self._is_failing = True
            log.warning("a report was not taken, and others may not be either", problem=problem, **more)


def _form(message: Message, status: str, account: str) -> dict[str, str]:
    by_service = {"MessagingServiceSid": message.sender} if message.sender.startswith("MG") else {}
    failed = {} if message.fate == DELIVERED or status == "sent" else {"ErrorCode": message.fate}
    return {
        "SmsSid": message.sid,
        "SmsStatus": status,
        "MessageStatus": status,
        "To": message.to,
        "MessageSid": message.sid,
        "AccountSid": account,
        "From": message.sender,
        "ApiVersion": "2010-04-01",
        **by_service,
        **failed,
    }
