"""What somebody agreed to, in memory: it performs the effects of a conversation as the helpline's own parts would."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from helpline.conversation.turn import Context, Effect, Outcome

LANDLINE = "+33199980001"
ASKED_FOR = timedelta(minutes=30)

Scope = Literal["", "all", "last"]


@dataclass
class Agreed:
    """One caller: what is active, and every effect that was asked for, in order.

    `is_down` says that neither the database nor the journal can be written. A repeat of an effect gets its outcome.
    """

    scope: Scope = ""
    is_blocked: bool = False
    is_down: bool = False
    is_done: bool = False
    effects: list[Effect] = field(default_factory=list)
    outcomes: dict[str, str] = field(default_factory=dict)
    asked_at: datetime | None = None
    asked_in: str = ""

    def performers(self) -> Mapping[str, Callable[[Effect, Context], Outcome]]:
        names = ("look_up_reminders", "subscribe_all", "subscribe_last", "confirm_all", "confirm_last", "stop")
        return dict.fromkeys((*names, "not_me", "refuse", "done", "start", "show_data", "erase", "keep"), self.perform)

    def _refuses(self) -> str:
        if self.is_down:
            return "not_saved"
        self.asked_at = None
        return "refused"

    def perform(self, effect: Effect, context: Context) -> Outcome:
        key = f"{context.key}.{effect.name}"
        if key not in self.outcomes:
            self.effects.append(effect)
            self.outcomes[key] = self._outcome(effect, context)
        return Outcome(self.outcomes[key])

    def asked_recently(self, number: str, now: datetime) -> str:
        """The language of the question that was asked a moment ago and not answered since."""
        recent = self.asked_at is not None and now - self.asked_at <= ASKED_FOR
        return self.asked_in if recent and not self.is_down and not self.scope else ""

    def _outcome(self, effect: Effect, context: Context) -> str:
        match effect.name:
            case "look_up_reminders":
                return self._looked_up(effect, context)
            case "subscribe_all" | "subscribe_last" | "confirm_all" | "confirm_last":
                return self._subscribed(effect, context)
            case "refuse":
                return self._refuses()
            case "stop":
                return self._ended("stopped")
            case "not_me":
                return self._ended("stopped" if self.scope else "nothing")
            case "erase":
                return "no_number" if not context.number else self._ended("erased")
            case "done":
                self.is_done = self.is_done or bool(self.scope and not self.is_down)
                return "not_saved" if self.is_down else f"done_{self.scope}" if self.scope else "nothing"
            case "show_data" if context.channel == "voice":
                return "by_text"
            case "show_data":
                return "not_known" if self.is_down else self.scope or "nothing"
            case "keep":
                return "not_saved" if self.is_down else "kept"
            case _:
                self.is_blocked = False
                return "started"

    def _looked_up(self, effect: Effect, context: Context) -> str:
        refused = self._refused(context)
        if refused or self.is_down:
            return refused or "not_known"
        if not self.scope:
            self.asked_at, self.asked_in = context.now, effect.language
        if context.channel == "voice":
            return "in_call"
        if self.scope and self.is_done:
            return "all_done" if self.scope == "all" else "last_done"
        return self.scope or "none"

    def _subscribed(self, effect: Effect, context: Context) -> str:
        assert effect.shown, "somebody agreed to words that nobody can name"
        assert not context.spoken, "somebody agreed by speech"
        refused = self._refused(context)
        if refused or self.is_down:
            return refused or "not_saved"
        step, _, scope = effect.name.partition("_")
        if step == "subscribe" and context.channel == "voice":
            return "confirm"
        self.scope = "all" if scope == "all" else "last"
        return "saved"

    def _refused(self, context: Context) -> str:
        if not context.number:
            return "no_number"
        return "blocked" if self.is_blocked else "no_text" if context.number == LANDLINE else ""

    def _ended(self, outcome: str) -> str:
        if self.is_down:
            return "not_saved"
        self.scope, self.asked_at, self.is_done = "", None, False
        return outcome
