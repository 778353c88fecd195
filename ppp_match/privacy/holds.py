"""Legal holds: while one lasts, nothing of its subject goes, whatever the schedule says or a person asks."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from ppp_match import audit
from ppp_match.accounts.models import Membership, Organisation, User
from ppp_match.db import db, now
from ppp_match.introductions.models import Introduction
from ppp_match.lifecycle import NotPermitted, ReasonMissing, Refused
from ppp_match.listings.models import Listing
from ppp_match.permissions import Actor, can
from ppp_match.privacy.models import HELD, LegalHold
from ppp_match.recommendations.models import Match

MODELS: dict[str, Any] = {
    "user": User,
    "organisation": Organisation,
    "listing": Listing,
    "introduction": Introduction,
}


@dataclass
class Held:
    """What open holds reach: their subjects, what belongs to those, and the people of their organisations."""

    people: set[uuid.UUID] = field(default_factory=set)
    organisations: set[uuid.UUID] = field(default_factory=set)
    listings: set[uuid.UUID] = field(default_factory=set)
    subjects: set[uuid.UUID] = field(default_factory=set)


def open_holds() -> list[LegalHold]:
    return list(
        db.session.scalars(
            select(LegalHold).where(LegalHold.lifted_at.is_(None)).order_by(LegalHold.placed_at.desc())
        )
    )


def held_now() -> Held:
    """Worked out from the holds that are open: a wide reach, since what is gone cannot be brought back."""
    held = Held()
    for hold in open_holds():
        held.subjects.add(hold.subject_id)
        if hold.subject_type == "user":
            held.people.add(hold.subject_id)
        elif hold.subject_type == "organisation":
            held.organisations.add(hold.subject_id)
        elif hold.subject_type == "listing":
            held.listings.add(hold.subject_id)
        else:
            pair = db.session.execute(
                select(Match.need_id, Match.capability_id)
                .join(Introduction, Introduction.match_id == Match.id)
                .where(Introduction.id == hold.subject_id)
            ).first()
            held.listings.update(pair or ())
    owners = set(
        db.session.scalars(select(Listing.organisation_id).where(Listing.id.in_(list(held.listings))))
    )
    held.listings |= set(
        db.session.scalars(select(Listing.id).where(Listing.organisation_id.in_(list(held.organisations))))
    )
    held.people |= set(
        db.session.scalars(
            select(Membership.user_id).where(
                Membership.organisation_id.in_(list(held.organisations | owners))
            )
        )
    )
    return held


def is_held(user_id: uuid.UUID) -> bool:
    return user_id in held_now().people


def place_hold(subject_type: str, subject_id: uuid.UUID, *, reason: str, actor: Actor) -> LegalHold:
    """Hold back everything of a person, organisation, listing or introduction.

    Raises Refused("hold_unknown") where there is no such thing, "hold_there" where one is open already.
    """
    if not can(actor, "retention.manage"):
        raise NotPermitted("not_permitted", "retention.manage")
    if not reason.strip():
        raise ReasonMissing("reason_missing", "hold")
    if subject_type not in HELD or db.session.get(MODELS[subject_type], subject_id) is None:
        raise Refused("hold_unknown")
    found = select(LegalHold.id).where(
        LegalHold.subject_type == subject_type,
        LegalHold.subject_id == subject_id,
        LegalHold.lifted_at.is_(None),
    )
    if db.session.scalar(found) is not None:
        raise Refused("hold_there")
    hold = LegalHold(
        subject_type=subject_type, subject_id=subject_id, reason=reason.strip(), placed_by=actor.user_id
    )
    db.session.add(hold)
    db.session.flush()
    audit.record("hold.placed", hold, actor=actor, fields=(subject_type,), reason=reason.strip())
    return hold


def lift_hold(hold: LegalHold, *, reason: str, actor: Actor) -> None:
    """End a hold. The schedule takes up again what it held back, at its next run."""
    if not can(actor, "retention.manage"):
        raise NotPermitted("not_permitted", "retention.manage")
    if not reason.strip():
        raise ReasonMissing("reason_missing", "hold")
    if hold.lifted_at is not None:
        raise Refused("hold_lifted")
    hold.lifted_at, hold.lifted_by, hold.lift_reason = now(), actor.user_id, reason.strip()
    db.session.flush()
    audit.record("hold.lifted", hold, actor=actor, fields=(hold.subject_type,), reason=reason.strip())
