"""Personal data: consents by purpose and version, copies, erasures, corrections, the retention schedule and holds."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017_personal_data"
down_revision = "0016_verification"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
APPEND_ONLY_SQLITE = (
    "CREATE TRIGGER consent_decision_no_update BEFORE UPDATE ON consent_decision "
    "BEGIN SELECT RAISE(ABORT, 'consent_decision is append-only'); END"
)
APPEND_ONLY_POSTGRESQL = (
    "CREATE FUNCTION consent_decision_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'consent_decision is append-only'; END $$",
    "CREATE TRIGGER consent_decision_no_update BEFORE UPDATE ON consent_decision "
    "FOR EACH STATEMENT EXECUTE FUNCTION consent_decision_append_only()",
)
TABLES = (
    "retention_run",
    "legal_hold",
    "retention_rule",
    "correction_request",
    "erasure_request",
    "data_copy",
    "consent_decision",
    "consent_version",
    "consent_purpose",
)


def _text(name: str, length: int = 0, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.String(length=length) if length else sa.Text(), nullable=nullable)


def _moment(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _key(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def _number(name: str) -> sa.Column:
    return sa.Column(name, sa.Integer(), nullable=False)


def _table(name: str, *parts: sa.schema.SchemaItem) -> None:
    op.create_table(name, *parts, _key("id"), sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")))


def _to_user(table: str, column: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], ["user.id"], name=op.f(f"fk_{table}_{column}_user"), ondelete=ondelete
    )


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _index(table: str, *columns: str, name: str = "") -> None:
    op.create_index(name or op.f(f"ix_{table}_{columns[0]}"), table, list(columns), unique=False)


def _one_at_most(table: str, name: str, columns: list[str], condition: str) -> None:
    op.create_index(
        name,
        table,
        columns,
        unique=True,
        sqlite_where=sa.text(condition),
        postgresql_where=sa.text(condition),
    )


def upgrade() -> None:
    _consents()
    _requests()
    _retention()
    op.add_column("user", _moment("erased_at", nullable=True))
    # By a plain statement: a batch would make the table anew on SQLite, and what points at it would go with the old.
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "ALTER TABLE listing_revision ADD COLUMN terms_version_id CHAR(32) "
            "CONSTRAINT fk_listing_revision_terms_version_id_consent_version REFERENCES consent_version (id)"
        )
        op.execute(APPEND_ONLY_SQLITE)
    else:
        op.add_column("listing_revision", _key("terms_version_id", nullable=True))
        op.create_foreign_key(
            op.f("fk_listing_revision_terms_version_id_consent_version"),
            "listing_revision",
            "consent_version",
            ["terms_version_id"],
            ["id"],
        )
        for statement in APPEND_ONLY_POSTGRESQL:
            op.execute(statement)


def _consents() -> None:
    op.create_table(
        "consent_purpose",
        _text("code", 30),
        _number("position"),
        sa.Column("needed", sa.Boolean(), nullable=False),
        _text("name_vi", 120),
        _text("name_en", 120),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_consent_purpose")),
    )
    table = "consent_version"
    _table(
        table,
        _text("purpose_code", 30),
        _number("number"),
        _text("state", 10),
        *(_text(name) for name in ("text_vi", "text_en", "change_vi", "change_en")),
        _moment("effective_at", nullable=True),
        _moment("created_at"),
        _key("created_by", nullable=True),
        _moment("published_at", nullable=True),
        _key("published_by", nullable=True),
        _number("version"),
        _check(table, "state", "state IN ('draft', 'published')"),
        _check(table, "effective", "(state = 'published') = (effective_at IS NOT NULL)"),
        _check(table, "published", "(state = 'published') = (published_at IS NOT NULL)"),
        sa.ForeignKeyConstraint(
            ["purpose_code"],
            ["consent_purpose.code"],
            name=op.f("fk_consent_version_purpose_code_consent_purpose"),
        ),
        _to_user(table, "created_by"),
        _to_user(table, "published_by"),
        sa.UniqueConstraint("purpose_code", "number", name=op.f("uq_consent_version_purpose_code_number")),
    )
    _one_at_most(table, "uq_consent_version_draft", ["purpose_code"], "state = 'draft'")
    table = "consent_decision"
    _table(
        table,
        _key("user_id"),
        _key("version_id"),
        sa.Column("given", sa.Boolean(), nullable=False),
        _moment("at"),
        _text("how", 20),
        _check(table, "how", "how IN ('registration', 'sign_in', 'account_page', 'demo')"),
        _to_user(table, "user_id", "CASCADE"),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["consent_version.id"],
            name=op.f("fk_consent_decision_version_id_consent_version"),
        ),
    )
    _index(table, "user_id", "version_id", "at", name="ix_consent_decision_newest")
    _index(table, "version_id")


def _requests() -> None:
    table = "data_copy"
    _table(
        table,
        _key("user_id"),
        _text("state", 10),
        _moment("asked_at"),
        *(_moment(name, nullable=True) for name in ("ready_at", "expires_at", "taken_at")),
        _number("size"),
        _check(table, "state", "state IN ('waiting', 'ready', 'gone')"),
        _check(table, "ready", "(state = 'waiting') = (ready_at IS NULL)"),
        _to_user(table, "user_id", "CASCADE"),
    )
    _index(table, "user_id")
    _one_at_most(table, "uq_data_copy_waiting", ["user_id"], "state = 'waiting'")
    table = "erasure_request"
    _table(
        table,
        _key("user_id"),
        _text("state", 10),
        _moment("asked_at"),
        _moment("due_at"),
        _moment("ended_at", nullable=True),
        _text("stopped_by", 20),
        _check(table, "state", "state IN ('waiting', 'taken_back', 'done')"),
        _check(table, "ended", "(state = 'waiting') = (ended_at IS NULL)"),
        _to_user(table, "user_id"),
    )
    _index(table, "user_id")
    _one_at_most(table, "uq_erasure_request_waiting", ["user_id"], "state = 'waiting'")
    table = "correction_request"
    _table(
        table,
        _key("user_id"),
        _text("what"),
        _text("state", 10),
        _moment("asked_at"),
        sa.Column("due_on", sa.Date(), nullable=False),
        _text("answer"),
        _key("answered_by", nullable=True),
        _moment("answered_at", nullable=True),
        _number("version"),
        _check(table, "state", "state IN ('open', 'done', 'declined')"),
        _check(table, "answered", "(state = 'open') = (answered_at IS NULL)"),
        _to_user(table, "user_id", "CASCADE"),
        _to_user(table, "answered_by"),
    )
    _index(table, "user_id")
    _index(table, "state", "due_on", name="ix_correction_request_queue")


def _retention() -> None:
    table = "retention_rule"
    op.create_table(
        table,
        _text("code", 30),
        _number("position"),
        _number("days"),
        sa.Column("active", sa.Boolean(), nullable=False),
        *(_text(name) for name in ("why_vi", "why_en", "basis_vi", "basis_en")),
        _moment("changed_at", nullable=True),
        _key("changed_by", nullable=True),
        _number("version"),
        _check(table, "days", "days BETWEEN 1 AND 36500"),
        _to_user(table, "changed_by"),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_retention_rule")),
    )
    table = "legal_hold"
    _table(
        table,
        _text("subject_type", 20),
        _key("subject_id"),
        _text("reason"),
        _key("placed_by", nullable=True),
        _moment("placed_at"),
        _key("lifted_by", nullable=True),
        _moment("lifted_at", nullable=True),
        _text("lift_reason"),
        _check(table, "subject_type", "subject_type IN ('user', 'organisation', 'listing', 'introduction')"),
        _to_user(table, "placed_by"),
        _to_user(table, "lifted_by"),
    )
    _one_at_most(table, "uq_legal_hold_open", ["subject_type", "subject_id"], "lifted_at IS NULL")
    table = "retention_run"
    _table(
        table,
        _moment("started_at"),
        sa.Column("finished", sa.Boolean(), nullable=False),
        _moment("finished_at", nullable=True),
        sa.Column("gone", JSON, nullable=False),
        sa.Column("days", JSON, nullable=False),
    )
    _index(table, "started_at")
    _one_at_most(table, "uq_retention_run_open", ["finished"], "NOT finished")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER consent_decision_no_update")
    else:
        op.execute("DROP TRIGGER consent_decision_no_update ON consent_decision")
        op.execute("DROP FUNCTION consent_decision_append_only()")
        op.drop_constraint(
            op.f("fk_listing_revision_terms_version_id_consent_version"),
            "listing_revision",
            type_="foreignkey",
        )
    op.execute("ALTER TABLE listing_revision DROP COLUMN terms_version_id")
    op.drop_column("user", "erased_at")
    for table in TABLES:
        op.drop_table(table)
