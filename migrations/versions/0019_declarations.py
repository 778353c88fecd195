"""Relations of organisations with a history, interests of persons and recusals, declarations on offers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019_declarations"
down_revision = "0018_complaints"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
MOMENT = sa.DateTime(timezone=True)
RELATION = "organisation_relation"
LIVE = "state <> 'ended'"
ONCE = "uq_organisation_relation_organisation_id_related_id_kind"


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _to(table: str, column: str, other: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"), ondelete=ondelete
    )


def _unique_where(name: str, table: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, unique=True, sqlite_where=condition, postgresql_where=condition)


def upgrade() -> None:
    _relations()
    _interests()
    _offers()
    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.add_column(sa.Column("recused_from", JSON, nullable=False, server_default="[]"))
    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.alter_column(
            "recused_from", existing_type=JSON, existing_nullable=False, server_default=None
        )
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("relations_confirmed_at", MOMENT, nullable=True))


def _relations() -> None:
    new = (
        sa.Column("outside_name", sa.String(length=200), nullable=False, server_default=""),
        sa.Column("outside_key", sa.String(length=200), nullable=False, server_default=""),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("declared_by", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False, server_default="declared"),
        sa.Column("ending_at", MOMENT, nullable=True),
        sa.Column("end_reason", sa.String(length=300), nullable=False, server_default=""),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
    )
    with op.batch_alter_table(RELATION, schema=None) as batch_op:
        batch_op.drop_constraint(ONCE, type_="unique")
        batch_op.alter_column("related_id", existing_type=sa.Uuid(), nullable=True)
        for column in new:
            batch_op.add_column(column)
    with op.batch_alter_table(RELATION, schema=None) as batch_op:
        for column in new:
            if column.server_default is not None:
                batch_op.alter_column(
                    column.name, existing_type=column.type, existing_nullable=False, server_default=None
                )
        for name in ("declared_by", "ended_by"):
            batch_op.create_foreign_key(op.f(f"fk_{RELATION}_{name}_user"), "user", [name], ["id"])
        for name, condition in (
            ("one_other", "(related_id IS NULL) = (outside_name <> '')"),
            ("kind", "kind IN ('owner', 'subsidiary', 'affiliate', 'former_employer')"),
            ("state", "state IN ('declared', 'ending', 'ended')"),
            ("ended", "(state = 'ended') = (ended_at IS NOT NULL)"),
        ):
            batch_op.create_check_constraint(op.f(f"ck_{RELATION}_{name}"), condition)
    _unique_where(
        "uq_organisation_relation_inside", RELATION, ["organisation_id", "related_id", "kind"], LIVE
    )
    _unique_where(
        "uq_organisation_relation_outside",
        RELATION,
        ["organisation_id", "outside_key", "kind"],
        LIVE + " AND related_id IS NULL",
    )
    op.create_index("ix_organisation_relation_outside", RELATION, ["outside_key"], unique=False)


def _interests() -> None:
    table = "declared_interest"
    op.create_table(
        table,
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("declared_at", MOMENT, nullable=False),
        sa.Column("declared_by", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("ending_at", MOMENT, nullable=True),
        sa.Column("end_reason", sa.String(length=300), nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        _check(
            table,
            "kind",
            "kind IN ('employment', 'former_employment', 'ownership', 'office', 'family', 'gift', 'other', "
            "'recusal')",
        ),
        _check(table, "state", "state IN ('declared', 'ending', 'ended')"),
        _check(table, "ended", "(state = 'ended') = (ended_at IS NOT NULL)"),
        _to(table, "user_id", "user", "CASCADE"),
        _to(table, "organisation_id", "organisation"),
        _to(table, "declared_by", "user"),
        _to(table, "ended_by", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f("ix_declared_interest_organisation_id"), table, ["organisation_id"], unique=False)
    op.create_index("ix_declared_interest_state", table, ["state", "declared_at"], unique=False)
    _unique_where("uq_declared_interest_live", table, ["user_id", "organisation_id", "kind"], LIVE)


def _offers() -> None:
    table = "offer_declaration"
    op.create_table(
        table,
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.String(length=12), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        _check(table, "side", "side IN ('need', 'capability')"),
        _check(table, "state", "state IN ('open', 'cleared', 'barred', 'lapsed')"),
        _check(table, "decided", "(state IN ('cleared', 'barred')) = (decided_at IS NOT NULL)"),
        _check(table, "reason", "decided_at IS NULL OR reason <> ''"),
        _to(table, "offer_id", "offer", "CASCADE"),
        _to(table, "by_id", "user"),
        _to(table, "decided_by", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("offer_id", "side", name=op.f(f"uq_{table}_offer_id_side")),
    )
    op.create_index("ix_offer_declaration_queue", table, ["state", "at"], unique=False)
    with op.batch_alter_table("interest", schema=None) as batch_op:
        batch_op.add_column(sa.Column("declared", sa.String(length=600), nullable=False, server_default=""))
    with op.batch_alter_table("interest", schema=None) as batch_op:
        batch_op.alter_column(
            "declared", existing_type=sa.String(length=600), existing_nullable=False, server_default=None
        )


def downgrade() -> None:
    """What the older schema cannot hold goes: relations that ended or lead outside, interests, declarations."""
    with op.batch_alter_table("interest", schema=None) as batch_op:
        batch_op.drop_column("declared")
    op.drop_table("offer_declaration")
    op.drop_table("declared_interest")
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.drop_column("relations_confirmed_at")
    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.drop_column("recused_from")
    op.execute("DELETE FROM organisation_relation WHERE state = 'ended' OR related_id IS NULL")
    for name in ("uq_organisation_relation_inside", "uq_organisation_relation_outside"):
        op.drop_index(name, table_name=RELATION)
    op.drop_index("ix_organisation_relation_outside", table_name=RELATION)
    with op.batch_alter_table(RELATION, schema=None) as batch_op:
        for name in ("one_other", "kind", "state", "ended"):
            batch_op.drop_constraint(op.f(f"ck_{RELATION}_{name}"), type_="check")
        for name in ("declared_by", "ended_by"):
            batch_op.drop_constraint(op.f(f"fk_{RELATION}_{name}_user"), type_="foreignkey")
        for name in (
            "outside_name",
            "outside_key",
            "since",
            "declared_by",
            "state",
            "ending_at",
            "end_reason",
            "ended_at",
            "ended_by",
            "version",
        ):
            batch_op.drop_column(name)
        batch_op.alter_column("related_id", existing_type=sa.Uuid(), nullable=False)
        batch_op.create_unique_constraint(ONCE, ["organisation_id", "related_id", "kind"])
