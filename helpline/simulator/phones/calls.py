"""Calls of the phones, in both directions: they ring, are answered, led, passed on and ended."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict
from functools import partial
from typing import Any

import structlog

from helpline.simulator import failures
from helpline.simulator.line.call import Call
from helpline.simulator.line.webhooks import CarrierError, sid
from helpline.simulator.phones import events
from helpline.simulator.phones.line_call import LineCall
from helpline.simulator.phones.phone import Phone, Phones
from helpline.simulator.phones.world import NotNow, World
from helpline.simulator.twiml.reading import Heard, Say

RINGS_SECONDS = 30
KEPT = 1000  # calls that can be asked about
# What the carrier says where the answers of a call are of no use to it.
APOLOGY = Say("", "en-US", ("An application error has occurred. Goodbye.",))
OUR_FAULT = "The carrier itself failed, so the call is over. The reason is in its log."

log = structlog.get_logger(__name__)


class PhoneCalls:
    """Leads every call until it is over. A call ends by itself when nobody looks at its phone any more."""

    def __init__(self, world: World, phones: Phones) -> None:
        self._world, self._phones = world, phones
        self._lines: dict[str, LineCall] = {}  # by the number of the phone
        self._calls: dict[str, LineCall] = {}  # by sid
        self._running: set[asyncio.Task[Any]] = set()

    def of(self, phone: Phone) -> LineCall | None:
        """The call in progress."""
        return self._lines.get(phone.number)

    def find(self, wanted: str) -> LineCall | None:
        """A call, in progress or over."""
        return self._calls.get(wanted)

    def in_progress(self, phone: Phone, wanted: str) -> LineCall:
        line = self.of(phone)
        if line is None or line.sid != wanted:
            raise NotNow("This call is over.")
        return line

    def begin(self, phone: Phone) -> str:
        """The owner of a phone calls the helpline: the id of the call, which goes on by itself."""
        if self.of(phone):
            raise NotNow("This phone is in a call already.")
        ours = self._world.settings.voice_number
        line = LineCall(sid("CA"), phone, "outgoing", self._world.date(), phone.number, ours)
        call = line.call = Call(self._world.webhooks(phone), self._world.settings, phone.number, sid=line.sid)
        self._place(line)
        self._watch(line)
        self._start(self._lead(line, call, lambda: (call.begin(), "")))
        return line.sid

    def ring(self, line: LineCall, seconds: float) -> None:
        """The helpline calls a phone, which rings for so long."""
        busy = self.of(line.phone) is not None
        self._keep(line)
        line.changed(line, "initiated")
        if busy:
            self._close(line, "busy")
            return
        line.state = "ringing"
        self._place(line)
        line.changed(line, "ringing")

        async def ring_out() -> None:
            if line.state == "ringing":  # not picked up in the very moment
                await self._end(line, "no-answer")

        self._after(line, seconds, ring_out)

    def fail(self, line: LineCall) -> None:
        """The helpline calls a phone that cannot be reached."""
        self._keep(line)
        line.changed(line, "initiated")
        self._close(line, "failed")

    async def pick_up(self, line: LineCall) -> None:
        self._must_ring(line)
        self._cancel_timer(line)
        call = line.call = Call(
            self._world.webhooks(line.phone),
            self._world.settings,
            line.phone.number,
            direction="outbound-api",
            url=line.url,
            twiml=line.twiml,
            sid=line.sid,
        )
        self._answered(line)
        line.phone.is_looked_at()
        self._watch(line)
        await self._lead(line, call, lambda: (call.begin(), ""))

    async def decline(self, line: LineCall) -> None:
        self._must_ring(line)
        await self._end(line, "busy")

    async def press(self, line: LineCall, keys: str) -> None:
        """Press some keys: as many questions are answered as they suffice for."""
        self._asked(line, "keys")
        line.phone.tell("pressed", call=line.sid, keys=keys)
        while keys and line.waits and line.waits["keys"]:
            call = self._asked(line, "keys")
            keys = await self._lead(line, call, partial(call.press, keys))

    async def say(self, line: LineCall, words: str) -> None:
        call = self._asked(line, "speech")
        line.phone.tell("pressed", call=line.sid, words=words)
        await self._lead(line, call, lambda: (call.say(words), ""))

    async def silence(self, line: LineCall) -> None:
        call = self._asked(line, "")
        line.phone.tell("pressed", call=line.sid, silence=True)
        await self._lead(line, call, lambda: (call.silence(), ""))

    async def transferred(self, line: LineCall, status: str) -> None:
        """How the call of another phone went, which the helpline had passed this one on to."""
        call = line.call
        if call is None or not call.dials or line.turn.locked():
            raise NotNow("No other phone is called now.")
        await self._lead(line, call, lambda: (call.transferred(status), ""))

    async def hang_up(self, line: LineCall) -> None:
        if line.direction == "incoming" and line.state == "ringing":
            raise NotNow("Nobody has answered this call: decline it instead.")
        await self._end(line, "canceled" if line.state == "ringing" else "completed")

    async def end_by_api(self, line: LineCall, status: str) -> None:
        """The helpline ends a call: completed ends any, canceled only one that still rings."""
        if line.is_over or (status == "canceled" and line.state != "ringing"):
            return
        await self._end(line, status)

    async def _lead(self, line: LineCall, call: Call, step: Callable[[], tuple[Iterable[Heard], str]]) -> str:
        """One step of a call: what is heard until it waits again, is passed on, or ends. The keys left over."""
        heard: list[Heard] = []
        line.waits = None

        def listen() -> str:
            pieces, left = step()
            heard.extend(pieces)
            return left

        problem = left = ""
        async with line.turn:
            if line.is_over:
                return ""
            try:
                left = await asyncio.to_thread(listen)
            except CarrierError as error:
                problem = str(error)
            except Exception as error:
                log.error("the carrier itself failed in a call", **failures.told(error))
                problem = OUR_FAULT
        if self.of(line.phone) is not line:  # somebody hung up meanwhile
            return ""
        if problem == OUR_FAULT:
            line.phone.tell("fault", message=problem)
            await self._end(line, "failed")
        else:
            self._go_on(line, call, heard, problem)
        return left

    def _go_on(self, line: LineCall, call: Call, heard: list[Heard], problem: str) -> None:
        """What follows from what was heard."""
        if line.state == "ringing" and (call.is_answered or (call.status == "completed" and not problem)):
            self._answered(line)
        line.waits = asdict(call.waits) if call.waits else None
        if problem and call.is_over and line.state != "ringing":
            heard = [*heard, APOLOGY]
        shown = events.pieces(heard)
        if shown or not call.pressed:  # keys that do not make an answer yet change nothing
            line.phone.tell("heard", call=line.sid, pieces=shown, waits=line.waits, over=call.is_over)
        if problem:
            line.phone.tell("fault", message=problem)
        if call.is_over:
            state = "failed" if problem and line.state == "ringing" else call.status
            line.is_saying_goodbye = True
            self._after(line, events.seconds_of(shown), lambda: self._end(line, state))

    def _asked(self, line: LineCall, way: str) -> Call:
        """The call, if it waits for that: keys, speech, or anything at all."""
        if line.call is None or line.waits is None:
            raise NotNow("Nothing is asked in this call now.")
        if way and not line.waits[way]:
            raise NotNow(f"This question takes no {way}.")
        return line.call

    def _must_ring(self, line: LineCall) -> None:
        if line.direction != "incoming" or line.state != "ringing":
            raise NotNow("This call does not ring.")

    def _place(self, line: LineCall) -> None:
        self._keep(line)
        self._lines[line.phone.number] = line
        line.phone.is_in_call = True
        self._tell(line)

    def _keep(self, line: LineCall) -> None:
        self._calls[line.sid] = line
        if len(self._calls) > KEPT:
            oldest = next((found for found, kept in self._calls.items() if kept.is_over), None)
            if oldest:
                del self._calls[oldest]

    def _answered(self, line: LineCall) -> None:
        line.state, line.answered, line.since = "in-progress", self._world.date(), time.monotonic()
        self._tell(line)
        line.changed(line, "answered")

    async def _end(self, line: LineCall, state: str) -> None:
        """The call is over, at once for its phone. The helpline is told when it has answered what it was asked."""
        if line.is_over:
            return
        self._cancel_timer(line)
        self._close(line, state)
        self._lines.pop(line.phone.number, None)
        line.phone.is_in_call = False
        self._tell(line)
        call, line.call = line.call, None
        if call is None:
            return
        async with line.turn:
            try:
                await asyncio.to_thread(call.hang_up)
            except CarrierError as problem:
                line.phone.tell("fault", message=str(problem))

    def _close(self, line: LineCall, state: str) -> None:
        line.state, line.ended, line.waits = state, self._world.date(), None
        line.seconds = round(time.monotonic() - line.since) if line.answered is not None else 0
        line.changed(line, "completed")

    def _tell(self, line: LineCall) -> None:
        line.phone.tell("call", call=line.sid, direction=line.direction, state=line.state)

    def _watch(self, line: LineCall) -> None:
        """End the call when its phone was not looked at for long."""
        left = self._world.behaviour().unwatched - line.phone.unwatched_for()

        async def look_again() -> None:
            if line.is_over:
                return
            if line.phone.unwatched_for() >= self._world.behaviour().unwatched:
                await self._end(line, "canceled" if line.state == "ringing" else "completed")
            elif not line.is_saying_goodbye:
                self._watch(line)

        self._after(line, max(left, 0.05), look_again)

    def _after(self, line: LineCall, seconds: float, do: Callable[[], Any]) -> None:
        """Do that later, unless something else is to be done instead by then."""
        self._cancel_timer(line)
        line.timer = asyncio.get_running_loop().call_later(seconds, lambda: self._start(do()))

    def _cancel_timer(self, line: LineCall) -> None:
        if line.timer:
            line.timer.cancel()
            line.timer = None

    def _start(self, work: Any) -> None:
        task: asyncio.Task[Any] = asyncio.ensure_future(work)
        self._running.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        error = None if task.cancelled() else task.exception()
        if error:
            log.error("the carrier itself failed in a call", **failures.told(error))
