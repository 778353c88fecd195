"""The figures of the home pages: the portal's, an organisation's own year, the moderators' queues, the pipeline."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import case, exists, func, literal, null, select, union_all
from sqlalchemy.orm import aliased

from ppp_match.complaints.models import Appeal, ConcernCase, ConcernEntry, Report
from ppp_match.db import db, now
from ppp_match.home import queries, waiting
from ppp_match.home.queries import NO_MOMENT
from ppp_match.home.waiting import count
from ppp_match.introductions.models import Introduction, Offer, OfferAnswer
from ppp_match.listings.addenda import in_queue
from ppp_match.listings.models import Listing, Revision, RevisionTerm
from ppp_match.listings.models_addenda import Addendum
from ppp_match.moderation.assignment import assigned_to
from ppp_match.moderation.need_queue import longest_wait
from ppp_match.notifications.models import OutboxMessage
from ppp_match.partnerships.models import Partnership
from ppp_match.partnerships.queries import differing
from ppp_match.permissions import Actor, can
from ppp_match.privacy.models import CorrectionRequest
from ppp_match.recommendations.models import Match, MatchDecision
from ppp_match.verification.models import VerificationRequest
from ppp_match.vocabularies import terms

YEAR = timedelta(days=365)
MONTH = timedelta(days=30)


@dataclass(frozen=True)
class PortalFigures:
    """Counts of the portal at one moment; `median_days` from posting to introduction, None before the first."""

    needs: int
    cities: int
    capabilities: int
    introductions: int
    median_days: int | None
    at: datetime


def portal_figures() -> PortalFigures:
    """The counts of the portal, in two statements."""
    published = (Listing.state == "published") & Listing.live_revision_id.is_not(None)
    needs, capabilities, cities = db.session.execute(
        select(
            func.sum(case((Listing.kind == "need", 1), else_=0)),
            func.sum(case((Listing.kind == "capability", 1), else_=0)),
            func.count(func.distinct(case((Listing.kind == "need", Revision.city_id)))),
        )
        .join(Revision, Revision.id == Listing.live_revision_id)
        .where(published, Listing.not_suspended())
    ).one()
    pairs = db.session.execute(
        select(Listing.published_at, Introduction.created_at)
        .join(Match, Match.need_id == Listing.id)
        .join(Introduction, Introduction.match_id == Match.id)
    ).all()
    days = (max((made - posted).days, 0) for posted, made in pairs if posted)
    return PortalFigures(
        needs=needs or 0,
        cities=cities or 0,
        capabilities=capabilities or 0,
        introductions=len(pairs),
        median_days=_median(days),
        at=now(),
    )


@dataclass(frozen=True)
class OwnFigures:
    """What came of an organisation's listings in the last twelve months; medians None before the first."""

    published: int
    offers: int
    answered: int
    accepted: int
    introductions: int
    median_answer_days: int | None
    median_days_to_introduction: int | None


def own_figures(actor: Actor) -> OwnFigures:
    """The organisation's year, in one statement: rows (about what, one moment, another, accepted)."""
    mine, since = actor.organisation_id, now() - YEAR
    own_offers = select(Offer.id).where(
        Offer.match_id.in_(queries.my_matches(mine)), Offer.created_at >= since
    )
    need, capability = aliased(Listing), aliased(Listing)
    numbers = select(
        literal("numbers").label("about"),
        NO_MOMENT.label("one"),
        NO_MOMENT.label("other"),
        NO_MOMENT.label("third"),
        count(select(Listing.id).where(Listing.organisation_id == mine, Listing.published_at >= since)).label(
            "n"
        ),
        count(own_offers).label("m"),
    )
    answered = (
        select(
            literal("answer"),
            Offer.created_at,
            OfferAnswer.at,
            NO_MOMENT,
            case((OfferAnswer.accepted, 1), else_=0),
            literal(0),
        )
        .join(Offer, Offer.id == OfferAnswer.offer_id)
        .join(Match, Match.id == Offer.match_id)
        .join(need, need.id == Match.need_id)
        .join(capability, capability.id == Match.capability_id)
        .where(
            Offer.id.in_(own_offers),
            ((need.organisation_id == mine) & (OfferAnswer.side == "need"))
            | ((capability.organisation_id == mine) & (OfferAnswer.side == "capability")),
        )
    )
    introduced = (
        select(
            literal("met"),
            Introduction.created_at,
            need.published_at,
            capability.published_at,
            literal(0),
            literal(0),
        )
        .join(Match, Match.id == Introduction.match_id)
        .join(need, need.id == Match.need_id)
        .join(capability, capability.id == Match.capability_id)
        .where(Introduction.match_id.in_(queries.my_matches(mine)), Introduction.created_at >= since)
    )
    rows = db.session.execute(union_all(answered, introduced, numbers)).all()
    ((published, offers),) = ((row[4], row[5]) for row in rows if row[0] == "numbers")
    answers = [(row[1], row[2], bool(row[4])) for row in rows if row[0] == "answer"]
    met = [(row[1], row[2], row[3]) for row in rows if row[0] == "met"]
    starts = [(made, max(posted for posted in (n, c) if posted)) for made, n, c in met if n or c]
    return OwnFigures(
        published=published,
        offers=offers,
        answered=len(answers),
        accepted=sum(yes for _asked, _at, yes in answers),
        introductions=len(met),
        # An interest expressed before the offer counts as a yes, but says nothing of how long an answer takes.
        median_answer_days=_median((at - asked).days for asked, at, _yes in answers if at >= asked),
        median_days_to_introduction=_median(max((made - posted).days, 0) for made, posted in starts),
    )


