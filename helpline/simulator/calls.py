"""A call as the carrier leads it: it follows the answers until they wait for the caller, or hang up."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import formatdate

from helpline.settings import Settings
from helpline.simulator.twiml import Gather, Hangup, Heard, Message, Redirect, Unknown, Verb, read_twiml
from helpline.simulator.webhooks import CarrierError, Webhooks, sid

PATH, STATUS_PATH = "/twilio/voice", "/twilio/voice/status"
KEYS = frozenset("0123456789*#")
MOST_REDIRECTS = 20


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A Gather that waits, and what stands after it."""

    gather: Gather
    after: tuple[Verb, ...]


class Call:
    """One call to the helpline. Each method gives what is then heard; `is_over` tells when nobody listens any more."""

    def __init__(self, webhooks: Webhooks, settings: Settings, number: str) -> None:
        self._webhooks, self._settings, self._number = webhooks, settings, number
        self._sid = sid("CA")
        self._url = webhooks.url(PATH)
        self._began = time.monotonic()
        self._waiting: _Waiting | None = None
        self.is_over = False

    @property
    def takes_speech(self) -> bool:
        return self._waiting is not None and "speech" in self._waiting.gather.inputs

    @property
    def takes_keys(self) -> bool:
        return self._waiting is not None and "dtmf" in self._waiting.gather.inputs

    @property
    def timeout(self) -> str:
        """The seconds of silence after which the call goes on by itself."""
        return self._waiting.gather.timeout if self._waiting else ""

    def begin(self) -> Iterator[Heard]:
        """Call the number; what is heard until the first question."""
        return self._post(self._url, {}, "ringing")

    def press(self, keys: str) -> tuple[Iterator[Heard], str]:
        """Press the first of these keys, as many as are waited for: what is heard then, and the keys left over."""
        gather = self._asked().gather
        most = gather.digits or len(keys)
        taken = keys[:most]
        used = len(taken)
        for index, key in enumerate(taken):
            if key in gather.finish_on:
                taken, used = taken[:index], index + 1
                break
        if not taken:
            return self.silence(), keys[used:]
        extra = {"Digits": taken, "FinishedOnKey": "", "msg": "Gather End"}
        return self._post(self._action(gather), extra), keys[used:]

    def say(self, words: str) -> Iterator[Heard]:
        """Say something, well recognised."""
        extra = {"SpeechResult": words, "Confidence": "0.92", "msg": "Gather End"}
        return self._post(self._action(self._asked().gather), extra)

    def silence(self) -> Iterator[Heard]:
        """Say and press nothing until the time is over."""
        return self._walk(self._asked().after)

    def hang_up(self) -> None:
        """End the call, if the server has not, and tell the server that it ended."""
        self.is_over, self._waiting = True, None
        seconds = str(round(time.monotonic() - self._began))
        extra = {
            "CallDuration": seconds,
            "Duration": str(-(-int(seconds) // 60)),
            "SequenceNumber": "0",
            "CallbackSource": "call-progress-events",
            "Timestamp": formatdate(),
        }
        form = self._form("completed") | extra
        self._webhooks.post(self._webhooks.url(STATUS_PATH), form)

    def _asked(self) -> _Waiting:
        if self._waiting is None:
            raise CarrierError("Nothing is asked in this call now.")
        return self._waiting

    def _action(self, gather: Gather) -> str:
        return self._webhooks.url(gather.action, self._url) if gather.action else self._url

    def _post(self, url: str, extra: dict[str, str], status: str = "in-progress") -> Iterator[Heard]:
        verbs = self._fetch(url, extra, status)
        return self._walk(verbs)

    def _fetch(self, url: str, extra: dict[str, str], status: str = "in-progress") -> tuple[Verb, ...]:
        verbs = read_twiml(self._webhooks.post(url, self._form(status) | extra))
        self._url = url
        return verbs

    def _walk(self, verbs: tuple[Verb, ...]) -> Iterator[Heard]:
        """What is heard until the call waits or ends; where it goes on is asked for on the way."""
        self._waiting = None
        redirects = 0
        while verbs:
            verb, verbs = verbs[0], verbs[1:]
            match verb:
                case Gather():
                    yield from verb.heard
                    self._waiting = _Waiting(verb, verbs)
                    return
                case Redirect(url):
                    redirects += 1
                    if redirects > MOST_REDIRECTS:
                        raise CarrierError(f"The call is sent on {MOST_REDIRECTS} times without a question.")
                    verbs = self._fetch(self._webhooks.url(url, self._url), {})
                case Hangup():
                    break
                case Message():
                    yield Unknown("Message")
                case _:
                    yield verb
        self.is_over = True

    def _form(self, status: str) -> dict[str, str]:
        to = self._settings.voice_number
        return {
            "CallSid": self._sid,
            "AccountSid": self._settings.twilio_account_sid,
            "From": self._number,
            "To": to,
            "Caller": self._number,
            "Called": to,
            "CallStatus": status,
            "Direction": "inbound",
            "ApiVersion": "2010-04-01",
            "FromCountry": "FR",
            "FromCity": "",
            "ToCountry": "FR",
            "ToCity": "",
        }
