"""After a backup was restored: what happened since is looked up at the carrier, before anything goes out.

Who said stop, erased themselves, or said that it was done, is known there, and what was sent. Only when all of it is
brought in does the pause of the restore end; whatever goes wrong leaves it. Safe to be killed, and to run twice.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, TypeVar

import structlog
from sqlalchemy import ColumnElement, Connection, Engine, delete, exists, or_, select
from sqlalchemy.exc import SQLAlchemyError

from helpline.call_requests.waiting import remember_restore
from helpline.carrier.callers import caller_number, fingerprint
from helpline.carrier.calling import ListedCall
from helpline.carrier.client import AT_ONCE
from helpline.carrier.results import CarrierAway
from helpline.carrier.sending import Listed
from helpline.consent.called_back import withdraw_request
from helpline.consent.caller_rows import active_of, was_seen
from helpline.consent.withdrawal import Reason
from helpline.records.engine import reading
from helpline.records.restore import RECONCILE
from helpline.records.sealing import UnknownKey
from helpline.records.tables import callers, controls, messages
from helpline.reminders.already_sent import AlreadySent
from helpline.reminders.brought_in import one_ended, update_done, withdrawn
from helpline.reminders.held import HELD
from helpline.reminders.lost import Lost
from helpline.reminders.pause import end, paused, say_why
from helpline.reminders.planning import plan
from helpline.reminders.queues import CALLS
from helpline.reminders.recall import Meaning, Recall
from helpline.reminders.sender import Sender

MARGIN = timedelta(hours=1)  # before the backup: clocks differ, and what was under way when it was made
_BATCH = 500
_PAGE = 100  # numbers looked up between two transactions
_WITHDRAWALS: dict[Meaning, Reason] = {"stop": "stop", "not_me": "not_me", "erase": "erase"}

log = structlog.get_logger(__name__)


T = TypeVar("T")


class NotReconciled(Exception):
    """It is not known yet what happened since the backup: nothing may go out. Says why, and what to do."""


class TooEarly(NotReconciled):
    """The carrier's list is not complete yet; in some `seconds` it is."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Nothing goes out yet: the carrier's list is complete in {seconds} seconds.")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Ours:
    """What of the carrier's list is this helpline's: the sender of its texts, and the name that they begin with."""

    sender: str
    service: str

    def is_ours(self, message: Listed) -> bool:
        ours = message.to if message.direction == "inbound" else message.sender
        return self.sender.startswith("MG") or ours == self.sender


@dataclass(slots=True)
class Reconciled:
    """What was brought in, in numbers. `lost`: callers who seem to have signed up since; they must ask again.

    `lost_calls`: who seems to have asked to be called by a person since.
    """

    since: datetime
    listed: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    lost: int = 0
    lost_calls: int = 0

    def count(self, name: str, more: int = 1) -> None:
        self.counts[name] = self.counts.get(name, 0) + more


Report = Callable[[int, datetime, datetime], None]  # messages so far, how far back, and how far it goes


def nobody_waits(listed: int, at: datetime, since: datetime) -> None:
    """Progress that nobody looks at."""


def restored_since(connection: Connection) -> datetime | None:
    """The moment of the backup that was restored, while it is not known what happened since."""
    value = connection.scalar(select(controls.c.value).where(controls.c.name == RECONCILE))
    return datetime.fromisoformat(value) if value else None


def reconcile(
    sender: Sender, ours: Ours, settle: timedelta = timedelta(0), report: Report = nobody_waits
) -> Reconciled | None:
    """Bring in what happened since the backup, and end the pause. None if there is nothing to bring in.

    NotReconciled if it cannot be had; the pause then says why. `settle`: how long after the restore the carrier's list
    is not complete yet.
    """
    with sender.engine.connect() as connection:
        since = restored_since(connection)
        restored = connection.scalar(select(controls.c.changed_at).where(controls.c.name == RECONCILE))
    if since is None:
        return None
    # A restore in the future is one of before the clock was set right: long enough ago, too.
    left = settle - abs(sender.clock() - restored) if restored else timedelta(0)
    if left > timedelta(0):
        raise TooEarly(math.ceil(left.total_seconds()))
    try:
        found = _Reconciling(sender, ours, since - MARGIN, report).run()
    except CarrierAway as error:
        raise _noted(sender, f"the carrier's list cannot be had ({error})") from None
    except (SQLAlchemyError, OSError) as error:
        raise _noted(sender, f"the database or the disk failed ({type(error).__name__})") from error
    _end(sender.engine, since, sender.clock())
    log.warning(
        "reconciled after a restore",
        since=since.isoformat(),
        listed=found.listed,
        lost=found.lost,
        lost_calls=found.lost_calls,
    )
    return found


