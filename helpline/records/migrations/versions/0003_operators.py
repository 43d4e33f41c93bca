"""Operators of the desk: who they are, how they sign in, what they did."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.BigInteger  # whole seconds since 1970


def upgrade() -> None:
    """Make the tables, and the triggers that hold the audit trail."""
    _operators()
    _secrets()
    _trail()
    for statement in TRIGGERS[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    """Drop all of it: nobody has a desk then."""
    for table in ("audit", "sign_in_attempts", "operator_sessions", "recovery_codes", "operator_links", "operators"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_is_append_only()")


def _operators() -> None:
    op.create_table(
        "operators",
        sa.Column("id", Id, nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("name_key", sa.String(40), nullable=False),
        sa.Column("role", sa.String(8), nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=False, server_default=""),
        sa.Column("totp_sealed", sa.Text(), nullable=False, server_default=""),
        sa.Column("totp_step", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("signed_in_at", Moment()),
        sa.PrimaryKeyConstraint("id", name="pk_operators"),
        sa.UniqueConstraint("name_key", name="uq_operators_name_key"),
        sqlite_autoincrement=True,
    )


def _of_operator(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["operator_id"], ["operators.id"], name=f"fk_{table}_operator_id", ondelete="CASCADE"
    )


def _secrets() -> None:
    op.create_table(
        "operator_links",
        sa.Column("operator_id", Id, nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("totp_sealed", sa.Text(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("operator_id", name="pk_operator_links"),
        _of_operator("operator_links"),
        sa.UniqueConstraint("token_hash", name="uq_operator_links_token_hash"),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("operator_id", Id, nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("operator_id", "code_hash", name="pk_recovery_codes"),
        _of_operator("recovery_codes"),
    )
    op.create_table(
        "operator_sessions",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("operator_id", Id, nullable=False),
        sa.Column("began_at", Moment(), nullable=False),
        sa.Column("seen_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name="pk_operator_sessions"),
        _of_operator("operator_sessions"),
    )
    op.create_index("ix_operator_sessions_operator_id", "operator_sessions", ["operator_id"])


def _trail() -> None:
    op.create_table(
        "sign_in_attempts",
        sa.Column("mark", sa.String(64), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("mark", name="pk_sign_in_attempts"),
    )
    op.create_table(
        "audit",
        sa.Column("id", Id, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("who", sa.String(60), nullable=False),
        sa.Column("what", sa.String(30), nullable=False),
        sa.Column("about", sa.String(60), nullable=False, server_default=""),
        sa.Column("detail", sa.String(200), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_at", "audit", ["at"])


NO_CHANGE = "the audit trail is append-only: what was done is never changed"
NO_REMOVAL = "the audit trail is append-only: its entries stay for a year"
_YEAR = 365 * 86_400

TRIGGERS = {
    "sqlite": (
        f"""
        CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit
        BEGIN SELECT RAISE(ABORT, '{NO_CHANGE}'); END
        """,
        f"""
        CREATE TRIGGER audit_stays BEFORE DELETE ON audit
        WHEN OLD.at > CAST(strftime('%s', 'now') AS INTEGER) - {_YEAR}
        BEGIN SELECT RAISE(ABORT, '{NO_REMOVAL}'); END
        """,
        # INSERT OR REPLACE would take a row away without asking the trigger above.
        f"""
        CREATE TRIGGER audit_is_not_replaced BEFORE INSERT ON audit
        WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
        BEGIN SELECT RAISE(ABORT, '{NO_CHANGE}'); END
        """,  # noqa: S608
    ),
    "postgresql": (
        f"""
        CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' THEN
                RAISE EXCEPTION '{NO_CHANGE}' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            IF TG_OP = 'TRUNCATE' THEN
                RAISE EXCEPTION '{NO_REMOVAL}' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            IF OLD.at > extract(epoch FROM now()) - {_YEAR} THEN
                RAISE EXCEPTION '{NO_REMOVAL}' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN OLD;
        END $$
        """,
        """
        CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE ON audit
        FOR EACH ROW EXECUTE FUNCTION audit_is_append_only()
        """,
        """
        CREATE TRIGGER audit_is_not_truncated BEFORE TRUNCATE ON audit
        EXECUTE FUNCTION audit_is_append_only()
        """,
    ),
}
