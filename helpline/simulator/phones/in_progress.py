"""The calls that go on: what is heard in them, when they end, and who is told."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any

import structlog

from helpline.simulator import failures
from helpline.simulator.carrier.answering import NO_ANSWER
from helpline.simulator.line.call import Call
from helpline.simulator.line.webhooks import CarrierError
from helpline.simulator.phones import events
from helpline.simulator.phones.line_call import LineCall
from helpline.simulator.phones.phone import Phone
from helpline.simulator.phones.world import World
from helpline.simulator.twiml.reading import Heard, Play, Say

KEPT = 1000  # calls that can be asked about
# What the carrier says where the answers of a call are of no use to it.
APOLOGY = Say("", "en-US", ("An application error has occurred. Goodbye.",))
OUR_FAULT = "The carrier itself failed, so the call is over. The reason is in its log."

log = structlog.get_logger(__name__)


class CallsInProgress:
    """Knows every call, one a phone at a time. `noted` is told of each whenever it stands otherwise than before."""

    def __init__(self, world: World, noted: Callable[[LineCall], None]) -> None:
        self._world, self._noted = world, noted
        self._lines: dict[str, LineCall] = {}  # by the number of the phone
        self._calls: dict[str, LineCall] = {}  # by sid
        self._running: set[asyncio.Task[Any]] = set()

    def of(self, phone: Phone) -> LineCall | None:
        """The call in progress."""
        return self._lines.get(phone.number)

    def find(self, wanted: str) -> LineCall | None:
        """A call, in progress or over."""
        return self._calls.get(wanted)

    async def lead(self, line: LineCall, call: Call, step: Callable[[], tuple[Iterable[Heard], str]]) -> str:
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
            await self.end(line, "failed")
        else:
            self._go_on(line, call, heard, problem)
        return left

    def _go_on(self, line: LineCall, call: Call, heard: list[Heard], problem: str) -> None:
        """What follows from what was heard."""
        if line.state == "ringing" and (call.is_answered or (call.status == "completed" and not problem)):
            self.answered(line)
        line.waits = asdict(call.waits) if call.waits and not line.by else None
        if not line.heard and any(isinstance(piece, Say | Play) for piece in heard):
            line.heard = True
            self._noted(line)
        if problem and call.is_over and line.state != "ringing":
            heard = [*heard, APOLOGY]
        shown = events.pieces(heard)
        line.speaks = events.seconds_of(shown)
        if shown or not (call.pressed or call.rings_for):  # keys that make no answer yet change nothing
            line.phone.tell("heard", call=line.sid, pieces=shown, waits=line.waits, over=call.is_over)
        if problem:
            line.phone.tell("fault", message=problem)
        if call.is_over:
            state = "failed" if problem and line.state == "ringing" else call.status
            line.is_saying_goodbye = True
            self.after(line, min(line.speaks, line.left), lambda: self.end(line, state))

    def place(self, line: LineCall) -> None:
        """It is the call of its phone from now on."""
        self.keep(line)  # again, now that it rings
        self._lines[line.phone.number] = line
        line.phone.is_in_call = True
        self._tell(line)

    def keep(self, line: LineCall) -> None:
        """It can be asked about, or stands otherwise than before."""
        self._calls[line.sid] = line
        self._noted(line)
        if len(self._calls) > KEPT:
            oldest = next((found for found, kept in self._calls.items() if kept.is_over), None)
            if oldest:
                del self._calls[oldest]

    def answered(self, line: LineCall) -> None:
        """Somebody picked up."""
        line.state, line.answered, line.since = "in-progress", self._world.date(), time.monotonic()
        self._noted(line)
        self._tell(line)
        line.changed(line, "answered")

    async def end(self, line: LineCall, state: str) -> None:
        """The call is over, at once for its phone. The helpline is told when it has answered what it was asked."""
        if line.is_over:
            return
        missed = line.direction == "outgoing" and line.state == "ringing" and state == NO_ANSWER
        self.cancel_timer(line)
        self.close(line, state)
        self._lines.pop(line.phone.number, None)
        line.phone.is_in_call = False
        self._tell(line)
        call, line.call = line.call, None
        if call is None:
            return
        async with line.turn:
            try:
                await asyncio.to_thread(call.hang_up, missed)
            except CarrierError as problem:
                line.phone.tell("fault", message=str(problem))

    def close(self, line: LineCall, state: str) -> None:
        """It is over, whether its phone knew of it or not."""
        line.state, line.ended, line.waits = state, self._world.date(), None
        line.seconds = round(time.monotonic() - line.since) if line.answered is not None else 0
        self._noted(line)
        line.changed(line, "completed")

    def _tell(self, line: LineCall) -> None:
        line.phone.tell("call", **line.told())

    def watch(self, line: LineCall) -> None:
        """End the call when its phone was not looked at for long."""
        left = self._world.behaviour().unwatched - line.phone.unwatched_for()

        async def look_again() -> None:
            if line.is_over:
                return
            if line.phone.unwatched_for() >= self._world.behaviour().unwatched:
                await self.end(line, NO_ANSWER if line.state == "ringing" else "completed")
            elif not line.is_saying_goodbye:
                self.watch(line)

        self.after(line, max(left, 0.05), look_again)

    def after(self, line: LineCall, seconds: float, do: Callable[[], Any]) -> None:
        """Do that later, unless something else is to be done instead by then."""
        self.cancel_timer(line)
        line.timer = asyncio.get_running_loop().call_later(seconds, lambda: self.start(do()))

    def cancel_timer(self, line: LineCall) -> None:
        """Nothing is to be done later."""
        if line.timer:
            line.timer.cancel()
            line.timer = None

    def start(self, work: Any) -> None:
        """Do that beside all else."""
        task: asyncio.Task[Any] = asyncio.ensure_future(work)
        self._running.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        error = None if task.cancelled() else task.exception()
        if error:
            log.error("the carrier itself failed in a call", **failures.told(error))
