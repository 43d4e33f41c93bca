"""The tables of operators: who they are, what they have to do and did."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text, text

from helpline.records.columns import NEVER_AGAIN, Id, Moment, metadata

_OPEN = "state IN ('waiting', 'taken')"

# Who may use the desk. `name_key`: the name as it is recognised; `totp_step`: the last code that counted.
operators = Table(
    "operators",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", String(40), nullable=False),
    Column("name_key", String(40), nullable=False, unique=True),
    Column("role", String(8), nullable=False),
    Column("password_hash", String(200), nullable=False, server_default=""),
    Column("totp_sealed", Text, nullable=False, server_default=""),
    Column("totp_step", BigInteger, nullable=False, server_default="0"),
    Column("created_at", Moment, nullable=False),
    Column("signed_in_at", Moment),
    **NEVER_AGAIN,
)

# Of each secret that is handed out only a hash: the link to begin with, recovery codes, sessions.
operator_links = Table(
    "operator_links",
    metadata,
    Column("operator_id", Id, ForeignKey("operators.id", ondelete="CASCADE"), primary_key=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("totp_sealed", Text, nullable=False),
    Column("expires_at", Moment, nullable=False),
)
recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("operator_id", Id, ForeignKey("operators.id", ondelete="CASCADE"), primary_key=True),
    Column("code_hash", String(64), primary_key=True),
)
operator_sessions = Table(
    "operator_sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("operator_id", Id, ForeignKey("operators.id", ondelete="CASCADE"), nullable=False),
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
    Column("id", Id, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("who", String(60), nullable=False),
    Column("what", String(30), nullable=False),
    Column("about", String(60), nullable=False, server_default=""),
    Column("detail", String(200), nullable=False, server_default=""),
    Index("ix_audit_at", "at"),
    **NEVER_AGAIN,
)

# Who asked to be called by one of us. `number` is sealed, and empty once nobody is to call it; one open
# request a caller. `state`: waiting, taken, done, no_answer or withdrawn. `taken_by` is an operator's name,
# `called_at` when their phone was last called for it, by the real time.
call_requests = Table(
    "call_requests",
    metadata,
    Column("id", Id, primary_key=True),
    Column("fingerprint", String(32), nullable=False),
    Column("number", Text),
    Column("number_key", String(8)),
    Column("language", String(2), nullable=False),
    Column("channel", String(8), nullable=False),
    Column("state", String(12), nullable=False, server_default="waiting"),
    Column("asked_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("taken_by", String(60), nullable=False, server_default=""),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("called_at", Moment),
    Index("ix_call_requests_changed_at", "changed_at"),
    Index("ix_call_requests_fingerprint", "fingerprint"),
    Index("ix_call_requests_number_key", "number_key"),
    Index(
        "uq_call_requests_open",
        "fingerprint",
        unique=True,
        sqlite_where=text(_OPEN),
        postgresql_where=text(_OPEN),
    ),
    Index("ix_call_requests_open", "asked_at", sqlite_where=text(_OPEN), postgresql_where=text(_OPEN)),
    **NEVER_AGAIN,
)

# What every caller is told first, until its end. `words`: JSON, a text by language. One that is taken down has ended.
notices = Table(
    "notices",
    metadata,
    Column("id", Id, primary_key=True),
    Column("since", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    Column("words", Text, nullable=False),
    Column("put_up_by", String(60), nullable=False),
    Index("ix_notices_until", "until"),
    **NEVER_AGAIN,
)

# How often what happened on which day in France, without anything of a caller's. `labels`: "channel=sms,heard=key".
tallies = Table(
    "tallies",
    metadata,
    Column("day", String(10), primary_key=True),
    Column("name", String(40), primary_key=True),
    Column("labels", String(120), primary_key=True),
    Column("count", BigInteger, nullable=False),
)

# Who was helped on a day, by a mark that is another one each day; counted into `tallies` at its end, then forgotten.
people_helped = Table(
    "people_helped",
    metadata,
    Column("day", String(10), primary_key=True),
    Column("mark", String(16), primary_key=True),
)

# Which facts were looked at again, and by whom. `statement_hash`: of the sentence that they looked at.
fact_reviews = Table(
    "fact_reviews",
    metadata,
    Column("id", Id, primary_key=True),
    Column("fact", String(10), nullable=False),
    Column("at", Moment, nullable=False),
    Column("who", String(60), nullable=False),
    Column("statement_hash", String(64), nullable=False),
    Index("ix_fact_reviews_fact", "fact"),
    **NEVER_AGAIN,
)

# Waves that an operator holds back: their messages wait until somebody lets them go.
held_waves = Table(
    "held_waves",
    metadata,
    Column("kind", String(20), primary_key=True),
    Column("occurrence", String(40), primary_key=True),
    Column("wave", String(20), primary_key=True),
    Column("since", Moment, nullable=False),
    Column("who", String(60), nullable=False),
    Column("reason", String(100), nullable=False, server_default=""),
)
