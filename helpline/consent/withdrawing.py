"""Withdrawing: what a caller agreed to ends at once, and nothing more is sent."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection, Engine, delete, select, update

from helpline.consent.caller_rows import Caller, active_of, active_subscription, caller_of, drop_numbers, is_blocked
from helpline.consent.consent import KIND, Consent
from helpline.consent.extra_messages import WORTH_SENDING, plan_reply
from helpline.consent.once import insert_new, once_in, one_at_a_time
from helpline.consent.proof import record
from helpline.consent.question import refuse
from helpline.consent.withdrawal import Withdrawal
from helpline.records.messages import move
from helpline.records.tables import callers, carrier_blocks, messages, objections, subscriptions

LOST = "not_saved"
CLOCKS_DIFFER = timedelta(seconds=3)  # between machines; less than anybody needs to agree again after a STOP

log = structlog.get_logger(__name__)


def withdraw(consent: Consent, withdrawal: Withdrawal, now: datetime) -> str:
    """End it: in the journal first, then in the database. The outcome by name; LOST if neither took it.

    While the database is down the journal is enough: it is applied before anything is sent.
    """
    journaled = _journaled(consent, withdrawal)
    try:
        with consent.engine.begin() as connection:
            return apply_once(connection, withdrawal, now, everything=True)
    except Exception as error:  # whatever it is, the journal has it
        log.error("withdrawal not in the database", key=withdrawal.key, error=type(error).__name__, journal=journaled)
    if journaled:
        return withdrawal.outcome(ended=True)
    log.critical("withdrawal lost", key=withdrawal.key, reason=withdrawal.reason)
    consent.alert(
        "A withdrawal could be written neither to the database nor to the disk: the caller was asked to send it "
        "again. Look at DATABASE_URL and at the disk of VAR_DIR."
    )
    return LOST


def apply_once(connection: Connection, withdrawal: Withdrawal, now: datetime, everything: bool = False) -> str:
    """`apply`, unless this very withdrawal was applied before. The outcome by name."""
    return once_in(
        connection, withdrawal.key, now, lambda: withdrawal.outcome(apply(connection, withdrawal, now, everything))
    )


def apply(connection: Connection, withdrawal: Withdrawal, now: datetime, everything: bool = False) -> bool:
    """End what was agreed to until the withdrawal, call off its messages, note the objection.

    Whether anything ended. Whoever agreed again after it stays untouched, so that it may be applied twice.
    `everything`: it is being said now, and no clock that is a second behind may weaken it.
    """
    one_at_a_time(connection, withdrawal.fingerprint)
    caller = caller_of(connection, withdrawal.fingerprint)
    ended = _ended(connection, caller, withdrawal, everything) if caller else 0
    if caller and active_subscription(connection, caller.id):
        return False
    refuse(
        connection,
        withdrawal.fingerprint,
        now if everything else withdrawal.at + CLOCKS_DIFFER,
        channel=withdrawal.channel,
        language=withdrawal.language,
        heard=withdrawal.heard or withdrawal.reason,
        sid=withdrawal.sid,
    )
    if withdrawal.reason != "idle" and (ended or withdrawal.reason != "not_me"):
        insert_new(
            connection,
            objections,
            fingerprint=withdrawal.fingerprint,
            since=withdrawal.at,
            reason=withdrawal.reason,
        )
    if caller and withdrawal.erases and (everything or caller.created_at <= withdrawal.at + CLOCKS_DIFFER):
        connection.execute(delete(callers).where(callers.c.id == caller.id))  # the rest goes with it
    elif caller:
        _call_off(connection, caller, withdrawal, bool(ended), now)
    return ended > 0


def blocked_by_carrier(engine: Engine, fingerprint: str, now: datetime) -> None:
    """`block` in a transaction of its own."""
    with engine.begin() as connection:
        block(connection, fingerprint, now)


def ended_by_carrier(engine: Engine, fingerprint: str, code: str, now: datetime) -> None:
    """`end` in a transaction of its own."""
    with engine.begin() as connection:
        end(connection, fingerprint, code, now)


def block(connection: Connection, fingerprint: str, now: datetime, sent_at: datetime | None = None) -> None:
    """The carrier refuses to send to this caller (21610). Remembered until the caller texts START.

    `sent_at`: what it says is about a text of then; who agreed after that stays untouched.
    """
    one_at_a_time(connection, fingerprint)
    if not _agreed_after(connection, fingerprint, sent_at):
        insert_new(connection, carrier_blocks, fingerprint=fingerprint, since=now)
        apply(connection, Withdrawal(fingerprint, "blocked", now, "carrier", heard="21610"), now, everything=True)


def end(connection: Connection, fingerprint: str, code: str, now: datetime, sent_at: datetime | None = None) -> None:
    """The carrier says that this number cannot be written to any more (21211, 30005 ...). `sent_at` as in `block`."""
    one_at_a_time(connection, fingerprint)
    if not _agreed_after(connection, fingerprint, sent_at):
        apply(connection, Withdrawal(fingerprint, "ended", now, "carrier", heard=code), now, everything=True)


def _agreed_after(connection: Connection, fingerprint: str, moment: datetime | None) -> bool:
    _, active = active_of(connection, fingerprint)
    return moment is not None and active is not None and active.since > moment


def _journaled(consent: Consent, withdrawal: Withdrawal) -> bool:
    try:
        consent.journal.append(withdrawal)
    except OSError as error:
        log.error("the journal of withdrawals cannot be written", error=error.strerror or str(error))
        return False
    return True


def _ended(connection: Connection, caller: Caller, withdrawal: Withdrawal, everything: bool) -> int:
    """End the caller's subscriptions that are not newer than the withdrawal, with its proof. How many ended."""
    ends = [
        subscriptions.c.caller_id == caller.id,
        subscriptions.c.kind == KIND,
        subscriptions.c.ended_at.is_(None),
    ]
    if not everything:
        ends.append(subscriptions.c.since <= withdrawal.at + CLOCKS_DIFFER)
    rows = connection.execute(select(subscriptions.c.id, subscriptions.c.scope).where(*ends)).all()
    for row in rows:
        connection.execute(
            update(subscriptions)
            .where(subscriptions.c.id == row.id)
            .values(ended_at=withdrawal.at, end_reason=withdrawal.reason)
        )
        record(
            connection,
            "ended",
            withdrawal.fingerprint,
            withdrawal.at,
            channel=withdrawal.channel,
            language=withdrawal.language or caller.language,
            scope=row.scope,
            heard=withdrawal.heard or withdrawal.reason,
            sid=withdrawal.sid,
        )
    return len(rows)


def _call_off(connection: Connection, caller: Caller, withdrawal: Withdrawal, ended: bool, now: datetime) -> None:
    """Nothing more is sent but the confirmation; what is on its way needs the number until that is known."""
    planned = [messages.c.caller_id == caller.id, messages.c.state == "planned"]
    if withdrawal.reason not in ("blocked", "ended"):
        planned.append(messages.c.kind != "stopped")
    move(connection, "skipped", now, *planned, reason=withdrawal.reason)
    in_time = now - withdrawal.at <= WORTH_SENDING
    if (
        withdrawal.tell
        and ended
        and in_time
        and caller.has_number
        and not is_blocked(connection, withdrawal.fingerprint)
    ):
        plan_reply(connection, caller.id, "stopped", withdrawal.at, act=withdrawal.key.rpartition(".")[0])
    drop_numbers(connection, [caller.id])
