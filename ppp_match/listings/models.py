"""Needs and capabilities: the listing, its revisions, texts per language, terms, references, remarks.

One table serves both kinds, since they share one lifecycle, one taxonomy and one review. What a kind must hold
stands in `fields.py`; the moves stand in `lifecycle.py`; the verbs in `operations.py`.
"""

from __future__ import annotations

import hashlib
import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ppp_match.accounts.models import City, Organisation, User
from ppp_match.db import READ_ALONG, Identified, Model, now, read_together
from ppp_match.listings import fields as form_fields
from ppp_match.vocabularies import Sector, Term

__all__ = [
    "CLOSE_REASONS",
    "KINDS",
    "Listing",
    "ListingNumber",
    "ReferenceProject",
    "Remark",
    "Revision",
    "RevisionTerm",
    "RevisionText",
    "Sector",
    "Term",
]

KINDS = ("need", "capability")
CLOSE_REASONS = ("agreed", "no_suitable", "expired", "merged")


class Listing(Identified, Model):
    """A need or a capability. What it says stands in its revisions: the live one and the one being worked on."""

    __tablename__ = "listing"
    __table_args__ = (
        UniqueConstraint("kind", "number"),
        CheckConstraint("kind IN ('need', 'capability')", name="kind"),
        CheckConstraint(
            "state IN ('draft', 'submitted', 'in_review', 'returned', 'published', 'rejected', 'withdrawn', 'closed')",
            name="state",
        ),
        CheckConstraint(
            "state NOT IN ('published', 'closed') OR (live_revision_id IS NOT NULL AND published_at IS NOT NULL)",
            name="published_has_text",
        ),
        CheckConstraint("(state = 'closed') = (close_reason IS NOT NULL)", name="closed_reason"),
        CheckConstraint("(holder_id IS NULL) = (held_since IS NULL)", name="held"),
        Index("ix_listing_public", "kind", "state", "published_at"),
        Index(
            "uq_listing_live_revision_id", "live_revision_id", unique=True
        ),  # lists join from text to listing
    )

    kind: Mapped[str] = mapped_column(String(12))
    number: Mapped[int]  # N-0412, C-0188
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    created_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    responsible_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user.id"), index=True
    )  # whose work it is now; handed over in `teams`, which keeps it a member of the organisation
    created_at: Mapped[datetime] = mapped_column(default=now)
    changed_at: Mapped[datetime] = mapped_column(default=now)
    state: Mapped[str] = mapped_column(String(12), default="draft")
    submitted_at: Mapped[datetime | None]  # start of the wait in the queue
    published_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    close_reason: Mapped[str | None] = mapped_column(String(20))
    decision_reason: Mapped[str] = mapped_column(
        Text, default=""
    )  # words to the owner: rejected, withdrawn, closed
    holder_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))  # moderator who has it in hand
    held_since: Mapped[datetime | None]
    merged_into_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("listing.id"))
    live_revision_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("listing_revision.id", use_alter=True, name="fk_listing_live_revision")
    )
    working_revision_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("listing_revision.id", use_alter=True, name="fk_listing_working_revision")
    )
    version: Mapped[int] = mapped_column()

    organisation: Mapped[Organisation] = relationship(lazy="joined")
    holder: Mapped[User | None] = relationship(foreign_keys=[holder_id])
    author: Mapped[User | None] = relationship(foreign_keys=[created_by])
    responsible: Mapped[User | None] = relationship(foreign_keys=[responsible_id])
    live: Mapped[Revision | None] = relationship(foreign_keys=[live_revision_id], post_update=True)
    working: Mapped[Revision | None] = relationship(foreign_keys=[working_revision_id], post_update=True)
    revisions: Mapped[list[Revision]] = relationship(
        foreign_keys="Revision.listing_id", back_populates="listing", order_by="Revision.number"
    )
    reference_rows: Mapped[list[ReferenceProject]] = relationship(
        back_populates="listing", order_by="ReferenceProject.position", cascade="all, delete-orphan"
    )
    remarks: Mapped[list[Remark]] = relationship(back_populates="listing", order_by="Remark.created_at")

    __mapper_args__ = {"version_id_col": version}

    @property
    def party_ids(self) -> frozenset[uuid.UUID]:
        return frozenset({self.organisation_id})

    @property
    def in_public(self) -> bool:
        """Whether it stands in public and may be paired: published, by nobody suspended or whose verification lapsed."""
        return self.state == "published" and not self.organisation.is_hidden

    @classmethod
    def not_suspended(cls) -> ColumnElement[bool]:
        """Condition: the organisation is neither suspended nor lapsed; what such a one published is hidden."""
        return cls.organisation_id.not_in(
            select(Organisation.id).where(~Organisation.shown_in_public()).correlate(None)
        )

    @property
    def label(self) -> str:
        """Short public name: N-0412 for a need, C-0188 for a capability."""
        return f"{'N' if self.kind == 'need' else 'C'}-{self.number:04d}"

    @property
    def path_kind(self) -> str:
        """The kind as it stands in addresses: needs or capabilities."""
        return "needs" if self.kind == "need" else "capabilities"

    @property
    def shown(self) -> Revision:
        """The revision a reader sees: the live one, or before publication the one being worked on."""
        revision = self.live or self.working
        assert revision is not None  # noqa: S101  a listing is made with its first revision
        return revision

    @property
    def edited(self) -> Revision:
        """The revision its owner edits and a moderator reviews: the working one if there is one."""
        revision = self.working or self.live
        assert revision is not None  # noqa: S101
        return revision

    @property
    def amendment(self) -> Revision | None:
        """The revision that waits beside a published text, if any."""
        return (
            self.working
            if self.live_revision_id and self.working_revision_id != self.live_revision_id
            else None
        )

    @property
    def hides_its_city(self) -> bool:
        """A need published anonymously: its city stays hidden in public until an introduction."""
        return self.kind == "need" and self.shown.anonymous

    @property
    def references(self) -> list[ReferenceProject]:
        """Reference projects of a capability, read together with those of every other listing at hand."""
        rows: list[ReferenceProject] = [] if self.kind == "need" else read_together(self, "reference_rows")
        return rows

    @property
    def open_remarks(self) -> list[Remark]:
        return [remark for remark in read_together(self, "remarks") if remark.resolved_at is None]

    # Guards of the LISTING lifecycle: a refusal code, or None.
    def refuse_incomplete(self) -> str | None:
        return self.edited.refuse_incomplete()

    def refuse_without_remarks(self) -> str | None:
        return None if self.open_remarks else "remarks_missing"

    def refuse_unverified(self) -> str | None:
        return None if self.organisation.is_verified else "organisation_unverified"


