"""Public questions on needs, their answers, and whether a need names who asks."""

import sqlalchemy as sa
from alembic import op

revision = "0023_questions"
down_revision = "0022_partnerships"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "question",
        sa.Column("need_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("lang", sa.String(length=8), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "state IN ('asked', 'answered', 'declined', 'withdrawn')", name=op.f("ck_question_state")
        ),
        sa.CheckConstraint("(state = 'asked') = (ended_at IS NULL)", name=op.f("ck_question_ended")),
        sa.CheckConstraint("(state = 'declined') = (reason <> '')", name=op.f("ck_question_reason")),
        sa.CheckConstraint(
            "organisation_id IS NOT NULL OR state = 'answered'", name=op.f("ck_question_asker")
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["user.id"], name=op.f("fk_question_asked_by_user")),
        sa.ForeignKeyConstraint(["need_id"], ["listing.id"], name=op.f("fk_question_need_id_listing")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_question_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
        sa.UniqueConstraint("need_id", "number", name=op.f("uq_question_need_id_number")),
    )
    with op.batch_alter_table("question", schema=None) as batch_op:
        batch_op.create_index("ix_question_due", ["state", "due_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_question_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "question_answer",
        sa.Column("question_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("lang", sa.String(length=8), nullable=False),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", MOMENT, nullable=False),
        sa.Column("addendum_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("text <> ''", name=op.f("ck_question_answer_text")),
        sa.ForeignKeyConstraint(
            ["addendum_id"],
            ["listing_addendum.id"],
            name=op.f("fk_question_answer_addendum_id_listing_addendum"),
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["user.id"], name=op.f("fk_question_answer_answered_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_question_answer_question_id_question")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_answer")),
    )
    with op.batch_alter_table("question_answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_question_answer_question_id"), ["question_id"], unique=False)

    op.create_table(
        "question_setting",
        sa.Column("need_id", sa.Uuid(), nullable=False),
        sa.Column("names_askers", sa.Boolean(), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["user.id"], name=op.f("fk_question_setting_changed_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["need_id"], ["listing.id"], name=op.f("fk_question_setting_need_id_listing")
        ),
        sa.PrimaryKeyConstraint("need_id", name=op.f("pk_question_setting")),
    )


def downgrade() -> None:
    op.drop_table("question_setting")
    with op.batch_alter_table("question_answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_question_answer_question_id"))

    op.drop_table("question_answer")
    with op.batch_alter_table("question", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_question_organisation_id"))
        batch_op.drop_index("ix_question_due")

    op.drop_table("question")
