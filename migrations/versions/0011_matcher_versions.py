"""Versions of the matcher, and how each did on the judged set."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011_matcher_versions"
down_revision = "0010_semantic"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "matcher_version",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("origin", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("weights", JSON, nullable=False),
        sa.Column("lexicon_changes", JSON, nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("activated_by", sa.Uuid(), nullable=True),
        sa.Column("before_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "origin IN ('shipped', 'by_hand', 'learnt', 'lexicon')", name=op.f("ck_matcher_version_origin")
        ),
        sa.CheckConstraint(
            "state IN ('offered', 'active', 'retired')", name=op.f("ck_matcher_version_state")
        ),
        sa.ForeignKeyConstraint(
            ["activated_by"], ["user.id"], name=op.f("fk_matcher_version_activated_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["before_id"], ["matcher_version.id"], name=op.f("fk_matcher_version_before_id_matcher_version")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["user.id"], name=op.f("fk_matcher_version_created_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matcher_version")),
        sa.UniqueConstraint("number", name=op.f("uq_matcher_version_number")),
    )
    with op.batch_alter_table("matcher_version", schema=None) as batch_op:
        batch_op.create_index(
            "uq_matcher_version_active",
            ["state"],
            unique=True,
            sqlite_where=sa.text("state = 'active'"),
            postgresql_where=sa.text("state = 'active'"),
        )

    op.create_table(
        "quality_run",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("judged", sa.String(length=64), nullable=False),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("results", JSON, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["matcher_version.id"],
            name=op.f("fk_quality_run_version_id_matcher_version"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_run")),
    )
    with op.batch_alter_table("quality_run", schema=None) as batch_op:
        batch_op.create_index("ix_quality_run_version", ["version_id", "measured_at"], unique=False)


def downgrade() -> None:
    op.drop_table("quality_run")
    op.drop_table("matcher_version")
