"""The verbs of merging: propose, consent, decline, take back, and `fold`, which carries a merge out.

Only a listing that stands open can be merged into, and one that was merged never opens again: so no merge can run
in a circle. What had been merged into a listing follows it when that is merged in turn, so that every merged
listing points to where its text lives now, in one step.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError

from ppp_match import audit
from ppp_match.db import db, now
from ppp_match.lifecycle import JOIN, MERGE, NotPermitted, ReasonMissing, Refused, move
from ppp_match.listings import join_telling, operations
from ppp_match.listings.join_models import FROZEN_STAGES, LIVE_JOINS, MergeProposal, NeedJoin
from ppp_match.listings.models import Listing
from ppp_match.permissions import SYSTEM, Actor, can

NOT_YET_PUBLIC = ("draft", "submitted", "in_review", "returned")


@dataclass(frozen=True)
class _Two:
    """Two listings about which nothing is proposed yet, for the question who may propose it."""

    source: Listing
    target: Listing

    @property
    def party_ids(self) -> frozenset[uuid.UUID]:
        return self.source.party_ids | self.target.party_ids


def propose(source: Listing, target: Listing, *, reason: str, actor: Actor) -> MergeProposal:
    """Ask the owners of two listings of one kind to let `source` be merged into `target`.

    Raises NotPermitted; ReasonMissing; Refused: merge_with_itself, merge_impossible, need_at_procurement,
    merge_exists.
    """
    if not can(actor, "merge.propose", _Two(source, target)):
        raise NotPermitted("not_permitted", "merge.propose")
    if not reason.strip():
        raise ReasonMissing("reason_missing", "proposed")
    if source.id == target.id or source.kind != target.kind:
        raise Refused("merge_with_itself")
    _lock(source, target)
    _refuse_unfit(source, target)
    proposal = MergeProposal(source=source, target=target, reason=reason.strip(), proposed_by=actor.user_id)
    try:
        with db.session.begin_nested():
            db.session.add(proposal)
            db.session.flush()
    except IntegrityError:  # another moderator, or another click, was a moment earlier
        raise Refused("merge_exists") from None
    audit.record("merge.proposed", proposal, actor=actor, to_state="proposed", reason=proposal.reason)
    join_telling.tell_of_merge(proposal, "merge.proposed", asked_only=True)
    return proposal


def consent(proposal: MergeProposal, *, actor: Actor) -> bool:
    """One organisation says yes, for each side that is its own. True if that was the last yes: then it is done."""
    _as_party(proposal, actor)
    _lock_proposal(proposal)
    if proposal.state != "proposed":
        raise Refused("not_drawn", proposal.state)
    _refuse_unfit(proposal.source, proposal.target)
    if actor.organisation_id == proposal.source.organisation_id:
        proposal.source_consent_at = proposal.source_consent_at or now()
    if actor.organisation_id == proposal.target.organisation_id:
        proposal.target_consent_at = proposal.target_consent_at or now()
    db.session.flush()
    audit.record("merge.consented", proposal, actor=actor)
    if proposal.waits_for:
        return False
    _end(proposal, "merged", actor)
    fold(proposal.source, proposal.target, reason=proposal.reason, actor=SYSTEM)
    join_telling.tell_of_merge(proposal, "merge.merged")
    return True


def decline(proposal: MergeProposal, *, reason: str, actor: Actor) -> None:
    """One organisation says no, and why; both listings stay as they are."""
    _as_party(proposal, actor)
    _lock_proposal(proposal)
    _end(proposal, "declined", actor, reason)
    proposal.answer = reason.strip()
    db.session.flush()
    join_telling.tell_of_merge(proposal, "merge.declined")


def take_back(proposal: MergeProposal, *, actor: Actor) -> None:
    """The forum does not propose it any more."""
    _lock_proposal(proposal)
    _end(proposal, "taken_back", actor)
    join_telling.tell_of_merge(proposal, "merge.taken_back", asked_only=True)


def fold(source: Listing, target: Listing, *, reason: str, actor: Actor) -> None:
    """Let a listing end in favour of another: its page, its joined cities and its organisation go over to that.

    A published one closes as merged (its pairs follow, as with every closing), another is withdrawn. Raises
    Refused("merge_impossible") where the states do not allow it.
    """
    _lock(source, target)
    _refuse_unfit(source, target, actor_is_owner=not actor.is_system)
    _hand_over_joins(source, target)
    if source.state == "published":
        operations.close_listing(source, close_reason="merged", reason=reason, actor=actor)
        _become_joined(source, target)
    else:
        operations.withdraw_listing(source, reason=reason, actor=actor)
    for earlier in db.session.scalars(select(Listing).where(Listing.merged_into_id == source.id)):
        earlier.merged_into_id = target.id
    source.merged_into_id = target.id
    db.session.flush()
    audit.record("listing.merged", source, actor=actor, fields=(target.label,))
    _drop_proposals(source)


def _hand_over_joins(source: Listing, target: Listing) -> None:
    """Cities that had joined the one take part in the other; the owner of the other has no part in itself."""
    there = {join.organisation_id for join in join_telling.live_joins(target)} | {target.organisation_id}
    for join in join_telling.live_joins(source):
        if join.organisation_id in there:
            continue  # `need_ended` tells them, and ends what was only asked
        join.need = target
        db.session.flush()
        audit.record("join.moved", join, actor=SYSTEM, fields=(source.label, target.label))
        join_telling.tell_joiner(join, "join.moved", once=str(target.id))


def _become_joined(source: Listing, target: Listing) -> None:
    """The organisation whose published need was merged into another city's becomes a city that joined it."""
    if source.kind != "need" or source.organisation_id == target.organisation_id:
        return
    shown = source.shown
    live = db.session.scalar(
        select(NeedJoin).where(
            NeedJoin.need_id == target.id,
            NeedJoin.organisation_id == source.organisation_id,
            NeedJoin.state.in_(LIVE_JOINS),
        )
    )
    if live is not None and live.state == "agreed":
        live.own_need = live.own_need or source
        db.session.flush()
        return
    if live is not None:
        live.own_need, live.answered_at = live.own_need or source, now()
        move(JOIN, live, "agreed", actor=SYSTEM)
        join_telling.tell_joiner(live, "join.agreed")
        return
    join = NeedJoin(
        need=target,
        organisation_id=source.organisation_id,
        city_id=shown.city_id,
        quantity=shown.scale_value,
        unit=shown.scale_unit,
        beneficiaries=shown.beneficiaries,
        unnamed=shown.anonymous,
        lang=shown.lang,
        own_need=source,
        origin="merged",
        state="agreed",
        answered_at=now(),
    )
    db.session.add(join)
    db.session.flush()
    audit.record("join.agreed", join, actor=SYSTEM, to_state="agreed", fields=(source.label,))


