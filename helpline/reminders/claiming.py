"""The next messages taken for sending: due, still wanted, in words, and committed as `sending` before any is posted."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Connection, Row, and_, case, select, update

from helpline.consent.consent import KIND
from helpline.consent.daily_budget import ASKED_FOR, NEVER_HELD, Left
from helpline.consent.kinds import IS_DATED, channel_of, queue_of
from helpline.conversation.session import NOWHERE, Place
from helpline.menus.prompts import Prompts
from helpline.menus.shapes import Channel
from helpline.menus.waves import may_send_until
from helpline.records.messages import IS_PLANNED, move, written_out
from helpline.records.tables import callers, carrier_blocks, messages, objections, subscriptions
from helpline.reminders.held import Key, held_keys, more_of, put_aside
from helpline.reminders.queues import BULK, CALLS
from helpline.reminders.report_ids import report_id, report_mark
from helpline.reminders.wanted import AT_ANY_HOUR, SHORTEST, sorted_out
from helpline.reminders.words import Form, NoWords, said

# In SQL, as the index of these messages says it.
IS_ANSWER: ColumnElement[bool] = messages.c.kind.in_(written_out(sorted(AT_ANY_HOUR)))
PLENTY = Left()
_ROUNDS = 10  # of callers who want nothing any more, in one claim
_MOST_EXPIRED = 1000
_SAME_FOR_ALL = frozenset({KIND, "keep", "stopped", "invite", "call_back"})  # whatever their occurrence
_Words = tuple[str, Place, Form, str]  # the text, the place, what it is about, why there is none

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that is ours to send. `tries` counts this attempt; `until` is the latest moment for the text to go.

    `fault` says why it cannot be sent after all; then there is no text.
    """

    id: int
    tries: int
    kind: str
    fingerprint: str
    language: str
    sealed: str = field(repr=False)
    not_after: datetime
    until: datetime
    text: str = field(default="", repr=False)
    place: Place = NOWHERE
    fault: str = ""
    mark: str = ""  # which message it is, for `report`
    went_before: bool = False  # the carrier took an earlier try
    channel: Channel = "sms"  # voice: a call, with no text; its place is what is said first
    form: tuple[tuple[str, str], ...] = ()  # what the words are about, as a session has it

    @property
    def report(self) -> str:
        """Our own id of this try, for the carrier's reports."""
        return report_id(self.id, self.tries, self.mark)


def body_mark(text: str, key: bytes) -> str:
    """A keyed mark of a text: tells later whether a message in the carrier's list is this one, and says nothing."""
    return hmac.new(key, text.encode(), sha256).hexdigest()[:16]


def how_many_due(
    connection: Connection, prompts: Prompts, queue: str, now: datetime, most: int, left: Left = PLENTY
) -> int:
    """How many messages could be claimed now, counted up to `most`."""
    if not _may_go(prompts, queue, now):
        return 0
    due = [*_due(queue, now), *_within(left), *(() if _in_hours(prompts, now) else (IS_ANSWER,))]
    found = select(messages.c.id).where(*due).order_by(messages.c.due_at)  # or PostgreSQL may walk through the table
    return len(connection.execute(found.limit(most)).all())


def claim(
    connection: Connection, prompts: Prompts, key: bytes, queue: str, now: datetime, most: int, left: Left = PLENTY
) -> tuple[list[Claimed], int]:
    """Take up to `most` due messages for sending, and how many were given up instead: not wanted any more, too late.

    No more are taken than the day's budget has `left`; whoever calls this counts them there.
    Nothing is ours before the transaction is committed.
    """
    taken: list[Claimed] = []
    given_up = 0
    if not _may_go(prompts, queue, now):
        return taken, given_up
    wording = _Said(prompts, key, now, "voice" if queue == CALLS else "sms")
    for _ in range(_ROUNDS):
        found = _known(connection, _next(connection, prompts, queue, now, most - len(taken), left))
        held_back = held_keys(connection)
        free = [row for row in found if _key(row) not in held_back]
        aside = [row for row in found if _key(row) in held_back]
        _hold_back(connection, queue, now, aside)
        rows = [row for row in free if not _goes_otherwise(row, queue)]
        _to_their_queues(connection, now, [row for row in free if _goes_otherwise(row, queue)])
        wanted, given_up_because = sorted_out(rows, prompts.menus.calendar, now)
        for reason, ids in given_up_because.items():
            if reason == "expired":
                given_up += _expire(connection, queue, now, ids)
            else:
                given_up += move(connection, "skipped", now, messages.c.id.in_(ids), reason=reason)
        affordable, left = _affordable(wanted, left)
        taken += _take(connection, affordable, wording)
        # Many may have been put aside: others wait for this transaction, and the next claim goes on.
        is_short = len(affordable) < len(wanted)
        if aside or is_short or len(taken) >= most or (not given_up_because and len(rows) == len(found)):
            break
    return taken, given_up


