"""A live text belongs to one listing, and lists find the listing from it.

Lists join the other way round: from words, choices and amounts of a text to the listing that shows it. Without an
index each count beside a filter read all listings for every text, so that the time grew with the square of the forum.
"""

from alembic import op

revision = "0008_live_text"
down_revision = "0007_bench"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("uq_listing_live_revision_id", "listing", ["live_revision_id"], unique=True)


def downgrade() -> None:
    op.drop_index("uq_listing_live_revision_id", table_name="listing")
