"""Who gets seen: which of the ranked capabilities a need's list takes, so that all vendors have a chance.

What lives here: the counts behind the cap and the kept places, and `choose`, which `refresh.py` follows. The arithmetic
stands in `matching/fairness.py`, the figures for people in `exposure_figures.py`.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from ppp_match.db import db, now
from ppp_match.listings.models import Listing
from ppp_match.matching import Index, Need, RankedMatch
from ppp_match.matching.fairness import cap_of, fair_list
from ppp_match.recommendations.models import Match
from ppp_match.recommendations.queries import IN_REVIEW

CAP_TIMES = 2.5  # a vendor stands in at most so many times as many lists as vendors do on average
KEPT_PLACES = 2  # of each list, for vendors that were never suggested
PERIOD = timedelta(days=90)  # in which a pair that was decided still counts as shown
POOL = 3  # the ranking is read to so many times the length of a list


@dataclass(frozen=True)
class Chosen:
    """What a need's list takes: answers without explanation, the open ones first, then those that a rule blocks.

    `newcomers` hold a kept place; `over_cap` ranked well enough but their company stands in too many lists.
    """

    answers: list[RankedMatch]
    newcomers: frozenset[str]
    over_cap: list[str]
    depth: int  # how far down the ranking one has to read to find all of them


def choose(
    need: Listing, document: Need, index: Index, *, top: int, standing: Collection[uuid.UUID]
) -> Chosen:
    """The list of a need; `standing` are the capabilities that are in it now."""
    depth = POOL * top
    ranked = index.shortlist(document, depth, explain=False)
    open_ = {one.id: one for one in ranked if not one.blocked}
    blocked = [one for one in index.shortlist(document, top, explain=False) if one.blocked]
    pairs = [(one, _vendor(index, one)) for one in open_]
    vendors = {vendor for _id, vendor in pairs if vendor}
    places = lists_of(vendors, without=need.id)
    known = suggested_before(vendors, without=need.id)
    fair = fair_list(
        pairs,
        top,
        places=places,
        cap=current_cap(top),
        standing={str(one) for one in standing},
        new=vendors - known,
        kept_places=KEPT_PLACES,
    )
    return Chosen([*(open_[one] for one in fair.chosen), *blocked], fair.newcomers, fair.over_cap, depth)


def _vendor(index: Index, capability_id: str) -> str:
    document = index.documents.get(capability_id)
    return str(document.organisation or "") if document is not None else ""


def current_cap(top: int) -> int:
    """In how many lists one vendor may stand, as the forum is now."""
    needs, vendors = db.session.execute(
        select(
            select(func.count())
            .select_from(Listing)
            .where(Listing.kind == "need", Listing.state == "published")
            .scalar_subquery(),
            select(func.count(func.distinct(Listing.organisation_id)))
            .where(Listing.kind == "capability", Listing.state == "published")
            .scalar_subquery(),
        )
    ).one()
    return cap_of(int(needs), top, int(vendors), CAP_TIMES)


def lists_of(vendors: Iterable[str], *, without: uuid.UUID) -> dict[str, int]:
    """{vendor: in how many lists of other needs it stands, or stood within PERIOD}."""
    capability = aliased(Listing)
    rows = db.session.execute(
        select(capability.organisation_id, func.count(func.distinct(Match.need_id)))
        .join(Match, Match.capability_id == capability.id)
        .where(
            capability.organisation_id.in_([uuid.UUID(one) for one in vendors]),
            Match.need_id != without,
            Match.blocked.is_(False),
            Match.is_recommended(),
            or_(Match.state.in_(IN_REVIEW), Match.decided_at >= now() - PERIOD),
        )
        .group_by(capability.organisation_id)
    )
    return {str(vendor): int(count) for vendor, count in rows}


def suggested_before(vendors: Iterable[str], *, without: uuid.UUID) -> set[str]:
    """Those of the vendors that ever stood in the list of another need."""
    capability = aliased(Listing)
    rows = db.session.scalars(
        select(capability.organisation_id)
        .join(Match, Match.capability_id == capability.id)
        .where(
            capability.organisation_id.in_([uuid.UUID(one) for one in vendors]),
            Match.need_id != without,
            Match.blocked.is_(False),
            Match.is_recommended(),
        )
        .distinct()
    )
    return {str(vendor) for vendor in rows}
