"""Questions about reports, appeals, phrases and concerns."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, select

from ppp_match.complaints.models import Appeal, ConcernCase, Report
from ppp_match.db import db
from ppp_match.listings.models import Listing, RevisionText
from ppp_match.permissions import Actor
from ppp_match.phrases.finding import folded
from ppp_match.phrases.models import Phrase

TRIED = 2000  # published texts


def reports(state: str) -> Select[Any]:
    """Open reports, the longest wait first; or answered ones, the newest first."""
    if state == "open":
        return select(Report).where(Report.state == "open").order_by(Report.created_at, Report.id)
    return select(Report).where(Report.state != "open").order_by(Report.decided_at.desc(), Report.id)


def appeals(state: str) -> Select[Any]:
    """Open appeals by the day on which an answer is due; or answered ones, the newest first."""
    if state == "open":
        return select(Appeal).where(Appeal.state == "open").order_by(Appeal.due_on, Appeal.filed_at)
    return select(Appeal).where(Appeal.state != "open").order_by(Appeal.answered_at.desc(), Appeal.id)


def others_about(row: Report) -> list[Report]:
    """Other reports about the same thing, and earlier measures against the same organisation."""
    same_thing = (Report.subject_type == row.subject_type) & (Report.subject_id == row.subject_id)
    measures = (Report.organisation_id == row.organisation_id) & (Report.state == "acted")
    query = (
        select(Report).where(Report.id != row.id, same_thing | measures).order_by(Report.created_at.desc())
    )
    return list(db.session.scalars(query.limit(30)))


def reports_of(actor: Actor) -> list[Report]:
    """What this person reported, the newest first."""
    mine = select(Report).where(Report.reporter_id == actor.user_id).order_by(Report.created_at.desc())
    return list(db.session.scalars(mine.limit(100)))


def appeals_of(organisation_id: uuid.UUID) -> list[Appeal]:
    wanted = select(Appeal).where(Appeal.organisation_id == organisation_id)
    return list(db.session.scalars(wanted.order_by(Appeal.filed_at.desc()).limit(100)))


def measures_about(organisation_id: uuid.UUID) -> list[Report]:
    """What the forum did about an organisation after reports, each thing once, the newest first."""
    wanted = (
        select(Report)
        .where(Report.organisation_id == organisation_id, Report.state == "acted")
        .order_by(Report.decided_at.desc(), Report.created_at)
    )
    found: dict[Any, Report] = {}
    for row in db.session.scalars(wanted.limit(200)):
        found.setdefault((row.subject_type, row.subject_id, row.measure, row.decided_at), row)
    return list(found.values())


def concerns() -> Select[Any]:
    """Open cases first, the oldest first."""
    return select(ConcernCase).order_by(ConcernCase.state != "open", ConcernCase.told_on, ConcernCase.code)


def touched(phrases: Iterable[Phrase]) -> Counter[uuid.UUID]:
    """{phrase: how many of the newest published texts hold it}: what it would point out in what is public now.

    TRIED texts, since each is folded anew: some tenth of a millisecond a field.
    """
    known = list(phrases)
    newest = (
        select(Listing.id, Listing.live_revision_id)
        .where(Listing.state == "published")
        .order_by(Listing.published_at.desc(), Listing.id)
        .limit(TRIED)
        .subquery()
    )
    texts = select(newest.c.id, RevisionText.text).join(
        RevisionText, RevisionText.revision_id == newest.c.live_revision_id
    )
    of_listing: dict[uuid.UUID, list[str]] = {}
    for listing_id, text in db.session.execute(texts):
        of_listing.setdefault(listing_id, []).append(folded(text))
    found: Counter[uuid.UUID] = Counter()
    for parts in of_listing.values():
        searched = " | ".join(f" {part} " for part in parts)
        found.update(one.id for one in known if f" {one.folded} " in searched)
    return found
