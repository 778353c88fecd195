"""How each person is told: choices by group of notices, digests in the outbox, addresses that refuse mail."""

import sqlalchemy as sa
from alembic import op

revision = "0024_notice_choices"
down_revision = "0023_questions"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "notice_choice",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("group_code", sa.String(length=20), nullable=False),
        sa.Column("frequency", sa.String(length=8), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "frequency IN ('at_once', 'daily', 'weekly', 'off')", name=op.f("ck_notice_choice_frequency")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_notice_choice_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_choice")),
        sa.UniqueConstraint("user_id", "group_code", name=op.f("uq_notice_choice_user_id_group_code")),
    )
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("digest", sa.String(length=6), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("digest_id", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_outbox_message_digest_id_outbox_message"),
            "outbox_message",
            ["digest_id"],
            ["id"],
            ondelete="CASCADE",
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_outbox_message_digest"), "digest IN ('', 'daily', 'weekly')"
        )
        batch_op.create_index(batch_op.f("ix_outbox_message_digest_id"), ["digest_id"], unique=False)
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.alter_column(
            "digest", existing_type=sa.String(length=6), existing_nullable=False, server_default=None
        )
    op.add_column("user", sa.Column("mail_refused_at", MOMENT, nullable=True))
    op.add_column("user", sa.Column("mail_refusals", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.alter_column(
            "mail_refusals", existing_type=sa.Integer(), existing_nullable=False, server_default=None
        )


def downgrade() -> None:
    op.drop_column("user", "mail_refusals")
    op.drop_column("user", "mail_refused_at")
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outbox_message_digest_id"))
        batch_op.drop_constraint(batch_op.f("ck_outbox_message_digest"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_outbox_message_digest_id_outbox_message"), type_="foreignkey")
        batch_op.drop_column("digest_id")
        batch_op.drop_column("digest")
    op.drop_table("notice_choice")
