"""Purposes that people are asked about, the versions of their texts, and what each person decided."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ppp_match.db import Identified, Model, now

HOW = ("registration", "sign_in", "account_page", "demo")


class Purpose(Model):
    """Something that people agree to or not. A `needed` one is a condition of taking part: terms, and the notice."""

    __tablename__ = "consent_purpose"

    code: Mapped[str] = mapped_column(String(30), primary_key=True)
    position: Mapped[int]
    needed: Mapped[bool] = mapped_column(default=False)
    name_vi: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120))

    def name(self, lang: str) -> str:
        return self.name_vi if lang == "vi" else self.name_en


class ConsentVersion(Identified, Model):
    """One version of a purpose's text, in both languages. A published one never changes."""

    __tablename__ = "consent_version"
    __table_args__ = (
        UniqueConstraint("purpose_code", "number"),
        CheckConstraint("state IN ('draft', 'published')", name="state"),
        CheckConstraint("(state = 'published') = (effective_at IS NOT NULL)", name="effective"),
        CheckConstraint("(state = 'published') = (published_at IS NOT NULL)", name="published"),
        Index(
            "uq_consent_version_draft",
            "purpose_code",
            unique=True,
            sqlite_where=text("state = 'draft'"),
            postgresql_where=text("state = 'draft'"),
        ),
    )

    purpose_code: Mapped[str] = mapped_column(ForeignKey("consent_purpose.code"))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default="draft")
    text_vi: Mapped[str] = mapped_column(Text, default="")
    text_en: Mapped[str] = mapped_column(Text, default="")
    change_vi: Mapped[str] = mapped_column(
        Text, default=""
    )  # what is new, for those who agreed to the last one
    change_en: Mapped[str] = mapped_column(Text, default="")
    effective_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    created_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    published_at: Mapped[datetime | None]
    published_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    version: Mapped[int] = mapped_column()

    purpose: Mapped[Purpose] = relationship(lazy="joined")

    __mapper_args__ = {"version_id_col": version}

    def text(self, lang: str) -> str:
        return self.text_vi if lang == "vi" else self.text_en

    def change(self, lang: str) -> str:
        return self.change_vi if lang == "vi" else self.change_en

    @property
    def is_in_force(self) -> bool:
        return self.state == "published" and self.effective_at is not None and self.effective_at <= now()

    # Guard of the TERMS lifecycle: a refusal code, or None.
    def refuse_half_written(self) -> str | None:
        return None if self.text_vi.strip() and self.text_en.strip() else "terms_half_written"


class Decision(Identified, Model):
    """What a person said to a version, when and where. A change of mind is another row; none is ever changed."""

    __tablename__ = "consent_decision"
    __table_args__ = (
        CheckConstraint("how IN ('registration', 'sign_in', 'account_page', 'demo')", name="how"),
        Index("ix_consent_decision_newest", "user_id", "version_id", "at"),
    )

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("consent_version.id"), index=True)
    given: Mapped[bool]
    at: Mapped[datetime] = mapped_column(default=now)
    how: Mapped[str] = mapped_column(String(20))

    version: Mapped[ConsentVersion] = relationship()