class Revision(Identified, Model):
    """One version of what a listing says. Numbers are numbers here, words are in `texts`, choices in `terms`."""

    __tablename__ = "listing_revision"
    __table_args__ = (
        UniqueConstraint("listing_id", "number"),
        CheckConstraint(
            "state IN ('draft', 'submitted', 'in_review', 'returned', 'accepted', 'discarded')", name="state"
        ),
        CheckConstraint(
            "amount_min IS NULL OR amount_max IS NULL OR amount_min <= amount_max", name="amount_order"
        ),
        CheckConstraint("end_on IS NULL OR start_on IS NULL OR start_on <= end_on", name="date_order"),
    )

    listing_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("listing.id"), index=True)
    number: Mapped[int] = mapped_column(Integer, default=1)
    state: Mapped[str] = mapped_column(String(12), default="draft")
    created_at: Mapped[datetime] = mapped_column(default=now)
    created_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    submitted_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]  # since when it is, or was, the published text
    references_then: Mapped[list[Any] | None]  # the reference projects that were published with it
    terms_version_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("consent_version.id")
    )  # the terms that were in force when it was published
    lang: Mapped[str] = mapped_column(String(8), default="vi")  # the language it is written in
    city_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("city.id"))
    stage: Mapped[str | None] = mapped_column(String(20))
    maturity: Mapped[str | None] = mapped_column(String(20))
    budget_status: Mapped[str | None] = mapped_column(String(20))
    amount_min: Mapped[Decimal | None]  # need: budget; capability: project size
    amount_max: Mapped[Decimal | None]
    currency: Mapped[str | None] = mapped_column(String(3))
    amount_min_usd: Mapped[Decimal | None]  # at `rate_as_of`, for comparing only
    amount_max_usd: Mapped[Decimal | None]
    rate_as_of: Mapped[date | None]
    financing_gap: Mapped[Decimal | None]
    can_invest: Mapped[bool] = mapped_column(default=False)
    ticket_max: Mapped[Decimal | None]
    beneficiaries: Mapped[int | None]
    scale_value: Mapped[Decimal | None]
    scale_unit: Mapped[str] = mapped_column(String(60), default="")
    start_on: Mapped[date | None]
    end_on: Mapped[date | None]
    response_until: Mapped[date | None] = mapped_column(index=True)
    delivery_months: Mapped[int | None]
    anonymous: Mapped[bool] = mapped_column(default=False)

    listing: Mapped[Listing] = relationship(foreign_keys=[listing_id], back_populates="revisions")
    city: Mapped[City | None] = relationship(lazy="joined")
    text_rows: Mapped[list[RevisionText]] = relationship(
        back_populates="revision", cascade="all, delete-orphan"
    )
    term_rows: Mapped[list[RevisionTerm]] = relationship(
        back_populates="revision", cascade="all, delete-orphan", order_by="RevisionTerm.position"
    )

    @property
    def party_ids(self) -> frozenset[uuid.UUID]:
        return self.listing.party_ids

    @property
    def words(self) -> list[RevisionText]:
        """The texts, read together with those of every other revision at hand."""
        rows: list[RevisionText] = read_together(self, "text_rows")
        return rows

    @property
    def choices(self) -> list[RevisionTerm]:
        """The terms chosen, in their order, read together with those of every other revision at hand."""
        rows: list[RevisionTerm] = read_together(self, "term_rows")
        return rows

    @property
    def langs(self) -> list[str]:
        """Languages that readers are offered, the original first: it needs a title, another the carrying texts."""
        titled = {row.lang for row in self.words if row.field == "title" and row.text}
        found = {lang for lang in titled if lang == self.lang or not self.lacking_in(lang)}
        return sorted(found, key=lambda lang: (lang != self.lang, lang))

    @property
    def begun_langs(self) -> list[str]:
        """Languages besides the original in which there is any text, offered to readers or not yet."""
        return sorted({row.lang for row in self.words if row.text} - {self.lang})

    def lacking_in(self, lang: str) -> list[str]:
        """Names of the texts that a second language still needs before readers are offered it."""
        return [
            field.name
            for field in form_fields.carrying(self.listing.kind)
            if len(self.text(field.name, lang).strip()) < form_fields.least_in_second(field)
        ]

    def has_text(self, lang: str) -> bool:
        return lang in self.langs

    def reading_lang(self, lang: str) -> str:
        """The language a reader of `lang` gets: theirs if the text is offered in it, else the original."""
        return lang if self.has_text(lang) else self.lang

    def text(self, field: str, lang: str | None = None) -> str:
        """A field in exactly that language (default: the original); empty if there is none."""
        wanted = lang or self.lang
        return next((row.text for row in self.words if row.field == field and row.lang == wanted), "")

    def original(self, field: str) -> str:
        """The words of a field as first written, be it a text or the unit of the scale."""
        return str(getattr(self, field)) if field in form_fields.WORD_COLUMNS else self.text(field)

    def said_in(self, field: str, lang: str) -> tuple[str, str]:
        """(words, their language): a field in `lang` if it is there, else as first written."""
        words = self.text(field, lang) if lang != self.lang else ""
        return (words, lang) if words else (self.original(field), self.lang)

    def is_stale(self, field: str, lang: str) -> bool:
        """Whether the original of a field has changed since its text in `lang` was written or confirmed."""
        row = next((r for r in self.words if r.field == field and r.lang == lang), None)
        return row is not None and row.written_for not in (None, fingerprint(self.original(field)))

    def confirm_text(self, field: str, lang: str) -> None:
        """Note that a text in `lang` says what the original says now."""
        for row in self.words:
            if row.field == field and row.lang == lang:
                row.written_for = fingerprint(self.original(field))

    def lines(self, field: str, lang: str | None = None) -> list[str]:
        """A one-per-line field as a list without blanks."""
        return [line.strip(" -•\t") for line in self.text(field, lang).splitlines() if line.strip(" -•\t")]

    def codes(self, vocabulary: str) -> list[str]:
        return [row.code for row in self.choices if row.vocabulary == vocabulary]

    def set_text(self, field: str, lang: str, text: str) -> bool:
        """Store a text as written (NFC by the caller); an empty one is removed. True if it changed.

        A text in a second language notes the original it was written for, so that it can be seen to grow stale.
        """
        row = next((r for r in self.words if r.field == field and r.lang == lang), None)
        if (row.text if row else "") == text:
            return False
        if row is None:
            self.text_rows.append(RevisionText(field=field, lang=lang, text=text))
        elif text:
            row.text = text
        else:
            self.text_rows.remove(row)
        if text and lang != self.lang:
            self.confirm_text(field, lang)
        return True

    def set_codes(self, vocabulary: str, codes: list[str]) -> bool:
        """Replace the choices of one vocabulary, keeping their order. True if they changed."""
        wanted = list(dict.fromkeys(codes))
        if self.codes(vocabulary) == wanted:
            return False
        kept = {row.code: row for row in self.choices if row.vocabulary == vocabulary}
        for code, row in kept.items():
            if code not in wanted:
                self.term_rows.remove(row)
        for position, code in enumerate(wanted):
            if code in kept:
                kept[code].position = position
            else:
                self.term_rows.append(RevisionTerm(vocabulary=vocabulary, code=code, position=position))
        return True

    def missing_fields(self) -> list[str]:
        """Names of the fields that publication needs and this revision lacks."""
        return form_fields.missing(self.listing.kind, self)

    # Guards of the AMENDMENT lifecycle.
    def refuse_incomplete(self) -> str | None:
        return "incomplete" if self.missing_fields() else None

    def refuse_without_remarks(self) -> str | None:
        return self.listing.refuse_without_remarks()

    def refuse_unverified(self) -> str | None:
        return self.listing.refuse_unverified()


