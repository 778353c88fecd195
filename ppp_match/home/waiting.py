"""What waits for somebody: the counts of the menu and the queries behind them, for the home pages too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    ScalarSelect,
    Select,
    and_,
    exists,
    func,
    or_,
    select,
    union_all,
)

from ppp_match.accounts.models import OrganisationRelation
from ppp_match.complaints.models import Appeal, ConcernCase, Report
from ppp_match.declarations.models import DeclaredInterest
from ppp_match.home.queries import my_matches, unanswered_offers, unread
from ppp_match.introductions.models import Introduction, Offer, OfferDeclaration
from ppp_match.listings.addenda import in_queue
from ppp_match.listings.models import Listing, Revision
from ppp_match.listings.models_addenda import Addendum
from ppp_match.notifications.models import Notification
from ppp_match.partnerships.models import Partnership, StatusRequest
from ppp_match.partnerships.queries import asked_how_it_goes, differing
from ppp_match.permissions import Actor, can
from ppp_match.privacy.models import CorrectionRequest
from ppp_match.questions.models import Question
from ppp_match.questions.queries import overdue, to_answer
from ppp_match.recommendations.models import Match
from ppp_match.recommendations.queries import WAITS_FOR_REVIEW
from ppp_match.verification.models import WAITING_STATES, VerificationRequest


@dataclass(frozen=True)
class Waiting:
    """What the menu counts: things that wait for this person, by queue. Zero where a queue isn't theirs."""

    notices: int = 0
    offers: int = 0
    conversations: int = 0
    listings: int = 0
    matches: int = 0
    organisations: int = 0
    complaints: int = 0
    declarations: int = 0
    partnerships: int = 0
    questions: int = 0
    concerns: int = 0
    corrections: int = 0


def count(query: Select[Any] | CompoundSelect[Any]) -> ScalarSelect[int]:
    return select(func.count()).select_from(query.subquery()).scalar_subquery()


def waiting(actor: Actor) -> dict[str, ScalarSelect[int]]:
    """What the menu counts for this person; every page of somebody signed in asks for it."""
    counts: dict[str, ScalarSelect[int]] = {
        "notices": count(
            select(Notification.id).where(
                Notification.user_id == actor.user_id, Notification.read_at.is_(None)
            )
        )
    }
    if can(actor, "offer.answer"):
        counts["offers"] = count(unanswered_offers(actor.organisation_id).with_only_columns(Offer.id))
        mine = Introduction.match_id.in_(my_matches(actor.organisation_id))
        counts["conversations"] = count(
            select(Introduction.id).where(mine, unread(actor, actor.organisation_id))
        )
        counts["partnerships"] = count(asked_how_it_goes(actor).with_only_columns(StatusRequest.id))
    if can(actor, "question.answer"):
        counts["questions"] = count(to_answer(actor))
    if can(actor, "listing.review"):
        counts["listings"] = count(
            union_all(
                select(Listing.id).where(in_review_queue()),
                in_queue().with_only_columns(Addendum.id),
            )
        )
        counts["matches"] = count(needs_to_decide().distinct())
        counts["organisations"] = count(pending_organisations())
        counts["complaints"] = count(open_complaints())
        counts["questions"] = count(overdue().with_only_columns(Question.id))
        counts["declarations"] = count(declarations_waiting())
        counts["partnerships"] = count(select(Partnership.id).where(differing()))
    if can(actor, "concern.read"):
        counts["concerns"] = count(select(ConcernCase.id).where(ConcernCase.state == "open"))
    if can(actor, "correction.answer"):
        counts["corrections"] = count(select(CorrectionRequest.id).where(CorrectionRequest.state == "open"))
    return counts


def in_review_queue() -> ColumnElement[bool]:
    """Condition on Listing: its text, or a change of its text, waits for a moderator."""
    return or_(
        Listing.state.in_(("submitted", "in_review")),
        and_(
            Listing.state == "published",
            exists().where(
                Revision.id == Listing.working_revision_id, Revision.state.in_(("submitted", "in_review"))
            ),
        ),
    )


def needs_to_decide() -> Select[Any]:
    return (
        select(Match.need_id)
        .join(Listing, Listing.id == Match.need_id)
        .where(Listing.state == "published", *WAITS_FOR_REVIEW)
    )


def open_complaints() -> CompoundSelect[Any]:
    """When what waits of reports and appeals came in."""
    return union_all(
        select(Report.created_at.label("since")).where(Report.state == "open"),
        select(Appeal.filed_at.label("since")).where(Appeal.state == "open"),
    )


def declarations_waiting() -> CompoundSelect[Any]:
    """Since when what waits of declarations waits: those on offers, and ends that somebody has to confirm."""
    return union_all(
        select(OfferDeclaration.at.label("since")).where(OfferDeclaration.state == "open"),
        select(OrganisationRelation.ending_at.label("since")).where(OrganisationRelation.state == "ending"),
        select(DeclaredInterest.ending_at.label("since")).where(DeclaredInterest.state == "ending"),
    )


def pending_organisations() -> Select[Any]:
    return select(VerificationRequest.id).where(VerificationRequest.state.in_(WAITING_STATES))
