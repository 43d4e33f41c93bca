"""The phones over HTTP, as JSON: what happened on one, and what its owner does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from helpline.settings import Settings
from helpline.simulator.carrier.http import Answer, Request, json_answer
from helpline.simulator.carrier.json_body import read_object
from helpline.simulator.carrier.messages_shapes import NUMBER
from helpline.simulator.carrier.opt_outs import OptOuts
from helpline.simulator.line.call import ENDS, KEYS
from helpline.simulator.line.numbers import is_withheld
from helpline.simulator.phones.calls import PhoneCalls
from helpline.simulator.phones.phone import Phone, Phones
from helpline.simulator.phones.texts import LONGEST, PhoneTexts
from helpline.simulator.phones.world import NotNow

LONGEST_WAIT = 25.0
LONGEST_WORDS = 500
MOST_KEYS = 40
_PATH = re.compile(r"/phones/(?P<number>[^/]+)(?P<rest>/.*)?")
_ACT = re.compile(r"/calls/(?P<call>CA[0-9a-f]{32})/(?P<act>[a-z-]+)")


class PhoneRoutes:
    """Answers the requests under /phones."""

    def __init__(
        self, settings: Settings, phones: Phones, texts: PhoneTexts, calls: PhoneCalls, opt_outs: OptOuts
    ) -> None:
        self._settings, self._phones, self._texts, self._calls = settings, phones, texts, calls
        self._opt_outs = opt_outs

    async def answer(self, request: Request) -> Answer:
        found = _PATH.fullmatch(request.path)
        number = _number(unquote(found["number"])) if found else ""
        if not found or not number:
            return _refused(404, "There is no such phone: write /phones/+33639980001, or /phones/anonymous.")
        if problem := _stranger(request):
            return problem
        rest = found["rest"] or ""
        try:
            if request.method == "GET" and not rest:
                return json_answer(200, await self._look(self._phones.of(number), request.query))
            if request.method != "POST":
                return _refused(404 if request.method == "GET" else 405, f"{request.method} {request.path}: no.")
            told = read_object(request.body)
            phone = self._phones.of(number)
            if rest == "/texts":
                return json_answer(200, {"sid": await self._texts.send(phone, _words(told, "body", LONGEST))})
            if rest == "/calls":
                return json_answer(200, {"call": self._calls.begin(phone)})
            if act := _ACT.fullmatch(rest):
                return await self._act(phone, act["call"], act["act"], told)
        except NotNow as reason:
            return _refused(409, str(reason))
        except ValueError as problem:
            return _refused(400, str(problem))
        return _refused(404, f"A phone has no {rest}: write /texts, /calls or /calls/CA.../keys.")

    async def _look(self, phone: Phone, query: Mapping[str, str]) -> dict[str, Any]:
        try:
            after, wait = int(query.get("after", "0")), float(query.get("wait", "0"))
        except ValueError:
            raise ValueError("after and wait are numbers.") from None
        if not 0 <= wait <= LONGEST_WAIT:
            raise ValueError(f"wait is a number of seconds from 0 to {LONGEST_WAIT:.0f}.")
        if query.get("epoch", phone.epoch) != phone.epoch or after > phone.last:
            after = 0  # the numbers of another run, or of a phone that was forgotten
        events = await phone.news_after(after, wait)
        line = self._calls.of(phone)
        return {
            "events": events,
            "last": events[-1]["seq"] if events else phone.last,
            "epoch": phone.epoch,
            "call": line.shown() if line else None,
            "is_blocked": self._opt_outs.is_blocked(phone.number),
            "helpline": {"sms": self._settings.sms_sender, "voice": self._settings.voice_number},
        }

    async def _act(self, phone: Phone, call: str, act: str, told: Mapping[str, Any]) -> Answer:
        line = self._calls.in_progress(phone, call)
        match act:
            case "keys":
                await self._calls.press(line, _keys(told))
            case "speech":
                await self._calls.say(line, _words(told, "words", LONGEST_WORDS))
            case "silence":
                await self._calls.silence(line)
            case "hang-up":
                await self._calls.hang_up(line)
            case "answer":
                await self._calls.pick_up(line)
            case "decline":
                await self._calls.decline(line)
            case "machine":
                self._calls.leave_to(line, "machine")
            case "transferred":
                await self._calls.transferred(line, _end(told))
            case _:
                return _refused(404, f"In a call there is no {act}.")
        return json_answer(200, {})


def _number(text: str) -> str:
    """The number of a phone, or nothing."""
    if is_withheld(text):
        return text.lower()
    return text if NUMBER.fullmatch(text) else ""


def _stranger(request: Request) -> Answer | None:
    """Pages of other sites in a browser of this machine are not listened to: they cannot send JSON (see also door)."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.method == "POST" and kind != "application/json":
        return _refused(415, "Send JSON, with Content-Type: application/json.")
    return None


def _words(told: Mapping[str, Any], name: str, most: int) -> str:
    words = told.get(name)
    if not isinstance(words, str) or not words.strip():
        raise ValueError(f'Needs "{name}", with words in it.')
    if len(words) > most:
        raise ValueError(f'"{name}" is too long: {most} letters at most.')
    return words


def _keys(told: Mapping[str, Any]) -> str:
    keys = told.get("keys")
    if not isinstance(keys, str) or not keys or not set(keys) <= KEYS or len(keys) > MOST_KEYS:
        raise ValueError('Needs "keys": digits, * or #.')
    return keys


def _end(told: Mapping[str, Any]) -> str:
    status = told.get("status")
    if status not in ENDS:
        raise ValueError(f'Needs "status": {", ".join(ENDS)}.')
    return str(status)


def _refused(status: int, message: str) -> Answer:
    return json_answer(status, {"message": message})
