"""Cities that take part in another city's need, and proposals to merge one listing into another.

A `NeedJoin` is one city's share of somebody else's need: its place, its quantity in the lead's unit, its residents.
What the shares add up to is worked out from these rows (`join_queries.demand_of`), never stored twice. Moves stand
in `lifecycle.py`, verbs in `join_operations.py` and `merge_operations.py`.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ppp_match.accounts.models import City, Organisation
from ppp_match.db import Identified, Model, now
from ppp_match.listings.models import Listing

JOIN_STATES = ("asked", "agreed", "declined", "taken_back", "left")
LIVE_JOINS = ("asked", "agreed")
FROZEN_STAGES = ("procure", "contract")  # while partners are selected, private contact rests
MESSAGE_AT_MOST = 600
REASON_AT_MOST = 500


class NeedJoin(Identified, Model):
    """One city's request to take part in a need of another city, and what became of it."""

    __tablename__ = "need_join"
    __table_args__ = (
        CheckConstraint("state IN ('asked', 'agreed', 'declined', 'taken_back', 'left')", name="state"),
        CheckConstraint("origin IN ('asked', 'merged')", name="origin"),
        CheckConstraint("quantity IS NULL OR quantity >= 0", name="quantity"),
        CheckConstraint("beneficiaries IS NULL OR beneficiaries >= 0", name="beneficiaries"),
        CheckConstraint("(state = 'asked') = (answered_at IS NULL)", name="answered"),
        Index(
            "uq_need_join_live",
            "need_id",
            "organisation_id",
            unique=True,
            sqlite_where=text("state IN ('asked', 'agreed')"),
            postgresql_where=text("state IN ('asked', 'agreed')"),
        ),
    )

    need_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("listing.id"), index=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    own_need_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("listing.id")
    )  # what it had written itself
    origin: Mapped[str] = mapped_column(String(12), default="asked")
    state: Mapped[str] = mapped_column(String(12), default="asked")
    city_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("city.id"))
    quantity: Mapped[Decimal | None]
    unit: Mapped[str] = mapped_column(String(60), default="")  # the lead's unit when this was written
    beneficiaries: Mapped[int | None]
    unnamed: Mapped[bool] = mapped_column(default=False)  # its name stays hidden in public
    message: Mapped[str] = mapped_column(Text, default="")  # to the lead
    lang: Mapped[str] = mapped_column(String(8), default="vi")  # of the message
    reason: Mapped[str] = mapped_column(Text, default="")  # of a no, or of leaving
    asked_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    answered_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    need: Mapped[Listing] = relationship(foreign_keys=[need_id])
    own_need: Mapped[Listing | None] = relationship(foreign_keys=[own_need_id])
    organisation: Mapped[Organisation] = relationship(lazy="joined")
    city: Mapped[City | None] = relationship(lazy="joined")

    __mapper_args__ = {"version_id_col": version}

    @property
    def party_ids(self) -> frozenset[uuid.UUID]:
        return frozenset({self.organisation_id, self.need.organisation_id})

    def refuse_ended(self) -> str | None:
        """Guard: nobody joins a need that is not open any more."""
        if self.need.state == "published":
            return None
        return "need_ended"


class MergeProposal(Identified, Model):
    """A moderator's proposal to merge `source` into `target`, with who has consented so far."""

    __tablename__ = "merge_proposal"
    __table_args__ = (
        CheckConstraint("state IN ('proposed', 'merged', 'declined', 'taken_back')", name="state"),
        CheckConstraint("source_id <> target_id", name="two_listings"),
        CheckConstraint("(state = 'proposed') = (ended_at IS NULL)", name="ended"),
        Index(
            "uq_merge_proposal_open",
            "source_id",
            unique=True,
            sqlite_where=text("state = 'proposed'"),
            postgresql_where=text("state = 'proposed'"),
        ),
    )

    source_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("listing.id"), index=True)
    target_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("listing.id"), index=True)
    state: Mapped[str] = mapped_column(String(12), default="proposed")
    reason: Mapped[str] = mapped_column(Text)  # the moderator's
    answer: Mapped[str] = mapped_column(Text, default="")  # why it was declined
    proposed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    source_consent_at: Mapped[datetime | None]
    target_consent_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    source: Mapped[Listing] = relationship(foreign_keys=[source_id])
    target: Mapped[Listing] = relationship(foreign_keys=[target_id])

    __mapper_args__ = {"version_id_col": version}

    @property
    def party_ids(self) -> frozenset[uuid.UUID]:
        return frozenset({self.source.organisation_id, self.target.organisation_id})

    @property
    def within_one_organisation(self) -> bool:
        return self.source.organisation_id == self.target.organisation_id

    def consented(self, organisation_id: uuid.UUID) -> bool:
        """Whether that organisation has said yes already."""
        if organisation_id == self.source.organisation_id:
            return self.source_consent_at is not None
        return organisation_id == self.target.organisation_id and self.target_consent_at is not None

    @property
    def waits_for(self) -> list[Organisation]:
        """The organisations whose consent is still open."""
        sides = [(self.source, self.source_consent_at)]
        if not self.within_one_organisation:
            sides.append((self.target, self.target_consent_at))
        return [listing.organisation for listing, at in sides if at is None]

    def refuse_without_consent(self) -> str | None:
        """Guard: nothing is merged before everybody who is asked has consented."""
        return "merge_not_consented" if self.waits_for else None
