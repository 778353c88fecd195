"""Phrases that administrators keep."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from ppp_match.db import Identified, Model, now

KINDS = ("success_fee", "gift", "promise", "outside_contact", "offensive", "advertising", "other")
SEVERITIES = ("author", "moderator")
LONGEST_PHRASE = 80


class Phrase(Identified, Model):
    """Some words in one language. `folded` is what is compared: small letters without diacritics."""

    __tablename__ = "phrase"
    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS!r}", name="kind"),
        CheckConstraint(f"severity IN {SEVERITIES!r}", name="severity"),
        CheckConstraint("lang IN ('vi', 'en')", name="lang"),
        CheckConstraint("folded <> ''", name="folded"),
    )

    words: Mapped[str] = mapped_column(String(LONGEST_PHRASE))
    folded: Mapped[str] = mapped_column(String(LONGEST_PHRASE), unique=True)
    lang: Mapped[str] = mapped_column(String(2))
    kind: Mapped[str] = mapped_column(String(16))
    severity: Mapped[str] = mapped_column(String(10))
    active: Mapped[bool] = mapped_column(default=True)
    changed_at: Mapped[datetime] = mapped_column(default=now)
    changed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}
