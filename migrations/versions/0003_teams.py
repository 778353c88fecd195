"""Who is responsible for a listing; invitations into an organisation; handovers.

A listing that exists already belongs to whoever began it, if they still belong to its organisation, else to the owner
who joined first: from here on nothing may wait for somebody who is gone.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003_teams"
down_revision = "0002_languages"
branch_labels = None
depends_on = None

MADE_BY_A_MEMBER = (
    "UPDATE listing SET responsible_id = created_by WHERE EXISTS (SELECT 1 FROM membership "
    "WHERE membership.user_id = listing.created_by AND membership.organisation_id = listing.organisation_id)"
)
ELSE_THE_FIRST_OWNER = (
    "UPDATE listing SET responsible_id = (SELECT membership.user_id FROM membership "
    "WHERE membership.organisation_id = listing.organisation_id AND membership.role = 'owner' "
    "ORDER BY membership.joined_at, membership.user_id LIMIT 1) WHERE responsible_id IS NULL"
)
moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        # Batch mode would make the table anew and lose its checks; SQLite can add such a column in place.
        op.execute(
            "ALTER TABLE listing ADD COLUMN responsible_id CHAR(32) "
            'CONSTRAINT fk_listing_responsible_id_user REFERENCES "user" (id)'
        )
    else:
        op.add_column("listing", sa.Column("responsible_id", sa.Uuid(), nullable=True))
        op.create_foreign_key("fk_listing_responsible_id_user", "listing", "user", ["responsible_id"], ["id"])
    op.create_index("ix_listing_responsible_id", "listing", ["responsible_id"])
    op.execute(MADE_BY_A_MEMBER)
    op.execute(ELSE_THE_FIRST_OWNER)

    op.create_table(
        "invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("role", sa.String(10), nullable=False),
        sa.Column("lang", sa.String(5), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("invited_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("sent_at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.Column("ended_at", moment, nullable=True),
        sa.CheckConstraint("role IN ('owner', 'member')", name="ck_invitation_role"),
        sa.CheckConstraint(
            "state IN ('pending', 'accepted', 'declined', 'revoked')", name="ck_invitation_state"
        ),
        sa.CheckConstraint("(state = 'pending') = (ended_at IS NULL)", name="ck_invitation_ended"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name="fk_invitation_organisation_id_organisation"
        ),
        sa.ForeignKeyConstraint(["invited_by"], ["user.id"], name="fk_invitation_invited_by_user"),
        sa.PrimaryKeyConstraint("id", name="pk_invitation"),
        sa.UniqueConstraint("token_hash", name="uq_invitation_token_hash"),
    )
    op.create_index("ix_invitation_organisation_id", "invitation", ["organisation_id"])
    op.create_index(
        "uq_invitation_pending",
        "invitation",
        ["organisation_id", "email"],
        unique=True,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_table(
        "handover",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("from_id", sa.Uuid(), nullable=False),
        sa.Column("to_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.CheckConstraint("from_id <> to_id", name="ck_handover_two_people"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name="fk_handover_organisation_id_organisation"
        ),
        sa.ForeignKeyConstraint(["from_id"], ["user.id"], name="fk_handover_from_id_user"),
        sa.ForeignKeyConstraint(["to_id"], ["user.id"], name="fk_handover_to_id_user"),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name="fk_handover_by_id_user"),
        sa.PrimaryKeyConstraint("id", name="pk_handover"),
    )
    op.create_index("ix_handover_organisation_id", "handover", ["organisation_id"])
    op.create_table(
        "handover_item",
        sa.Column("handover_id", sa.Uuid(), nullable=False),
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["handover_id"],
            ["handover.id"],
            name="fk_handover_item_handover_id_handover",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name="fk_handover_item_listing_id_listing"),
        sa.PrimaryKeyConstraint("handover_id", "listing_id", name="pk_handover_item"),
    )
    op.create_index("ix_handover_item_listing_id", "handover_item", ["listing_id"])


def downgrade() -> None:
    op.drop_table("handover_item")
    op.drop_table("handover")
    op.drop_table("invitation")
    op.drop_index("ix_listing_responsible_id", table_name="listing")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("ALTER TABLE listing DROP COLUMN responsible_id")
    else:
        op.drop_constraint("fk_listing_responsible_id_user", "listing", type_="foreignkey")
        op.drop_column("listing", "responsible_id")
