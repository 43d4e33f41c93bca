"""What the desk works with: call requests, notices, tallies, reviews of facts, waves that are held back."""

from __future__ import annotations

import json
import time

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.BigInteger  # whole seconds since 1970
OPEN = "state IN ('waiting', 'taken')"


def upgrade() -> None:
    """Make the tables."""
    _call_requests()
    _notices_and_reviews()
    _tallies()
    _held_waves()
    op.create_index("ix_messages_wave", "messages", ["kind", "occurrence", "wave", "state", "reason"])


def downgrade() -> None:
    """Drop them. What was held back goes into its queue again, and waits there: an older helpline holds no waves."""
    if op.get_bind().scalar(sa.text("SELECT 1 FROM messages WHERE queue = 'held' AND state = 'planned' LIMIT 1")):
        _pause()
    op.execute(
        "UPDATE messages SET queue = CASE WHEN EXISTS (SELECT 1 FROM callers "
        "WHERE callers.id = messages.caller_id AND callers.channel = 'voice') THEN 'calls' ELSE 'bulk' END "
        "WHERE queue = 'held'"
    )
    op.drop_index("ix_messages_wave", "messages")
    for table in ("held_waves", "fact_reviews", "people_helped", "tallies", "notices", "call_requests"):
        op.drop_table(table)


def _call_requests() -> None:
    op.create_table(
        "call_requests",
        sa.Column("id", Id, nullable=False),
        sa.Column("fingerprint", sa.String(32), nullable=False),
        sa.Column("number", sa.Text()),
        sa.Column("number_key", sa.String(8)),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("channel", sa.String(8), nullable=False),
        sa.Column("state", sa.String(12), nullable=False, server_default="waiting"),
        sa.Column("asked_at", Moment(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.Column("taken_by", sa.String(60), nullable=False, server_default=""),
        sa.Column("tries", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("called_at", Moment()),
        sa.PrimaryKeyConstraint("id", name="pk_call_requests"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_call_requests_changed_at", "call_requests", ["changed_at"])
    op.create_index("ix_call_requests_fingerprint", "call_requests", ["fingerprint"])
    op.create_index("ix_call_requests_number_key", "call_requests", ["number_key"])
    for name, column in (("uq_call_requests_open", "fingerprint"), ("ix_call_requests_open", "asked_at")):
        is_one = name.startswith("uq")
        still_open = sa.text(OPEN)
        op.create_index(
            name, "call_requests", [column], unique=is_one, sqlite_where=still_open, postgresql_where=still_open
        )


def _notices_and_reviews() -> None:
    op.create_table(
        "notices",
        sa.Column("id", Id, nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.Column("until", Moment(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("put_up_by", sa.String(60), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_notices_until", "notices", ["until"])
    op.create_table(
        "fact_reviews",
        sa.Column("id", Id, nullable=False),
        sa.Column("fact", sa.String(10), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("who", sa.String(60), nullable=False),
        sa.Column("statement_hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_fact_reviews"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_fact_reviews_fact", "fact_reviews", ["fact"])


def _tallies() -> None:
    op.create_table(
        "tallies",
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("labels", sa.String(120), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "name", "labels", name="pk_tallies"),
    )
    op.create_table(
        "people_helped",
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("mark", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("day", "mark", name="pk_people_helped"),
    )


def _held_waves() -> None:
    op.create_table(
        "held_waves",
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("occurrence", sa.String(40), nullable=False),
        sa.Column("wave", sa.String(20), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.Column("who", sa.String(60), nullable=False),
        sa.Column("reason", sa.String(100), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("kind", "occurrence", "wave", name="pk_held_waves"),
    )


def _pause() -> None:
    now = int(time.time())
    pause = {"by": "operator", "reason": "waves were held back", "since": now, "probed": now}
    row = {"value": json.dumps(pause, sort_keys=True), "now": now}
    op.get_bind().execute(sa.text("INSERT INTO controls VALUES ('paused', :value, :now) ON CONFLICT DO NOTHING"), row)
