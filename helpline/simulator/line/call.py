"""A call as the carrier leads it: it follows the answers until they wait for the caller, or hang up."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urldefrag

from helpline.settings import Settings
from helpline.simulator.line.call_forms import call_form, end_of
from helpline.simulator.line.numbers import is_withheld
from helpline.simulator.line.waits import Waits
from helpline.simulator.line.webhooks import CarrierError, Webhooks
from helpline.simulator.line.webhooks import sid as new_sid
from helpline.simulator.line.wishes import OF_ENTRIES
from helpline.simulator.twiml.reading import (
    Dial,
    Dialled,
    Fault,
    Gather,
    Hangup,
    Heard,
    Pause,
    Play,
    Redirect,
    Reject,
    Verb,
    read_call,
)

PATH, STATUS_PATH = f"/twilio/voice{OF_ENTRIES}", "/twilio/voice/status"
ENDS = ("completed", "busy", "no-answer", "failed")  # of a call that is passed on
KEYS = frozenset("0123456789*#")
MOST_REDIRECTS = 20
RETRIEVAL_FAILURE = "11200"
REJECTED = {"busy": "busy", "rejected": "no-answer"}


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A verb that waits: for the caller, for another phone, or to pick up. And what stands after it."""

    verb: Gather | Dial | Pause
    after: tuple[Verb, ...]
    since: float


