"""What a report or an appeal is about: finding it, whose it is, what it is called in both languages."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ppp_match.accounts.models import Organisation
from ppp_match.accounts.queries import visible_organisation
from ppp_match.attachments.models import Attachment
from ppp_match.attachments.queries import openable
from ppp_match.complaints.models import MEASURES, Appeal, Report
from ppp_match.db import db
from ppp_match.introductions.models import Message
from ppp_match.introductions.queries import is_party
from ppp_match.listings.models import Listing
from ppp_match.permissions import Actor
from ppp_match.recommendations.models import Match
from ppp_match.verification.models import Suspension, VerificationRequest

MODELS: dict[str, Any] = {
    "listing": Listing,
    "organisation": Organisation,
    "message": Message,
    "attachment": Attachment,
    "verification_request": VerificationRequest,
    "suspension": Suspension,
    "match": Match,
}
# What the forum can do about each kind of thing.
POSSIBLE = {
    "listing": ("none", "amend", "withdraw", "suspend"),
    "organisation": ("none", "amend", "suspend"),
    "message": ("none", "hide", "suspend"),
    "attachment": ("none", "take_down", "suspend"),
}
# What the name of a thing is read from.
BESIDE: dict[str, tuple[Any, ...]] = {
    "listing": (joinedload(Listing.live), joinedload(Listing.working)),
    "message": (joinedload(Message.introduction),),
    "verification_request": (joinedload(VerificationRequest.organisation),),
    "suspension": (joinedload(Suspension.organisation),),
    "match": (joinedload(Match.need), joinedload(Match.capability)),
}
LONGEST_TITLE = 120


def measures_for(subject_type: str) -> tuple[str, ...]:
    return tuple(one for one in MEASURES if one in POSSIBLE[subject_type])


def load(subject_type: str, subject_id: uuid.UUID) -> Any:
    """The row, whoever asks; None where it is gone."""
    return db.session.get(MODELS[subject_type], subject_id)


def reportable(subject_type: str, subject_id: uuid.UUID, actor: Actor) -> Any:
    """The row if this actor sees it in public, or is a side of the conversation that it stands in; else None."""
    if subject_type == "organisation":
        return visible_organisation(subject_id, actor)
    if subject_type == "attachment":
        file = openable(subject_id, actor)
        return file if file is not None and file.state == "shown" else None
    row = load(subject_type, subject_id) if subject_type in POSSIBLE else None
    if isinstance(row, Message):
        return row if row.hidden is None and is_party(actor, row.introduction) else None
    if isinstance(row, Listing):
        shown = row.state in ("published", "closed") and not row.organisation.is_hidden
        return row if shown else None
    return None


def titles(rows: Sequence[Report | Appeal], lang: str) -> dict[uuid.UUID, str]:
    """{report or appeal: what it is about}, in one language; what is gone has none. One question a kind of thing."""
    wanted: dict[str, set[uuid.UUID]] = {}
    for row in rows:
        wanted.setdefault(row.subject_type, set()).add(row.subject_id)
    found: dict[tuple[str, uuid.UUID], Any] = {}
    for kind, ids in wanted.items():
        model = MODELS[kind]
        query = select(model).where(model.id.in_(ids)).options(*BESIDE.get(kind, ()))
        found.update({(kind, one.id): one for one in db.session.scalars(query)})
    return {
        row.id: named(found[key]).in_lang(lang)
        for row in rows
        if (key := (row.subject_type, row.subject_id)) in found
    }


def owner_of(row: Any) -> uuid.UUID:
    """The organisation whose text, profile, file or message it is."""
    found: uuid.UUID = row.id if isinstance(row, Organisation) else row.organisation_id
    return found


@dataclass(frozen=True)
class Named:
    """What a thing is called. `endpoint` and `values` lead to where it stands, if it has a page of its own."""

    vi: str
    en: str
    endpoint: str = ""
    values: dict[str, Any] | None = None

    def in_lang(self, lang: str) -> str:
        return self.vi if lang == "vi" else self.en

    @property
    def params(self) -> dict[str, str]:
        return {"title_vi": self.vi, "title_en": self.en}


def named(row: Any) -> Named:
    """The name of a row of any of MODELS."""
    if isinstance(row, Listing):
        vi, en = (
            f"{row.label} {row.shown.text('title', row.shown.reading_lang(one))}" for one in ("vi", "en")
        )
        return Named(
            vi[:LONGEST_TITLE],
            en[:LONGEST_TITLE],
            "listings.detail",
            {"kind": row.path_kind, "id": row.id},
        )
    if isinstance(row, Organisation):
        return Named(row.name("vi"), row.name("en"), "organisations.detail", {"id": row.id})
    if isinstance(row, Message):
        label = row.introduction.label
        place = {"id": row.introduction_id}
        return Named(f"Tin nhắn trong {label}", f"Message in {label}", "introductions.detail", place)
    if isinstance(row, Attachment):
        return Named(row.name, row.name)
    if isinstance(row, VerificationRequest | Suspension):
        home = row.organisation
        return Named(home.name("vi"), home.name("en"), "verification.page", {"id": home.id})
    if isinstance(row, Match):
        return Named(
            f"{row.need.label} ↔ {row.capability.label}", f"{row.need.label} ↔ {row.capability.label}"
        )
    return Named("", "")