def _may_go(prompts: Prompts, queue: str, now: datetime) -> bool:
    """Whether anything of a queue may go now. A million that wait for the morning are not looked through all night."""
    return queue != BULK or _in_hours(prompts, now)


def _in_hours(prompts: Prompts, now: datetime) -> bool:
    ends = may_send_until(prompts.menus.calendar, now)
    return ends is not None and ends - now >= SHORTEST


def _due(queue: str, now: datetime) -> list[ColumnElement[bool]]:
    return [messages.c.queue == queue, IS_PLANNED, messages.c.due_at <= now]


def _within(left: Left) -> list[ColumnElement[bool]]:
    """The kinds of messages for which the day's budget has room."""
    if left.holds(KIND):
        return [messages.c.kind == NEVER_HELD]
    return [messages.c.kind.not_in(sorted(ASKED_FOR))] if left.of_asked <= 0 else []


def _affordable(rows: Sequence[Row[Any]], left: Left) -> tuple[list[Row[Any]], Left]:
    """Those for which the day's budget has room, in their order, and what it has left then."""
    found = []
    for row in rows:
        if not left.holds(row.kind):
            found.append(row)
            left = left.less(row.kind)
    return found, left


def _next(connection: Connection, prompts: Prompts, queue: str, now: datetime, most: int, left: Left) -> list[int]:
    """The ids of due messages in their order, locked: answers before all else, then what is due for longest.

    Two questions, since no index has both orders. What another worker has locked is left to it.
    """
    found: list[int] = []
    for turn in (IS_ANSWER, ~IS_ANSWER) if _in_hours(prompts, now) else (IS_ANSWER,):
        if len(found) < most:
            due = select(messages.c.id).where(*_due(queue, now), turn, *_within(left)).order_by(messages.c.due_at)
            locked = due.limit(most - len(found)).with_for_update(of=messages, skip_locked=True)
            found += connection.scalars(locked)
    return found


def _known(connection: Connection, ids: list[int]) -> list[Row[Any]]:
    """These messages in their order, with all that is known of their callers.

    What has a date of its own hangs on its own subscription, all else on that to the update.
    """
    subscribed = and_(
        subscriptions.c.caller_id == messages.c.caller_id,
        subscriptions.c.kind == case((IS_DATED, messages.c.kind), else_=KIND),
        subscriptions.c.occurrence == case((IS_DATED, messages.c.occurrence), else_=""),
        subscriptions.c.ended_at.is_(None),
    )
    other = subscriptions.alias()
    # A row, and not whether one exists: for that PostgreSQL would rather read the whole table.
    anything = select(other.c.id).where(other.c.caller_id == messages.c.caller_id, other.c.ended_at.is_(None)).limit(1)
    of_message = ("id", "tries", "kind", "occurrence", "wave", "not_after", "sid")
    rows = connection.execute(
        select(
            *(messages.c[name] for name in of_message),
            *(callers.c[name] for name in ("fingerprint", "number", "language", "channel")),
            *(subscriptions.c[name] for name in ("since", "done", "scope")),
            objections.c.fingerprint.label("objected"),
            carrier_blocks.c.fingerprint.label("blocked"),
            anything.scalar_subquery().label("anything"),
        )
        .join_from(messages, callers, callers.c.id == messages.c.caller_id)
        .outerjoin(subscriptions, subscribed)
        .outerjoin(objections, objections.c.fingerprint == callers.c.fingerprint)
        .outerjoin(carrier_blocks, carrier_blocks.c.fingerprint == callers.c.fingerprint)
        .where(messages.c.id.in_(ids))
    )
    by_id: dict[int, Any] = {row.id: row for row in rows}
    return [by_id[one] for one in ids]


