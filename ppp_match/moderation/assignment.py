"""Assigning a listing in review, or a need's candidates, to a colleague: who looks after it, whoever has it in hand.

A returned text keeps its colleague, who knows it already; a decision that ends the review ends the assignment.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased, joinedload

from ppp_match import audit
from ppp_match.accounts.models import User
from ppp_match.db import db, now
from ppp_match.declarations.interests import ON_RECUSAL
from ppp_match.lifecycle import NotPermitted, Refused
from ppp_match.listings.models import Listing, Revision
from ppp_match.moderation.models import Assignment
from ppp_match.notifications.operations import notify
from ppp_match.permissions import Actor, can
from ppp_match.recommendations.models import Claim, Match
from ppp_match.recommendations.queries import WAITS_FOR_REVIEW


def assign(listing: Listing, queue: str, assignee: User | None, *, actor: Actor) -> Assignment:
    """Give a listing's place in a queue to a colleague, or to oneself; the colleague is told.

    Raises NotPermitted for a moderator of the listing's own organisation; Refused: assignee_unknown,
    assignee_conflict (the colleague belongs to it).
    """
    if not can(actor, "moderation.assign", listing):
        raise NotPermitted("not_permitted", "moderation.assign")
    if assignee is None or not assignee.active or assignee.staff_role is None:
        raise Refused("assignee_unknown")
    if not can(assignee.as_actor(), "moderation.assign", listing):
        raise Refused("assignee_conflict")
    row = _row(listing, queue, assignee.id)
    if row.assignee_id == assignee.id and row.by_id is not None:
        return row  # it is theirs already, and they have been told
    row.assignee_id, row.by_id, row.since = assignee.id, actor.user_id, now()
    db.session.flush()
    db.session.refresh(row, ["assignee", "by"])
    audit.record(f"{queue}.assigned", listing, actor=actor, personal={"assignee": str(assignee.id)})
    if assignee.id != actor.user_id:
        params = {
            "who": actor.name,
            "title": listing.shown.text("title"),
            "queue": queue,
            "kind": listing.kind,
        }
        notify([assignee], "moderation.assigned", listing, params=params, once=row.since.isoformat())
    return row


def unassign(listing: Listing, queue: str, *, actor: Actor) -> None:
    """Leave it to nobody again. Nothing happens where nobody had it."""
    if not can(actor, "moderation.assign", listing):
        raise NotPermitted("not_permitted", "moderation.assign")
    row = assignment_of(listing.id, queue)
    if row is not None:
        db.session.delete(row)
        db.session.flush()
        audit.record(f"{queue}.unassigned", listing, actor=actor)


def review_ended(listing: Listing) -> None:
    """A published or rejected text needs nobody to look after its review any more."""
    row = assignment_of(listing.id, "listings")
    if row is not None:
        db.session.delete(row)
        db.session.flush()


def let_go(person: User, organisation_id: uuid.UUID) -> None:
    """Free what a moderator has in hand of an organisation: its texts, its needs' candidates, what was given to them."""
    theirs = select(Listing.id).where(Listing.organisation_id == organisation_id)
    for held in (
        delete(Assignment).where(Assignment.assignee_id == person.id, Assignment.listing_id.in_(theirs)),
        delete(Claim).where(Claim.holder_id == person.id, Claim.need_id.in_(theirs)),
    ):
        db.session.execute(held.execution_options(synchronize_session="fetch"))
    in_hand = select(Listing).where(
        Listing.organisation_id == organisation_id, Listing.holder_id == person.id
    )
    for listing in db.session.scalars(in_hand):
        listing.holder_id = listing.held_since = None
    db.session.flush()


ON_RECUSAL.append(let_go)


def assignment_of(listing_id: uuid.UUID, queue: str) -> Assignment | None:
    """Who looks after it, if anybody does who is on the staff still."""
    return assignments_of([listing_id], queue).get(listing_id)


def assignments_of(listing_ids: Iterable[uuid.UUID], queue: str) -> dict[uuid.UUID, Assignment]:
    """{listing: its assignment} for those that have one."""
    rows = db.session.scalars(
        select(Assignment)
        .where(Assignment.listing_id.in_(list(listing_ids)), *_standing(queue))
        .options(joinedload(Assignment.assignee), joinedload(Assignment.by))
    )
    return {row.listing_id: row for row in rows}


def with_assignment(listings: Select[Any], queue: str) -> Select[Any]:
    """Rows (as they were, assignment or None) of a query that reads listings."""
    return (
        listings.add_columns(Assignment)
        .outerjoin(Assignment, and_(Assignment.listing_id == Listing.id, *_standing(queue)))
        .options(joinedload(Assignment.assignee), joinedload(Assignment.by))
    )


def _standing(queue: str) -> tuple[ColumnElement[bool], ...]:
    """Conditions on Assignment: of that queue, and of somebody who is on the staff still."""
    staff = select(User.id).where(User.active.is_(True), User.staff_role.is_not(None))
    return Assignment.queue == queue, Assignment.assignee_id.in_(staff)


def assigned_to(actor: Actor) -> dict[str, Any]:
    """What waits for the actor because it was assigned to them: how many listings and needs, and since when."""
    working = aliased(Revision)
    in_review = or_(
        Listing.state.in_(("submitted", "in_review")),
        (Listing.state == "published") & working.state.in_(("submitted", "in_review")),
    )
    has_candidates = Listing.id.in_(select(Match.need_id).where(*WAITS_FOR_REVIEW)) & (
        Listing.state == "published"
    )
    waits = or_(
        (Assignment.queue == "listings") & in_review, (Assignment.queue == "matches") & has_candidates
    )
    rows = db.session.execute(
        select(Assignment.queue, func.count(), func.min(Assignment.since))
        .join(Listing, Listing.id == Assignment.listing_id)
        .outerjoin(working, working.id == Listing.working_revision_id)
        .where(Assignment.assignee_id == actor.user_id, waits)
        .group_by(Assignment.queue)
    ).all()
    found = {queue: (many, since) for queue, many, since in rows}
    listings, needs = found.get("listings", (0, None)), found.get("matches", (0, None))
    return {
        "assigned_listings": listings[0],
        "assigned_needs": needs[0],
        "oldest_listing_of_mine": listings[1],
        "oldest_need_of_mine": needs[1],
    }


def _row(listing: Listing, queue: str, assignee_id: uuid.UUID) -> Assignment:
    """The row of this place, made if need be, locked: two who assign at once come one after the other."""
    dialect = postgresql if db.session.get_bind().dialect.name == "postgresql" else sqlite
    values = {"id": uuid.uuid4(), "listing_id": listing.id, "queue": queue, "assignee_id": assignee_id}
    insert = dialect.insert(Assignment).values(**values, since=now())
    db.session.execute(insert.on_conflict_do_nothing(index_elements=["listing_id", "queue"]))
    return db.session.scalars(
        select(Assignment)
        .where(Assignment.listing_id == listing.id, Assignment.queue == queue)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
