"""People, organisations, memberships, declared relations, sign-in sessions; the registry of cities."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from flask_security.core import UserMixin
from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Text,
    and_,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ppp_match.db import Identified, Model, now
from ppp_match.permissions import Actor, OrganisationRef

VERIFICATION_STATES = ("unverified", "pending", "verified", "rejected")
ORGANISATION_KINDS: dict[str, tuple[str, ...]] = {
    "city": ("central_ministry", "national_representative", "province", "city", "ward", "state_owner"),
    "vendor": ("technology", "construction", "operator", "developer", "consultant", "investor"),
    "expert": ("university", "institute", "planner", "individual"),
    "partner": (
        "development_bank",
        "donor_programme",
        "embassy",
        "international_organisation",
        "network_secretariat",
    ),
}
RELATION_KINDS = ("owner", "subsidiary", "affiliate", "former_employer")
_LIVE = "state <> 'ended'"
SIZE_BANDS = ("micro", "small", "medium", "large")
# What the forum verifies: fixed from then on, since the mark would otherwise speak for something nobody looked at.
IDENTITY_FIELDS = ("subtype", "name_vi", "name_en", "country", "registration_number")
PROFILE_FIELDS = (
    *IDENTITY_FIELDS,
    "city_id",
    "size_band",
    "website",
    "about_vi",
    "about_en",
    "contact_unit",
    "contact_email",
)


class City(Identified, Model):
    """A place in the registry. Membership of ASCN is dated; a project that isn't certain is not shown as official."""

    __tablename__ = "city"

    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name_en: Mapped[str] = mapped_column(String(120))
    name_local: Mapped[str] = mapped_column(String(200))
    country: Mapped[str] = mapped_column(String(2), index=True)
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    population_order: Mapped[str] = mapped_column(String(80), default="")
    ascn_member_since: Mapped[str] = mapped_column(
        String(12), default=""
    )  # "2018" or "2023–24": as the source says
    priority_projects: Mapped[list[Any]]
    certainty: Mapped[str] = mapped_column(String(60), default="")

    def name(self, lang: str) -> str:
        return self.name_local if lang == "vi" and self.country == "VN" else self.name_en


class Organisation(Identified, Model):
    """A city, vendor, expert or partner organisation."""

    __tablename__ = "organisation"
    __table_args__ = (
        CheckConstraint("kind IN ('city', 'vendor', 'expert', 'partner')", name="kind"),
        CheckConstraint(
            "verification IN ('unverified', 'pending', 'verified', 'rejected')", name="verification"
        ),
        CheckConstraint(
            "(verification IN ('verified', 'rejected')) = (verified_at IS NOT NULL)", name="decided"
        ),
        CheckConstraint("name_vi <> '' OR name_en <> ''", name="named"),
    )

    kind: Mapped[str] = mapped_column(String(12), index=True)
    subtype: Mapped[str] = mapped_column(String(30))
    name_vi: Mapped[str] = mapped_column(String(200), default="")
    name_en: Mapped[str] = mapped_column(String(200), default="")
    about_vi: Mapped[str] = mapped_column(Text, default="")
    about_en: Mapped[str] = mapped_column(Text, default="")
    country: Mapped[str] = mapped_column(String(2), index=True)
    city_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("city.id"))
    size_band: Mapped[str | None] = mapped_column(String(10))
    registration_number: Mapped[str] = mapped_column(String(60), default="")
    website: Mapped[str] = mapped_column(String(200), default="")
    contact_unit: Mapped[str] = mapped_column(String(160), default="")
    contact_email: Mapped[str] = mapped_column(String(254), default="")
    verification: Mapped[str] = mapped_column(String(12), default="unverified", index=True)
    verification_note: Mapped[str] = mapped_column(
        Text, default=""
    )  # the moderator's words to the organisation
    verification_requested_at: Mapped[datetime | None]
    verified_at: Mapped[datetime | None]
    verified_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    verified_until: Mapped[datetime | None]  # none: verified before terms were counted
    lapsed_at: Mapped[datetime | None]  # the term and its grace ended: what it published is hidden
    suspended_at: Mapped[datetime | None]
    relations_confirmed_at: Mapped[datetime | None]  # an owner said that no relation is missing
    created_at: Mapped[datetime] = mapped_column(default=now)
    version: Mapped[int] = mapped_column()

    city: Mapped[City | None] = relationship(lazy="joined")
    memberships: Mapped[list[Membership]] = relationship(
        back_populates="organisation", cascade="all, delete-orphan"
    )
    relations: Mapped[list[OrganisationRelation]] = relationship(
        foreign_keys="OrganisationRelation.organisation_id", back_populates="organisation"
    )

    __mapper_args__ = {"version_id_col": version}

    def name(self, lang: str) -> str:
        return (self.name_vi if lang == "vi" else self.name_en) or self.name_en or self.name_vi

    def named(self, key: str = "name") -> dict[str, str]:
        """Its names as a notice takes them, so that each reader gets the one of their language."""
        return {f"{key}_{lang}": self.name(lang) for lang in ("vi", "en")}

    def about(self, lang: str) -> str:
        return (self.about_vi if lang == "vi" else self.about_en) or self.about_en or self.about_vi

    @property
    def is_verified(self) -> bool:
        return self.verification == "verified" and self.suspended_at is None and not self.is_past_term

    @property
    def is_past_term(self) -> bool:
        """Whether it was verified and the time for which that holds is over."""
        return (
            self.verification == "verified"
            and self.verified_until is not None
            and self.verified_until <= now()
        )

    @property
    def is_hidden(self) -> bool:
        """Whether what it published is out of the public's sight."""
        return self.suspended_at is not None or self.lapsed_at is not None

    @classmethod
    def shown_in_public(cls) -> ColumnElement[bool]:
        """Condition: neither suspended nor lapsed."""
        return and_(cls.suspended_at.is_(None), cls.lapsed_at.is_(None))

    @property
    def party_ids(self) -> frozenset[uuid.UUID]:
        return frozenset({self.id})

    def missing_for_verification(self) -> list[str]:
        """Names of the fields that the forum needs before it can verify the organisation."""
        needed = {
            "about": self.about_vi or self.about_en,
            "contact_unit": self.contact_unit,
            "contact_email": self.contact_email,
            "registration_number": self.registration_number
            or self.kind == "city"
            or self.subtype in ("individual", "embassy"),
            "size_band": self.size_band or self.kind != "vendor",
        }
        return [name for name, given in needed.items() if not given]

    # Guard of the VERIFICATION lifecycle: a refusal code, or None.
    def refuse_incomplete(self) -> str | None:
        return "incomplete" if self.missing_for_verification() else None


