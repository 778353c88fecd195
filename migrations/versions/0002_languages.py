"""A text in a second language remembers the original it was written for, so that it can be seen to grow stale."""

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0002_languages"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("revision_text", schema=None) as batch_op:
        batch_op.add_column(sa.Column("written_for", sa.String(length=16), nullable=True))
    _believe_what_is_there()


def _believe_what_is_there() -> None:
    """Texts of today are taken to fit the original of today."""
    text = sa.table(
        "revision_text",
        sa.column("revision_id", sa.Uuid()),
        sa.column("lang", sa.String()),
        sa.column("field", sa.String()),
        sa.column("text", sa.Text()),
        sa.column("written_for", sa.String()),
    )
    said = sa.table("listing_revision", sa.column("id", sa.Uuid()), sa.column("lang", sa.String()))
    original = text.alias()
    bind = op.get_bind()
    rows = bind.execute(
        sa.select(text.c.revision_id, text.c.lang, text.c.field, original.c.text)
        .join(said, said.c.id == text.c.revision_id)
        .outerjoin(
            original,
            sa.and_(
                original.c.revision_id == text.c.revision_id,
                original.c.lang == said.c.lang,
                original.c.field == text.c.field,
            ),
        )
        .where(text.c.lang != said.c.lang)
    ).all()
    for revision_id, lang, field, words in rows:
        bind.execute(
            sa.update(text)
            .where(text.c.revision_id == revision_id, text.c.lang == lang, text.c.field == field)
            .values(written_for=hashlib.sha256((words or "").encode()).hexdigest()[:16])
        )


def downgrade() -> None:
    with op.batch_alter_table("revision_text", schema=None) as batch_op:
        batch_op.drop_column("written_for")
