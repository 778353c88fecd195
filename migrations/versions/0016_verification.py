"""Requests for verification with their checks and remarks, terms, suspensions; questions to clients of references."""

import uuid
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016_verification"
down_revision = "0015_attachments"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
OPEN_STATES = "'draft', 'submitted', 'first_check', 'returned'"
REQUEST_STATES = f"{OPEN_STATES}, 'verified', 'rejected', 'taken_back', 'expired', 'renewed'"
TERM = timedelta(days=730)
AT_LEAST = timedelta(days=90)  # so that the reminders come before the end


def _moment(name: str, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _to(table: str, column: str, other: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"), ondelete=ondelete
    )


def _check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def _requests() -> None:
    table = "verification_request"
    op.create_table(
        table,
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("renews_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("needs_two", sa.Boolean(), nullable=False),
        sa.Column("registration_number", sa.String(length=60), nullable=False),
        sa.Column("number_as_written", sa.Boolean(), nullable=False),
        sa.Column("website", sa.String(length=200), nullable=False),
        sa.Column("no_domain", sa.Boolean(), nullable=False),
        sa.Column("domain", sa.String(length=253), nullable=False),
        sa.Column("domain_address", sa.String(length=254), nullable=False),
        sa.Column("domain_token_hash", sa.String(length=64), nullable=True),
        sa.Column("domain_sends", sa.Integer(), nullable=False),
        _moment("domain_sent_at"),
        _moment("domain_expires_at"),
        _moment("domain_confirmed_at"),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        _moment("created_at", nullable=False),
        _moment("submitted_at"),
        _moment("decided_at"),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        _check(table, "state", f"state IN ({REQUEST_STATES})"),
        _check(table, "kind", "kind IN ('first', 'renewal')"),
        _check(table, "submitted", "state IN ('draft', 'taken_back') OR submitted_at IS NOT NULL"),
        _check(
            table,
            "decided",
            "(state IN ('verified', 'rejected', 'expired', 'renewed')) = (decided_at IS NOT NULL)",
        ),
        _check(table, "two", "state <> 'first_check' OR needs_two"),
        _to(table, "organisation_id", "organisation"),
        _to(table, "renews_id", table),
        _to(table, "created_by", "user"),
        _to(table, "decided_by", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("domain_token_hash", name=op.f(f"uq_{table}_domain_token_hash")),
    )
    op.create_index(op.f(f"ix_{table}_organisation_id"), table, ["organisation_id"])
    op.create_index("ix_verification_request_waiting", table, ["state", "submitted_at"])
    unfinished = sa.text(f"state IN ({OPEN_STATES})")
    op.create_index(
        "uq_verification_request_open",
        table,
        ["organisation_id"],
        unique=True,
        sqlite_where=unfinished,
        postgresql_where=unfinished,
    )

    table = "verification_check"
    op.create_table(
        table,
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=8), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        _moment("at", nullable=False),
        sa.Column("ticks", JSON, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        _check(table, "step", "step IN ('only', 'first', 'second')"),
        _check(table, "outcome", "outcome IN ('positive', 'returned', 'rejected')"),
        _to(table, "request_id", "verification_request"),
        _to(table, "by_id", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("request_id", "round", "step", name=op.f(f"uq_{table}_request_id_round_step")),
    )
    op.create_index(op.f(f"ix_{table}_request_id"), table, ["request_id"])

    table = "verification_remark"
    op.create_table(
        table,
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=30), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        _moment("created_at", nullable=False),
        _moment("resolved_at"),
        sa.Column("id", sa.Uuid(), nullable=False),
        _to(table, "request_id", "verification_request"),
        _to(table, "created_by", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_request_id"), table, ["request_id"])

    table = "verification_reminder"
    op.create_table(
        table,
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        _moment("until", nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        _moment("at", nullable=False),
        _to(table, "organisation_id", "organisation"),
        sa.PrimaryKeyConstraint("organisation_id", "until", "days", name=op.f(f"pk_{table}")),
    )


def _suspensions() -> None:
    table = "suspension"
    op.create_table(
        table,
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=14), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=True),
        _moment("proposed_at", nullable=False),
        sa.Column("begun_by", sa.Uuid(), nullable=True),
        _moment("begun_at"),
        sa.Column("lift_reason", sa.Text(), nullable=False),
        sa.Column("lift_proposed_by", sa.Uuid(), nullable=True),
        sa.Column("lifted_by", sa.Uuid(), nullable=True),
        _moment("lifted_at"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        _check(table, "state", "state IN ('proposed', 'active', 'lift_proposed', 'lifted', 'dropped')"),
        _check(table, "reason", "reason <> ''"),
        _check(table, "begun", "state IN ('proposed', 'dropped') OR begun_at IS NOT NULL"),
        _check(table, "lifted", "(state = 'lifted') = (lifted_at IS NOT NULL)"),
        _to(table, "organisation_id", "organisation"),
        _to(table, "proposed_by", "user"),
        _to(table, "begun_by", "user"),
        _to(table, "lift_proposed_by", "user"),
        _to(table, "lifted_by", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_organisation_id"), table, ["organisation_id"])
    live = sa.text("state IN ('proposed', 'active', 'lift_proposed')")
    op.create_index(
        "uq_suspension_live",
        table,
        ["organisation_id"],
        unique=True,
        sqlite_where=live,
        postgresql_where=live,
    )

    table = "past_membership"
    op.create_table(
        table,
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        _moment("ended_at", nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        _to(table, "user_id", "user", "CASCADE"),
        _to(table, "organisation_id", "organisation", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index("ix_past_membership_person", table, ["user_id", "organisation_id"])
    op.create_index(op.f("ix_past_membership_ended_at"), table, ["ended_at"])


def _questions() -> None:
    table = "reference_request"
    op.create_table(
        table,
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("reference_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("lang", sa.String(length=5), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("email_digest", sa.String(length=64), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("claim", JSON, nullable=False),
        sa.Column("sends", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        _moment("created_at", nullable=False),
        _moment("sent_at", nullable=False),
        _moment("expires_at", nullable=False),
        _moment("ended_at"),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("answered_by_name", sa.String(length=120), nullable=False),
        sa.Column("answered_by_position", sa.String(length=120), nullable=False),
        sa.Column("consent", sa.String(length=40), nullable=False),
        _moment("forgotten_at"),
        sa.Column("id", sa.Uuid(), nullable=False),
        _check(table, "state", "state IN ('pending', 'confirmed', 'refused', 'not_me', 'expired', 'void')"),
        _check(table, "ended", "(state = 'pending') = (ended_at IS NULL)"),
        _check(table, "link", "state <> 'pending' OR token_hash IS NOT NULL"),
        _check(table, "sends", "sends BETWEEN 1 AND 4"),
        _to(table, "listing_id", "listing"),
        _to(table, "reference_id", "reference_project", "SET NULL"),
        _to(table, "created_by", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("token_hash", name=op.f(f"uq_{table}_token_hash")),
    )
    op.create_index(op.f(f"ix_{table}_listing_id"), table, ["listing_id"])
    op.create_index(op.f(f"ix_{table}_reference_id"), table, ["reference_id"])
    pending = sa.text("state = 'pending'")
    op.create_index(
        "uq_reference_request_pending",
        table,
        ["reference_id"],
        unique=True,
        sqlite_where=pending,
        postgresql_where=pending,
    )


def _confirmation(states: str) -> None:
    """Another list of states; nothing points at this table while it is made anew on SQLite."""
    name = op.f("ck_reference_project_confirmation")
    with op.batch_alter_table("reference_project", schema=None) as batch_op:
        batch_op.drop_constraint(name, type_="check")
        batch_op.create_check_constraint(name, f"confirmation IN ({states})")


def _terms_of_the_verified() -> None:
    """Whoever is verified stays so for two years from then, and for three months from now at least."""
    place = sa.table(
        "organisation",
        sa.column("id", sa.Uuid()),
        sa.column("verification", sa.String()),
        sa.column("verified_at", sa.DateTime(timezone=True)),
        sa.column("verified_until", sa.DateTime(timezone=True)),
    )
    connection = op.get_bind()
    moment = datetime.now(UTC)
    if connection.dialect.name == "sqlite":
        moment = moment.replace(tzinfo=None)
    rows = connection.execute(
        sa.select(place.c.id, place.c.verified_at).where(place.c.verification == "verified")
    ).all()
    for id_, since in rows:
        until = max(since + TERM, moment + AT_LEAST)
        connection.execute(place.update().where(place.c.id == id_).values(verified_until=until))


def _requests_of_those_that_wait() -> None:
    """An organisation that had asked already waits on, in the new queue."""
    place = sa.table(
        "organisation",
        sa.column("id", sa.Uuid()),
        sa.column("kind", sa.String()),
        sa.column("subtype", sa.String()),
        sa.column("verification", sa.String()),
        sa.column("registration_number", sa.String()),
        sa.column("website", sa.String()),
        sa.column("verification_requested_at", sa.DateTime(timezone=True)),
        sa.column("created_at", sa.DateTime(timezone=True)),
    )
    asked = sa.table(
        "verification_request",
        *(
            sa.column(name, kind)
            for name, kind in (
                ("id", sa.Uuid()),
                ("organisation_id", sa.Uuid()),
                ("kind", sa.String()),
                ("state", sa.String()),
                ("round", sa.Integer()),
                ("needs_two", sa.Boolean()),
                ("registration_number", sa.String()),
                ("number_as_written", sa.Boolean()),
                ("website", sa.String()),
                ("no_domain", sa.Boolean()),
                ("domain", sa.String()),
                ("domain_address", sa.String()),
                ("domain_sends", sa.Integer()),
                ("statement", sa.Text()),
                ("answer", sa.Text()),
                ("words", sa.Text()),
                ("created_at", sa.DateTime(timezone=True)),
                ("submitted_at", sa.DateTime(timezone=True)),
                ("version", sa.Integer()),
            )
        ),
    )
    connection = op.get_bind()
    rows = connection.execute(sa.select(place).where(place.c.verification == "pending")).all()
    for row in rows:
        since = row.verification_requested_at or row.created_at
        connection.execute(
            asked.insert().values(
                id=uuid.uuid4(),
                organisation_id=row.id,
                kind="first",
                state="submitted",
                round=1,
                needs_two=row.kind == "city" or row.subtype in ("university", "institute"),
                registration_number=row.registration_number,
                number_as_written=False,
                website=row.website,
                no_domain=False,
                domain="",
                domain_address="",
                domain_sends=0,
                statement="",
                answer="",
                words="",
                created_at=since,
                submitted_at=since,
                version=1,
            )
        )


def _suspensions_in_force() -> None:
    """Whoever is suspended already can be let in again by the new pages."""
    place = sa.table(
        "organisation", sa.column("id", sa.Uuid()), sa.column("suspended_at", sa.DateTime(timezone=True))
    )
    row = sa.table(
        "suspension",
        *(
            sa.column(name, kind)
            for name, kind in (
                ("id", sa.Uuid()),
                ("organisation_id", sa.Uuid()),
                ("state", sa.String()),
                ("reason", sa.Text()),
                ("proposed_at", sa.DateTime(timezone=True)),
                ("begun_at", sa.DateTime(timezone=True)),
                ("lift_reason", sa.Text()),
                ("version", sa.Integer()),
            )
        ),
    )
    connection = op.get_bind()
    for id_, since in connection.execute(
        sa.select(place.c.id, place.c.suspended_at).where(place.c.suspended_at.is_not(None))
    ).all():
        connection.execute(
            row.insert().values(
                id=uuid.uuid4(),
                organisation_id=id_,
                state="active",
                reason="–",  # it was told by other means
                proposed_at=since,
                begun_at=since,
                lift_reason="",
                version=1,
            )
        )


def upgrade() -> None:
    # By plain statements: a batch would make the tables anew on SQLite, and what points at them would go with the old.
    op.add_column("organisation", _moment("verified_until"))
    op.add_column("organisation", _moment("lapsed_at"))
    _terms_of_the_verified()
    _requests()
    _requests_of_those_that_wait()
    _suspensions()
    _suspensions_in_force()
    _confirmation("'claimed', 'asked', 'confirmed', 'denied', 'expired'")
    _questions()


def downgrade() -> None:
    op.drop_table("reference_request")
    op.execute("UPDATE reference_project SET confirmation = 'claimed' WHERE confirmation = 'expired'")
    _confirmation("'claimed', 'asked', 'confirmed', 'denied'")
    for table in (
        "past_membership",
        "suspension",
        "verification_reminder",
        "verification_remark",
        "verification_check",
        "verification_request",
    ):
        op.drop_table(table)
    op.drop_column("organisation", "lapsed_at")
    op.drop_column("organisation", "verified_until")
