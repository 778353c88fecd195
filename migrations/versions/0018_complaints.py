"""Reports and what is done about them, appeals, hidden messages, the forum's phrases, concerns told in confidence."""

import sqlalchemy as sa
from alembic import op

revision = "0018_complaints"
down_revision = "0017_personal_data"
branch_labels = None
depends_on = None

TABLES = ("concern_entry", "concern_case", "appeal", "report", "hidden_message", "phrase")
OPEN_OF_ONE = "state = 'open' AND reporter_id IS NOT NULL"
MOMENT = sa.DateTime(timezone=True)


def _text(name: str, length: int | None = None, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.String(length) if length else sa.Text(), nullable=nullable)


def _moment(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, MOMENT, nullable=nullable)


def _key(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def _number(name: str) -> sa.Column:
    return sa.Column(name, sa.Integer(), nullable=False)


def _flag(name: str) -> sa.Column:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _table(name: str, *parts: sa.schema.SchemaItem) -> None:
    op.create_table(name, *parts, _key("id"), sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")))


def _to(table: str, column: str, other: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"), ondelete=ondelete
    )


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=op.f(f"uq_{table}_{'_'.join(columns)}"))


def upgrade() -> None:
    _phrases()
    _reports()
    _appeals()
    _concerns()


def _phrases() -> None:
    table = "phrase"
    _table(
        table,
        _text("words", 80),
        _text("folded", 80),
        _text("lang", 2),
        _text("kind", 16),
        _text("severity", 10),
        _flag("active"),
        _moment("changed_at"),
        _key("changed_by", nullable=True),
        _number("version"),
        _check(
            table,
            "kind",
            "kind IN ('success_fee', 'gift', 'promise', 'outside_contact', 'offensive', 'advertising', 'other')",
        ),
        _check(table, "severity", "severity IN ('author', 'moderator')"),
        _check(table, "lang", "lang IN ('vi', 'en')"),
        _check(table, "folded", "folded <> ''"),
        _to(table, "changed_by", "user"),
        _unique(table, "folded"),
    )
    table = "hidden_message"
    op.create_table(
        table,
        _key("message_id"),
        _text("reason"),
        _key("by_id", nullable=True),
        _moment("at"),
        _check(table, "reason", "reason <> ''"),
        _to(table, "message_id", "message"),
        _to(table, "by_id", "user"),
        sa.PrimaryKeyConstraint("message_id", name=op.f(f"pk_{table}")),
    )


def _reports() -> None:
    table = "report"
    _table(
        table,
        _text("subject_type", 14),
        _key("subject_id"),
        _text("part", 10),
        _key("organisation_id"),
        _text("kind", 14),
        _text("words"),
        _key("reporter_id", nullable=True),
        _flag("by_system"),
        _text("state", 10),
        _moment("created_at"),
        _text("measure", 10, nullable=True),
        _text("reason"),
        _key("decided_by", nullable=True),
        _moment("decided_at", nullable=True),
        _number("version"),
        _check(table, "subject_type", "subject_type IN ('listing', 'organisation', 'message', 'attachment')"),
        _check(table, "part", "part IN ('', 'addendum', 'reference')"),
        _check(
            table,
            "kind",
            "kind IN ('misleading', 'personal_data', 'offensive', 'spam', 'bribery', 'copyright', "
            "'discrimination', 'other')",
        ),
        _check(table, "state", "state IN ('open', 'acted', 'dismissed')"),
        _check(
            table,
            "measure",
            "measure IS NULL OR measure IN ('none', 'amend', 'hide', 'take_down', 'withdraw', 'suspend')",
        ),
        _check(table, "decided", "(state = 'open') = (decided_at IS NULL)"),
        _check(table, "reason", "state = 'open' OR (measure IS NOT NULL AND reason <> '')"),
        _to(table, "organisation_id", "organisation"),
        _to(table, "reporter_id", "user"),
        _to(table, "decided_by", "user"),
    )
    op.create_index("ix_report_queue", table, ["state", "created_at"], unique=False)
    op.create_index("ix_report_subject", table, ["subject_type", "subject_id"], unique=False)
    op.create_index(op.f("ix_report_organisation_id"), table, ["organisation_id"], unique=False)
    op.create_index(
        "uq_report_open_of_one",
        table,
        ["reporter_id", "subject_type", "subject_id"],
        unique=True,
        sqlite_where=sa.text(OPEN_OF_ONE),
        postgresql_where=sa.text(OPEN_OF_ONE),
    )


def _appeals() -> None:
    table = "appeal"
    _table(
        table,
        _text("subject_type", 20),
        _key("subject_id"),
        _key("organisation_id"),
        _moment("contested_at"),
        _key("decider_id", nullable=True),
        _key("second_decider_id", nullable=True),
        _text("decision"),
        _text("words"),
        _key("filed_by", nullable=True),
        _moment("filed_at"),
        sa.Column("due_on", sa.Date(), nullable=False),
        _text("state", 10),
        _text("answer"),
        _key("answered_by", nullable=True),
        _moment("answered_at", nullable=True),
        _number("version"),
        _check(
            table,
            "subject_type",
            "subject_type IN ('listing', 'verification_request', 'suspension', 'attachment', 'message', 'match')",
        ),
        _check(table, "state", "state IN ('open', 'upheld', 'overturned')"),
        _check(table, "answered", "(state = 'open') = (answered_at IS NULL)"),
        _check(table, "answer", "state = 'open' OR answer <> ''"),
        _to(table, "organisation_id", "organisation"),
        *(
            _to(table, name, "user")
            for name in ("decider_id", "second_decider_id", "filed_by", "answered_by")
        ),
        _unique(table, "organisation_id", "subject_type", "subject_id", "contested_at"),
    )
    op.create_index("ix_appeal_queue", table, ["state", "due_on"], unique=False)


def _concerns() -> None:
    table = "concern_case"
    _table(
        table,
        _text("code", 12),
        _text("secret_hash", 64),
        _text("kind", 12),
        _text("state", 8),
        sa.Column("told_on", sa.Date(), nullable=False),
        _moment("closed_at", nullable=True),
        _check(table, "kind", "kind IN ('corruption', 'misconduct', 'other')"),
        _check(table, "state", "state IN ('open', 'closed')"),
        _check(table, "closed", "(state = 'closed') = (closed_at IS NOT NULL)"),
        _unique(table, "code"),
        _unique(table, "secret_hash"),
    )
    op.create_index(op.f("ix_concern_case_state"), table, ["state"], unique=False)
    table = "concern_entry"
    _table(
        table,
        _key("case_id"),
        _number("position"),
        _flag("by_forum"),
        _key("author_id", nullable=True),
        _text("text"),
        sa.Column("on", sa.Date(), nullable=False),
        _to(table, "case_id", "concern_case", "CASCADE"),
        _to(table, "author_id", "user"),
        _unique(table, "case_id", "position"),
    )


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
