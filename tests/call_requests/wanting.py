"""Callers who want a person, of a helpline in France."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from helpline.call_requests.performers import performers
from helpline.call_requests.rules import Rules
from helpline.consent import performers as consents
from helpline.conversation.turn import Context, Effect
from helpline.menus.check_tree import EFFECTS
from helpline.menus.shapes import Channel
from helpline.records.desk_tables import call_requests
from tests.consent.people import ASK, MOBILE, THURSDAY, consent_on, rows
from tests.menus.calendars import WRITTEN, calendar_of
from tests.menus.dated_kinds import DATED

ADVISER, OWN = "+33199001236", "+33199001234"
HOURS = "  days: monday-friday\n  from: 9:30\n  until: 12:00\n  public holidays: FR\n"
OPEN = calendar_of(WRITTEN.partition("\nadviser hours:")[0] + "\nadviser hours:\n" + HOURS)
MORNING, EVENING = THURSDAY.replace(hour=9), THURSDAY.replace(hour=19)  # 10 and 20 o'clock in France


def rules_on(engine: Engine, folder: Path, **more: Any) -> Rules:
    """A helpline whose adviser is there in the morning."""
    consent = replace(consent_on(engine, folder), calendar=lambda: replace(DATED, adviser_hours=OPEN.adviser_hours))
    usual: dict[str, Any] = {"consent": consent, "adviser": ADVISER, "own_numbers": frozenset({OWN})}
    return Rules(**usual | more)


@dataclass(frozen=True)
class Wanting:
    """Somebody with a phone, in a call in the evening unless they say otherwise."""

    rules: Rules
    number: str = MOBILE
    channel: Channel = "voice"
    language: str = "fr"
    now: datetime = EVENING

    def texts(self) -> Wanting:
        return replace(self, channel="sms")

    def at(self, number: str) -> Wanting:
        return replace(self, number=number)

    def then(self, now: datetime) -> Wanting:
        return replace(self, now=now)

    def later(self, **time: float) -> Wanting:
        return replace(self, now=self.now + timedelta(**time))

    def wants(self, key: str | None = None) -> str:
        return self._does(performers(self.rules), "person", key)

    def misses(self, key: str | None = None) -> str:
        return self._does(performers(self.rules), "person_missed", key)

    def cancels(self, key: str | None = None) -> str:
        return self._does(performers(self.rules), "person_cancel", key)

    def says(self, name: str) -> str:
        """Something that is consent's to do: stop, not_me, erase, subscribe_all, show_data."""
        return self._does(consents.performers(self.rules.consent), name, None)

    @property
    def fingerprint(self) -> str:
        return self.rules.consent.fingerprint(self.number)

    def requests(self) -> list[Any]:
        return rows(self.rules.consent.engine, call_requests, call_requests.c.fingerprint == self.fingerprint)

    def states(self) -> list[str]:
        return [request.state for request in self.requests()]

    def _does(self, having: dict[str, Callable[..., Any]], name: str, key: str | None) -> str:
        sid = ("SM" if self.channel == "sms" else "CA") + secrets.token_hex(16)
        key = (sid if self.channel == "sms" else f"{sid}.3") if key is None else key
        context = Context(self.channel, self.now, key, number=self.number)
        outcome = having[name](Effect(name, "somewhere", self.language, ASK, "1"), context)
        assert outcome.name in EFFECTS[name]  # the menus have a place for each of these
        return str(outcome.name)
