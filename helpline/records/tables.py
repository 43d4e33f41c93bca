"""The tables of callers: what they agreed to, what is sent to them. `desk_tables` has those of operators."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, text

from helpline.records import desk_tables as desk_tables
from helpline.records.columns import NEVER_AGAIN, Id, Moment
from helpline.records.columns import metadata as metadata

SPREAD = 65_536  # `callers.spread` lies below it: where in the day's hours a caller's moment is
# Conditions of indexes, as `messages.py` writes them.
_ANSWERS = "state = 'planned' AND kind IN ('call_back', 'page', 'stopped', 'welcome')"
_WITH_CARRIER = "state IN ('accepted', 'sent') AND reason <> 'asked'"

# Somebody who agreed to something, or had. `number` is sealed and empty once nothing more is to be sent. `channel` is
# how we reach them: by text, or by calls where their line takes no texts or they cannot read.
callers = Table(
    "callers",
    metadata,
    Column("id", Id, primary_key=True),
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
    **NEVER_AGAIN,
)

# Who is to be reminded of what. `scope`: all or last. `done` is the occurrence that the caller said was done. Of what
# has a date of its own `occurrence` is that date as text, and `at` when it is.
subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("caller_id", Id, ForeignKey("callers.id", ondelete="CASCADE"), nullable=False),
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
    **NEVER_AGAIN,
)

# One outbound message and where it stands (`messages.py`). `tries` counts attempts; `claimed_at` is the last one's, and
# `channel` how it went: a text, or a call.
messages = Table(
    "messages",
    metadata,
    Column("id", Id, primary_key=True),
    Column("caller_id", Id, ForeignKey("callers.id", ondelete="CASCADE"), nullable=False),
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
    Index("ix_messages_wave", "kind", "occurrence", "wave", "state", "reason"),
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
    **NEVER_AGAIN,
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
    Column("id", Id, primary_key=True),
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
