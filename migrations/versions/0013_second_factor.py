"""What guards an account beside its password: second factors, recovery codes, counted failures, proposed roles."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013_second_factor"
down_revision = "0012_pairs_by_lot"
branch_labels = None
depends_on = None


def _of_user(table: str, *columns: sa.Column) -> None:
    op.create_table(
        table,
        sa.Column("user_id", sa.Uuid(), nullable=False),
        *columns,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f(f"fk_{table}_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def _moment(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    _of_user(
        "authenticator",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("last_counter", sa.BigInteger(), nullable=True),
        _moment("created_at"),
        _moment("used_at", nullable=True),
    )
    _of_user(
        "passkey",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(length=1023), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column(
            "transports",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        _moment("created_at"),
        _moment("used_at", nullable=True),
    )
    _of_user("recovery_code", sa.Column("digest", sa.String(length=64), nullable=False))
    for table in ("authenticator", "passkey", "recovery_code"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.create_index(batch_op.f(f"ix_{table}_user_id"), ["user_id"], unique=False)
    for table, column in (("passkey", "credential_id"), ("recovery_code", "digest")):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.create_unique_constraint(batch_op.f(f"uq_{table}_{column}"), [column])

    op.create_table(
        "failed_try",
        sa.Column("key", sa.String(length=64), nullable=False),
        _moment("at"),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_failed_try")),
    )
    with op.batch_alter_table("failed_try", schema=None) as batch_op:
        batch_op.create_index("ix_failed_try_key", ["key", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_failed_try_at"), ["at"], unique=False)

    op.create_table(
        "role_proposal",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        _moment("proposed_at"),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        _moment("decided_at", nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("role IN ('moderator', 'administrator')", name=op.f("ck_role_proposal_role")),
        sa.CheckConstraint("state IN ('open', 'agreed', 'declined')", name=op.f("ck_role_proposal_state")),
        sa.CheckConstraint("(state = 'open') = (decided_at IS NULL)", name=op.f("ck_role_proposal_decided")),
        sa.CheckConstraint(
            "decided_by IS NULL OR decided_by <> proposed_by OR state = 'declined'",
            name=op.f("ck_role_proposal_two"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_role_proposal_user_id_user"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["proposed_by"], ["user.id"], name=op.f("fk_role_proposal_proposed_by_user")),
        sa.ForeignKeyConstraint(["decided_by"], ["user.id"], name=op.f("fk_role_proposal_decided_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_proposal")),
    )
    op.create_index(
        "uq_role_proposal_open",
        "role_proposal",
        ["user_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )

    # By plain statements: a batch would make the tables anew on SQLite, and what points at them would go with the old.
    op.add_column("user", _moment("second_factor_at", nullable=True))
    op.add_column("user", _moment("closed_at", nullable=True))
    op.add_column("sign_in_session", _moment("confirmed_at", nullable=True))
    op.execute("UPDATE sign_in_session SET confirmed_at = started_at")


def downgrade() -> None:
    op.drop_column("sign_in_session", "confirmed_at")
    op.drop_column("user", "closed_at")
    op.drop_column("user", "second_factor_at")
    for table in ("role_proposal", "failed_try", "recovery_code", "passkey", "authenticator"):
        op.drop_table(table)
