"""The judged set as pages show it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from ppp_match.db import db
from ppp_match.listings.models import Listing, Revision
from ppp_match.permissions import Actor
from ppp_match.steering.models import PAIR_STATES, JudgedPair, Judgement


@dataclass(frozen=True)
class Filters:
    """What a reader of the judged set asked for; None means all."""

    state: str | None = None
    languages: tuple[str, str] | None = None  # of the need, of the capability

    @property
    def arguments(self) -> dict[str, Any]:
        """As they stand in an address."""
        return {
            **({"state": self.state} if self.state else {}),
            **({"languages": "-".join(self.languages)} if self.languages else {}),
        }

    def but(self, **changes: Any) -> dict[str, Any]:
        """The arguments with one of them changed."""
        values: dict[str, Any] = {"state": self.state, "languages": self.languages, **changes}
        return Filters(**values).arguments


@dataclass(frozen=True)
class Counts:
    """How many pairs the set holds, by state and by pair of languages."""

    states: dict[str, int] = field(default_factory=dict)
    languages: dict[tuple[str, str], int] = field(default_factory=dict)

    @property
    def all(self) -> int:
        return sum(self.states.values())


def read_filters(arguments: Mapping[str, str]) -> Filters:
    """The filters of an address; what it does not know counts as not given."""
    state = arguments.get("state")
    parts = arguments.get("languages", "").split("-")
    known = len(parts) == 2 and all(one.isascii() and one.isalpha() and len(one) <= 8 for one in parts)
    return Filters(state if state in PAIR_STATES else None, (parts[0], parts[1]) if known else None)


def counts() -> Counts:
    """All pairs, counted in one statement."""
    need, capability = aliased(Revision), aliased(Revision)
    rows = db.session.execute(
        _with_texts(select(JudgedPair.state, need.lang, capability.lang, func.count()), need, capability)
        .group_by(JudgedPair.state, need.lang, capability.lang)
        .order_by(need.lang, capability.lang)
    )
    found = Counts(dict.fromkeys(PAIR_STATES, 0))
    for state, one, other, number in rows:
        found.states[state] += number
        found.languages[one, other] = found.languages.get((one, other), 0) + number
    return found


def listed(filters: Filters) -> Select[tuple[JudgedPair]]:
    """The pairs that the filters leave, with their texts and judgements, the newest judged first."""
    need, capability = aliased(Revision), aliased(Revision)
    chosen = _with_texts(select(JudgedPair), need, capability)
    if filters.state:
        chosen = chosen.where(JudgedPair.state == filters.state)
    if filters.languages:
        chosen = chosen.where(need.lang == filters.languages[0], capability.lang == filters.languages[1])
    return chosen.options(*_TO_SHOW, selectinload(JudgedPair.judgements)).order_by(
        JudgedPair.changed_at.desc(), JudgedPair.id
    )


def pair_to_show(pair_id: uuid.UUID) -> JudgedPair | None:
    """One pair with its texts and judgements."""
    return db.session.scalar(
        select(JudgedPair)
        .where(JudgedPair.id == pair_id)
        .options(*_TO_SHOW, selectinload(JudgedPair.judgements).joinedload(Judgement.by))
    )


def next_to_judge(actor: Actor, after: JudgedPair | None = None) -> uuid.UUID | None:
    """A pair that waits for a judgement, disputed ones first, and that this person has not judged yet."""
    own = exists().where(Judgement.pair_id == JudgedPair.id, Judgement.by_id == actor.user_id)
    sides = aliased(Listing), aliased(Listing)
    query = (
        select(JudgedPair.id)
        .join(sides[0], sides[0].id == JudgedPair.need_id)
        .join(sides[1], sides[1].id == JudgedPair.capability_id)
        .where(JudgedPair.state.in_(("disputed", "open")), ~own)
        .order_by(JudgedPair.state, JudgedPair.changed_at, JudgedPair.id)  # "disputed" < "open"
        .limit(1)
    )
    if after is not None:
        query = query.where(JudgedPair.id != after.id)
    if actor.conflicting_ids:
        for side in sides:
            query = query.where(side.organisation_id.not_in(sorted(actor.conflicting_ids)))
    return db.session.scalar(query)


_TO_SHOW = (
    joinedload(JudgedPair.need).joinedload(Listing.live),
    joinedload(JudgedPair.capability).joinedload(Listing.live),
)


def _with_texts(
    query: Select[*tuple[Any, ...]], need: type[Revision], capability: type[Revision]
) -> Select[*tuple[Any, ...]]:
    """The query, joined to the live texts of both sides."""
    sides = aliased(Listing), aliased(Listing)
    return (
        query.select_from(JudgedPair)
        .join(sides[0], sides[0].id == JudgedPair.need_id)
        .join(need, need.id == sides[0].live_revision_id)
        .join(sides[1], sides[1].id == JudgedPair.capability_id)
        .join(capability, capability.id == sides[1].live_revision_id)
    )
