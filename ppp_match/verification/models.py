"""What an organisation brings to be verified, what moderators found, and suspensions."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ppp_match.accounts.models import Organisation, User
from ppp_match.db import Identified, Model, now

REQUEST_STATES = (
    "draft",
    "submitted",
    "first_check",
    "returned",
    "verified",
    "rejected",
    "taken_back",
    "expired",
    "renewed",
)
OPEN_STATES = ("draft", "submitted", "first_check", "returned")
WAITING_STATES = ("submitted", "first_check")
SUSPENSION_STATES = ("proposed", "active", "lift_proposed", "lifted", "dropped")
LIVE_SUSPENSIONS = ("proposed", "active", "lift_proposed")
_OPEN = "state IN ('draft', 'submitted', 'first_check', 'returned')"
_LIVE = "state IN ('proposed', 'active', 'lift_proposed')"


class VerificationRequest(Identified, Model):
    """An organisation asks the forum to verify that it is what it says; a renewal names the one it follows.

    `domain_address` is the address that the proof of the domain went to: it is emptied once the proof is given.
    """

    __tablename__ = "verification_request"
    __table_args__ = (
        CheckConstraint(f"state IN {REQUEST_STATES!r}", name="state"),
        CheckConstraint("kind IN ('first', 'renewal')", name="kind"),
        CheckConstraint("state IN ('draft', 'taken_back') OR submitted_at IS NOT NULL", name="submitted"),
        CheckConstraint(
            "(state IN ('verified', 'rejected', 'expired', 'renewed')) = (decided_at IS NOT NULL)",
            name="decided",
        ),
        CheckConstraint("state <> 'first_check' OR needs_two", name="two"),
        Index(
            "uq_verification_request_open",
            "organisation_id",
            unique=True,
            sqlite_where=text(_OPEN),
            postgresql_where=text(_OPEN),
        ),
        Index("ix_verification_request_waiting", "state", "submitted_at"),
    )

    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10), default="first")
    renews_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("verification_request.id"))
    state: Mapped[str] = mapped_column(String(12), default="draft")
    round: Mapped[int] = mapped_column(default=0)  # how often it was sent
    needs_two: Mapped[bool] = mapped_column(default=False)
    registration_number: Mapped[str] = mapped_column(String(60), default="")
    number_as_written: Mapped[bool] = mapped_column(default=False)  # it looks unusual and is meant so
    website: Mapped[str] = mapped_column(String(200), default="")
    no_domain: Mapped[bool] = mapped_column(default=False)
    domain: Mapped[str] = mapped_column(String(253), default="")
    domain_address: Mapped[str] = mapped_column(String(254), default="")
    domain_token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    domain_sends: Mapped[int] = mapped_column(default=0)
    domain_sent_at: Mapped[datetime | None]
    domain_expires_at: Mapped[datetime | None]
    domain_confirmed_at: Mapped[datetime | None]
    statement: Mapped[str] = mapped_column(Text, default="")  # who asks, and why they may
    answer: Mapped[str] = mapped_column(Text, default="")  # to the remarks, when it is sent again
    words: Mapped[str] = mapped_column(Text, default="")  # the moderator's, with the decision
    created_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    submitted_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    version: Mapped[int] = mapped_column()

    organisation: Mapped[Organisation] = relationship(lazy="joined")
    checks: Mapped[list[VerificationCheck]] = relationship(
        back_populates="request", order_by="VerificationCheck.at"
    )
    remarks: Mapped[list[VerificationRemark]] = relationship(
        back_populates="request", order_by="VerificationRemark.created_at"
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def party_ids(self) -> frozenset[uuid.UUID]:
        return frozenset({self.organisation_id})

    @property
    def is_editable(self) -> bool:
        return self.state in ("draft", "returned")

    @property
    def is_waiting(self) -> bool:
        return self.state in WAITING_STATES

    @property
    def open_remarks(self) -> list[VerificationRemark]:
        return [remark for remark in self.remarks if remark.resolved_at is None]

    @property
    def first_check(self) -> VerificationCheck | None:
        """The first moderator's finding of this round, where a second one has to look."""
        return next((one for one in self.checks if one.round == self.round and one.step == "first"), None)

    def missing(self) -> list[str]:
        """Names of the fields without which it cannot be sent."""
        home = self.organisation
        numbered = home.kind == "city" or home.subtype in ("individual", "embassy")
        lacking = [name for name in home.missing_for_verification() if name not in ("registration_number",)]
        if not self.registration_number and not numbered:
            lacking.append("registration_number")
        if self.domain_confirmed_at is None and not (self.no_domain and not self.needs_two):
            lacking.append("domain")
        if not self.statement:
            lacking.append("statement")
        return lacking

    # Guards of the VERIFICATION_REQUEST lifecycle: a refusal code, or None.
    def refuse_incomplete(self) -> str | None:
        return "incomplete" if self.missing() else None

    def refuse_for_one(self) -> str | None:
        return None if self.needs_two else "one_check_is_enough"

    def refuse_for_two(self) -> str | None:
        return "second_check_missing" if self.needs_two else None

    def refuse_without_remarks(self) -> str | None:
        return None if self.open_remarks else "remarks_missing"

    def refuse_before_end(self) -> str | None:
        until = self.organisation.verified_until
        return None if until is not None and until <= now() else "still_valid"


