"""The tables. Moments are whole seconds since 1970 (UTC), so that SQL reckons with them alike in every database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
SPREAD = 65_536  # `callers.spread` lies below it: where in the day's hours a caller's moment is


class Moment(TypeDecorator[datetime]):
    """A moment: with its time zone in Python, whole seconds since 1970 in the database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        return None if value is None else int(value.timestamp())

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        return None if value is None else datetime.fromtimestamp(value, UTC)


metadata = MetaData(naming_convention=NAMES)
_Id = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by itself only for INTEGER
# Conditions of indexes, as `messages.py` writes them.
_ANSWERS = "state = 'planned' AND kind IN ('call_back', 'page', 'stopped', 'welcome')"
_WITH_CARRIER = "state IN ('accepted', 'sent') AND reason <> 'asked'"
_NEVER_AGAIN: dict[str, Any] = {"sqlite_autoincrement": True}  # an id whose row is gone is not given again

# Somebody who agreed to something, or had. `number` is sealed and empty once nothing more is to be sent. `channel` is
# how we reach them: by text, or by calls where their line takes no texts or they cannot read.
callers = Table(
    "callers",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("fingerprint", String(32), nullable=False, unique=True),
    Column("number", Text),
    Column("number_key", String(8)),
    Column("language", String(2), nullable=False),
    Column("spread", Integer, nullable=False),
    Column("last_seen", Moment, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("channel", String(8), nullable=False, server_default="sms"),
    Index("ix_callers_last_seen", "last_seen"),
    Index("ix_callers_number_key", "number_key"),
    **_NEVER_AGAIN,
)

# Who is to be reminded of what. `scope`: all or last. `done` is the occurrence that the caller said was done. Of what
# has a date of its own `occurrence` is that date as text, and `at` when it is.
subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("caller_id", _Id, ForeignKey("callers.id", ondelete="CASCADE"), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("scope", String(8), nullable=False),
    Column("since", Moment, nullable=False),
    Column("done", String(20), nullable=False, server_default=""),
    Column("ended_at", Moment),
    Column("end_reason", String(20), nullable=False, server_default=""),
    Column("occurrence", String(40), nullable=False, server_default=""),
    Column("at", Moment),
    Index("ix_subscriptions_caller_id", "caller_id"),
    Index(
        "ix_subscriptions_at",
        "at",
        sqlite_where=text("at IS NOT NULL"),
        postgresql_where=text("at IS NOT NULL"),
    ),
    Index(
        "uq_subscriptions_active",
        "caller_id",
        "kind",
        "occurrence",
        unique=True,
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
    **_NEVER_AGAIN,
)

# One outbound message and where it stands (`messages.py`). `tries` counts attempts; `claimed_at` is the last one's, and
# `channel` how it went: a text, or a call.
messages = Table(
    "messages",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("caller_id", _Id, ForeignKey("callers.id", ondelete="CASCADE"), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("occurrence", String(40), nullable=False),
    Column("wave", String(20), nullable=False, server_default=""),
    Column("queue", String(8), nullable=False),
    Column("state", String(12), nullable=False, server_default="planned"),
    Column("reason", String(40), nullable=False, server_default=""),
    Column("due_at", Moment, nullable=False),
    Column("not_after", Moment, nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("claimed_at", Moment),
    Column("sid", String(34)),
    Column("body_mark", String(16), nullable=False, server_default=""),
    Column("changed_at", Moment, nullable=False),
    Column("channel", String(8), nullable=False, server_default="sms"),
    UniqueConstraint("caller_id", "kind", "occurrence", "wave"),
    Index(
        "ix_messages_due",
        "queue",
        "due_at",
        sqlite_where=text("state = 'planned'"),
        postgresql_where=text("state = 'planned'"),
    ),
    Index(
        "ix_messages_answers",
        "queue",
        "due_at",
        sqlite_where=text(_ANSWERS),
        postgresql_where=text(_ANSWERS),
    ),
    Index(
        "ix_messages_silent",
        "changed_at",
        sqlite_where=text(_WITH_CARRIER),
        postgresql_where=text(_WITH_CARRIER),
    ),
    Index(
        "ix_messages_in_doubt",
        "claimed_at",
        sqlite_where=text("state IN ('sending', 'unknown')"),
        postgresql_where=text("state IN ('sending', 'unknown')"),
    ),
    Index(
        "uq_messages_sid",
        "sid",
        unique=True,
        sqlite_where=text("sid IS NOT NULL"),
        postgresql_where=text("sid IS NOT NULL"),
    ),
    **_NEVER_AGAIN,
)

# The exact words that somebody was shown, once each, by their hash.
consent_texts = Table(
    "consent_texts",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("channel", String(5), nullable=False),
    Column("language", String(2), nullable=False),
    Column("text", Text, nullable=False),
)

# Append-only (a trigger holds it): asked, refused, given, changed, ended. No number, no words of the caller's.
consents = Table(
    "consents",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("fingerprint", String(32), nullable=False),
    Column("at", Moment, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("event", String(10), nullable=False),
    Column("scope", String(8), nullable=False, server_default=""),
    Column("channel", String(8), nullable=False),
    Column("language", String(2), nullable=False),
    Column("text_hash", String(64), ForeignKey("consent_texts.hash")),
    Column("heard", String(20), nullable=False, server_default=""),
    Column("sid", String(34), nullable=False, server_default=""),
    Index("ix_consents_fingerprint", "fingerprint"),
)

# Who does not want to be written to, and whom the carrier does not let us write to.
objections = Table(
    "objections",
    metadata,
    Column("fingerprint", String(32), primary_key=True),
    Column("since", Moment, nullable=False),
    Column("reason", String(20), nullable=False),
)
carrier_blocks = Table(
    "carrier_blocks",
    metadata,
    Column("fingerprint", String(32), primary_key=True),
    Column("since", Moment, nullable=False),
)

# Who was invited to confirm what they had signed on paper, once for each form.
invitations = Table(
    "invitations",
    metadata,
    Column("fingerprint", String(32), primary_key=True),
    Column("form", String(40), primary_key=True),
    Column("signed_on", String(10), nullable=False),
    Column("language", String(2), nullable=False),
    Column("invited_at", Moment, nullable=False),
    Index("ix_invitations_invited_at", "invited_at"),
)

# How an effect went, written in its own transaction: a repeated webhook gets the same outcome.
effects = Table(
    "effects",
    metadata,
    Column("key", String(100), primary_key=True),
    Column("outcome", String(20), nullable=False),
    Column("at", Moment, nullable=False),
    Index("ix_effects_at", "at"),
)

# Which waves have been planned to the end, so that nobody goes over them again.
planned_waves = Table(
    "planned_waves",
    metadata,
    Column("kind", String(20), primary_key=True),
    Column("occurrence", String(40), primary_key=True),
    Column("wave", String(20), primary_key=True),
    Column("planned_at", Moment, nullable=False),
)

# Single facts of the whole helpline: paused, since when, applied journal, last alerts.
controls = Table(
    "controls",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", Text, nullable=False),
    Column("changed_at", Moment, nullable=False),
)

# Who may use the desk. `name_key`: the name as it is recognised; `totp_step`: the last code that counted.
operators = Table(
    "operators",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("name", String(40), nullable=False),
    Column("name_key", String(40), nullable=False, unique=True),
    Column("role", String(8), nullable=False),
    Column("password_hash", String(200), nullable=False, server_default=""),
    Column("totp_sealed", Text, nullable=False, server_default=""),
    Column("totp_step", BigInteger, nullable=False, server_default="0"),
    Column("created_at", Moment, nullable=False),
    Column("signed_in_at", Moment),
    **_NEVER_AGAIN,
)

# Of each secret that is handed out only a hash: the link to begin with, recovery codes, sessions.
operator_links = Table(
    "operator_links",
    metadata,
    Column("operator_id", _Id, ForeignKey("operators.id", ondelete="CASCADE"), primary_key=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("totp_sealed", Text, nullable=False),
    Column("expires_at", Moment, nullable=False),
)
recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("operator_id", _Id, ForeignKey("operators.id", ondelete="CASCADE"), primary_key=True),
    Column("code_hash", String(64), primary_key=True),
)
operator_sessions = Table(
    "operator_sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("operator_id", _Id, ForeignKey("operators.id", ondelete="CASCADE"), nullable=False),
    Column("began_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Index("ix_operator_sessions_operator_id", "operator_id"),
)

# How often somebody tried to sign in lately, by a keyed mark of the name, the address or the browser.
sign_in_attempts = Table(
    "sign_in_attempts",
    metadata,
    Column("mark", String(64), primary_key=True),
    Column("tries", Integer, nullable=False),
    Column("since", Moment, nullable=False),
)

# Append-only (a trigger holds it) for a year: who did what at the desk, or by a command. `about`: a caller's
# fingerprint, or an operator's name.
audit = Table(
    "audit",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("who", String(60), nullable=False),
    Column("what", String(30), nullable=False),
    Column("about", String(60), nullable=False, server_default=""),
    Column("detail", String(200), nullable=False, server_default=""),
    Index("ix_audit_at", "at"),
    **_NEVER_AGAIN,
)
