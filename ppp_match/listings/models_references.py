"""Questions to the clients of reference projects: what was claimed, to whom it went, what they answered."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ppp_match.db import Identified, Model, now
from ppp_match.listings.models import Listing, ReferenceProject

REQUEST_STATES = ("pending", "confirmed", "refused", "not_me", "expired", "void")
_PENDING = "state = 'pending'"


class ReferenceRequest(Identified, Model):
    """A client is asked whether a reference is true. `claim` is what they are shown, word for word.

    The address is personal data of somebody outside: never shown to anybody but who typed it, and replaced by a digest
    30 days after the answer or the end of the link. The token is kept as a SHA-256 only.
    """

    __tablename__ = "reference_request"
    __table_args__ = (
        CheckConstraint(f"state IN {REQUEST_STATES!r}", name="state"),
        CheckConstraint("(state = 'pending') = (ended_at IS NULL)", name="ended"),
        CheckConstraint("state <> 'pending' OR token_hash IS NOT NULL", name="link"),
        CheckConstraint("sends BETWEEN 1 AND 4", name="sends"),
        Index(
            "uq_reference_request_pending",
            "reference_id",
            unique=True,
            sqlite_where=text(_PENDING),
            postgresql_where=text(_PENDING),
        ),
    )

    listing_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("listing.id"), index=True)
    reference_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("reference_project.id", ondelete="SET NULL"), index=True
    )  # none once its text has changed: then another reference stands there
    state: Mapped[str] = mapped_column(String(10), default="pending")
    lang: Mapped[str] = mapped_column(String(5), default="vi")
    email: Mapped[str] = mapped_column(String(254))
    email_digest: Mapped[str] = mapped_column(String(64), default="")
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    claim: Mapped[dict[str, Any]]
    sends: Mapped[int] = mapped_column(default=1)
    created_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    sent_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    comment: Mapped[str] = mapped_column(Text, default="")
    answered_by_name: Mapped[str] = mapped_column(String(120), default="")
    answered_by_position: Mapped[str] = mapped_column(String(120), default="")
    consent: Mapped[str] = mapped_column(String(40), default="")  # version of the text agreed to
    forgotten_at: Mapped[datetime | None]

    listing: Mapped[Listing] = relationship()
    reference: Mapped[ReferenceProject | None] = relationship(passive_deletes=True)

    @property
    def party_ids(self) -> frozenset[uuid.UUID]:
        return self.listing.party_ids

    @property
    def is_past(self) -> bool:
        return self.expires_at <= now()

    @property
    def is_open(self) -> bool:
        """Whether its link can be answered."""
        return self.state == "pending" and not self.is_past and self.reference_id is not None