def _live_once(name: str, *columns: str, also: str = "") -> Index:
    live = text(_LIVE + also)
    return Index(
        f"uq_organisation_relation_{name}", *columns, unique=True, sqlite_where=live, postgresql_where=live
    )


class OrganisationRelation(Identified, Model):
    """A declared relation, used to find conflicts of interest. Holds both ways, until the forum confirmed its end.

    `related` is an organisation of the forum; one that is not here is named in `outside_name`. Rows are never deleted:
    the register tells what was declared when.
    """

    __tablename__ = "organisation_relation"
    __table_args__ = (
        CheckConstraint("organisation_id <> related_id", name="not_itself"),
        CheckConstraint("(related_id IS NULL) = (outside_name <> '')", name="one_other"),
        CheckConstraint(f"kind IN {RELATION_KINDS!r}", name="kind"),
        CheckConstraint("state IN ('declared', 'ending', 'ended')", name="state"),
        CheckConstraint("(state = 'ended') = (ended_at IS NOT NULL)", name="ended"),
        # A NULL is like no other NULL, so that each of the two counts the rows that it is for.
        _live_once("inside", "organisation_id", "related_id", "kind"),
        _live_once("outside", "organisation_id", "outside_key", "kind", also=" AND related_id IS NULL"),
        Index("ix_organisation_relation_outside", "outside_key"),
    )

    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    related_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    outside_name: Mapped[str] = mapped_column(String(200), default="")
    outside_key: Mapped[str] = mapped_column(
        String(200), default=""
    )  # the name folded, to find who shares it
    kind: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(300), default="")
    since: Mapped[date | None]
    declared_at: Mapped[datetime] = mapped_column(default=now)
    declared_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    state: Mapped[str] = mapped_column(String(10), default="declared")
    ending_at: Mapped[datetime | None]  # since when its end is said and waits for the forum
    end_reason: Mapped[str] = mapped_column(String(300), default="")
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    version: Mapped[int] = mapped_column()

    organisation: Mapped[Organisation] = relationship(
        foreign_keys=[organisation_id], back_populates="relations"
    )
    related: Mapped[Organisation | None] = relationship(foreign_keys=[related_id])

    __mapper_args__ = {"version_id_col": version}

    @property
    def party_ids(self) -> frozenset[uuid.UUID]:
        return frozenset({self.organisation_id} | ({self.related_id} if self.related_id else set()))

    def other_name(self, lang: str) -> str:
        return self.related.name(lang) if self.related is not None else self.outside_name


