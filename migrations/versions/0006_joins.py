"""Joined needs and proposals to merge: cities that take part in another city's need, and who consents to a merge."""

import sqlalchemy as sa
from alembic import op

revision = "0006_joins"
down_revision = "0005_evidence"
branch_labels = None
depends_on = None

LIVE = sa.text("state IN ('asked', 'agreed')")
OPEN = sa.text("state = 'proposed'")


def upgrade() -> None:
    op.create_table(
        "need_join",
        sa.Column("need_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("own_need_id", sa.Uuid(), nullable=True),
        sa.Column("origin", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("city_id", sa.Uuid(), nullable=True),
        sa.Column("quantity", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("unit", sa.String(length=60), nullable=False),
        sa.Column("beneficiaries", sa.Integer(), nullable=True),
        sa.Column("unnamed", sa.Boolean(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("lang", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "state IN ('asked', 'agreed', 'declined', 'taken_back', 'left')",
            name=op.f("ck_need_join_state"),
        ),
        sa.CheckConstraint("origin IN ('asked', 'merged')", name=op.f("ck_need_join_origin")),
        sa.CheckConstraint("quantity IS NULL OR quantity >= 0", name=op.f("ck_need_join_quantity")),
        sa.CheckConstraint(
            "beneficiaries IS NULL OR beneficiaries >= 0", name=op.f("ck_need_join_beneficiaries")
        ),
        sa.CheckConstraint("(state = 'asked') = (answered_at IS NULL)", name=op.f("ck_need_join_answered")),
        sa.ForeignKeyConstraint(["asked_by"], ["user.id"], name=op.f("fk_need_join_asked_by_user")),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name=op.f("fk_need_join_city_id_city")),
        sa.ForeignKeyConstraint(["need_id"], ["listing.id"], name=op.f("fk_need_join_need_id_listing")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_need_join_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["own_need_id"], ["listing.id"], name=op.f("fk_need_join_own_need_id_listing")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need_join")),
    )
    with op.batch_alter_table("need_join", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_need_join_need_id"), ["need_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_need_join_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(
            "uq_need_join_live",
            ["need_id", "organisation_id"],
            unique=True,
            sqlite_where=LIVE,
            postgresql_where=LIVE,
        )
    op.create_table(
        "merge_proposal",
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source_consent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("target_consent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "state IN ('proposed', 'merged', 'declined', 'taken_back')", name=op.f("ck_merge_proposal_state")
        ),
        sa.CheckConstraint("source_id <> target_id", name=op.f("ck_merge_proposal_two_listings")),
        sa.CheckConstraint("(state = 'proposed') = (ended_at IS NULL)", name=op.f("ck_merge_proposal_ended")),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["user.id"], name=op.f("fk_merge_proposal_proposed_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["listing.id"], name=op.f("fk_merge_proposal_source_id_listing")
        ),
        sa.ForeignKeyConstraint(
            ["target_id"], ["listing.id"], name=op.f("fk_merge_proposal_target_id_listing")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merge_proposal")),
    )
    with op.batch_alter_table("merge_proposal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_merge_proposal_source_id"), ["source_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_merge_proposal_target_id"), ["target_id"], unique=False)
        batch_op.create_index(
            "uq_merge_proposal_open", ["source_id"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN
        )


def downgrade() -> None:
    op.drop_table("merge_proposal")
    op.drop_table("need_join")