class RevisionText(Model):
    """One field of a revision in one language."""

    __tablename__ = "revision_text"

    revision_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("listing_revision.id", ondelete="CASCADE"), primary_key=True
    )
    lang: Mapped[str] = mapped_column(String(8), primary_key=True)
    field: Mapped[str] = mapped_column(String(40), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    written_for: Mapped[str | None] = mapped_column(String(16))  # fingerprint of the original it translates

    revision: Mapped[Revision] = relationship(back_populates="text_rows")


def fingerprint(text: str) -> str:
    """Short mark of a text, to notice that it has changed."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class RevisionTerm(Model):
    """One choice of a revision from a vocabulary, for filters and rules."""

    __tablename__ = "revision_term"
    __table_args__ = (Index("ix_revision_term_value", "vocabulary", "code", "revision_id"),)

    revision_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("listing_revision.id", ondelete="CASCADE"), primary_key=True
    )
    vocabulary: Mapped[str] = mapped_column(String(30), primary_key=True)
    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    position: Mapped[int] = mapped_column(default=0)

    revision: Mapped[Revision] = relationship(back_populates="term_rows")


class ReferenceProject(Identified, Model):
    """A project that a capability points to as proof. What counts is what its client confirmed."""

    __tablename__ = "reference_project"
    __table_args__ = (
        CheckConstraint(
            "confirmation IN ('claimed', 'asked', 'confirmed', 'denied', 'expired')", name="confirmation"
        ),
    )

    listing_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("listing.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    client: Mapped[str] = mapped_column(String(200))
    place: Mapped[str] = mapped_column(String(120), default="")
    country: Mapped[str] = mapped_column(String(2), default="")
    year: Mapped[int | None]
    value: Mapped[Decimal | None]
    currency: Mapped[str | None] = mapped_column(String(3))
    scope: Mapped[str] = mapped_column(String(400), default="")
    result: Mapped[str] = mapped_column(String(400), default="")
    confirmation: Mapped[str] = mapped_column(String(12), default="claimed")

    listing: Mapped[Listing] = relationship(back_populates="reference_rows")


class Remark(Identified, Model):
    """A moderator's remark on one field, shown to the owner at that field until it is resolved."""

    __tablename__ = "listing_remark"

    listing_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("listing.id"), index=True)
    field: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(String(1000))
    created_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    resolved_at: Mapped[datetime | None]

    listing: Mapped[Listing] = relationship(back_populates="remarks")


class ListingNumber(Model):
    """The last number given to a kind of listing, taken under a row lock."""

    __tablename__ = "listing_number"

    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    last: Mapped[int] = mapped_column(default=0)


# A page that shows the words of listings shows their choices and reference projects too.
READ_ALONG += [(Revision, "text_rows"), (Revision, "term_rows"), (Listing, "reference_rows")]