class User(Identified, UserMixin, Model):  # type: ignore[misc]  # UserMixin declares an integer id
    """A person with an account. Rights come from memberships and `staff_role`, through permissions.py."""

    __tablename__ = "user"
    __table_args__ = (CheckConstraint("staff_role IN ('moderator', 'administrator')", name="staff_role"),)

    email: Mapped[str] = mapped_column(String(254), unique=True)
    password: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(120))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True, default=lambda: uuid.uuid4().hex)
    confirmed_at: Mapped[datetime | None]
    create_datetime: Mapped[datetime] = mapped_column(default=now)
    staff_role: Mapped[str | None] = mapped_column(String(20))
    locale: Mapped[str] = mapped_column(String(5), default="vi")
    timezone: Mapped[str] = mapped_column(String(40), default="Asia/Ho_Chi_Minh")
    job_title: Mapped[str] = mapped_column(String(120), default="")
    # Organisations in which the person has a declared interest: what room `declarations` keeps, here so that no page
    # has to ask for it.
    recused_from: Mapped[list[Any]] = mapped_column(default=list)
    second_factor_at: Mapped[datetime | None]  # since when signing in takes more than the password
    closed_at: Mapped[datetime | None]  # the person closed the account: nothing personal is left in the row
    erased_at: Mapped[datetime | None]  # nor anywhere else, but for what must stay
    mail_refused_at: Mapped[
        datetime | None
    ]  # since when the address takes no mail: what is not asked for is held
    mail_refusals: Mapped[int] = mapped_column(default=0)  # in a row, each for good

    memberships: Mapped[list[Membership]] = relationship(
        back_populates="user", cascade="all, delete-orphan", order_by="Membership.joined_at"
    )

    roles: tuple[()] = ()  # type: ignore[assignment]  # Flask-Security asks for it; our roles stand in permissions.py

    @property
    def party_ids(self) -> frozenset[uuid.UUID]:
        return frozenset(m.organisation_id for m in self.memberships)

    def as_actor(self, acting_for: uuid.UUID | None = None) -> Actor:
        """This person as an actor, for the organisation chosen or else the first one joined."""
        refs = tuple(
            OrganisationRef(
                id=m.organisation.id,
                kind=m.organisation.kind,
                name_vi=m.organisation.name_vi,
                name_en=m.organisation.name_en,
                verified=m.organisation.is_verified,
                membership=m.role,
                country=m.organisation.country,
                subtype=m.organisation.subtype,
            )
            for m in self.memberships
        )
        chosen = next((ref for ref in refs if ref.id == acting_for), refs[0] if refs else None)
        return Actor(
            user_id=self.id,
            name=self.name,
            staff_role=self.staff_role,
            acting_for=chosen,
            memberships=refs,
            recused_from=frozenset(map(uuid.UUID, self.recused_from)),
        )


class Membership(Model):
    """Who belongs to which organisation, as owner (manages members) or member."""

    __tablename__ = "membership"
    __table_args__ = (CheckConstraint("role IN ('owner', 'member')", name="role"),)

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"), primary_key=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("organisation.id"), primary_key=True, index=True
    )
    role: Mapped[str] = mapped_column(String(10), default="member")
    joined_at: Mapped[datetime] = mapped_column(default=now)

    user: Mapped[User] = relationship(back_populates="memberships")
    organisation: Mapped[Organisation] = relationship(back_populates="memberships", lazy="joined")


class PastMembership(Identified, Model):
    """Who belonged to an organisation until when: nobody checks for the forum what they have just left."""

    __tablename__ = "past_membership"
    __table_args__ = (Index("ix_past_membership_person", "user_id", "organisation_id"),)

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"))
    ended_at: Mapped[datetime] = mapped_column(default=now, index=True)


class SignInSession(Identified, Model):
    """One signed-in session of a person, so that they can see and end it. `key` is a SHA-256, never the cookie."""

    __tablename__ = "sign_in_session"
    __table_args__ = (Index("ix_sign_in_session_open", "user_id", "ended_at"),)

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(64), unique=True)
    started_at: Mapped[datetime] = mapped_column(default=now)
    seen_at: Mapped[datetime] = mapped_column(default=now)
    confirmed_at: Mapped[datetime | None] = mapped_column(default=now)  # when they last proved who they are
    ended_at: Mapped[datetime | None]
    agent: Mapped[str] = mapped_column(String(200), default="")


class ExchangeRate(Model):
    """Units of a currency for one US dollar on a date, with the source; used to compare, never to convert a deal."""

    __tablename__ = "exchange_rate"

    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    as_of: Mapped[date] = mapped_column(primary_key=True)
    units_per_usd: Mapped[float]
    source: Mapped[str] = mapped_column(String(200))
