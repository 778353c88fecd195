"""Response-time targets of the queues: until when each thing should be answered, and how well that was kept.

The days stand in the settings (REVIEW_LISTING_DAYS and its like), the calendar in `due_dates.py`.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import func, literal, select, union_all
from sqlalchemy.orm import aliased

from ppp_match.audit import AuditEvent
from ppp_match.config import Settings
from ppp_match.db import db, now
from ppp_match.moderation.due_dates import due_by
from ppp_match.recommendations.models import Match, MatchDecision

SOON = timedelta(days=1)
LOOKED_BACK = timedelta(days=30)
# queue: (events that begin a wait, events that end it)
WAITS = {
    "listings": (
        ("listing.submitted", "amendment.submitted"),
        (
            "listing.published",
            "listing.returned",
            "listing.rejected",
            "amendment.accepted",
            "amendment.returned",
            "amendment.discarded",
        ),
    ),
    "organisations": (
        ("verification.submitted",),
        ("verification.verified", "verification.returned", "verification.rejected"),
    ),
}
FROM = {
    "listings": ("in_review",),
    "organisations": ("submitted", "first_check"),
}  # an owner who gives a change up did not get an answer


@dataclass(frozen=True)
class Due:
    """Until when something should be answered: state is in_time, soon or late."""

    at: datetime
    state: str


@dataclass(frozen=True)
class Figures:
    """The answers of the last 30 days: how many, how long they took in days, and the share within the target."""

    days: int  # the target, in working days
    answered: int
    median: float | None
    nine_of_ten: float | None
    within: float | None


def target_days(queue: str) -> int:
    """The target of a queue in working days."""
    settings: Settings = current_app.extensions["settings"]
    return {
        "listings": settings.review_listing_days,
        "matches": settings.review_match_days,
        "organisations": settings.review_organisation_days,
        "reports": settings.review_report_days,
        "concerns": settings.review_report_days,  # a report too, until its first answer
        "declarations": settings.review_match_days,  # two sides wait for it, as they do for a decision on a pair
    }[queue]


def due_of(queue: str, since: datetime | None) -> Due | None:
    """Until when what waits since a moment should be answered."""
    if since is None:
        return None
    at, moment = due_by(since, target_days(queue)), now()
    return Due(at, "late" if at < moment else "soon" if at - moment <= SOON else "in_time")


def figures(queue: str) -> Figures:
    """How the queue was answered in the last 30 days."""
    since = now() - LOOKED_BACK
    waits = _pairs_decided(since) if queue == "matches" else _answered(*WAITS[queue], FROM[queue], since)
    days = target_days(queue)
    took = sorted((end - start) / timedelta(days=1) for start, end in waits)
    kept = sum(end <= due_by(start, days) for start, end in waits)
    return Figures(
        days=days,
        answered=len(took),
        median=_percentile(took, 0.5),
        nine_of_ten=_percentile(took, 0.9),
        within=kept / len(took) if took else None,
    )


def _percentile(took: list[float], share: float) -> float | None:
    """The nearest rank: the shortest time in which that share was answered."""
    return took[max(math.ceil(share * len(took)) - 1, 0)] if took else None


def _answered(
    begins: Iterable[str], ends: Iterable[str], states: Iterable[str], since: datetime
) -> list[tuple[datetime, datetime]]:
    """(begin, end) of the waits that ended since a moment, from the audit trail."""
    end = aliased(AuditEvent)
    answered = (end.action.in_(tuple(ends)), end.at >= since, end.from_state.in_(tuple(states)))
    starts = select(AuditEvent.seq, AuditEvent.subject_id, AuditEvent.at, literal(False).label("ends")).where(
        AuditEvent.action.in_(tuple(begins)),
        AuditEvent.subject_id.in_(select(end.subject_id).where(*answered)),
    )
    answers = select(end.seq, end.subject_id, end.at, literal(True)).where(*answered)
    begun: dict[uuid.UUID, datetime] = {}
    waits = []
    for _seq, subject_id, at, is_answer in db.session.execute(union_all(starts, answers).order_by("seq")):
        if not is_answer:
            begun[subject_id] = at
        elif subject_id in begun:
            waits.append((begun[subject_id], at))
    return waits


def _pairs_decided(since: datetime) -> list[tuple[datetime, datetime]]:
    """(suggested, decided) of the pairs that a person decided on since a moment; what was taken back is no answer."""
    undoing, came_back = aliased(MatchDecision), aliased(MatchDecision)
    again = (
        select(func.max(came_back.at))
        .where(
            came_back.match_id == MatchDecision.match_id,
            came_back.to_state == "suggested",
            came_back.undoes_id.is_(None),
            came_back.at <= MatchDecision.at,
        )
        .correlate(MatchDecision)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(func.coalesce(again, Match.created_at), MatchDecision.at)
        .join(Match, Match.id == MatchDecision.match_id)
        .outerjoin(undoing, undoing.undoes_id == MatchDecision.id)
        .where(
            MatchDecision.at >= since,
            MatchDecision.from_state == "suggested",
            MatchDecision.by_id.is_not(None),
            MatchDecision.undoes_id.is_(None),
            undoing.id.is_(None),
            Match.origin != "lot",  # nobody waits for those
        )
    ).all()
    return [(start, at) for start, at in rows]