def _goes_otherwise(row: Row[Any], queue: str) -> bool:
    """Whether the caller changed to calls, or to texts, while it was planned: this worker cannot send it."""
    return (channel_of(row.kind, row.channel) == "voice") != (queue == CALLS)


def _to_their_queues(connection: Connection, now: datetime, rows: Iterable[Row[Any]]) -> None:
    for row in rows:
        moved = update(messages).where(messages.c.id == row.id, messages.c.state == "planned")
        connection.execute(moved.values(queue=queue_of(row.kind, row.channel), changed_at=now))


def _key(row: Row[Any]) -> Key:
    return row.kind, row.occurrence, row.wave


def _hold_back(connection: Connection, queue: str, now: datetime, rows: Sequence[Row[Any]]) -> None:
    """Those, and many others of their waves: where some are, there may be all."""
    if rows:
        more = more_of(connection, {_key(row) for row in rows}, queue)
        put_aside(connection, now, {*more, *(row.id for row in rows)})


def _expire(connection: Connection, queue: str, now: datetime, ids: list[int]) -> int:
    """Those, and all that are as late: where some are, there may be many."""
    late = select(messages.c.id).where(
        *_due(queue, now),
        messages.c.not_after < now + SHORTEST,
    )
    late = late.limit(_MOST_EXPIRED).with_for_update(skip_locked=True)
    found = {*ids, *connection.scalars(late)}
    count = move(connection, "expired", now, messages.c.id.in_(found))
    log.warning("too late to be sent", queue=queue, count=count)
    return count


def _take(connection: Connection, rows: Iterable[Row[Any]], wording: _Said) -> list[Claimed]:
    """Move them to `sending`, each with the mark of its text."""
    taken = [wording.claimed(row) for row in rows]
    by_mark: dict[str, list[int]] = {}
    for message in taken:
        by_mark.setdefault(wording.mark(message), []).append(message.id)
    for mark, ids in by_mark.items():
        this_try: dict[str, Any] = {
            "claimed_at": wording.now,
            "tries": messages.c.tries + 1,
            "sid": None,
            "body_mark": mark,
            "channel": wording.channel,
        }
        move(connection, "sending", wording.now, messages.c.id.in_(ids), **this_try)
    return taken


class _Said:
    """The words of each kind of message, made once a claim; and until when messages may go."""

    def __init__(self, prompts: Prompts, key: bytes, now: datetime, channel: Channel) -> None:
        self._prompts, self._key, self.now, self.channel = prompts, key, now, channel
        self._hours_end = may_send_until(prompts.menus.calendar, now)
        self._made: dict[tuple[str, str, str, str], _Words] = {}
        self._marks: dict[str, str] = {"": ""}

    def claimed(self, row: Row[Any]) -> Claimed:
        text, place, form, fault = self._words(row.kind, row.wave, row.occurrence, row.language)
        until = row.not_after
        if row.kind not in AT_ANY_HOUR and self._hours_end:
            until = min(until, self._hours_end)
        return Claimed(
            id=row.id,
            tries=row.tries + 1,
            kind=row.kind,
            fingerprint=row.fingerprint,
            language=row.language,
            sealed=row.number,
            not_after=row.not_after,
            until=until,
            text=text,
            place=place,
            fault=fault,
            mark=report_mark(self._key, row.fingerprint, row.kind, row.occurrence, row.wave),
            went_before=row.sid is not None,
            channel=self.channel,
            form=form,
        )

    def mark(self, message: Claimed) -> str:
        found = self._marks.get(message.text)
        if found is None:
            found = self._marks[message.text] = body_mark(message.text, self._key)
        return found

    def _words(self, kind: str, wave: str, occurrence: str, language: str) -> _Words:
        which = (kind, wave, "" if kind in _SAME_FOR_ALL else occurrence, language)
        found = self._made.get(which)
        if found is None:
            found = self._made[which] = self._new_words(*which)
        return found

    def _new_words(self, kind: str, wave: str, occurrence: str, language: str) -> _Words:
        try:
            return (*said(self._prompts, kind, wave, occurrence, language, self.now, self.channel), "")
        except NoWords as error:
            log.error("a message cannot be put into words", kind=kind, wave=wave, language=language, why=str(error))
        except Exception:  # one kind of message must not keep the others from going out
            log.exception("a message cannot be put into words", kind=kind, wave=wave, language=language)
        return "", NOWHERE, (), "words"
