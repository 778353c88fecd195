"""Questions about verification requests and suspensions."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import selectinload

from ppp_match.accounts.models import Organisation, PastMembership
from ppp_match.accounts.queries import contains, related_to
from ppp_match.db import db, now
from ppp_match.listings.models import Listing
from ppp_match.permissions import Actor, can
from ppp_match.verification import terms
from ppp_match.verification.models import (
    LIVE_SUSPENSIONS,
    OPEN_STATES,
    WAITING_STATES,
    Suspension,
    VerificationCheck,
    VerificationRequest,
)


def open_request(organisation_id: uuid.UUID) -> VerificationRequest | None:
    """The request that an organisation writes or waits with, if any."""
    return db.session.scalar(
        select(VerificationRequest).where(
            VerificationRequest.organisation_id == organisation_id,
            VerificationRequest.state.in_(OPEN_STATES),
        )
    )


def requests_of(organisation_id: uuid.UUID) -> list[VerificationRequest]:
    """Every request of an organisation, the newest first."""
    return list(
        db.session.scalars(
            select(VerificationRequest)
            .where(VerificationRequest.organisation_id == organisation_id)
            .options(selectinload(VerificationRequest.checks), selectinload(VerificationRequest.remarks))
            .order_by(VerificationRequest.created_at.desc(), VerificationRequest.id)
        )
    )


def last_verified(organisation_id: uuid.UUID) -> VerificationRequest | None:
    """The request on which the present verification rests, if it rests on one."""
    return db.session.scalar(
        select(VerificationRequest)
        .where(
            VerificationRequest.organisation_id == organisation_id,
            VerificationRequest.state.in_(("verified", "expired")),
        )
        .order_by(VerificationRequest.decided_at.desc())
        .limit(1)
    )


def request_for_staff(request_id: uuid.UUID, actor: Actor) -> VerificationRequest | None:
    """A request that was sent, for the forum's staff; drafts are the organisation's own."""
    if not can(actor, "organisation.verify"):
        return None
    return db.session.scalar(
        select(VerificationRequest).where(
            VerificationRequest.id == request_id, VerificationRequest.submitted_at.is_not(None)
        )
    )


def by_domain_token(digest: str) -> VerificationRequest | None:
    return db.session.scalar(
        select(VerificationRequest).where(VerificationRequest.domain_token_hash == digest)
    )


@dataclass(frozen=True)
class Filters:
    """What a moderator wants to see of the queue."""

    kind: str = ""
    step: str = ""  # first or second
    find: str = ""


def waiting(filters: Filters = Filters()) -> Select[VerificationRequest]:
    """Requests that wait for a moderator, the longest wait first."""
    query = (
        select(VerificationRequest)
        .join(Organisation, Organisation.id == VerificationRequest.organisation_id)
        .where(VerificationRequest.state.in_(WAITING_STATES))
        .options(
            selectinload(VerificationRequest.checks).joinedload(VerificationCheck.by),
        )
        .order_by(VerificationRequest.submitted_at, VerificationRequest.id)
    )
    if filters.kind:
        query = query.where(Organisation.kind == filters.kind)
    if filters.step:
        query = query.where(
            VerificationRequest.state == ("first_check" if filters.step == "second" else "submitted")
        )
    if filters.find:
        names = (Organisation.name_vi, Organisation.name_en, VerificationRequest.registration_number)
        query = query.where(or_(*contains(filters.find, *names)))
    return query


def conflicts(organisation_ids: Iterable[uuid.UUID], actor: Actor) -> Mapping[uuid.UUID, str]:
    """{organisation: why this moderator must not check it}: member, left (recently), related, interest; others are
    lacking."""
    ids = set(organisation_ids)
    left = set(
        db.session.scalars(
            select(PastMembership.organisation_id).where(
                PastMembership.user_id == actor.user_id,
                PastMembership.organisation_id.in_(ids),
                PastMembership.ended_at > now() - terms.LEFT_RECENTLY,
            )
        )
    )
    related = related_to(ids) if actor.organisation_ids else {}
    found: dict[uuid.UUID, str] = {}
    for one in ids:
        if one in actor.organisation_ids:
            found[one] = "member"
        elif one in left:
            found[one] = "left"
        elif related.get(one, set()) & actor.organisation_ids:
            found[one] = "related"
        elif one in actor.recused_from:
            found[one] = "interest"
    return found


def conflict_of(organisation_id: uuid.UUID, actor: Actor) -> str:
    return conflicts([organisation_id], actor).get(organisation_id, "")


def live_suspension(organisation_id: uuid.UUID) -> Suspension | None:
    """The suspension that is proposed or in force."""
    return db.session.scalar(
        select(Suspension).where(
            Suspension.organisation_id == organisation_id, Suspension.state.in_(LIVE_SUSPENSIONS)
        )
    )


def suspensions_waiting() -> list[Suspension]:
    """Suspensions and liftings that one moderator proposed and another has to look at."""
    return list(
        db.session.scalars(
            select(Suspension)
            .where(Suspension.state.in_(("proposed", "lift_proposed")))
            .order_by(Suspension.proposed_at)
        )
    )


def published_of(organisation_id: uuid.UUID) -> int:
    """How many of its listings are published."""
    query = select(func.count()).where(
        Listing.organisation_id == organisation_id, Listing.state == "published"
    )
    return db.session.scalar(query) or 0