def _drop_proposals(source: Listing) -> None:
    """Other proposals that name a listing which is gone come to an end."""
    for proposal in db.session.scalars(
        select(MergeProposal)
        .where(
            MergeProposal.state == "proposed",
            or_(MergeProposal.source_id == source.id, MergeProposal.target_id == source.id),
        )
        .order_by(MergeProposal.created_at)
    ).all():
        take_back(proposal, actor=SYSTEM)


def _refuse_unfit(source: Listing, target: Listing, *, actor_is_owner: bool = False) -> None:
    open_ = ("published", *NOT_YET_PUBLIC)
    if source.state not in open_ or target.state != "published" or source.id == target.id:
        raise Refused("merge_impossible", f"{source.state} → {target.state}")
    other = source.kind == "need" and source.organisation_id != target.organisation_id
    if other and not actor_is_owner and target.shown.stage in FROZEN_STAGES:
        raise Refused("need_at_procurement")


def _as_party(proposal: MergeProposal, actor: Actor) -> None:
    if actor.organisation_id not in proposal.party_ids or not can(actor, "merge.answer", proposal):
        raise NotPermitted("not_permitted", "merge.answer")


def _end(proposal: MergeProposal, to: str, actor: Actor, reason: str = "") -> None:
    with db.session.no_autoflush:
        before, proposal.ended_at = proposal.ended_at, now()
        try:
            move(MERGE, proposal, to, actor=actor, reason=reason)
        except Refused:
            proposal.ended_at = before
            raise
    db.session.flush()


def _lock(one: Listing, other: Listing) -> None:
    """Both rows, always in the same order, so that two merges wait for each other and never for good."""
    db.session.flush()
    pair = select(Listing.id).where(Listing.id.in_((one.id, other.id))).order_by(Listing.id)
    db.session.execute(pair.with_for_update())
    for listing in (one, other):
        db.session.refresh(listing)


def _lock_proposal(proposal: MergeProposal) -> None:
    _lock(proposal.source, proposal.target)
    db.session.execute(select(MergeProposal.id).where(MergeProposal.id == proposal.id).with_for_update())
    db.session.refresh(proposal)