def _median(days: Iterable[int]) -> int | None:
    found = list(days)
    return round(statistics.median(found)) if found else None


@dataclass(frozen=True)
class Stage:
    """How many published needs stand at a stage, and how many of them came without any source of funding."""

    code: str
    needs: int
    without_funding: int


def pipeline() -> list[Stage]:
    """Published needs by project stage, for those who fund and advise."""
    funded = exists().where(
        RevisionTerm.revision_id == Revision.id, RevisionTerm.vocabulary == "funding_source"
    )
    rows = db.session.execute(
        select(Revision.stage, func.count(), func.sum(case((funded, 0), else_=1)))
        .join(Listing, Listing.live_revision_id == Revision.id)
        .where(
            Listing.kind == "need",
            Listing.state == "published",
            Listing.not_suspended(),
            Revision.stage.is_not(None),
        )
        .group_by(Revision.stage)
    ).all()
    found = {stage: Stage(stage, number, int(bare or 0)) for stage, number, bare in rows}
    return [found[term.code] for term in terms("stage") if term.code in found]


@dataclass(frozen=True)
class ReviewLoad:
    """What waits for the moderators: counts and the longest wait of each queue."""

    listings: int
    oldest_listing: datetime | None
    needs_with_candidates: int
    oldest_candidate: datetime | None
    organisations: int
    oldest_organisation: datetime | None
    complaints: int
    oldest_report: datetime | None
    first_appeal_due: date | None
    declarations: int
    oldest_declaration: datetime | None
    differing: int  # partnerships of which the two sides report different things
    oldest_differing: datetime | None
    in_my_hands: int
    open_offers: int
    unmet: int
    decided_by_me: int  # pairs, in the last 30 days
    failed_mails: int
    concerns: int  # these and corrections for administrators alone
    oldest_concern: date | None  # of those that nobody has answered yet
    corrections: int
    first_correction_due: date | None
    assigned_listings: int
    assigned_needs: int
    oldest_listing_of_mine: datetime | None
    oldest_need_of_mine: datetime | None


def review_load(actor: Actor) -> ReviewLoad:
    """The queues of the moderators, in one statement, and what is assigned to this one, in another."""
    queue = waiting.in_review_queue()
    notes = in_queue()
    waits = union_all(
        select(Listing.submitted_at.label("since")).where(queue),
        notes.with_only_columns(Addendum.submitted_at.label("since")),
    ).subquery()
    declared = waiting.declarations_waiting().subquery()
    to_decide = waiting.needs_to_decide()
    unmet = select(Listing.id).where(
        Listing.kind == "need",
        Listing.state == "published",
        ~exists().where(
            Match.need_id == Listing.id,
            Match.blocked.is_(False),
            Match.is_recommended(),
            Match.state.not_in(("rejected", "withdrawn", "declined", "expired")),
        ),
    )
    row = db.session.execute(
        select(
            count(union_all(select(Listing.id).where(queue), notes.with_only_columns(Addendum.id))),
            select(func.min(waits.c.since)).scalar_subquery(),
            count(to_decide.distinct()),
            longest_wait().scalar_subquery(),
            count(waiting.pending_organisations()),
            waiting.pending_organisations()
            .with_only_columns(func.min(VerificationRequest.submitted_at))
            .scalar_subquery(),
            count(waiting.open_complaints()),
            select(func.min(Report.created_at)).where(Report.state == "open").scalar_subquery(),
            select(func.min(Appeal.due_on)).where(Appeal.state == "open").scalar_subquery(),
            count(waiting.declarations_waiting()),
            select(func.min(declared.c.since)).scalar_subquery(),
            count(select(Partnership.id).where(differing())),
            select(func.min(Partnership.changed_at)).where(differing()).scalar_subquery(),
            count(select(Listing.id).where(queue, Listing.holder_id == actor.user_id)),
            count(select(Offer.id).where(Offer.state == "open")),
            count(unmet),
            count(
                select(MatchDecision.id).where(
                    MatchDecision.by_id == actor.user_id, MatchDecision.at >= now() - MONTH
                )
            ),
            count(select(OutboxMessage.id).where(OutboxMessage.state == "failed")),
            *_administrators_load(actor),
        )
    ).one()
    return ReviewLoad(*row, **assigned_to(actor))


def _administrators_load(actor: Actor) -> list[Any]:
    """Concerns told in confidence and the first without an answer; requests for correction and the first due."""
    if not (can(actor, "concern.read") and can(actor, "correction.answer")):
        return [literal(0), null(), literal(0), null()]
    answered = exists().where(ConcernEntry.case_id == ConcernCase.id, ConcernEntry.by_forum.is_(True))
    opened = select(CorrectionRequest.id).where(CorrectionRequest.state == "open")
    return [
        count(select(ConcernCase.id).where(ConcernCase.state == "open")),
        select(func.min(ConcernCase.told_on)).where(ConcernCase.state == "open", ~answered).scalar_subquery(),
        count(opened),
        opened.with_only_columns(func.min(CorrectionRequest.due_on)).scalar_subquery(),
    ]
