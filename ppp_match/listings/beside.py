"""What lies beside a listing, counted in one statement: most listings have none of most of it.

A page of a listing shows addenda, versions, joined cities, merges, remarks and more, each kept by another module.
Each names here how it counts its rows; the first question counts all of them, and whoever finds none asks no more.
Rooms above this one register what is theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ScalarSelect, Select, func, or_, select

from ppp_match.counting import counted
from ppp_match.listings.join_models import MergeProposal, NeedJoin
from ppp_match.listings.models import Listing, Remark, Revision
from ppp_match.listings.models_addenda import Addendum, Watch
from ppp_match.permissions import Actor

Rows = Callable[[Listing, Actor], Select[Any]]

COUNTED: dict[str, Rows] = {
    "remarks": lambda listing, _actor: select(Remark.id).where(
        Remark.listing_id == listing.id, Remark.resolved_at.is_(None)
    ),
    "answered": lambda listing, _actor: select(Remark.id).where(
        Remark.listing_id == listing.id, Remark.resolved_at.is_not(None)
    ),
    "versions": lambda listing, _actor: select(Revision.id).where(
        Revision.listing_id == listing.id, Revision.state == "accepted"
    ),
    "addenda": lambda listing, _actor: select(Addendum.id).where(Addendum.listing_id == listing.id),
    "watching": lambda listing, actor: select(Watch.listing_id).where(
        Watch.listing_id == listing.id, Watch.user_id == actor.user_id
    ),
    "joins": lambda listing, _actor: select(NeedJoin.id).where(NeedJoin.need_id == listing.id),
    "proposals": lambda listing, _actor: select(MergeProposal.id).where(
        MergeProposal.state == "proposed",
        or_(MergeProposal.source_id == listing.id, MergeProposal.target_id == listing.id),
    ),
    "merged": lambda listing, _actor: select(Listing.id).where(Listing.merged_into_id == listing.id),
}


def beside(listing: Listing, name: str) -> int:
    """How many rows of that name the listing has, counted once a request for every name. Raises KeyError."""

    def numbers(actor: Actor) -> dict[str, ScalarSelect[Any]]:
        return {
            one: select(func.count()).select_from(rows(listing, actor).subquery()).scalar_subquery()
            for one, rows in COUNTED.items()
        }

    return counted(listing.id, numbers)[name]
