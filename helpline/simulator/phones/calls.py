"""Calls of the phones, in both directions: they ring, are answered, led, passed on and ended."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial

from helpline.simulator.carrier.answering import (
    BUSY,
    BY_THEMSELVES,
    FAILED,
    MESSAGE_END,
    NO_ANSWER,
    PERSON,
    answered_by,
    greets,
)
from helpline.simulator.line.call import Call
from helpline.simulator.line.webhooks import sid
from helpline.simulator.phones.in_progress import CallsInProgress
from helpline.simulator.phones.line_call import LineCall
from helpline.simulator.phones.phone import Phone
from helpline.simulator.phones.world import NotNow, World

RINGS_SECONDS = 60


class PhoneCalls:
    """Leads every call until it is over. A call ends by itself when nobody looks at its phone any more.

    `noted` is told of each call whenever it stands otherwise than before.
    """

    def __init__(self, world: World, noted: Callable[[LineCall], None] = lambda line: None) -> None:
        self._world = world
        self._going = CallsInProgress(world, noted)

    def of(self, phone: Phone) -> LineCall | None:
        """The call in progress."""
        return self._going.of(phone)

    def find(self, wanted: str) -> LineCall | None:
        """A call, in progress or over."""
        return self._going.find(wanted)

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
        self._going.place(line)
        self._going.watch(line)
        self._going.start(self._get_through(line, call))
        return line.sid

    async def _get_through(self, line: LineCall, call: Call) -> None:
        """The helpline answers, if its caller lets it ring for long enough."""
        await self._going.lead(line, call, lambda: (call.begin(), ""))
        if call.rings_for and not line.is_over:
            await asyncio.sleep(call.rings_for)
            await self._going.lead(line, call, lambda: (call.pick_up(), ""))

    def ring(self, line: LineCall, seconds: float, who: str = PERSON) -> None:
        """The helpline calls a phone, which rings for so long, unless somebody answers: the person, or by itself."""
        is_busy = self.of(line.phone) is not None or who == BUSY
        self._going.keep(line)
        line.changed(line, "initiated")
        if is_busy or who == FAILED:
            self._going.close(line, BUSY if is_busy else FAILED)
            return
        line.state = "ringing"
        self._going.place(line)
        line.changed(line, "ringing")

        async def ring_out() -> None:
            if line.state == "ringing":  # not picked up in the very moment
                await self._going.end(line, NO_ANSWER)

        async def answer_by_itself() -> None:
            if line.state == "ringing":
                self.leave_to(line, who)

        rings = self._world.behaviour().rings
        if who in BY_THEMSELVES and rings < seconds:
            self._going.after(line, rings, answer_by_itself)
        else:
            self._going.after(line, seconds, ring_out)

    async def pick_up(self, line: LineCall) -> None:
        """The person at the phone answers."""
        call = self._take(line, PERSON)
        line.phone.is_looked_at()
        self._going.watch(line)
        await self._going.lead(line, call, lambda: (call.begin(), ""))

    def leave_to(self, line: LineCall, who: str) -> None:
        """Somebody else answers, a machine for example, who presses no keys and goes on by itself."""
        call = self._take(line, who)
        self._going.start(self._hear_out(line, call))

    def _take(self, line: LineCall, who: str) -> Call:
        self._must_ring(line)
        self._going.cancel_timer(line)
        line.by, line.answered_by = "" if who == PERSON else who, answered_by(who, line.detection)
        line.call = Call(
            self._world.webhooks(line.phone),
            self._world.settings,
            line.phone.number,
            direction="outbound-api",
            url=line.url,
            twiml=line.twiml,
            sid=line.sid,
            answered_by=line.answered_by,
            fallback_url=line.fallback_url,
        )
        self._going.answered(line)
        return line.call

    async def _hear_out(self, line: LineCall, call: Call) -> None:
        """What whoever answered by itself hears: everything that is said into silence, until one side hangs up."""
        greeting = self._world.behaviour().greeting
        if greets(line.by) and greeting:
            line.phone.tell("pressed", call=line.sid, words=f"(a greeting of {greeting:g} s, then a beep)")
            # Who asked for the end of the greeting is asked for words only then; to others they are said into it.
            if line.detection == MESSAGE_END:
                await asyncio.sleep(greeting)
        line.until = time.monotonic() + self._world.behaviour().listens
        await self._going.lead(line, call, lambda: (call.begin(), ""))
        while not line.is_over and not call.is_over:
            waits = call.waits.timeout if call.waits else 0
            await asyncio.sleep(min(line.speaks + waits, line.left))
            if not line.left:
                await self._going.end(line, "completed")
            elif call.waits:
                await self._going.lead(line, call, lambda: (call.silence(), ""))
            else:
                await self._going.lead(line, call, lambda: (call.transferred(NO_ANSWER), ""))

    async def decline(self, line: LineCall) -> None:
        self._must_ring(line)
        await self._going.end(line, BUSY)

    async def press(self, line: LineCall, keys: str) -> None:
        """Press some keys: as many questions are answered as they suffice for."""
        self._asked(line, "keys")
        line.phone.tell("pressed", call=line.sid, keys=keys)
        while keys and line.waits and line.waits["keys"]:
            call = self._asked(line, "keys")
            keys = await self._going.lead(line, call, partial(call.press, keys))

    async def say(self, line: LineCall, words: str) -> None:
        call = self._asked(line, "speech")
        line.phone.tell("pressed", call=line.sid, words=words)
        await self._going.lead(line, call, lambda: (call.say(words), ""))

    async def silence(self, line: LineCall) -> None:
        call = self._asked(line, "")
        line.phone.tell("pressed", call=line.sid, silence=True)
        await self._going.lead(line, call, lambda: (call.silence(), ""))

    async def transferred(self, line: LineCall, status: str) -> None:
        """How the call of another phone went, which the helpline had passed this one on to."""
        call = line.call
        if call is None or not call.dials or line.turn.locked():
            raise NotNow("No other phone is called now.")
        await self._going.lead(line, call, lambda: (call.transferred(status), ""))

    async def hang_up(self, line: LineCall) -> None:
        if line.direction == "incoming" and line.state == "ringing":
            raise NotNow("Nobody has answered this call: decline it instead.")
        await self._going.end(line, NO_ANSWER if line.state == "ringing" else "completed")

    async def end_by_api(self, line: LineCall, status: str) -> None:
        """The helpline ends a call: completed ends any, canceled only one that still rings."""
        if line.is_over or (status == "canceled" and line.state != "ringing"):
            return
        await self._going.end(line, status)

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