def _noted(sender: Sender, reason: str) -> NotReconciled:
    """The failure, with its reason in the pause that stays."""
    log.error("not reconciled after a restore, nothing goes out", reason=reason)
    try:
        with sender.engine.begin() as connection:
            say_why(connection, "restore", reason, sender.clock())
    except SQLAlchemyError:
        pass  # then the pause says what it said
    return NotReconciled(f"Nothing goes out yet: {reason}.")


def _end(engine: Engine, since: datetime, now: datetime) -> None:
    """Unless another backup was restored meanwhile: send again."""
    with engine.begin() as connection:
        mine = (controls.c.name == RECONCILE) & (controls.c.value == since.isoformat())
        if not connection.execute(delete(controls).where(mine)).rowcount:
            return
        remember_restore(connection, since, now)
        pause = paused(connection)
        if pause and pause.by == "restore":
            end(connection, pause)


class _Reconciling:
    """One run over the carrier's list, newest first."""

    def __init__(self, sender: Sender, ours: Ours, since: datetime, report: Report) -> None:
        self._sender, self._ours, self._since, self._report = sender, ours, since, report
        self._prompts = sender.prompts()
        self._recall = Recall(self._prompts, ours.service)
        self._already_sent = AlreadySent(self._prompts, self._recall, sender.fingerprint_key)
        self._lost = Lost()
        self._answered_next: dict[str, Meaning] = {}
        self._said_next: dict[str, Meaning] = {}
        self._found = Reconciled(since)

    def run(self) -> Reconciled:
        now = self._sender.clock()
        self._sender.apply_withdrawals(now)
        plan(self._sender.engine, self._prompts.menus.calendar, now, seconds=math.inf)
        for batch in _batches(self._listed(), _BATCH):
            self._take(batch)
            self._report(self._found.listed, batch[-1][1].created, self._since)
        by_caller: dict[str, list[ListedCall]] = {}
        for caller, call in self._calls():
            by_caller.setdefault(caller, []).append(call)
        for calls in _batches(by_caller.items(), _BATCH):
            with self._sender.engine.begin() as connection:
                self._found.count("called", self._already_sent.mark_calls(connection, calls, self._sender.clock()))
        self._find_unlisted(now)
        self._found.lost = self._lost.count(self._sender.engine)
        self._found.lost_calls = self._lost.count_calls(self._sender.engine)
        return self._found

    def _listed(self) -> Iterator[tuple[str, Listed]]:
        """Every message of ours since then, with the fingerprint of its caller."""
        for message in self._sender.carrier.listed(self._since):
            self._found.listed += 1
            number = caller_number(message.sender if message.direction == "inbound" else message.to)
            if number and self._ours.is_ours(message):
                yield fingerprint(number, self._sender.fingerprint_key), message

    def _calls(self) -> Iterator[tuple[str, ListedCall]]:
        """Every call of ours since then, where anybody is called at all."""
        with reading(self._sender.engine).connect() as connection:
            if not connection.scalar(select(_is_called())):
                return
        for call in self._sender.carrier.calls_since(self._since):
            number = caller_number(call.to)
            if number:
                yield fingerprint(number, self._sender.fingerprint_key), call

    def _find_unlisted(self, now: datetime) -> None:
        """What still waits at the carrier is in no list by time: what would go now is looked up number by number."""
        last = 0
        with ThreadPoolExecutor(AT_ONCE, "reconciling") as threads:
            while page := self._would_go(last, now):
                last = page[-1].id
                looked_up = threads.map(self._sent_to, page)
                sent = [each for found in looked_up for each in found]
                with self._sender.engine.begin() as connection:
                    self._found.count("sent", self._already_sent.mark(connection, sent, self._sender.clock()))

    def _would_go(self, after: int, now: datetime) -> Sequence[Any]:
        due = (messages.c.state == "planned", messages.c.due_at <= now, messages.c.not_after > now)
        found = (
            select(messages.c.id, callers.c.fingerprint, callers.c.number)
            .join_from(messages, callers, callers.c.id == messages.c.caller_id)
            .where(messages.c.id > after, *due, messages.c.queue != CALLS, callers.c.number.is_not(None))
            .order_by(messages.c.id)
            .limit(_PAGE)
        )
        with reading(self._sender.engine).connect() as connection:
            return connection.execute(found).all()

    def _sent_to(self, row: Any) -> list[tuple[str, Listed]]:
        try:
            number = self._sender.seals.open(row.number)
        except UnknownKey:
            return []  # nobody can write to it either
        found = self._sender.carrier.sent_to(number, self._since)
        ours = (message for message in found if message.direction == "outbound-api" and self._ours.is_ours(message))
        return [(row.fingerprint, message) for message in ours]

    def _take(self, batch: list[tuple[str, Listed]]) -> None:
        for caller, message in batch:
            if message.direction == "inbound":
                self._take_inbound(caller, message)
            else:
                self._take_outbound(caller, message)
        sent = [(caller, message) for caller, message in batch if message.direction == "outbound-api"]
        with self._sender.engine.begin() as connection:
            self._found.count("sent", self._already_sent.mark(connection, sent, self._sender.clock()))

    def _take_inbound(self, caller: str, message: Listed) -> None:
        meaning = self._recall.inbound(message.body)
        said_next = self._said_next.get(caller)
        self._said_next[caller] = meaning
        if meaning == "asks_erase" and said_next == "yes":
            meaning = "erase"
        if meaning == "done" and self._answered_next.get(caller) in ("done_one", "which"):
            meaning = "other"  # it was not about the update
        self._answered_next[caller] = "other"
        with self._sender.engine.begin() as connection:
            self._bring_in(connection, caller, meaning, message)
            known, _ = active_of(connection, caller)
            if known:
                was_seen(connection, known.id, message.created)

    def _take_outbound(self, caller: str, message: Listed) -> None:
        meaning = self._recall.outbound(message.body, message.created)
        if message.direction == "outbound-reply":
            self._answered_next[caller] = meaning
        if meaning != "other":
            with self._sender.engine.begin() as connection:
                self._bring_in(connection, caller, meaning, message)

    def _bring_in(self, connection: Connection, caller: str, meaning: Meaning, message: Listed) -> None:
        reason, at, now = _WITHDRAWALS.get(meaning), message.created, self._sender.clock()
        if reason:
            self._lost.withdrew(caller, at)
            if withdrawn(connection, caller, reason, message, now):
                self._found.count(reason)
        elif meaning == "done":
            if update_done(connection, self._prompts.menus.calendar, caller, at, now):
                self._found.count("done")
        elif meaning in ("done_one", "ended_one"):
            if one_ended(connection, caller, meaning == "done_one", at, now):
                self._found.count(meaning)
        elif meaning == "signed_up":
            self._lost.signed_up(caller, at)
        elif meaning == "noted":
            self._lost.noted(caller, at)
        elif meaning == "wants_call":
            self._lost.wants_call(caller, at)
        elif meaning == "no_call":
            self._lost.wants_no_call(caller, at)
            if withdraw_request(connection, caller, now, until=at):
                self._found.count(meaning)
        elif meaning == "called_back":
            self._already_sent.asked_for_a_call(caller, at)


def _batches(items: Iterable[tuple[str, T]], size: int) -> Iterator[list[tuple[str, T]]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


def _is_called() -> ColumnElement[bool]:
    """Whether anything goes by call, or would if it were not held back."""
    held = exists().where(messages.c.queue == HELD, callers.c.id == messages.c.caller_id, callers.c.channel == "voice")
    return or_(exists().where(messages.c.queue == CALLS), held)
