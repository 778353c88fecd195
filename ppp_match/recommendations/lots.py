"""Pairs by lot: a few candidates of each need are drawn from below the cut, so that labels do not mirror the matcher.

What lives here: how many, the draw itself, when a draw stands, what it stores. A drawn pair is a candidate for
moderators alone: it is no suggestion to its vendor, takes no place of the list, and is offered only when a moderator
approves it. `Match.propensity` keeps how likely it was to be drawn, so that learning can weigh by the inverse.

One draw belongs to one text of the need and one setting. It stands until either changes; then the pairs that nobody
decided on leave, and others are drawn. What was decided stays, with its mark.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass
from itertools import pairwise

from sqlalchemy import exists, func, select
from sqlalchemy.orm import aliased

from ppp_match import audit, jobs
from ppp_match.db import db, now
from ppp_match.lifecycle import NotPermitted, Refused
from ppp_match.listings.models import Listing
from ppp_match.matching import Index, Need
from ppp_match.permissions import Actor, can
from ppp_match.recommendations.models import LOTS_AT_MOST, LotDraw, LotSetting, Match

LOTS = 2  # pairs for each need, until an administrator says otherwise
LAST_PLACE = 200  # of the ranking; further down hardly anything is shared
AMONG = 5  # capabilities at least that each pair is drawn among; with fewer there is nothing to choose by lot
JOB = "draw_lots"


@dataclass(frozen=True)
class Drawn:
    """One place drawn: its position in the pool from 0, and how many places it was drawn among."""

    at: int
    of: int

    @property
    def propensity(self) -> float:
        return 1 / self.of


@dataclass(frozen=True)
class Lot:
    """What a pair keeps of the draw: its place in the whole ranking, and how likely it was to be drawn."""

    place: int
    propensity: float


@dataclass(frozen=True)
class LotFigures:
    """What became of the pairs by lot: all, those that wait, those decided, those of them taken further."""

    drawn: int
    waiting: int
    decided: int
    chosen: int


def draw(size: int, number: int, seed: str) -> list[Drawn]:
    """One place of each of `number` strata, as equal as can be, of a pool in the order of the ranking.

    Strata see to it that places near the cut and far from it are drawn alike. The same seed draws the same places.
    """
    chance = random.Random(seed)  # noqa: S311  everybody can draw it again  # nosec B311
    edges = [size * step // number for step in range(number + 1)] if number else []
    return [Drawn(chance.randrange(start, end), end - start) for start, end in pairwise(edges) if end > start]


def lots_per_need() -> int:
    """How many pairs are drawn for each need; 0 where it is turned off."""
    number = db.session.scalar(
        select(LotSetting.number).order_by(LotSetting.at.desc(), LotSetting.id).limit(1)
    )
    return LOTS if number is None else number


def set_lots_per_need(number: int, *, actor: Actor) -> None:
    """Set how many pairs are drawn for each need; a job then draws anew. Raises Refused("lots_out_of_range")."""
    if not can(actor, "lots.set"):
        raise NotPermitted("not_permitted", "lots.set")
    if not 0 <= number <= LOTS_AT_MOST:
        raise Refused("lots_out_of_range")
    before = lots_per_need()
    if number == before:
        return
    setting = LotSetting(number=number, by_id=actor.user_id, at=now())
    db.session.add(setting)
    db.session.flush()
    audit.record(
        "lots.set", setting, actor=actor, from_state=str(before), to_state=str(number), fields=("number",)
    )
    jobs.wake(JOB)


def renew(
    need: Listing,
    document: Need,
    index: Index,
    kept: Callable[[], Collection[Match]],
    *,
    top: int,
    store: Callable[[Listing, Lot], object],
) -> tuple[int, int]:
    """Bring the pairs by lot of a need in step. Returns (drawn, removed); (0, 0) where the draw stands.

    `kept` gives the need's stored pairs that were not withdrawn, `top` is the length of its list, and `store` makes
    a pair with a capability. The caller has locked the need's row.
    """
    number = lots_per_need()
    draws = select(LotDraw).where(LotDraw.need_id == need.id).order_by(LotDraw.at.desc(), LotDraw.id)
    newest = db.session.scalar(draws.limit(1))
    if _stands(newest, need, number):
        return 0, 0
    stored = kept()
    leaving = [match for match in stored if match.by_lot and undecided(match)]
    known = {match.capability_id for match in stored} - {match.capability_id for match in leaving}
    pool = _pool(document, index, known, top) if number else []
    if len(pool) < number * AMONG:
        return 0, 0  # too few to draw among; looked at again with the next refresh
    for match in leaving:
        db.session.delete(match)
    db.session.flush()
    many = int(db.session.scalar(select(func.count()).select_from(draws.order_by(None).subquery())) or 0)
    seed = f"{need.id}:{many + 1}"
    strata = []
    for one in draw(len(pool), number, seed):
        place, capability_id = pool[one.at]
        store(db.session.get_one(Listing, capability_id), Lot(place, one.propensity))
        strata.append({"of": one.of, "place": place, "capability": str(capability_id)})
    db.session.add(
        LotDraw(
            need_id=need.id,
            need_revision_id=need.live_revision_id,
            number=number,
            seed=seed,
            strata=strata,
            matcher_version=index.version,
            at=now(),
        )
    )
    db.session.flush()
    return len(strata), len(leaving)


def undecided(match: Match) -> bool:
    """Whether nobody, neither a person nor a rule, has done anything with a pair."""
    return match.state == "suggested" and not match.decisions


def no_lot_any_more(match: Match, origin: str) -> None:
    """A pair by lot that would be shown without the lot: it rose into the list, or its company asked for it."""
    match.origin, match.propensity, match.drawn_place = origin, None, None


def needs_to_draw() -> list[uuid.UUID]:
    """The published needs whose newest draw is of another text or another number than holds now."""
    number = lots_per_need()
    newer = aliased(LotDraw)
    newest = exists().where(
        LotDraw.need_id == Listing.id,
        ~exists().where(newer.need_id == LotDraw.need_id, newer.at > LotDraw.at),
    )
    return list(
        db.session.scalars(
            select(Listing.id)
            .where(
                Listing.kind == "need",
                Listing.state == "published",
                Listing.not_suspended(),
                ~newest.where(LotDraw.need_revision_id == Listing.live_revision_id, LotDraw.number == number)
                if number
                else newest.where(LotDraw.number > 0),
            )
            .order_by(Listing.number)
        )
    )


def figures() -> LotFigures:
    """What became of the pairs by lot, for the page of exposure."""
    rows = db.session.execute(
        select(Match.state, func.count())
        .where(Match.origin == "lot", Match.state != "withdrawn")
        .group_by(Match.state)
    )
    counted: dict[str, int] = {row[0]: row[1] for row in rows}
    chosen = sum(counted.get(state, 0) for state in ("approved", "offered", "introduced"))
    waiting = sum(counted.get(state, 0) for state in ("suggested", "shortlisted", "on_hold"))
    drawn = sum(counted.values())
    return LotFigures(drawn, waiting, drawn - waiting, chosen)


def _stands(newest: LotDraw | None, need: Listing, number: int) -> bool:
    if newest is None or number == 0:
        return number == (newest.number if newest is not None else 0)
    return newest.need_revision_id == need.live_revision_id and newest.number == number


def _pool(
    document: Need, index: Index, known: Collection[uuid.UUID], top: int
) -> list[tuple[int, uuid.UUID]]:
    """(place, capability) below the cut that no rule blocks and no pair is stored of, in the order of the ranking."""
    ranked = index.shortlist(document, LAST_PLACE, explain=False)
    free = [uuid.UUID(one.id) for one in ranked if not one.blocked]
    return [(place, one) for place, one in enumerate(free, start=1) if place > top and one not in known]
