"""Who is told what about joined needs and merges, and what becomes of joins when their need ends.

An anonymous lead's name stays out of every notice to the other city; the lead always learns who asks.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ppp_match.accounts.models import User
from ppp_match.accounts.queries import members_of
from ppp_match.db import db, now
from ppp_match.lifecycle import JOIN, move
from ppp_match.listings.join_models import LIVE_JOINS, MergeProposal, NeedJoin
from ppp_match.listings.models import Listing
from ppp_match.notifications.operations import notify
from ppp_match.permissions import SYSTEM


def about(listing: Listing) -> dict[str, Any]:
    """What a notice says of a listing."""
    return {
        "label": listing.label,
        "title": listing.shown.text("title") or listing.label,
        "lang": listing.shown.lang,
    }


def tell_lead(join: NeedJoin, kind: str) -> None:
    """Tell the lead's people what the other city did."""
    named = {
        "organisation_vi": join.organisation.name("vi"),
        "organisation_en": join.organisation.name("en"),
    }
    notify(members_of(join.need.organisation_id), kind, join, params={**about(join.need), **named})


def tell_joiner(join: NeedJoin, kind: str, once: str = "") -> None:
    """Tell the other city's people what became of its request, or of the need."""
    notify(members_of(join.organisation_id), kind, join, params=about(join.need), once=once)


def need_ended(need: Listing) -> None:
    """A need was closed or withdrawn: cities that joined it are told, and open requests come to an end."""
    if need.kind != "need":
        return
    for join in live_joins(need):
        if join.state == "asked":
            join.answered_at = now()
            move(JOIN, join, "declined", actor=SYSTEM, reason="need_ended")
        tell_joiner(join, "join.need_ended", once=need.state)


def tell_introduced(need: Listing) -> None:
    """Cities that joined a need learn that it was introduced to a company; which one is the lead's to say."""
    moment = str(now().timestamp())
    for join in live_joins(need):
        if join.state == "agreed":
            tell_joiner(join, "join.need_introduced", once=moment)


def live_joins(need: Listing) -> list[NeedJoin]:
    """Requests to a need that are open or agreed, the oldest first."""
    return list(
        db.session.scalars(
            select(NeedJoin)
            .where(NeedJoin.need_id == need.id, NeedJoin.state.in_(LIVE_JOINS))
            .options(joinedload(NeedJoin.need))
            .order_by(NeedJoin.created_at, NeedJoin.id)
        )
    )


def tell_of_merge(proposal: MergeProposal, kind: str, *, asked_only: bool = False) -> None:
    """Tell the people of both organisations about a proposal, and unless `asked_only` who proposed it."""
    people: dict[Any, User] = {
        person.id: person
        for organisation_id in sorted(proposal.party_ids, key=str)
        for person in members_of(organisation_id)
    }
    proposer = db.session.get(User, proposal.proposed_by) if proposal.proposed_by else None
    if proposer is not None and not asked_only:
        people[proposer.id] = proposer
    into = about(proposal.target)
    params = {**about(proposal.source), "into": into["title"], "into_label": into["label"]}
    notify(people.values(), kind, proposal, params=params)
