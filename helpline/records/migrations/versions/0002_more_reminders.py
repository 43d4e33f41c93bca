"""Reminders of what has a date of its own, reminders by call, and invitations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

Moment = sa.BigInteger  # whole seconds since 1970
_ACTIVE = sa.text("ended_at IS NULL")
_ANSWERS = sa.text("state = 'planned' AND kind IN ('call_back', 'page', 'stopped', 'welcome')")
_WITH_CARRIER = sa.text("state IN ('accepted', 'sent') AND reason <> 'asked'")
_DATED = sa.text("at IS NOT NULL")


def upgrade() -> None:
    """Add what is needed; whoever is subscribed stays so, and is reached by text."""
    op.add_column("callers", _channel())
    op.add_column("messages", _channel())
    op.add_column("subscriptions", sa.Column("occurrence", sa.String(40), nullable=False, server_default=""))
    op.add_column("subscriptions", sa.Column("at", Moment()))
    op.create_index("ix_subscriptions_at", "subscriptions", ["at"], sqlite_where=_DATED, postgresql_where=_DATED)
    _one_active_of("caller_id", "kind", "occurrence")
    op.create_index(
        "ix_messages_answers", "messages", ["queue", "due_at"], sqlite_where=_ANSWERS, postgresql_where=_ANSWERS
    )
    op.create_index(
        "ix_messages_silent", "messages", ["changed_at"], sqlite_where=_WITH_CARRIER, postgresql_where=_WITH_CARRIER
    )
    op.create_table(
        "invitations",
        sa.Column("fingerprint", sa.String(32), nullable=False),
        sa.Column("form", sa.String(40), nullable=False),
        sa.Column("signed_on", sa.String(10), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("invited_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", "form", name="pk_invitations"),
    )
    op.create_index("ix_invitations_invited_at", "invitations", ["invited_at"])


def downgrade() -> None:
    """Take it away again, with what only this version knows: dated reminders, calls, invitations."""
    op.drop_table("invitations")
    op.drop_index("ix_messages_silent", "messages")
    op.drop_index("ix_messages_answers", "messages")
    op.execute("DELETE FROM messages WHERE queue = 'calls' OR channel <> 'sms'")
    op.execute("DELETE FROM messages WHERE kind NOT IN ('update', 'welcome', 'stopped', 'keep')")
    op.execute("DELETE FROM subscriptions WHERE kind <> 'update'")
    _one_active_of("caller_id", "kind")
    op.drop_index("ix_subscriptions_at", "subscriptions")
    for table, column in (
        ("subscriptions", "at"),
        ("subscriptions", "occurrence"),
        ("messages", "channel"),
        ("callers", "channel"),
    ):
        op.drop_column(table, column)


def _channel() -> sa.Column[str]:
    return sa.Column("channel", sa.String(8), nullable=False, server_default="sms")


def _one_active_of(*columns: str) -> None:
    op.drop_index("uq_subscriptions_active", "subscriptions")
    op.create_index(
        "uq_subscriptions_active",
        "subscriptions",
        list(columns),
        unique=True,
        sqlite_where=_ACTIVE,
        postgresql_where=_ACTIVE,
    )
