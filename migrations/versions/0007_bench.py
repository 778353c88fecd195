"""The moderators' workbench: notes and assignments, decisions that can be taken back, offers a minute later."""

import sqlalchemy as sa
from alembic import op

revision = "0007_bench"
down_revision = "0006_joins"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "moderation_note",
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("queue", sa.String(length=10), nullable=False),
        sa.Column("match_id", sa.Uuid(), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("told_id", sa.Uuid(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("match_id IS NULL OR queue = 'matches'", name=op.f("ck_moderation_note_pair")),
        sa.CheckConstraint("queue IN ('listings', 'matches')", name=op.f("ck_moderation_note_queue")),
        sa.ForeignKeyConstraint(["author_id"], ["user.id"], name=op.f("fk_moderation_note_author_id_user")),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name=op.f("fk_moderation_note_listing_id_listing")
        ),
        sa.ForeignKeyConstraint(
            ["match_id"], ["match.id"], name=op.f("fk_moderation_note_match_id_match"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["told_id"], ["user.id"], name=op.f("fk_moderation_note_told_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderation_note")),
    )
    with op.batch_alter_table("moderation_note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_moderation_note_match_id"), ["match_id"], unique=False)
        batch_op.create_index(
            "ix_moderation_note_thread", ["listing_id", "queue", "created_at"], unique=False
        )

    op.create_table(
        "assignment",
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("queue", sa.String(length=10), nullable=False),
        sa.Column("assignee_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("queue IN ('listings', 'matches')", name=op.f("ck_assignment_queue")),
        sa.ForeignKeyConstraint(["assignee_id"], ["user.id"], name=op.f("fk_assignment_assignee_id_user")),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_assignment_by_id_user")),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name=op.f("fk_assignment_listing_id_listing")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
        sa.UniqueConstraint("listing_id", "queue", name=op.f("uq_assignment_listing_id_queue")),
    )
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_assignment_assignee_id"), ["assignee_id"], unique=False)

    with op.batch_alter_table("match", schema=None) as batch_op:
        batch_op.add_column(sa.Column("offer_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index("ix_match_offer_due", ["state", "offer_at"], unique=False)

    with op.batch_alter_table("match_decision", schema=None) as batch_op:
        batch_op.add_column(sa.Column("batch_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("undoes_id", sa.Uuid(), nullable=True))
        batch_op.create_index(batch_op.f("ix_match_decision_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index("ix_match_decision_by", ["by_id", "at"], unique=False)
        batch_op.create_unique_constraint(batch_op.f("uq_match_decision_undoes_id"), ["undoes_id"])
        batch_op.create_foreign_key(
            batch_op.f("fk_match_decision_undoes_id_match_decision"),
            "match_decision",
            ["undoes_id"],
            ["id"],
            ondelete="CASCADE",
        )


def downgrade() -> None:
    with op.batch_alter_table("match_decision", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_match_decision_undoes_id_match_decision"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("uq_match_decision_undoes_id"), type_="unique")
        batch_op.drop_index("ix_match_decision_by")
        batch_op.drop_index(batch_op.f("ix_match_decision_batch_id"))
        batch_op.drop_column("undoes_id")
        batch_op.drop_column("batch_id")
    with op.batch_alter_table("match", schema=None) as batch_op:
        batch_op.drop_index("ix_match_offer_due")
        batch_op.drop_column("offer_at")
    op.drop_table("assignment")
    op.drop_table("moderation_note")
