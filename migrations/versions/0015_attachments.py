"""Files that people attach to needs, capabilities, messages and requests for verification."""

import sqlalchemy as sa
from alembic import op

revision = "0015_attachments"
down_revision = "0014_lexicon_draft"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attachment",
        sa.Column("subject_type", sa.String(length=12), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("description", sa.String(length=300), nullable=False),
        sa.Column("lang", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("scan", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=600), nullable=False),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("preview", sa.String(length=8), nullable=False),
        sa.Column("preview_digest", sa.String(length=64), nullable=True),
        sa.Column("preview_width", sa.Integer(), nullable=True),
        sa.Column("preview_height", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "subject_type IN ('listing', 'message', 'organisation')", name=op.f("ck_attachment_subject_type")
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'shown', 'removed', 'refused')", name=op.f("ck_attachment_state")
        ),
        sa.CheckConstraint("scan IN ('clean', 'unscanned')", name=op.f("ck_attachment_scan")),
        sa.CheckConstraint(
            "preview IN ('none', 'due', 'made', 'failed')", name=op.f("ck_attachment_preview")
        ),
        sa.CheckConstraint(
            "(preview = 'made') = (preview_digest IS NOT NULL)", name=op.f("ck_attachment_preview_made")
        ),
        sa.CheckConstraint("size > 0", name=op.f("ck_attachment_size")),
        sa.CheckConstraint("state <> 'refused' OR reason <> ''", name=op.f("ck_attachment_refused_why")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_attachment_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["uploaded_by"], ["user.id"], name=op.f("fk_attachment_uploaded_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    op.create_index("ix_attachment_subject", "attachment", ["subject_type", "subject_id", "created_at"])
    for column in ("digest", "preview", "preview_digest"):
        op.create_index(op.f(f"ix_attachment_{column}"), "attachment", [column])


def downgrade() -> None:
    op.drop_table("attachment")
