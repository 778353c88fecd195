"""The verbs of joining: ask, agree, decline, take back, leave, fold one's own need into the one that was joined.

Each checks which of the two cities acts, moves along JOIN, leaves an audit event, tells the other side and flushes.
The need's row is locked first, so that nobody joins a need that closes in the same moment.
"""

from __future__ import annotations

import uuid
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from ppp_match import audit
from ppp_match.accounts.models import City
from ppp_match.db import db, now
from ppp_match.lifecycle import JOIN, NotPermitted, Refused, move
from ppp_match.listings import join_telling, merge_operations
from ppp_match.listings.join_models import FROZEN_STAGES, LIVE_JOINS, MESSAGE_AT_MOST, NeedJoin
from ppp_match.listings.models import Listing
from ppp_match.permissions import Actor, can

OWN_STATES = ("draft", "submitted", "in_review", "returned", "published")


def refuse_joining(need: Listing, *, actor: Actor, joined: bool) -> str | None:
    """Why the city one acts for cannot ask to join this need, as a refusal's code; None if it can.

    `joined`: it has asked or joined already.
    """
    if actor.organisation_id == need.organisation_id:
        return "join_own_need"
    if need.kind != "need" or need.state != "published":
        return "need_ended"
    if need.shown.stage in FROZEN_STAGES:
        return "need_at_procurement"
    if actor.acting_for is None or not actor.acting_for.verified:
        return "organisation_unverified"
    if joined:
        return "join_exists"
    return None


def joined_by(actor: Actor) -> set[uuid.UUID]:
    """The needs that the city one acts for has joined or asked to join."""
    return set(
        db.session.scalars(
            select(NeedJoin.need_id).where(
                NeedJoin.organisation_id == actor.organisation_id, NeedJoin.state.in_(LIVE_JOINS)
            )
        )
    )


def ask_to_join(
    need: Listing,
    *,
    actor: Actor,
    message: str,
    lang: str,
    city: City | None,
    quantity: Decimal | None = None,
    beneficiaries: int | None = None,
    unnamed: bool = False,
    own_need: Listing | None = None,
) -> NeedJoin:
    """Ask the lead of a published need to take part in it, with one's own place, quantity and residents.

    A city whose own need hides its name stays unnamed. Raises NotPermitted; Refused: see `refuse_joining`,
    message_empty, message_too_long.
    """
    if actor.organisation_id is None or not can(actor, "need.join"):
        raise NotPermitted("not_permitted", "need.join")
    if own_need is not None and (
        actor.organisation_id not in own_need.party_ids or own_need.state not in OWN_STATES
    ):
        raise NotPermitted("not_permitted", "own_need")
    _lock(need)
    code = refuse_joining(need, actor=actor, joined=need.id in joined_by(actor))
    if code is not None:
        raise Refused(code)
    if not message.strip():
        raise Refused("message_empty")
    if len(message) > MESSAGE_AT_MOST:
        raise Refused("message_too_long")
    join = NeedJoin(
        need=need,
        organisation_id=actor.organisation_id,
        own_need=own_need,
        city=city,
        quantity=quantity,
        unit=need.shown.scale_unit,
        beneficiaries=beneficiaries,
        unnamed=unnamed or (own_need is not None and own_need.edited.anonymous),
        message=message.strip(),
        lang=lang,
        asked_by=actor.user_id,
    )
    try:
        with db.session.begin_nested():
            db.session.add(join)
            db.session.flush()
    except IntegrityError:  # a colleague asked a moment earlier
        raise Refused("join_exists") from None
    audit.record("join.asked", join, actor=actor, to_state="asked", reason=join.message)
    join_telling.tell_lead(join, "join.asked")
    return join


def agree(join: NeedJoin, *, actor: Actor) -> None:
    """The lead takes the city in. From now on both know each other, and the page names the city unless it minds."""
    _as_lead(join, actor)
    if join.state == "asked" and join.need.shown.stage in FROZEN_STAGES:
        raise Refused("need_at_procurement")
    _answered(join, "agreed", actor)
    join_telling.tell_joiner(join, "join.agreed")


def decline(join: NeedJoin, *, reason: str, actor: Actor) -> None:
    """The lead says no, and why."""
    _as_lead(join, actor)
    _answered(join, "declined", actor, reason)
    join_telling.tell_joiner(join, "join.declined")


def take_back(join: NeedJoin, *, actor: Actor) -> None:
    """The city that asked does not ask any more."""
    _as_joiner(join, actor)
    _answered(join, "taken_back", actor)
    join_telling.tell_lead(join, "join.taken_back")


def leave(join: NeedJoin, *, reason: str, actor: Actor) -> None:
    """Either of the two ends an agreed part in the need, and says why to the other."""
    if not (actor.is_system or actor.organisation_id in join.party_ids):
        raise NotPermitted("not_permitted", "need.join")
    _lock(join.need, join)
    move(JOIN, join, "left", actor=actor, reason=reason)
    join.reason = reason.strip()
    db.session.flush()
    if actor.organisation_id == join.organisation_id:
        join_telling.tell_lead(join, "join.left")
    else:
        join_telling.tell_joiner(join, "join.ended")


def fold_own_need(join: NeedJoin, *, reason: str, actor: Actor) -> None:
    """The city gives up what it had written itself in favour of the need it has joined.

    What was published closes as merged and leads its readers there; a draft is withdrawn. Raises Refused:
    merge_impossible.
    """
    _as_joiner(join, actor)
    if join.state != "agreed" or join.own_need is None:
        raise Refused("merge_impossible")
    merge_operations.fold(join.own_need, join.need, reason=reason, actor=actor)


def _answered(join: NeedJoin, to: str, actor: Actor, reason: str = "") -> None:
    _lock(join.need, join)
    with db.session.no_autoflush:
        before, join.answered_at = join.answered_at, now()
        try:
            move(JOIN, join, to, actor=actor, reason=reason)
        except Refused:
            join.answered_at = before
            raise
    join.reason = reason.strip()
    db.session.flush()


def _as_lead(join: NeedJoin, actor: Actor) -> None:
    if not (actor.is_system or actor.organisation_id == join.need.organisation_id):
        raise NotPermitted("not_permitted", "join.answer")


def _as_joiner(join: NeedJoin, actor: Actor) -> None:
    if not (actor.is_system or actor.organisation_id == join.organisation_id):
        raise NotPermitted("not_permitted", "need.join")


def _lock(need: Listing, join: NeedJoin | None = None) -> None:
    """Wait for whoever writes these rows just now, then see what they wrote."""
    db.session.flush()
    db.session.execute(select(Listing.id).where(Listing.id == need.id).with_for_update())
    db.session.refresh(need)
    if join is not None:
        db.session.execute(select(NeedJoin.id).where(NeedJoin.id == join.id).with_for_update())
        db.session.refresh(join)
