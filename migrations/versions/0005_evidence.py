"""An interest holds the declaration that there is no conflict of interest, as the yes to an offer does.

Interests from before were given without it, so they stay undeclared and do not count as a yes.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005_evidence"
down_revision = "0004_addenda"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("interest", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("no_conflict_declared", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table("interest", schema=None) as batch_op:
        batch_op.alter_column(
            "no_conflict_declared", existing_type=sa.Boolean(), existing_nullable=False, server_default=None
        )


def downgrade():
    with op.batch_alter_table("interest", schema=None) as batch_op:
        batch_op.drop_column("no_conflict_declared")
