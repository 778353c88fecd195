"""What waits in the other organisations of somebody who belongs to several: one question, however many there are."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import and_, exists, func, literal, or_, select, union_all
from sqlalchemy.orm import aliased

from ppp_match.db import db
from ppp_match.home.queries import unread
from ppp_match.introductions.models import Introduction, Offer, OfferAnswer
from ppp_match.listings.models import Listing, Revision
from ppp_match.permissions import Actor
from ppp_match.recommendations.models import Match


def waiting_elsewhere(actor: Actor) -> dict[uuid.UUID, int]:
    """{organisation: offers to answer, conversations to read, texts to mend}, without the one acted for.

    A text to mend is one that came back, or a published one whose change did.
    """
    others = actor.organisation_ids - {actor.organisation_id}
    if not others:
        return {}
    returned = select(Listing.organisation_id.label("id"), func.count().label("n")).where(
        Listing.organisation_id.in_(others),
        or_(
            Listing.state == "returned",
            and_(
                Listing.state == "published",
                exists().where(Revision.id == Listing.working_revision_id, Revision.state == "returned"),
            ),
        ),
    )
    parts: list[Any] = [returned.group_by(Listing.organisation_id)]
    for side in ("need", "capability"):
        parts += [_offers(others, side), _conversations(others, side, actor)]
    rows = union_all(*parts).subquery()
    counts = db.session.execute(select(rows.c.id, func.sum(rows.c.n)).group_by(rows.c.id))
    return {organisation_id: int(number) for organisation_id, number in counts}


def _of_side(others: frozenset[uuid.UUID], side: str) -> tuple[Any, Any]:
    own = aliased(Listing)
    joined = Match.need_id if side == "need" else Match.capability_id
    return own, select(own.organisation_id.label("id"), func.count().label("n")).join(
        Match, joined == own.id
    ).where(own.organisation_id.in_(others)).group_by(own.organisation_id)


def _offers(others: frozenset[uuid.UUID], side: str) -> Any:
    _own, query = _of_side(others, side)
    answered = exists().where(OfferAnswer.offer_id == Offer.id, OfferAnswer.side == literal(side))
    return query.join(Offer, Offer.match_id == Match.id).where(Offer.state == "open", ~answered)


def _conversations(others: frozenset[uuid.UUID], side: str, actor: Actor) -> Any:
    own, query = _of_side(others, side)
    return query.join(Introduction, Introduction.match_id == Match.id).where(
        unread(actor, own.organisation_id)
    )
