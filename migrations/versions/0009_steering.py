"""What the forum steers its matcher by: pairs that people judge, and what each person said of them."""

import sqlalchemy as sa
from alembic import op

revision = "0009_steering"
down_revision = "0008_live_text"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "judged_pair",
        sa.Column("need_id", sa.Uuid(), nullable=False),
        sa.Column("capability_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=True),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("grade IS NULL OR grade BETWEEN 0 AND 3", name=op.f("ck_judged_pair_grade")),
        sa.CheckConstraint("(state = 'settled') = (grade IS NOT NULL)", name=op.f("ck_judged_pair_settled")),
        sa.CheckConstraint("state IN ('open', 'settled', 'disputed')", name=op.f("ck_judged_pair_state")),
        sa.ForeignKeyConstraint(["added_by"], ["user.id"], name=op.f("fk_judged_pair_added_by_user")),
        sa.ForeignKeyConstraint(
            ["capability_id"], ["listing.id"], name=op.f("fk_judged_pair_capability_id_listing")
        ),
        sa.ForeignKeyConstraint(["need_id"], ["listing.id"], name=op.f("fk_judged_pair_need_id_listing")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_judged_pair")),
        sa.UniqueConstraint("need_id", "capability_id", name=op.f("uq_judged_pair_need_id_capability_id")),
    )
    with op.batch_alter_table("judged_pair", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_judged_pair_capability_id"), ["capability_id"], unique=False)
        batch_op.create_index("ix_judged_pair_state", ["state", "changed_at"], unique=False)

    op.create_table(
        "judgement",
        sa.Column("pair_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(source = 'decision') = (decision_id IS NOT NULL)", name=op.f("ck_judgement_decision")
        ),
        sa.CheckConstraint("grade BETWEEN 0 AND 3", name=op.f("ck_judgement_grade")),
        sa.CheckConstraint("source IN ('person', 'import', 'decision')", name=op.f("ck_judgement_source")),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_judgement_by_id_user")),
        sa.ForeignKeyConstraint(
            ["decision_id"],
            ["match_decision.id"],
            name=op.f("fk_judgement_decision_id_match_decision"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["pair_id"], ["judged_pair.id"], name=op.f("fk_judgement_pair_id_judged_pair"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_judgement")),
        sa.UniqueConstraint("pair_id", "by_id", name=op.f("uq_judgement_pair_id_by_id")),
    )
    with op.batch_alter_table("judgement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_judgement_decision_id"), ["decision_id"], unique=False)


def downgrade() -> None:
    op.drop_table("judgement")
    op.drop_table("judged_pair")
