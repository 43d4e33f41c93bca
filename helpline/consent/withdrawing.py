"""Withdrawing: what a caller agreed to ends at once, and nothing more is sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import structlog
from sqlalchemy import Connection, Engine, delete, or_, select, update

from helpline.consent.called_back import forget_requests, has_asked, withdraw_request
from helpline.consent.caller_rows import Caller, caller_of, drop_numbers, is_blocked, last_agreement
from helpline.consent.consent import Consent
from helpline.consent.extra_messages import WORTH_SENDING, plan_reply
from helpline.consent.items import call_off
from helpline.consent.objecting import FOR_ONCE, is_answered, note_objection, repeats
from helpline.consent.once import insert_new, once_in, one_at_a_time
from helpline.consent.proof import record
from helpline.consent.question import refuse
from helpline.consent.withdrawal import CLOCKS_DIFFER, Withdrawal
from helpline.records.messages import move
from helpline.records.tables import callers, carrier_blocks, invitations, messages, subscriptions

LOST = "not_saved"

log = structlog.get_logger(__name__)


def withdraw(
    consent: Consent, withdrawal: Withdrawal, now: datetime, beside: Callable[[Connection], None] | None = None
) -> str:
    """End it: in the journal first, then in the database. The outcome by name; LOST if neither took it.

    While the database is down the journal is enough: it is applied before anything is sent. `beside` is written in the
    same transaction, and only there.
    """
    journaled = _journaled(consent, withdrawal)
    try:
        with consent.engine.begin() as connection:
            if beside:
                beside(connection)
            return apply_once(connection, withdrawal, now, everything=True)
    except Exception as error:  # whatever it is, the journal has it
        log.error("withdrawal not in the database", key=withdrawal.key, error=type(error).__name__, journal=journaled)
    if journaled:
        return withdrawal.outcome(about_something=True)
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

    Whether it was about anything: "not me" may be about nothing that we know of, and then changes nothing. Whoever
    agreed again after it stays untouched, so that it may be applied twice. `everything`: it is being said now, and no
    clock that is a second behind may weaken it.
    """
    one_at_a_time(connection, withdrawal.fingerprint)
    caller = caller_of(connection, withdrawal.fingerprint)
    asked = _take_back_request(connection, withdrawal, now, everything)
    ended = _ended(connection, caller, withdrawal, now, everything) if caller else 0
    if caller and last_agreement(connection, caller.id):
        return asked or ended > 0
    refuse(
        connection,
        withdrawal.fingerprint,
        now if everything else withdrawal.at + CLOCKS_DIFFER,
        channel=withdrawal.channel,
        language=withdrawal.language,
        heard=withdrawal.heard or withdrawal.reason,
        sid=withdrawal.sid,
    )
    about = asked or ended > 0 or is_answered(connection, caller, withdrawal, everything)
    if withdrawal.reason != "idle" and (about or withdrawal.reason != "not_me" or repeats(connection, withdrawal)):
        note_objection(connection, withdrawal)
    if withdrawal.erases and withdrawal.reason != "idle":  # the objection keeps a second form from inviting them
        connection.execute(delete(invitations).where(invitations.c.fingerprint == withdrawal.fingerprint))
    if caller and withdrawal.erases and (everything or caller.created_at <= withdrawal.at + CLOCKS_DIFFER):
        connection.execute(delete(callers).where(callers.c.id == caller.id))  # the rest goes with it
    elif caller:
        _call_off(connection, caller, withdrawal, bool(ended), now, everything)
    return about


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
    caller = caller_of(connection, fingerprint)
    agreed = last_agreement(connection, caller.id) if caller else None
    return moment is not None and agreed is not None and agreed > moment


def _journaled(consent: Consent, withdrawal: Withdrawal) -> bool:
    try:
        consent.journal.append(withdrawal)
    except OSError as error:
        log.error("the journal of withdrawals cannot be written", error=error.strerror or str(error))
        return False
    return True


def _take_back_request(connection: Connection, withdrawal: Withdrawal, now: datetime, everything: bool) -> bool:
    """Nobody of us calls who wants nothing more. Whether "not me" may be about such a call.

    What the carrier, or a long silence, says of texts is not about a call that was asked for.
    """
    if withdrawal.reason in ("idle", "blocked", "ended"):
        return False
    until = None if everything else withdrawal.at
    if withdrawal.erases:
        return forget_requests(connection, withdrawal.fingerprint, until)
    withdraw_request(connection, withdrawal.fingerprint, now, until)
    return withdrawal.reason == "not_me" and has_asked(connection, withdrawal.fingerprint, until)


def _ended(connection: Connection, caller: Caller, withdrawal: Withdrawal, now: datetime, everything: bool) -> int:
    """End whatever the caller has that is not newer than the withdrawal, with its proof. How much ended.

    The proof of each kind has one line for it, unless something newer of that kind goes on.
    """
    ends = [subscriptions.c.caller_id == caller.id, subscriptions.c.ended_at.is_(None)]
    if not everything:
        ends.append(subscriptions.c.since <= withdrawal.at + CLOCKS_DIFFER)
    columns = (subscriptions.c[name] for name in ("id", "kind", "occurrence", "scope"))
    rows = connection.execute(select(*columns).where(*ends)).all()
    if not rows:
        return 0
    connection.execute(
        update(subscriptions)
        .where(subscriptions.c.id.in_([row.id for row in rows]))
        .values(ended_at=withdrawal.at, end_reason=withdrawal.reason)
    )
    for row in rows:
        call_off(connection, caller.id, row.kind, row.occurrence, now, withdrawal.reason)
    goes_on = select(subscriptions.c.kind).where(subscriptions.c.caller_id == caller.id)
    newer = set(connection.scalars(goes_on.where(subscriptions.c.ended_at.is_(None))))
    for kind, scope in {row.kind: row.scope for row in rows}.items():
        record(
            connection,
            "changed" if kind in newer else "ended",
            withdrawal.fingerprint,
            withdrawal.at,
            channel=withdrawal.channel,
            kind=kind,
            language=withdrawal.language or caller.language,
            scope=scope,
            heard=withdrawal.heard or withdrawal.reason,
            sid=withdrawal.sid,
        )
    return len(rows)


def _call_off(
    connection: Connection, caller: Caller, withdrawal: Withdrawal, ended: bool, now: datetime, everything: bool
) -> None:
    """Nothing more is sent but the confirmation; what is on its way needs the number until that is known.

    What was asked for after the withdrawal goes. So does a call back where the carrier lets no texts through.
    """
    planned = [messages.c.caller_id == caller.id, messages.c.state == "planned"]
    if withdrawal.reason not in ("blocked", "ended"):
        planned.append(messages.c.kind != "stopped")
    if withdrawal.reason == "blocked":
        planned.append(messages.c.kind != "call_back")
    if not everything:  # until a try, a message changed when it was asked for
        older = or_(messages.c.changed_at <= withdrawal.at + CLOCKS_DIFFER, messages.c.tries > 0)
        planned.append(or_(messages.c.kind.not_in(sorted(FOR_ONCE)), older))
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
