"""Status callbacks of the simulated carrier: signed, sometimes repeated, out of order or lost, as real ones are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from urllib.parse import parse_qsl, urlencode, urlsplit

from twilio.request_validator import SIGNATURE_HEADER, RequestValidator

from helpline.simulator.messages_behaviour import Behaviour
from helpline.simulator.messages_journal import DELIVERED, Message

AT_ONCE = 16
PATIENCE_SECONDS = 15.0
MOST_AGAIN, AGAIN_AFTER_SECONDS = 5, 1.0
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Reports:
    """Tells the helpline what became of its messages and calls. Nothing that is simulated leaves this machine.

    `address` is where the helpline is reached if not under its public URL, for which reports are signed.
    """

    def __init__(self, token: str, address: str, chance: Callable[[], float]) -> None:
        self._validator, self._address, self._chance = RequestValidator(token), address.rstrip("/"), chance
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
        address, _, wishes = callback.partition("#")
        for _ in range(1 + tries_again(wishes)):
            async with self._places:
                # Like the real ones: whoever does not answer has missed it, unless the URL asks for more.
                with suppress(OSError, asyncio.TimeoutError, ValueError, IndexError):
                    if await asyncio.wait_for(self._post(address, form), PATIENCE_SECONDS) < 500:
                        return
            await asyncio.sleep(AGAIN_AFTER_SECONDS)

    async def _post(self, url: str, form: Mapping[str, str]) -> int:
        """The status of the answer."""
        public = urlsplit(url)
        here = urlsplit(self._address) if self._address else public
        if here.scheme != "http" or here.hostname not in LOOPBACK:
            return 0
        target = f"{public.path}?{public.query}" if public.query else public.path
        signature = self._validator.compute_signature(url, dict(form))
        body = urlencode(form).encode()
        reader, writer = await asyncio.open_connection(here.hostname, here.port or 80)
        try:
            writer.write(
                f"POST {target} HTTP/1.1\r\nHost: {public.netloc}\r\nConnection: close\r\n"
                f"Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\nUser-Agent: TwilioProxy/1.1\r\n"
                f"{SIGNATURE_HEADER}: {signature}\r\nContent-Length: {len(body)}\r\n\r\n".encode("latin-1")
                + body
            )
            await writer.drain()
            return int((await reader.read()).split(b" ", 2)[1])
        finally:
            writer.close()


def tries_again(wishes: str) -> int:
    """How often a report is repeated that got no answer: `rc=3` in the fragment of the URL, which is not signed."""
    asked = dict(parse_qsl(wishes)).get("rc", "0")
    return min(int(asked), MOST_AGAIN) if asked.isdecimal() else 0


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
