"""What somebody agreed to, in memory: it performs the effects of a conversation as the helpline's own parts would."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from helpline.call_requests.opening import is_somebody_there
from helpline.conversation.forms import occurrence_of
from helpline.conversation.turn import Context, Effect, Item, Outcome
from helpline.menus.dates import today_in_paris, update_state
from helpline.menus.shapes import Calendar
from tests.conversations.things import Things

LANDLINE, ABROAD = "+33199980001", "+447700900123"
ASKED_FOR = timedelta(minutes=30)
A_DAY = timedelta(days=1)
MOST_PAGES, MOST_CALLS, MOST_REQUESTS, BETWEEN_CALLS = 5, 3, 3, timedelta(minutes=10)

Scope = Literal["", "all", "last"]
MONTHLY = ("subscribe_all", "subscribe_last", "confirm_all", "confirm_last")
BY_CALL = ("subscribe_call_all", "subscribe_call_last", "confirm_call_all", "confirm_call_last")
OTHERS = (
    "look_up_reminders",
    "stop",
    "not_me",
    "refuse",
    "done",
    "done_item",
    "start",
    "show_data",
    "erase",
    "keep",
    "note",
    "end_item",
    "send_page",
    "call_back",
    "person",
    "person_missed",
    "person_cancel",
)
UPDATE = Item("100", "update")


@dataclass
class Agreed:
    """One caller: what is active, and every effect that was asked for, in order.

    `is_down` says that neither the database nor the journal can be written. `calls_back` is "off" or "spent" where the
    operator does not call back, or not any more today. `has_adviser`: somebody's phone rings for callers in the hours
    of the calendar. A repeat of an effect gets its outcome.
    """

    scope: Scope = ""
    is_blocked: bool = False
    is_down: bool = False
    is_done: bool = False
    is_called: bool = False
    calls_back: str = ""
    has_adviser: bool = False
    wants_call: bool = False
    requests: list[datetime] = field(default_factory=list)
    things: Things = field(default_factory=Things)
    was_reminded: bool = False
    was_invited: bool = False
    pages_sent: list[datetime] = field(default_factory=list)
    called_back: list[datetime] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    asked_at: datetime | None = None
    asked_in: str = ""

    def performers(self) -> Mapping[str, Callable[[Effect, Context], Outcome]]:
        return dict.fromkeys((*MONTHLY, *BY_CALL, *OTHERS), self.perform)

    def follow(self, calendar: Calendar) -> None:
        """Go by the calendar of the conversation."""
        self.things.calendar = calendar

    def perform(self, effect: Effect, context: Context) -> Outcome:
        key = f"{context.key}.{effect.name}"
        if key not in self.outcomes:
            self.effects.append(effect)
            found = self._outcome(effect, context)
            self.outcomes[key] = found if isinstance(found, Outcome) else Outcome(found)
        return self.outcomes[key]

    def asked_recently(self, number: str, now: datetime) -> str:
        """The language of the question that was asked a moment ago and not answered since."""
        recent = self.asked_at is not None and now - self.asked_at <= ASKED_FOR
        return self.asked_in if recent and not self.is_down and not self.scope else ""

    def receives(self, page: str, occurrence: str) -> None:
        """A message of ours went: what it is about is due."""
        kind, _, rest = page.partition(".")
        self.was_invited = self.was_invited or kind == "invite"
        if kind in ("wave", "call"):
            self.was_reminded = True
        elif occurrence and rest.partition(".")[0] in ("wave", "call"):
            self.things.remind(kind, occurrence)

    def _outcome(self, effect: Effect, context: Context) -> str | Outcome:
        match effect.name:
            case "look_up_reminders":
                return self._looked_up(effect, context)
            case name if name in MONTHLY:
                return self._subscribed(effect, context)
            case name if name in BY_CALL:
                return self._to_be_called(effect, context)
            case "refuse":
                return self._refuses()
            case "stop":
                return self._ended("stopped")
            case "not_me":
                return self._ended("stopped" if self._has_anything_of_ours() else "nothing")
            case "erase":
                return "no_number" if not context.number else self._ended("erased")
            case "done":
                return "not_saved" if self.is_down else self._done(effect, context)
            case "done_item":
                return "not_saved" if self.is_down else self._done_item(effect, context.now)
            case "note":
                return self._noted(effect, context)
            case "end_item":
                return "not_saved" if self.is_down else self._end_item(effect)
            case "show_data" if context.channel == "voice":
                return "by_text"
            case "show_data":
                return "not_known" if self.is_down else self._data()
            case "keep":
                return "not_saved" if self.is_down else "kept"
            case "send_page":
                return self._sent(context)
            case "call_back":
                return self._called_back(context)
            case "person" if self._is_somebody_there(context):
                return "dial"
            case "person" | "person_missed":
                return self._requested(context)
            case "person_cancel":
                return "not_saved" if self.is_down else self._cancelled(context)
            case _:
                self.is_blocked = False
                return "started"

    def _looked_up(self, effect: Effect, context: Context) -> str | Outcome:
        refused = self._refused(context)
        if refused or self.is_down:
            return refused or "not_known"
        if not self.scope:
            self.asked_at, self.asked_in = context.now, effect.language
        if context.channel == "voice":
            return "in_call"
        if self.things.active:
            update = (UPDATE,) if self.scope else ()
            return Outcome("some", (*update, *self.things.items()))
        if self.scope and self.is_done:
            return "all_done" if self.scope == "all" else "last_done"
        return self.scope or "none"

    def _subscribed(self, effect: Effect, context: Context) -> str:
        self._was_shown(effect, context)
        refused = self._refused(context)
        if refused or self.is_down:
            return refused or "not_saved"
        step, _, scope = effect.name.partition("_")
        if step == "subscribe" and context.channel == "voice":
            return "confirm"
        self.scope, self.is_called = "all" if scope == "all" else "last", False
        return "saved"

    def _to_be_called(self, effect: Effect, context: Context) -> str:
        self._was_shown(effect, context)
        if not context.number or self.is_down:
            return "not_saved" if self.is_down else "no_number"
        if context.number == ABROAD:
            return "not_allowed"
        if effect.name.startswith("subscribe") and context.channel == "voice":
            return "confirm"
        self.scope, self.is_called = "all" if effect.name.endswith("all") else "last", True
        return "saved"

    def _noted(self, effect: Effect, context: Context) -> str:
        self._was_shown(effect, context)
        is_line = context.channel == "voice" and context.number == LANDLINE
        refused = "" if is_line and not self.is_blocked else self._refused(context)
        if refused or self.is_down:
            return refused or "not_saved"
        outcome = self.things.note(effect.of, occurrence_of(effect.form), context.now)
        if outcome == "known" and context.channel == "voice":
            outcome = "saved"
        self.is_called = self.is_called or (is_line and outcome == "saved")
        return "saved_call" if outcome == "saved" and (is_line or self._texts_and_is_called(context)) else outcome

    def _done(self, effect: Effect, context: Context) -> str | Outcome:
        by_text = context.channel == "sms"
        due = (*self._update_to_do(context), *self.things.due(context.now)) if by_text else ()
        if len(due) > 1 and (effect.heard != "7" or not effect.of):
            return Outcome("which", due)
        if effect.of and effect.of != UPDATE.kind:
            return self._thing_done(effect.of, occurrence_of(effect.form), context.now)
        if not effect.of and due and due[0] != UPDATE:
            return self._thing_done(due[0].kind, due[0].occurrence, context.now)
        self.is_done = self.is_done or bool(self.scope)
        if not self.scope and self.things.active and context.channel == "sms":
            return "none_due"
        return f"done_{self.scope}" if self.scope else "nothing"

    def _update_to_do(self, context: Context) -> tuple[Item, ...]:
        calendar = self.things.calendar
        is_open = calendar is not None and update_state(calendar, today_in_paris(context.now)).state != "closed"
        return (UPDATE,) if self.scope and not self.is_done and (is_open or self.was_reminded) else ()

    def _thing_done(self, kind: str, occurrence: str, now: datetime) -> str | Outcome:
        item = next((item for item in self.things.items() if (item.kind, item.occurrence) == (kind, occurrence)), None)
        if item and (
            item == self.things.more or (self.things.was_reminded_of(item) and self.things.goes_on(item, now))
        ):
            return Outcome("done_one_more", about=item)
        if item and self.things.was_reminded_of(item):
            self.things.end(item.key)
            self.things.done.append(item)
        done = next((item for item in self.things.done if (item.kind, item.occurrence) == (kind, occurrence)), None)
        if done:
            return Outcome("done_one", about=done)
        return "none_due" if self.scope or self.things.active else "nothing"

    def _done_item(self, effect: Effect, now: datetime) -> str | Outcome:
        if effect.item == UPDATE.key and self.scope:
            self.is_done = True
            return "done_update"
        item = next((item for item in self.things.items() if item.key == effect.item), None)
        if item and self.things.goes_on(item, now):
            return Outcome("done_one_more", about=item)
        return Outcome("done_item", about=item) if item and self.things.end(item.key) else "gone"

    def _end_item(self, effect: Effect) -> str:
        if effect.item == UPDATE.key and self.scope:
            self.scope = ""
            return "ended"
        return "ended" if self.things.end(effect.item) else "gone"

    def _sent(self, context: Context) -> str:
        if self.is_down or not context.number:
            return "withheld" if not context.number else "not_saved"
        if context.number == LANDLINE:
            return "landline"
        if context.number == ABROAD:
            return "not_allowed"
        if self.is_blocked:
            return "blocked"
        return "too_many" if not _one_more(self.pages_sent, MOST_PAGES, context.now) else "sent"

    def _called_back(self, context: Context) -> str:
        if not context.number:
            return "no_number"
        if self.calls_back or context.number == ABROAD:
            return {"off": "off", "spent": "budget"}.get(self.calls_back, "not_allowed")
        if self.is_down:
            return "not_saved"
        if self.called_back and context.now - self.called_back[-1] < BETWEEN_CALLS:
            return "too_soon"
        return "calling" if _one_more(self.called_back, MOST_CALLS, context.now) else "too_many"

    def _is_somebody_there(self, context: Context) -> bool:
        calendar = self.things.calendar
        is_open = calendar is not None and is_somebody_there(calendar, context.now)
        return self.has_adviser and context.channel == "voice" and is_open

    def _requested(self, context: Context) -> str:
        if not context.number or context.number == ABROAD:
            return "not_allowed" if context.number else "withheld"
        if self.is_down:
            return "not_saved"
        if self.wants_call:
            return "requested" if context.channel == "voice" else "known"
        self.wants_call = _one_more(self.requests, MOST_REQUESTS, context.now)
        return "requested" if self.wants_call else "too_many"

    def _cancelled(self, context: Context) -> str:
        was_open, self.wants_call = self.wants_call, False
        return "cancelled" if was_open or context.channel == "voice" else "nothing"

    def _data(self) -> str:
        scope = self.scope or ("all" if self.things.active else "")
        if self.wants_call:
            return f"call_{scope}" if scope else "call"
        return scope or "nothing"

    def _texts_and_is_called(self, context: Context) -> bool:
        return self.is_called and context.channel == "sms"

    def _has_anything_of_ours(self) -> bool:
        """Anything that may have surprised them."""
        asked = self.pages_sent or self.called_back or self.requests
        return bool(self.scope or self.things.active or self.was_invited or asked)

    def _was_shown(self, effect: Effect, context: Context) -> None:
        assert effect.shown, "somebody agreed to words that nobody can name"
        assert not context.spoken, "somebody agreed by speech"

    def _refuses(self) -> str:
        if self.is_down:
            return "not_saved"
        self.asked_at = None
        return "refused"

    def _refused(self, context: Context) -> str:
        if not context.number:
            return "no_number"
        if self.is_called:
            return ""
        return "blocked" if self.is_blocked else "no_text" if context.number == LANDLINE else ""

    def _ended(self, outcome: str) -> str:
        if self.is_down:
            return "not_saved"
        self.scope, self.asked_at, self.is_done, self.is_called = "", None, False, False
        self.wants_call = False
        self.things.forget()
        return outcome


def _one_more(times: list[datetime], most: int, now: datetime) -> bool:
    """Note one more of what may happen so often a day; False if that was enough."""
    if sum(now - time < A_DAY for time in times) >= most:
        return False
    times.append(now)
    return True
