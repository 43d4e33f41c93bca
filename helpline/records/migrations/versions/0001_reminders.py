"""The tables of reminders: callers, what they agreed to, what is sent to them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.BigInteger  # whole seconds since 1970


def upgrade() -> None:
    """Make all tables, and the triggers that hold the proof of consent."""
    _people()
    _messages()
    _proof()
    _single_facts()
    for statement in TRIGGERS[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    """Drop all of it, with everything that was kept."""
    for table in (
        "controls",
        "planned_waves",
        "effects",
        "carrier_blocks",
        "objections",
        "consents",
        "consent_texts",
        "messages",
        "subscriptions",
        "callers",
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION consents_are_append_only()")
        op.execute("DROP FUNCTION consent_texts_never_change()")


def _index(name: str, table: str, columns: list[str], where: str = "", unique: bool = False) -> None:
    condition = sa.text(where) if where else None
    op.create_index(name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


def _people() -> None:
    op.create_table(
        "callers",
        sa.Column("id", Id, nullable=False),
        sa.Column("fingerprint", sa.String(32), nullable=False),
        sa.Column("number", sa.Text()),
        sa.Column("number_key", sa.String(8)),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("spread", sa.Integer(), nullable=False),
        sa.Column("last_seen", Moment(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_callers"),
        sa.UniqueConstraint("fingerprint", name="uq_callers_fingerprint"),
        sqlite_autoincrement=True,
    )
    _index("ix_callers_last_seen", "callers", ["last_seen"])
    _index("ix_callers_number_key", "callers", ["number_key"])
    op.create_table(
        "subscriptions",
        sa.Column("id", Id, nullable=False),
        sa.Column("caller_id", Id, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("scope", sa.String(8), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.Column("done", sa.String(20), nullable=False, server_default=""),
        sa.Column("ended_at", Moment()),
        sa.Column("end_reason", sa.String(20), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id", name="pk_subscriptions"),
        sa.ForeignKeyConstraint(["caller_id"], ["callers.id"], name="fk_subscriptions_caller_id", ondelete="CASCADE"),
        sqlite_autoincrement=True,
    )
    _index("ix_subscriptions_caller_id", "subscriptions", ["caller_id"])
    _index("uq_subscriptions_active", "subscriptions", ["caller_id", "kind"], "ended_at IS NULL", unique=True)


def _messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", Id, nullable=False),
        sa.Column("caller_id", Id, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("occurrence", sa.String(40), nullable=False),
        sa.Column("wave", sa.String(20), nullable=False, server_default=""),
        sa.Column("queue", sa.String(8), nullable=False),
        sa.Column("state", sa.String(12), nullable=False, server_default="planned"),
        sa.Column("reason", sa.String(40), nullable=False, server_default=""),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("not_after", Moment(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("claimed_at", Moment()),
        sa.Column("sid", sa.String(34)),
        sa.Column("body_mark", sa.String(16), nullable=False, server_default=""),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
        sa.ForeignKeyConstraint(["caller_id"], ["callers.id"], name="fk_messages_caller_id", ondelete="CASCADE"),
        sa.UniqueConstraint(
            "caller_id", "kind", "occurrence", "wave", name="uq_messages_caller_id_kind_occurrence_wave"
        ),
        sqlite_autoincrement=True,
    )
    _index("ix_messages_due", "messages", ["queue", "due_at"], "state = 'planned'")
    _index("ix_messages_in_doubt", "messages", ["claimed_at"], "state IN ('sending', 'unknown')")
    _index("uq_messages_sid", "messages", ["sid"], "sid IS NOT NULL", unique=True)


def _proof() -> None:
    op.create_table(
        "consent_texts",
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(5), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_consent_texts"),
    )
    op.create_table(
        "consents",
        sa.Column("id", Id, nullable=False),
        sa.Column("fingerprint", sa.String(32), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("event", sa.String(10), nullable=False),
        sa.Column("scope", sa.String(8), nullable=False, server_default=""),
        sa.Column("channel", sa.String(8), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("text_hash", sa.String(64)),
        sa.Column("heard", sa.String(20), nullable=False, server_default=""),
        sa.Column("sid", sa.String(34), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id", name="pk_consents"),
        sa.ForeignKeyConstraint(["text_hash"], ["consent_texts.hash"], name="fk_consents_text_hash"),
    )
    _index("ix_consents_fingerprint", "consents", ["fingerprint"])


def _single_facts() -> None:
    op.create_table(
        "objections",
        sa.Column("fingerprint", sa.String(32), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name="pk_objections"),
    )
    op.create_table(
        "carrier_blocks",
        sa.Column("fingerprint", sa.String(32), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name="pk_carrier_blocks"),
    )
    op.create_table(
        "effects",
        sa.Column("key", sa.String(100), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_effects"),
    )
    _index("ix_effects_at", "effects", ["at"])
    op.create_table(
        "planned_waves",
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("occurrence", sa.String(40), nullable=False),
        sa.Column("wave", sa.String(20), nullable=False),
        sa.Column("planned_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "occurrence", "wave", name="pk_planned_waves"),
    )
    op.create_table(
        "controls",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_controls"),
    )


NO_CHANGE = "consents are append-only: what somebody agreed to is never changed"
NO_REMOVAL = "consents are append-only: they stay for as long as their caller is kept"
NO_OTHER_WORDS = "consent texts never change: they prove what somebody was shown"

TRIGGERS = {
    "sqlite": (
        f"""
        CREATE TRIGGER consents_never_change BEFORE UPDATE ON consents
        BEGIN SELECT RAISE(ABORT, '{NO_CHANGE}'); END
        """,
        f"""
        CREATE TRIGGER consents_stay BEFORE DELETE ON consents
        WHEN EXISTS (SELECT 1 FROM callers WHERE fingerprint = OLD.fingerprint)
        BEGIN SELECT RAISE(ABORT, '{NO_REMOVAL}'); END
        """,  # noqa: S608
        # INSERT OR REPLACE would take a row away without asking the trigger above.
        f"""
        CREATE TRIGGER consents_are_not_replaced BEFORE INSERT ON consents
        WHEN EXISTS (SELECT 1 FROM consents WHERE id = NEW.id)
        BEGIN SELECT RAISE(ABORT, '{NO_CHANGE}'); END
        """,  # noqa: S608
        f"""
        CREATE TRIGGER consent_texts_never_change BEFORE UPDATE ON consent_texts
        BEGIN SELECT RAISE(ABORT, '{NO_OTHER_WORDS}'); END
        """,
    ),
    "postgresql": (
        f"""
        CREATE FUNCTION consents_are_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' THEN
                RAISE EXCEPTION '{NO_CHANGE}' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            IF TG_OP = 'TRUNCATE' THEN
                RAISE EXCEPTION '{NO_REMOVAL}' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            IF EXISTS (SELECT 1 FROM callers WHERE fingerprint = OLD.fingerprint) THEN
                RAISE EXCEPTION '{NO_REMOVAL}' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN OLD;
        END $$
        """,  # noqa: S608
        """
        CREATE TRIGGER consents_stay BEFORE UPDATE OR DELETE ON consents
        FOR EACH ROW EXECUTE FUNCTION consents_are_append_only()
        """,
        """
        CREATE TRIGGER consents_are_not_truncated BEFORE TRUNCATE ON consents
        EXECUTE FUNCTION consents_are_append_only()
        """,
        f"""
        CREATE FUNCTION consent_texts_never_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '{NO_OTHER_WORDS}' USING ERRCODE = 'integrity_constraint_violation';
        END $$
        """,
        """
        CREATE TRIGGER consent_texts_never_change BEFORE UPDATE ON consent_texts
        FOR EACH ROW EXECUTE FUNCTION consent_texts_never_change()
        """,
    ),
}