class VerificationCheck(Identified, Model):
    """What one moderator found in one round. No round holds the same step twice, however many click at once."""

    __tablename__ = "verification_check"
    __table_args__ = (
        UniqueConstraint("request_id", "round", "step"),
        CheckConstraint("step IN ('only', 'first', 'second')", name="step"),
        CheckConstraint("outcome IN ('positive', 'returned', 'rejected')", name="outcome"),
    )

    request_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("verification_request.id"), index=True)
    round: Mapped[int]
    step: Mapped[str] = mapped_column(String(8))
    outcome: Mapped[str] = mapped_column(String(10))
    by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(default=now)
    ticks: Mapped[dict[str, Any]]  # {item of the checklist: {"ticked": bool, "note": str}}
    note: Mapped[str] = mapped_column(Text, default="")  # for colleagues

    request: Mapped[VerificationRequest] = relationship(back_populates="checks")
    by: Mapped[User | None] = relationship()


class VerificationRemark(Identified, Model):
    """A moderator's remark on one piece of evidence; open until the request is sent again."""

    __tablename__ = "verification_remark"

    request_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("verification_request.id"), index=True)
    round: Mapped[int]
    field: Mapped[str] = mapped_column(String(30))
    text: Mapped[str] = mapped_column(String(1000))
    created_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    resolved_at: Mapped[datetime | None]

    request: Mapped[VerificationRequest] = relationship(back_populates="remarks")

    @property
    def at(self) -> datetime:
        return self.created_at


class VerificationReminder(Model):
    """That an organisation was reminded, so many days before its verification ends at that moment."""

    __tablename__ = "verification_reminder"

    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    until: Mapped[datetime] = mapped_column(primary_key=True)
    days: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now)


class Suspension(Identified, Model):
    """An organisation is out of the forum for a reason: on an administrator's word, or on two moderators'."""

    __tablename__ = "suspension"
    __table_args__ = (
        CheckConstraint(f"state IN {SUSPENSION_STATES!r}", name="state"),
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint("state IN ('proposed', 'dropped') OR begun_at IS NOT NULL", name="begun"),
        CheckConstraint("(state = 'lifted') = (lifted_at IS NOT NULL)", name="lifted"),
        Index(
            "uq_suspension_live",
            "organisation_id",
            unique=True,
            sqlite_where=text(_LIVE),
            postgresql_where=text(_LIVE),
        ),
    )

    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    state: Mapped[str] = mapped_column(String(14), default="proposed")
    reason: Mapped[str] = mapped_column(Text)  # told to the members
    proposed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    proposed_at: Mapped[datetime] = mapped_column(default=now)
    begun_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    begun_at: Mapped[datetime | None]
    lift_reason: Mapped[str] = mapped_column(Text, default="")
    lift_proposed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    lifted_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    lifted_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    organisation: Mapped[Organisation] = relationship(lazy="joined")
    proposer: Mapped[User | None] = relationship(foreign_keys=[proposed_by])
    lift_proposer: Mapped[User | None] = relationship(foreign_keys=[lift_proposed_by])

    __mapper_args__ = {"version_id_col": version}

    @property
    def party_ids(self) -> frozenset[uuid.UUID]:
        return frozenset({self.organisation_id})