class Call:
    """One call with the helpline. Each method gives what is then heard, and must be heard to its end.

    `number` is the phone at the other end, which called (`inbound`) or was called (`outbound-api`, with the TwiML or
    the `url` that the call was asked for with, where the carrier heard who answered: `answered_by`). `faults` is what
    the carrier complained about so far.
    """

    def __init__(
        self,
        webhooks: Webhooks,
        settings: Settings,
        number: str,
        *,
        direction: str = "inbound",
        url: str = "",
        twiml: str = "",
        sid: str = "",
        status_url: str = "",
        answered_by: str = "",
        fallback_url: str = "",
    ) -> None:
        self._webhooks, self._settings, self._number = webhooks, settings, number
        self._direction, self._twiml, self._answered_by = direction, twiml, answered_by
        self._fallback_url, self._tried = fallback_url, ""
        self.sid = sid or new_sid("CA")
        self._url = url or webhooks.url(PATH)
        self._status_url = status_url or (webhooks.url(STATUS_PATH) if self._is_inbound else "")
        self._answered_at: float | None = None
        self._waiting: _Waiting | None = None
        self._pressed = ""
        self._is_told = False
        self.faults: list[str] = []
        self.status = "ringing"
        self.is_over = False

    @property
    def waits(self) -> Waits | None:
        """What the call waits for now; None while it waits for nobody, or for another phone."""
        gather = self._waiting.verb if self._waiting else None
        return Waits.of(gather) if isinstance(gather, Gather) else None

    @property
    def pressed(self) -> str:
        """The keys that were pressed and do not yet make an answer."""
        return self._pressed

    @property
    def dials(self) -> str:
        """The phone that is being called for the caller now, or nothing."""
        dial = self._waiting.verb if self._waiting else None
        return dial.number if isinstance(dial, Dial) else ""

    @property
    def rings_for(self) -> int:
        """Seconds that it rings on before the helpline picks up; 0 where it does not.

        A `<Pause>` as the first verb puts off the answer (twilio.com/docs/voice/twiml/pause, "Delayed pickup").
        """
        pause = self._waiting.verb if self._waiting else None
        return pause.seconds if isinstance(pause, Pause) else 0

    @property
    def is_answered(self) -> bool:
        return self._answered_at is not None

    def begin(self) -> Iterator[Heard]:
        """The call is there: what is heard until the first question."""
        told = {"AnsweredBy": self._answered_by} if self._answered_by else {}
        return self._walk(self._brought() if self._twiml else self._fetch(self._url, told))

    def pick_up(self) -> Iterator[Heard]:
        """It has rung on for long enough, and the helpline answers."""
        if not self.rings_for or self._waiting is None:
            raise CarrierError("This call does not ring.")
        self._answer()
        return self._walk(self._waiting.after)

    def press(self, keys: str) -> tuple[Iterator[Heard], str]:
        """Press the first of these keys, as many as are waited for: what is heard then, and the keys left over.

        Where more keys are waited for, nothing is heard yet: more keys or silence complete the answer.
        """
        gather = self._asked("keys", "dtmf")
        for index, key in enumerate(keys, start=1):
            if key in gather.finish_on:
                return self._answer_keys(gather, key), keys[index:]
            self._pressed += key
            if len(self._pressed) == gather.digits:
                return self._answer_keys(gather, ""), keys[index:]
        return iter(()), ""

    def say(self, words: str) -> Iterator[Heard]:
        """Say something, well recognised."""
        gather = self._asked("words", "speech")
        return self._act(gather.action, {"SpeechResult": words, "Confidence": "0.92", "msg": "Gather End"})

    def silence(self) -> Iterator[Heard]:
        """Say and press nothing until the time is over. Keys pressed before are then the answer."""
        gather = self._asked()
        return self._answer_keys(gather, "")

    def transferred(self, status: str) -> Iterator[Heard]:
        """The other phone was called, and how it went, one of ENDS. Completed: they have spoken."""
        waiting = self._waiting
        if waiting is None or not isinstance(waiting.verb, Dial):
            raise CarrierError("No other phone is called in this call now.")
        seconds = round(time.monotonic() - waiting.since)
        return self._walk(self._after_dial(waiting.verb, waiting.after, status, seconds))

    def hang_up(self, missed: bool = False) -> None:
        """End the call, if the server has not, and tell the server that it ended.

        `missed`: the phone hung up while it rang, whatever the answer says that came too late. A call to the helpline
        that rang in vain has no-answer as its status, and no length.
        """
        if missed and self._is_inbound:
            self._answered_at, self.is_over = None, False
        self._end("no-answer" if self._is_inbound and not self.is_answered else "completed")
        if self._is_told or not self._status_url:
            return
        self._is_told = True
        seconds = 0 if self._answered_at is None else round(time.monotonic() - self._answered_at)
        self._webhooks.post(self._status_url, self._form() | end_of(seconds))

    @property
    def _is_inbound(self) -> bool:
        return self._direction == "inbound"

    def _asked(self, what: str = "", form: str = "") -> Gather:
        gather = self._waiting.verb if self._waiting else None
        if not isinstance(gather, Gather):
            raise CarrierError("Nothing is asked in this call now.")
        if form and form not in gather.inputs:
            raise CarrierError(f"This question takes no {what}.")
        return gather

    def _answer_keys(self, gather: Gather, finished_on: str) -> Iterator[Heard]:
        keys, self._pressed = self._pressed, ""
        if not keys and not gather.posts_silence:
            return self._walk(self._waiting.after if self._waiting else ())
        return self._act(gather.action, {"Digits": keys, "FinishedOnKey": finished_on, "msg": "Gather End"})

    def _act(self, action: str, extra: dict[str, str]) -> Iterator[Heard]:
        self._pressed = ""
        return self._walk(self._fetch(action, extra))

    def _after_dial(self, dial: Dial, after: tuple[Verb, ...], status: str, seconds: int = 0) -> tuple[Verb, ...]:
        """What follows a call that was passed on. How long it was is told only where it was one."""
        if not dial.action:
            return after
        is_spoken = status == ENDS[0]
        told = {"DialCallStatus": status, "DialCallSid": new_sid("CA"), "DialBridged": str(is_spoken).lower()}
        if is_spoken:
            told["DialCallDuration"] = str(max(1, seconds))
        return self._fetch(dial.action, told)

    def _brought(self) -> tuple[Verb, ...]:
        """The answer that came with the call, which ends where the carrier can make nothing of it."""
        try:
            return read_call(self._twiml)
        except CarrierError:
            self._end()
            raise

    def _fetch(self, target: str, extra: dict[str, str]) -> tuple[Verb, ...]:
        """Ask the server how the call goes on. The carrier ends a call that it gets no answer for.

        Before, it asks the FallbackUrl, if the call has one (twilio.com/docs/availability-reliability).
        """
        try:
            return self._asked_at(target, extra)
        except CarrierError:
            if not self._fallback_url:
                self._end()
                raise
        failed = {"ErrorCode": RETRIEVAL_FAILURE, "ErrorUrl": urldefrag(self._tried).url}
        try:
            return self._asked_at(self._fallback_url, extra | failed)
        except CarrierError:
            self._end()
            raise

    def _asked_at(self, target: str, extra: dict[str, str]) -> tuple[Verb, ...]:
        self._tried = self._webhooks.url(target, self._url)
        verbs = read_call(self._webhooks.post(self._tried, self._form() | extra))
        self._url = urldefrag(self._tried).url
        return verbs

    def _walk(self, verbs: tuple[Verb, ...]) -> Iterator[Heard]:
        """What is heard until the call waits or ends; where it goes on is asked for on the way."""
        self._waiting = None
        redirects = 0
        while verbs:
            verb, verbs = verbs[0], verbs[1:]
            if isinstance(verb, Pause) and self._is_inbound and not self.is_answered:
                self._waiting = _Waiting(verb, verbs, time.monotonic())
                return
            if not isinstance(verb, Fault | Reject):
                self._answer()
            match verb:
                case Fault(words):
                    yield self._fault(words)
                case Gather():
                    yield from (self._piece(piece) for piece in verb.heard)
                    self._waiting = _Waiting(verb, verbs, time.monotonic())
                    return
                case Redirect(url):
                    redirects += 1
                    if redirects > MOST_REDIRECTS:
                        self._end()
                        raise CarrierError(f"The call is sent on {MOST_REDIRECTS} times without a question.")
                    verbs = self._fetch(url, {})
                case Dial():
                    if problem := self._why_not(verb):
                        yield self._fault(problem)
                    elif verb.is_possible:
                        yield Dialled(verb.number, verb.seconds)
                        self._waiting = _Waiting(verb, verbs, time.monotonic())
                        return
                    verbs = self._after_dial(verb, verbs, "failed")
                case Reject(reason):
                    if self._answered_at is None and self._is_inbound:
                        self._end(REJECTED[reason])
                    else:
                        yield self._fault("The call was answered already, so <Reject> ends it as <Hangup> would.")
                    break
                case Hangup():
                    break
                case _:
                    yield self._piece(verb)
        self._end()

    def _why_not(self, dial: Dial) -> str:
        """Why another phone cannot be called, beyond what the answer itself tells."""
        if dial.is_possible and is_withheld(self._number) and not dial.caller_id:
            return "<Dial> has no callerId, and this caller withholds the number: the other phone cannot be called."
        return ""

    def _piece(self, piece: Heard) -> Heard:
        """A piece as it is heard: a recording is known by its whole address."""
        if not isinstance(piece, Play):
            return piece
        try:
            return Play(self._webhooks.url(piece.url, self._url))
        except CarrierError as error:
            return self._fault(str(error))

    def _fault(self, words: str) -> Fault:
        self.faults.append(words)
        return Fault(words)

    def _answer(self) -> None:
        if self._answered_at is None:
            self._answered_at, self.status = time.monotonic(), "in-progress"

    def _end(self, status: str = "completed") -> None:
        if not self.is_over:
            self.is_over, self._waiting, self._pressed, self.status = True, None, "", status

    def _form(self) -> dict[str, str]:
        status = self.status if self._is_inbound or self.is_over else "in-progress"
        return call_form(self._settings, self._number, self.sid, status, self._direction)
