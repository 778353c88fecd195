"""Pairs drawn by lot from below the cut: how likely each was to be drawn, how it was drawn, and how many are."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012_pairs_by_lot"
down_revision = "0011_matcher_versions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lot_draw",
        sa.Column("need_id", sa.Uuid(), nullable=False),
        sa.Column("need_revision_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(length=80), nullable=False),
        sa.Column(
            "strata",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("matcher_version", sa.String(length=60), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["need_id"], ["listing.id"], name=op.f("fk_lot_draw_need_id_listing")),
        sa.ForeignKeyConstraint(
            ["need_revision_id"],
            ["listing_revision.id"],
            name=op.f("fk_lot_draw_need_revision_id_listing_revision"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot_draw")),
    )
    with op.batch_alter_table("lot_draw", schema=None) as batch_op:
        batch_op.create_index("ix_lot_draw_need", ["need_id", "at"], unique=False)

    op.create_table(
        "lot_setting",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("number BETWEEN 0 AND 10", name=op.f("ck_lot_setting_number")),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_lot_setting_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot_setting")),
    )
    with op.batch_alter_table("lot_setting", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lot_setting_at"), ["at"], unique=False)

    with op.batch_alter_table("match", schema=None) as batch_op:
        batch_op.add_column(sa.Column("propensity", sa.Double(), nullable=True))
        batch_op.add_column(sa.Column("drawn_place", sa.Integer(), nullable=True))
        batch_op.create_check_constraint(
            batch_op.f("ck_match_drawn"), "(origin = 'lot') = (propensity IS NOT NULL)"
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_match_propensity"), "propensity IS NULL OR (propensity > 0 AND propensity <= 1)"
        )

    with op.batch_alter_table("judgement", schema=None) as batch_op:
        batch_op.add_column(sa.Column("propensity", sa.Double(), nullable=True))
        batch_op.create_check_constraint(
            batch_op.f("ck_judgement_propensity"), "propensity IS NULL OR source = 'decision'"
        )


def downgrade() -> None:
    """Pairs by lot stay as pairs that a moderator added: what people decided on them is kept."""
    op.execute("UPDATE match SET origin = 'moderator', propensity = NULL WHERE origin = 'lot'")
    with op.batch_alter_table("judgement", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_judgement_propensity"), type_="check")
        batch_op.drop_column("propensity")
    with op.batch_alter_table("match", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_match_propensity"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_match_drawn"), type_="check")
        batch_op.drop_column("drawn_place")
        batch_op.drop_column("propensity")
    op.drop_table("lot_setting")
    op.drop_table("lot_draw")
