"""What follows a listing once it stands: addenda, people who watch it, and what each save replaced.

The listing and its revisions stand in `models.py`; the verbs in `addenda.py`, `watching.py` and `saves.py`.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ppp_match.accounts.models import User
from ppp_match.db import Identified, Model, now, today
from ppp_match.listings.models import Listing

ADDENDUM_KINDS = ("clarification", "correction", "dates", "answer")
WAITING_ADDENDA = ("draft", "submitted", "returned")


class Addendum(Identified, Model):
    """A dated note that is added to a published listing and stays. It gets its number when it is published."""

    __tablename__ = "listing_addendum"
    __table_args__ = (
        UniqueConstraint("listing_id", "number"),
        UniqueConstraint("origin_type", "origin_id"),
        CheckConstraint("kind IN ('clarification', 'correction', 'dates', 'answer')", name="kind"),
        CheckConstraint(
            "state IN ('draft', 'submitted', 'returned', 'published', 'rejected', 'discarded')", name="state"
        ),
        CheckConstraint("text_vi <> '' OR text_en <> ''", name="has_text"),
        CheckConstraint("(state = 'published') = (published_at IS NOT NULL)", name="published"),
        CheckConstraint("(number IS NULL) = (published_at IS NULL)", name="numbered"),
        CheckConstraint("(origin_type IS NULL) = (origin_id IS NULL)", name="origin"),
        Index("ix_listing_addendum_queue", "state", "submitted_at"),
    )

    listing_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("listing.id"), index=True)
    number: Mapped[int | None]
    kind: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(12), default="draft")
    text_vi: Mapped[str] = mapped_column(Text, default="")
    text_en: Mapped[str] = mapped_column(Text, default="")
    response_until: Mapped[date | None]  # the later last day for answers that it announces
    remark: Mapped[str] = mapped_column(Text, default="")  # of the moderator who returned or rejected it
    anonymous: Mapped[bool] = mapped_column(default=False)  # whether the need withheld its city at that time
    created_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    submitted_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    revision_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("listing_revision.id")
    )  # the version that its date made
    origin_type: Mapped[str | None] = mapped_column(String(40))  # what it came from: a question, say
    origin_id: Mapped[uuid.UUID | None]
    version: Mapped[int] = mapped_column()

    listing: Mapped[Listing] = relationship(foreign_keys=[listing_id])

    __mapper_args__ = {"version_id_col": version}

    @property
    def party_ids(self) -> frozenset[uuid.UUID]:
        return self.listing.party_ids

    @property
    def langs(self) -> list[str]:
        return [code for code, text in (("vi", self.text_vi), ("en", self.text_en)) if text]

    def text(self, lang: str) -> str:
        return self.text_vi if lang == "vi" else self.text_en

    def reading_lang(self, lang: str) -> str:
        """The language a reader of `lang` gets: theirs if it has it, else the other one."""
        return lang if lang in self.langs else self.langs[0]

    # Guards of the ADDENDUM lifecycle.
    def refuse_without_published_listing(self) -> str | None:
        """An addendum belongs to a text that is public now, and may only put the date off."""
        if self.listing.state != "published":
            return "addendum_needs_published"
        if self.response_until is None:
            return None
        if self.response_until < today():
            return "date_is_past"
        present = self.listing.shown.response_until
        return "date_not_later" if present is not None and self.response_until <= present else None

    def refuse_unpublishable(self) -> str | None:
        return self.refuse_without_published_listing() or self.listing.refuse_unverified()


class Watch(Model):
    """A person who wants to hear of a listing."""

    __tablename__ = "watch"

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    listing_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("listing.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    created_at: Mapped[datetime] = mapped_column(default=now)

    listing: Mapped[Listing] = relationship()


class ListingSave(Identified, Model):
    """What one save replaced. Taken back from the newest on, saves give the text as it was at any version."""

    __tablename__ = "listing_save"
    __table_args__ = (Index("ix_listing_save_version", "listing_id", "version"),)

    listing_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("listing.id", ondelete="CASCADE"))
    version: Mapped[int]  # of the listing, when the save began
    action: Mapped[str] = mapped_column(String(20), default="save")
    by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    at: Mapped[datetime] = mapped_column(default=now, index=True)
    previous: Mapped[dict[str, Any]]  # {key of listings/content.py: value before}

    by: Mapped[User | None] = relationship()
