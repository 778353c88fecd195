"""What a kind of notice or mail is, and the pages that kinds lead to."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from ppp_match.db import db

Values = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """One kind. `target` gives the endpoint and its values for the subject, `family` the mail's template."""

    sentence: Any
    heading: Any
    button: Any = None
    target: Callable[[uuid.UUID, Mapping[str, Any]], tuple[str, Values]] | None = None
    family: str = "notice"
    icon: str = "info"
    not_an_award: bool = False
    # Mails with links of the reader's own: (label, endpoint, values) for who is written to; the first one is the button.
    links: Callable[[uuid.UUID, Mapping[str, Any]], list[tuple[Any, str, Values]]] | None = None


def to(endpoint: str) -> Callable[[uuid.UUID, Mapping[str, Any]], tuple[str, Values]]:
    return lambda subject_id, _params: (endpoint, {"id": subject_id})


def to_list(endpoint: str) -> Callable[[uuid.UUID, Mapping[str, Any]], tuple[str, Values]]:
    return lambda _subject_id, _params: (endpoint, {})


def to_listing(subject_id: uuid.UUID, _params: Mapping[str, Any]) -> tuple[str, Values]:
    listing = db.metadata.tables["listing"]  # by name: the room of listings stands above this one
    kind = db.session.scalar(select(listing.c.kind).where(listing.c.id == subject_id))
    return "listings.detail", {"kind": "capabilities" if kind == "capability" else "needs", "id": subject_id}


def to_changes(subject_id: uuid.UUID, params: Mapping[str, Any]) -> tuple[str, Values]:
    return "changes.index", to_listing(subject_id, params)[1]


def to_addendum(subject_id: uuid.UUID, params: Mapping[str, Any]) -> tuple[str, Values]:
    addendum = db.metadata.tables["listing_addendum"]
    listing_id = db.session.scalar(select(addendum.c.listing_id).where(addendum.c.id == subject_id))
    return to_listing(listing_id or subject_id, params)


def to_bench(subject_id: uuid.UUID, _params: Mapping[str, Any]) -> tuple[str, Values]:
    match = db.metadata.tables["match"]
    need_id = db.session.scalar(select(match.c.need_id).where(match.c.id == subject_id))
    if need_id is None:
        return "moderation.matches", {}
    return "moderation.need_bench", {"id": need_id, "pair": subject_id}


def to_handover_or_account(subject_id: uuid.UUID, params: Mapping[str, Any]) -> tuple[str, Values]:
    """Who has left with the handover can't open its page any more."""
    return ("accounts.profile", {}) if params.get("left") else ("teams.handover", {"id": subject_id})


def to_queue(subject_id: uuid.UUID, params: Mapping[str, Any]) -> tuple[str, Values]:
    """A listing in review, or the bench of a need's or capability's candidates."""
    if params.get("queue") == "listings":
        return "moderation.listing", {"id": subject_id}
    kind = "capability" if params.get("kind") == "capability" else "need"
    pair = {"pair": params["pair"]} if params.get("pair") else {}
    return f"moderation.{kind}_bench", {"id": subject_id, **pair}


def to_request(subject_id: uuid.UUID, params: Mapping[str, Any]) -> tuple[str, Values]:
    request = params.get("request")
    return ("moderation.organisation", {"id": request}) if request else ("moderation.organisations", {})
