"""Suspending an organisation and lifting that: an administrator alone, or one moderator proposes and another agrees.

What a suspended organisation published leaves the pages, the index and the pairs at once; its open offers are closed
and the other sides are told; its conversations rest. Its people can still sign in, read everything of their own, edit
the profile and drafts. Lifting brings the published texts back; pairs are made anew, closed offers stay closed.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from ppp_match import audit
from ppp_match.accounts.models import Organisation
from ppp_match.accounts.queries import members_of, staff
from ppp_match.db import db, now, wait_for
from ppp_match.introductions.models import Offer
from ppp_match.introductions.operations import withdraw_offer
from ppp_match.lifecycle import SUSPENSION, NotPermitted, ReasonMissing, Refused, move
from ppp_match.listings.models import Listing
from ppp_match.notifications.operations import notify
from ppp_match.permissions import SYSTEM, Actor, can
from ppp_match.recommendations.models import Match
from ppp_match.recommendations.refresh import withdraw_matches
from ppp_match.verification import queries
from ppp_match.verification.models import Suspension
from ppp_match.verification.operations import note_published

LONGEST_REASON = 1000


def suspend(organisation: Organisation, *, reason: str, actor: Actor) -> Suspension:
    """An administrator suspends at once; a moderator's word is a proposal that another one has to agree to.

    Raises NotPermitted, ReasonMissing; Refused: suspended_already (or proposed), reviewer_conflict, note_too_long.
    """
    _may(organisation, actor)
    words = _reason(reason)
    wait_for(organisation)
    if queries.live_suspension(organisation.id) is not None or organisation.suspended_at is not None:
        raise Refused("suspended_already")
    row = Suspension(organisation=organisation, reason=words, proposed_by=actor.user_id)
    db.session.add(row)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Refused("suspended_already") from error
    audit.record("suspension.proposed", row, actor=actor, to_state="proposed", reason=words)
    if _alone(actor):
        _begin(row, actor)
    else:
        _ask_colleagues(row, "suspension.proposed", actor)
    return row


def agree(row: Suspension, *, version: int, actor: Actor) -> None:
    """Agree to what a colleague proposed: the suspension, or lifting it. Raises Refused: stale, second_pair_of_eyes."""
    _may(row.organisation, actor)
    _lock(row, version)
    proposer = row.proposed_by if row.state == "proposed" else row.lift_proposed_by
    if proposer == actor.user_id:
        raise Refused("second_pair_of_eyes")
    if row.state == "proposed":
        _begin(row, actor)
    elif row.state == "lift_proposed":
        _end(row, actor)
    else:
        raise Refused("decided_already")


def disagree(row: Suspension, *, version: int, actor: Actor) -> None:
    """Drop what was proposed: a suspension that was not begun is none, one that should be lifted stays.

    Whoever proposed may take it back this way.
    """
    _may(row.organisation, actor)
    _lock(row, version)
    if row.state == "proposed":
        move(SUSPENSION, row, "dropped", actor=actor)
    elif row.state == "lift_proposed":
        move(SUSPENSION, row, "active", actor=actor)
        row.lift_reason, row.lift_proposed_by = "", None
        db.session.flush()
    else:
        raise Refused("decided_already")


def lift(row: Suspension, *, reason: str, version: int, actor: Actor) -> None:
    """Let the organisation back in: an administrator at once, a moderator by proposing it to another one."""
    _may(row.organisation, actor)
    words = _reason(reason)
    _lock(row, version)
    if row.state != "active":
        raise Refused("decided_already")
    row.lift_reason, row.lift_proposed_by = words, actor.user_id
    if _alone(actor):
        _end(row, actor)
    else:
        move(SUSPENSION, row, "lift_proposed", actor=actor, reason=words)
        _ask_colleagues(row, "suspension.lift_proposed", actor)


def _begin(row: Suspension, actor: Actor) -> None:
    organisation = row.organisation
    with db.session.no_autoflush:
        row.begun_at, row.begun_by = now(), actor.user_id
        move(SUSPENSION, row, "active", actor=actor, reason=row.reason)
    organisation.suspended_at = row.begun_at
    db.session.flush()
    audit.record("organisation.suspended", organisation, actor=actor, reason=row.reason)
    _close_offers(organisation)
    for listing in note_published(organisation):
        withdraw_matches(listing)
    _tell_members(row, "organisation.suspended", row.reason)


def _end(row: Suspension, actor: Actor) -> None:
    organisation = row.organisation
    with db.session.no_autoflush:
        row.lifted_at, row.lifted_by = now(), actor.user_id
        move(SUSPENSION, row, "lifted", actor=actor, reason=row.lift_reason)
    organisation.suspended_at = None
    db.session.flush()
    audit.record("organisation.unsuspended", organisation, actor=actor, reason=row.lift_reason)
    note_published(organisation)
    _tell_members(row, "organisation.unsuspended", row.lift_reason)


def _close_offers(organisation: Organisation) -> None:
    """Close the open offers of both kinds, and tell the other sides."""
    need, capability = aliased(Listing), aliased(Listing)
    offers = db.session.scalars(
        select(Offer)
        .join(Match, Match.id == Offer.match_id)
        .join(need, need.id == Match.need_id)
        .join(capability, capability.id == Match.capability_id)
        .where(
            Offer.state == "open",
            or_(need.organisation_id == organisation.id, capability.organisation_id == organisation.id),
        )
        .order_by(Offer.id)
    ).all()
    for offer in offers:
        withdraw_offer(offer, actor=SYSTEM, reason="organisation_suspended")


def _alone(actor: Actor) -> bool:
    return actor.staff_role == "administrator" or actor.is_system


def _may(organisation: Organisation, actor: Actor) -> None:
    if not can(actor, "organisation.suspend", organisation):
        raise NotPermitted("not_permitted", "organisation.suspend")
    if not actor.is_system and queries.conflict_of(organisation.id, actor):
        raise Refused("reviewer_conflict")


def _reason(reason: str) -> str:
    words = reason.strip()
    if not words:
        raise ReasonMissing("reason_missing", "suspend")
    if len(words) > LONGEST_REASON:
        raise Refused("note_too_long")
    return words


def _lock(row: Suspension, version: int) -> None:
    wait_for(row)
    if row.version != version:
        raise Refused("stale")


def _ask_colleagues(row: Suspension, kind: str, actor: Actor) -> None:
    others: list[Any] = [one for one in staff() if one.id != actor.user_id]
    notify(others, kind, row.organisation, params=_named(row), once=f"{row.id.hex[:12]}.{row.version}")


def _tell_members(row: Suspension, kind: str, reason: str) -> None:
    people = members_of(row.organisation_id)
    notify(people, kind, row.organisation, params={**_named(row), "reason": reason}, once=row.id.hex[:12])


def _named(row: Suspension) -> dict[str, str]:
    home = row.organisation
    return home.named()
