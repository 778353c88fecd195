"""Sectors and terms are edited and retired by administrators; a mark tells every process that one was."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0020_edited_reference"
down_revision = "0019_declarations"
branch_labels = None
depends_on = None

TABLES = ("sector", "term")
LIST = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    for table in TABLES:
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("kept", LIST, nullable=False, server_default="[]"))
            batch.add_column(sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True))
            batch.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        with op.batch_alter_table(table) as batch:
            batch.alter_column("kept", existing_type=LIST, existing_nullable=False, server_default=None)
            batch.alter_column(
                "version", existing_type=sa.Integer(), existing_nullable=False, server_default=None
            )
    op.create_table(
        "reference_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.String(length=32), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_reference_mark_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reference_mark")),
    )
    # There from the beginning, so that two first edits do not both add it.
    op.execute("INSERT INTO reference_mark (id, mark) VALUES (1, '')")


def downgrade() -> None:
    op.drop_table("reference_mark")
    for table in TABLES:
        with op.batch_alter_table(table) as batch:
            for column in ("version", "retired_at", "kept"):
                batch.drop_column(column)
