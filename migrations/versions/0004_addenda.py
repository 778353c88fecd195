"""Addenda, people who watch a listing, what each save replaced, and since when a revision is published."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004_addenda"
down_revision = "0003_teams"
branch_labels = None
depends_on = None

# When a change was accepted stands in the audit trail; a first text is as old as its listing's publication.
ACCEPTED_BEFORE = """
UPDATE listing_revision SET accepted_at = COALESCE(
    (SELECT MAX(audit_event.at) FROM audit_event
     WHERE audit_event.subject_id = listing_revision.id AND audit_event.action = 'amendment.accepted'),
    (SELECT listing.published_at FROM listing WHERE listing.id = listing_revision.listing_id)
)
WHERE state = 'accepted'
"""


def _json() -> sa.types.TypeEngine:
    return sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade() -> None:
    op.add_column("listing_revision", sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("listing_revision", sa.Column("references_then", _json(), nullable=True))
    op.execute(ACCEPTED_BEFORE)

    op.create_table(
        "listing_addendum",
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("text_vi", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("response_until", sa.Date(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision_id", sa.Uuid(), nullable=True),
        sa.Column("origin_type", sa.String(length=40), nullable=True),
        sa.Column("origin_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('clarification', 'correction', 'dates', 'answer')",
            name=op.f("ck_listing_addendum_kind"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'returned', 'published', 'rejected', 'discarded')",
            name=op.f("ck_listing_addendum_state"),
        ),
        sa.CheckConstraint("text_vi <> '' OR text_en <> ''", name=op.f("ck_listing_addendum_has_text")),
        sa.CheckConstraint(
            "(state = 'published') = (published_at IS NOT NULL)", name=op.f("ck_listing_addendum_published")
        ),
        sa.CheckConstraint(
            "(number IS NULL) = (published_at IS NULL)", name=op.f("ck_listing_addendum_numbered")
        ),
        sa.CheckConstraint(
            "(origin_type IS NULL) = (origin_id IS NULL)", name=op.f("ck_listing_addendum_origin")
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["user.id"], name=op.f("fk_listing_addendum_created_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name=op.f("fk_listing_addendum_listing_id_listing")
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"],
            ["listing_revision.id"],
            name=op.f("fk_listing_addendum_revision_id_listing_revision"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing_addendum")),
        sa.UniqueConstraint("listing_id", "number", name=op.f("uq_listing_addendum_listing_id_number")),
        sa.UniqueConstraint(
            "origin_type", "origin_id", name=op.f("uq_listing_addendum_origin_type_origin_id")
        ),
    )
    with op.batch_alter_table("listing_addendum", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_listing_addendum_listing_id"), ["listing_id"], unique=False)
        batch_op.create_index("ix_listing_addendum_queue", ["state", "submitted_at"], unique=False)

    op.create_table(
        "listing_save",
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("previous", _json(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["user.id"], name=op.f("fk_listing_save_by_id_user"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"],
            ["listing.id"],
            name=op.f("fk_listing_save_listing_id_listing"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing_save")),
    )
    with op.batch_alter_table("listing_save", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_listing_save_at"), ["at"], unique=False)
        batch_op.create_index("ix_listing_save_version", ["listing_id", "version"], unique=False)

    op.create_table(
        "watch",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name=op.f("fk_watch_listing_id_listing"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_watch_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "listing_id", name=op.f("pk_watch")),
    )
    with op.batch_alter_table("watch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_watch_listing_id"), ["listing_id"], unique=False)


def downgrade() -> None:
    op.drop_table("watch")
    op.drop_table("listing_save")
    op.drop_table("listing_addendum")
    # Not in a batch: on SQLite that rebuilds the table, and what hangs on it would be deleted with the old one.
    op.execute("ALTER TABLE listing_revision DROP COLUMN references_then")
    op.execute("ALTER TABLE listing_revision DROP COLUMN accepted_at")
