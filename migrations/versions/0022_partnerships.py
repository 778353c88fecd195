"""Partnerships: their course, what each side states, indicators, milestones, risks, links, the forum's questions."""

import uuid

import sqlalchemy as sa
from alembic import op

revision = "0022_partnerships"
down_revision = "0021_no_replacing"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "indicator_kind",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name_vi", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("unit_vi", sa.String(length=40), nullable=False),
        sa.Column("unit_en", sa.String(length=40), nullable=False),
        sa.Column("direction", sa.String(length=4), nullable=False),
        sa.Column("near", sa.String(length=60), nullable=False),
        sa.CheckConstraint("direction IN ('up', 'down')", name=op.f("ck_indicator_kind_direction")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_indicator_kind")),
    )
    op.create_table(
        "partnership",
        sa.Column("introduction_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("exit_reason", sa.String(length=20), nullable=True),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("result_lang", sa.String(length=8), nullable=False),
        sa.Column("need_shows_at", MOMENT, nullable=True),
        sa.Column("capability_shows_at", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state = 'no_agreement') = (exit_reason IS NOT NULL)", name=op.f("ck_partnership_exit_reason")
        ),
        sa.CheckConstraint(
            "state IN ('introduced', 'meeting', 'in_talks', 'pilot', 'agreed', 'delivered', 'no_agreement', 'lapsed')",
            name=op.f("ck_partnership_state"),
        ),
        sa.ForeignKeyConstraint(
            ["introduction_id"], ["introduction.id"], name=op.f("fk_partnership_introduction_id_introduction")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partnership")),
        sa.UniqueConstraint("introduction_id", name=op.f("uq_partnership_introduction_id")),
        sa.UniqueConstraint("number", name=op.f("uq_partnership_number")),
    )
    with op.batch_alter_table("partnership", schema=None) as batch_op:
        batch_op.create_index("ix_partnership_state", ["state", "changed_at"], unique=False)

    op.create_table(
        "partnership_document",
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("lang", sa.String(length=8), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("on", sa.Date(), nullable=True),
        sa.Column("partnership_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["user.id"], name=op.f("fk_partnership_document_changed_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["partnership_id"],
            ["partnership.id"],
            name=op.f("fk_partnership_document_partnership_id_partnership"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partnership_document")),
    )
    with op.batch_alter_table("partnership_document", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_partnership_document_partnership_id"), ["partnership_id"], unique=False
        )

    op.create_table(
        "partnership_indicator",
        sa.Column("code", sa.String(length=20), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("lang", sa.String(length=8), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("direction", sa.String(length=4), nullable=False),
        sa.Column("baseline", sa.Numeric(precision=20, scale=4), nullable=False),
        sa.Column("baseline_on", sa.Date(), nullable=False),
        sa.Column("target", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("target_on", sa.Date(), nullable=True),
        sa.Column("method", sa.String(length=500), nullable=False),
        sa.Column("partnership_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(code IS NULL) = (name <> '')", name=op.f("ck_partnership_indicator_named")),
        sa.CheckConstraint("direction IN ('up', 'down')", name=op.f("ck_partnership_indicator_direction")),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["user.id"], name=op.f("fk_partnership_indicator_changed_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["code"], ["indicator_kind.code"], name=op.f("fk_partnership_indicator_code_indicator_kind")
        ),
        sa.ForeignKeyConstraint(
            ["partnership_id"],
            ["partnership.id"],
            name=op.f("fk_partnership_indicator_partnership_id_partnership"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partnership_indicator")),
    )
    with op.batch_alter_table("partnership_indicator", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_partnership_indicator_partnership_id"), ["partnership_id"], unique=False
        )

    op.create_table(
        "partnership_milestone",
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("lang", sa.String(length=8), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("partnership_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state = 'done') = (done_on IS NOT NULL)", name=op.f("ck_partnership_milestone_done")
        ),
        sa.CheckConstraint(
            "state IN ('planned', 'at_risk', 'done', 'dropped')", name=op.f("ck_partnership_milestone_state")
        ),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["user.id"], name=op.f("fk_partnership_milestone_changed_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["partnership_id"],
            ["partnership.id"],
            name=op.f("fk_partnership_milestone_partnership_id_partnership"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partnership_milestone")),
    )
    with op.batch_alter_table("partnership_milestone", schema=None) as batch_op:
        batch_op.create_index("ix_partnership_milestone_due", ["state", "due_on"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_partnership_milestone_partnership_id"), ["partnership_id"], unique=False
        )

    op.create_table(
        "partnership_risk",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("holder", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("lang", sa.String(length=8), nullable=False),
        sa.Column("partnership_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "holder IN ('public', 'private', 'shared')", name=op.f("ck_partnership_risk_holder")
        ),
        sa.CheckConstraint(
            "state IN ('watched', 'occurred', 'over')", name=op.f("ck_partnership_risk_state")
        ),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["user.id"], name=op.f("fk_partnership_risk_changed_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["partnership_id"],
            ["partnership.id"],
            name=op.f("fk_partnership_risk_partnership_id_partnership"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partnership_risk")),
    )
    with op.batch_alter_table("partnership_risk", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_partnership_risk_partnership_id"), ["partnership_id"], unique=False
        )

    op.create_table(
        "partnership_statement",
        sa.Column("partnership_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("side", sa.String(length=12), nullable=False),
        sa.Column("amount", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("replaced_at", MOMENT, nullable=True),
        sa.Column("verified_at", MOMENT, nullable=True),
        sa.Column("verified_by", sa.Uuid(), nullable=True),
        sa.Column("verification", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(verified_at IS NULL) = (verification = '')", name=op.f("ck_partnership_statement_verified")
        ),
        sa.CheckConstraint("amount IS NOT NULL OR text <> ''", name=op.f("ck_partnership_statement_value")),
        sa.CheckConstraint("side IN ('need', 'capability')", name=op.f("ck_partnership_statement_side")),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_partnership_statement_by_id_user")),
        sa.ForeignKeyConstraint(
            ["partnership_id"],
            ["partnership.id"],
            name=op.f("fk_partnership_statement_partnership_id_partnership"),
        ),
        sa.ForeignKeyConstraint(
            ["verified_by"], ["user.id"], name=op.f("fk_partnership_statement_verified_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partnership_statement")),
    )
    with op.batch_alter_table("partnership_statement", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_partnership_statement_partnership_id"), ["partnership_id"], unique=False
        )
        batch_op.create_index(
            "uq_partnership_statement_live",
            ["partnership_id", "key", "side"],
            unique=True,
            sqlite_where=sa.text("replaced_at IS NULL"),
            postgresql_where=sa.text("replaced_at IS NULL"),
        )

    op.create_table(
        "partnership_status_request",
        sa.Column("partnership_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.String(length=12), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("reminded_at", MOMENT, nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answer", sa.String(length=12), nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (answer = '')", name=op.f("ck_partnership_status_request_answered")
        ),
        sa.CheckConstraint("side IN ('need', 'capability')", name=op.f("ck_partnership_status_request_side")),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["user.id"], name=op.f("fk_partnership_status_request_answered_by_user")
        ),
        sa.ForeignKeyConstraint(
            ["partnership_id"],
            ["partnership.id"],
            name=op.f("fk_partnership_status_request_partnership_id_partnership"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partnership_status_request")),
        sa.UniqueConstraint(
            "partnership_id",
            "side",
            "days",
            name=op.f("uq_partnership_status_request_partnership_id_side_days"),
        ),
    )
    with op.batch_alter_table("partnership_status_request", schema=None) as batch_op:
        batch_op.create_index("ix_partnership_status_request_open", ["closed_at", "due_on"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_partnership_status_request_partnership_id"), ["partnership_id"], unique=False
        )

    op.create_table(
        "partnership_step",
        sa.Column("partnership_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("side", sa.String(length=12), nullable=True),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "state IN ('introduced', 'meeting', 'in_talks', 'pilot', 'agreed', 'delivered', 'no_agreement', 'lapsed')",
            name=op.f("ck_partnership_step_state"),
        ),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_partnership_step_by_id_user")),
        sa.ForeignKeyConstraint(
            ["partnership_id"],
            ["partnership.id"],
            name=op.f("fk_partnership_step_partnership_id_partnership"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partnership_step")),
    )
    with op.batch_alter_table("partnership_step", schema=None) as batch_op:
        batch_op.create_index("ix_partnership_step_of", ["partnership_id", "at"], unique=False)

    _begin_those_of_now()


def _begin_those_of_now() -> None:
    """Every introduction that there is gets its partnership, in the order in which they were made."""
    ids = sa.Uuid()
    introduction = sa.table("introduction", sa.column("id", ids), sa.column("created_at", MOMENT))
    partnership = sa.table(
        "partnership",
        sa.column("id", ids),
        sa.column("introduction_id", ids),
        *(sa.column(name) for name in ("number", "state", "result", "result_lang", "version")),
        sa.column("since", sa.Date()),
        sa.column("created_at", MOMENT),
        sa.column("changed_at", MOMENT),
    )
    step = sa.table(
        "partnership_step",
        sa.column("id", ids),
        sa.column("partnership_id", ids),
        *(sa.column(name) for name in ("position", "state", "passed", "reason")),
        sa.column("on", sa.Date()),
        sa.column("at", MOMENT),
    )
    bind = op.get_bind()
    found = bind.execute(
        sa.select(introduction.c.id, introduction.c.created_at).order_by(
            introduction.c.created_at, introduction.c.id
        )
    ).all()
    if not found:
        return
    rows = [
        {
            "id": uuid.uuid4(),
            "introduction_id": one.id,
            "number": number,
            "state": "introduced",
            "result": "",
            "result_lang": "vi",
            "version": 1,
            "since": one.created_at.date(),
            "created_at": one.created_at,
            "changed_at": one.created_at,
        }
        for number, one in enumerate(found, 1)
    ]
    op.bulk_insert(partnership, rows)
    op.bulk_insert(
        step,
        [
            {
                "id": uuid.uuid4(),
                "partnership_id": row["id"],
                "position": 0,
                "state": "introduced",
                "passed": False,
                "reason": "",
                "on": row["since"],
                "at": row["created_at"],
            }
            for row in rows
        ],
    )
    numbers = sa.table("listing_number", sa.column("kind"), sa.column("last"))
    op.bulk_insert(numbers, [{"kind": "partnership", "last": len(rows)}])


def downgrade() -> None:
    with op.batch_alter_table("partnership_step", schema=None) as batch_op:
        batch_op.drop_index("ix_partnership_step_of")

    op.drop_table("partnership_step")
    with op.batch_alter_table("partnership_status_request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_partnership_status_request_partnership_id"))
        batch_op.drop_index("ix_partnership_status_request_open")

    op.drop_table("partnership_status_request")
    with op.batch_alter_table("partnership_statement", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_partnership_statement_live",
            sqlite_where=sa.text("replaced_at IS NULL"),
            postgresql_where=sa.text("replaced_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_partnership_statement_partnership_id"))

    op.drop_table("partnership_statement")
    with op.batch_alter_table("partnership_risk", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_partnership_risk_partnership_id"))

    op.drop_table("partnership_risk")
    with op.batch_alter_table("partnership_milestone", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_partnership_milestone_partnership_id"))
        batch_op.drop_index("ix_partnership_milestone_due")

    op.drop_table("partnership_milestone")
    with op.batch_alter_table("partnership_indicator", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_partnership_indicator_partnership_id"))

    op.drop_table("partnership_indicator")
    with op.batch_alter_table("partnership_document", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_partnership_document_partnership_id"))

    op.drop_table("partnership_document")
    with op.batch_alter_table("partnership", schema=None) as batch_op:
        batch_op.drop_index("ix_partnership_state")

    op.drop_table("partnership")
    op.drop_table("indicator_kind")
    op.execute("DELETE FROM listing_number WHERE kind = 'partnership'")
