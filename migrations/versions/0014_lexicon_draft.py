"""Drafts of changes to the lexicon, one a person, and what each would do to the rankings."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014_lexicon_draft"
down_revision = "0013_second_factor"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "lexicon_draft",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("base_id", sa.Uuid(), nullable=True),
        sa.Column("base_lexicon", sa.String(length=12), nullable=False),
        sa.Column("changes", JSON, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["base_id"], ["matcher_version.id"], name=op.f("fk_lexicon_draft_base_id_matcher_version")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_lexicon_draft_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lexicon_draft")),
        sa.UniqueConstraint("user_id", name=op.f("uq_lexicon_draft_user_id")),
    )
    op.create_table(
        "lexicon_preview",
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("draft_version", sa.Integer(), nullable=False),
        sa.Column("base_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("results", JSON, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("state IN ('asked', 'done', 'failed')", name=op.f("ck_lexicon_preview_state")),
        sa.CheckConstraint("(state = 'asked') = (done_at IS NULL)", name=op.f("ck_lexicon_preview_done")),
        sa.ForeignKeyConstraint(
            ["base_id"], ["matcher_version.id"], name=op.f("fk_lexicon_preview_base_id_matcher_version")
        ),
        sa.ForeignKeyConstraint(
            ["draft_id"],
            ["lexicon_draft.id"],
            name=op.f("fk_lexicon_preview_draft_id_lexicon_draft"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lexicon_preview")),
        sa.UniqueConstraint("draft_id", name=op.f("uq_lexicon_preview_draft_id")),
    )


def downgrade() -> None:
    op.drop_table("lexicon_preview")
    op.drop_table("lexicon_draft")
