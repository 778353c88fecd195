"""Which decisions about an organisation can be appealed against just now, until when, and who took them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from ppp_match.accounts.models import Organisation
from ppp_match.attachments.models import Attachment
from ppp_match.audit import AuditEvent
from ppp_match.complaints.models import Appeal, Report
from ppp_match.db import db, now
from ppp_match.extensions import settings_now
from ppp_match.introductions.models import HiddenMessage, Message
from ppp_match.listings.models import Listing
from ppp_match.moderation.due_dates import FORUM_ZONE
from ppp_match.recommendations.models import Interest, Match
from ppp_match.recommendations.sentences import neutral_reason
from ppp_match.verification.models import Suspension, VerificationRequest
from ppp_match.working_days import add_working_days


@dataclass(frozen=True)
class Decision:
    """One decision that can be contested, and the last day on which it can."""

    subject_type: str
    subject: Any
    at: datetime
    deciders: tuple[uuid.UUID | None, ...]
    reason: str
    until: date


def last_day(at: datetime, country: str) -> date:
    """The last day on which an appeal against a decision of that moment is in time."""
    return add_working_days(at.astimezone(FORUM_ZONE).date(), settings_now().appeal_days, country)


def forum_today() -> date:
    return now().astimezone(FORUM_ZONE).date()


def contestable(home: Organisation) -> list[Decision]:
    """The decisions about an organisation that are in time and were not contested yet, the newest first."""
    # Days of work are some seven of ten, and the longest holidays two weeks: what is older is surely too late.
    since = now() - timedelta(days=3 * settings_now().appeal_days + 40)
    taken = {
        (one.subject_type, one.subject_id, one.contested_at)
        for one in db.session.scalars(select(Appeal).where(Appeal.organisation_id == home.id))
    }
    found = [
        Decision(kind, row, at, deciders, reason, last_day(at, home.country))
        for kind, row, at, deciders, reason in _decisions(home, since)
        if (kind, row.id, at) not in taken
    ]
    day = forum_today()
    return sorted((one for one in found if one.until >= day), key=lambda one: one.at, reverse=True)


Found = tuple[str, Any, datetime, tuple[uuid.UUID | None, ...], str]


def _decisions(home: Organisation, since: datetime) -> Iterator[Found]:
    yield from _listings(home, since)
    files = select(Attachment).where(Attachment.organisation_id == home.id, Attachment.state == "refused")
    yield from _by_trail("attachment", "attachment.refused", files, since)
    hidden = (
        select(HiddenMessage)
        .join(Message, Message.id == HiddenMessage.message_id)
        .where(Message.organisation_id == home.id, HiddenMessage.at >= since)
    )
    for one in db.session.scalars(hidden):
        yield "message", one.message, one.at, (one.by_id,), one.reason
    requests = select(VerificationRequest).where(
        VerificationRequest.organisation_id == home.id,
        VerificationRequest.state == "rejected",
        VerificationRequest.decided_at >= since,
    )
    for request in db.session.scalars(requests):
        if request.decided_at is not None:
            checked = {one.by_id for one in request.checks if one.round == request.round}
            deciders = (request.decided_by, *sorted(checked - {request.decided_by, None}, key=str))
            yield "verification_request", request, request.decided_at, deciders, request.words
    barred = select(Suspension).where(
        Suspension.organisation_id == home.id,
        Suspension.state.in_(("active", "lift_proposed")),
        Suspension.begun_at >= since,
    )
    for row in db.session.scalars(barred):
        if row.begun_at is not None:
            yield "suspension", row, row.begun_at, (row.begun_by, row.proposed_by), row.reason
    yield from _pairs(home, since)


def _listings(home: Organisation, since: datetime) -> Iterator[Found]:
    rejected = select(Listing).where(Listing.organisation_id == home.id, Listing.state == "rejected")
    yield from _by_trail("listing", "listing.rejected", rejected, since)
    taken = (
        select(Report, Listing)
        .join(Listing, Listing.id == Report.subject_id)
        .where(
            Listing.organisation_id == home.id,
            Listing.state == "withdrawn",
            Report.measure == "withdraw",
            Report.decided_at >= since,
        )
        .order_by(Report.decided_at)
    )
    newest = {listing.id: (report, listing) for report, listing in db.session.execute(taken).all()}
    for report, listing in newest.values():
        if report.decided_at is not None:
            yield "listing", listing, report.decided_at, (report.decided_by,), report.reason


def _by_trail(kind: str, action: str, query: Any, since: datetime) -> Iterator[Found]:
    """Decisions whose moment and maker only the audit trail holds."""
    rows = {row.id: row for row in db.session.scalars(query)}
    events = (
        select(AuditEvent)
        .where(AuditEvent.action == action, AuditEvent.subject_id.in_(rows), AuditEvent.at >= since)
        .order_by(AuditEvent.seq)
    )
    newest = {event.subject_id: event for event in (db.session.scalars(events) if rows else ())}
    for subject_id, event in newest.items():
        row = rows[subject_id]
        reason = row.reason if kind == "attachment" else row.decision_reason
        yield kind, row, event.at, (event.actor_id,), reason


def _pairs(home: Organisation, since: datetime) -> Iterator[Found]:
    """Pairs that were turned down: a company sees that of those in which it expressed interest."""
    pairs = (
        select(Match)
        .join(Interest, Interest.match_id == Match.id)
        .join(Listing, Listing.id == Interest.capability_id)
        .where(
            Listing.organisation_id == home.id,
            Interest.withdrawn_at.is_(None),
            Match.state == "rejected",
            Match.decided_at >= since,
        )
    )
    for match in db.session.scalars(pairs):
        if match.decided_at is not None:
            yield "match", match, match.decided_at, (match.decided_by,), neutral_reason(match.reason_code)
