"""What the index follows: numbered changes of listings, how far each reader of them has come, vectors of texts."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Integer, LargeBinary, String, select
from sqlalchemy.orm import Mapped, mapped_column

from ppp_match.db import Model, db, now


class IndexChange(Model):
    """A listing entered, changed in or left the index, written in the listing's own transaction."""

    __tablename__ = "index_change"
    __table_args__ = {"sqlite_autoincrement": True}

    seq: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    listing_id: Mapped[uuid.UUID]
    listing_kind: Mapped[str] = mapped_column(String(12))
    at: Mapped[datetime] = mapped_column(default=now)


class WorkCursor(Model):
    """How far a background reader has followed `index_change`."""

    __tablename__ = "work_cursor"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, default=0)

    @classmethod
    def of(cls, name: str) -> WorkCursor:
        """The cursor of that name, locked until the transaction ends; at 0 where nobody has read yet."""
        cursor = db.session.scalar(select(cls).where(cls.name == name).with_for_update())
        if cursor is None:
            cursor = cls(name=name, seq=0)
            db.session.add(cursor)
            db.session.flush()
        return cursor


class TextVector(Model):
    """The vector of a listing's published texts; it counts only while `digest` is that of the texts and the model."""

    __tablename__ = "text_vector"

    listing_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("listing.id", ondelete="CASCADE"), primary_key=True
    )
    digest: Mapped[str] = mapped_column(String(32))
    vector: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(default=now)
