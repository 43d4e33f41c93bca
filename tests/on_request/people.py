"""Callers who ask for something to come to their phone, of a helpline with the shipped prompts."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, insert, select, update

from helpline import prompts_folder
from helpline.consent.performers import performers
from helpline.conversation.turn import Context, Effect
from helpline.menus.check_tree import EFFECTS
from helpline.menus.forms import Identity
from helpline.menus.prompts import Prompts
from helpline.menus.shapes import Channel
from helpline.on_request.on_request import OnRequest
from helpline.on_request.rules import Rules
from helpline.records.tables import callers, messages, objections
from tests.conftest import SHIPPED
from tests.consent.people import ASK, LANDLINE, MOBILE, THURSDAY, consent_on, rows

PAGE = "signin.password"
OWN = "+33199001299"


@cache
def shipped() -> Prompts:
    return prompts_folder.load_folder(SHIPPED, ("fr", "en"), Identity("Relais Droits", "Le Pont")).prompts


def rules_on(engine: Engine, folder: Path, alert: Callable[[str], None] = lambda message: None, **more: Any) -> Rules:
    """A helpline in France that calls back."""
    prompts = shipped()
    usual: dict[str, Any] = {
        "consent": consent_on(engine, folder, alert),
        "prompts": lambda: prompts,
        "countries": frozenset({"FR"}),
        "own_numbers": frozenset({OWN}),
        "calls_back": True,
        "calls_a_day": 100,
    }
    return Rules(**usual | more)


@dataclass(frozen=True)
class Asker:
    """Somebody with a phone, in a call unless they text."""

    rules: Rules
    number: str = MOBILE
    channel: Channel = "voice"
    language: str = "fr"
    now: datetime = THURSDAY

    def texts(self) -> Asker:
        return replace(self, channel="sms")

    def later(self, **time: float) -> Asker:
        return replace(self, now=self.now + timedelta(**time))

    def at(self, number: str) -> Asker:
        return replace(self, number=number)

    def with_rules(self, **changed: Any) -> Asker:
        return replace(self, rules=replace(self.rules, **changed))

    @property
    def on_request(self) -> OnRequest:
        return OnRequest(self.rules, lambda: self.now)

    @property
    def fingerprint(self) -> str:
        return self.rules.consent.fingerprint(self.number)

    def asks_for_page(self, item: str = PAGE, key: str | None = None) -> str:
        return self._does("send_page", key, item)

    def asks_for_call(self, key: str | None = None) -> str:
        return self._does("call_back", key)

    def rings_and_hangs_up(self, sid: str = "", status: str = "no-answer") -> str:
        """Whether that was heard: `called` if a call is planned that was not before."""
        before = len(self.messages("call_back"))
        self.on_request.missed(sid or a_call(), self.number, status)
        return "called" if len(self.messages("call_back")) > before else ""

    def was_answered(self, sid: str = "") -> None:
        """A call of theirs was answered, and is over."""
        self.on_request.answered(sid or a_call(), self.number, "completed")

    def says(self, name: str) -> str:
        """Something that is consent's to do: stop, not_me, erase, subscribe_all."""
        effect = Effect(name, "somewhere", self.language, ASK, "1")
        return performers(self.rules.consent)[name](effect, self._context(None)).name

    def row(self) -> Any:
        found = rows(self.rules.consent.engine, callers, callers.c.fingerprint == self.fingerprint)
        return found[0] if found else None

    def messages(self, kind: str) -> list[Any]:
        row = self.row()
        mine = (messages.c.caller_id == row.id, messages.c.kind == kind) if row else ()
        return rows(self.rules.consent.engine, messages, *mine) if row else []

    def objection(self) -> Any:
        found = rows(self.rules.consent.engine, objections, objections.c.fingerprint == self.fingerprint)
        return found[0] if found else None

    def objected(self, reason: str) -> None:
        """This number's owner objected now."""
        with self.rules.consent.engine.begin() as connection:
            row = {"fingerprint": self.fingerprint, "since": self.now, "reason": reason}
            connection.execute(insert(objections).values(**row))

    def gets_all(self) -> None:
        """What was planned arrived."""
        with self.rules.consent.engine.begin() as connection:
            mine = messages.c.caller_id.in_(select(callers.c.id).where(callers.c.fingerprint == self.fingerprint))
            arrived = update(messages).where(mine, messages.c.state == "planned")
            connection.execute(arrived.values(state="delivered", tries=1))

    def _does(self, name: str, key: str | None, item: str = "") -> str:
        context = self._context(key)
        effect = Effect(name, "somewhere", self.language, heard="8", item=item)
        outcome = self.on_request.performers[name](effect, context).name
        assert outcome in EFFECTS[name]  # the menus have a place for each of these
        return outcome

    def _context(self, key: str | None) -> Context:
        if key is None:
            key = f"{a_call()}.3" if self.channel == "voice" else f"SM{secrets.token_hex(16)}"
        return Context(self.channel, self.now, key, number=self.number)


def a_call() -> str:
    return f"CA{secrets.token_hex(16)}"


__all__ = ["LANDLINE", "MOBILE", "OWN", "PAGE", "THURSDAY", "Asker", "a_call", "rows", "rules_on", "shipped"]
