"""Versions of the matcher: offer one, let it rank, go back.

What lives here: one verb a function, and `tuning` for the index. What does not: how good a version is (`quality.py`),
where learnt weights come from (`learning.py`), the lexicon's drafts (`lexicon_drafts.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import joinedload, selectinload

from ppp_match import audit, jobs
from ppp_match.db import db, now, wait_for
from ppp_match.lifecycle import NotPermitted, ReasonMissing, Refused
from ppp_match.listings.models import Listing
from ppp_match.matching.bilingual import Change, Lexicon, default_lexicon
from ppp_match.matching.score import DEFAULT_WEIGHTS, Weights
from ppp_match.permissions import SYSTEM, Actor, can
from ppp_match.search.store import Tuning, note_version
from ppp_match.steering.models import JudgedPair, MatcherVersion

NAME_AT_MOST = 80
NOTE_AT_MOST = 2000


def active() -> MatcherVersion | None:
    """The version that ranks now."""
    return db.session.scalar(select(MatcherVersion).where(MatcherVersion.state == "active"))


def tuning() -> Tuning | None:
    """What the active version ranks with, as the index takes it; None where no version is active."""
    found = active()
    return None if found is None else tuning_of(found)


def tuning_of(version: MatcherVersion) -> Tuning:
    """The weights under the version's label, and the shipped lexicon with its changes."""
    weights = replace(Weights.from_json(version.weights), version=version.label)
    return Tuning(weights, lexicon_with(changes_of(version)))


def changes_of(version: MatcherVersion | None) -> tuple[Change, ...]:
    return tuple(Change(*one) for one in version.lexicon_changes) if version is not None else ()


def lexicon_with(changes: Iterable[Change]) -> Lexicon:
    """The shipped lexicon with these changes, made once as long as they stay the same."""
    return _changed(default_lexicon(), tuple(changes))


@lru_cache(maxsize=4)
def _changed(lexicon: Lexicon, changes: tuple[Change, ...]) -> Lexicon:
    return lexicon.with_changes(changes) if changes else lexicon


def ensure_shipped() -> MatcherVersion | None:
    """Offer what this release ships, where no version holds its weights yet; the first one ranks at once.

    A forum that has chosen a version keeps it: a release with other weights only offers them.
    """
    shipped = DEFAULT_WEIGHTS.as_json()
    known = db.session.scalars(select(MatcherVersion).where(MatcherVersion.origin == "shipped")).all()
    if any(one.weights == shipped for one in known):
        return None
    first = db.session.scalar(select(func.count()).select_from(MatcherVersion)) == 0
    version = _add(f"PPP Match {DEFAULT_WEIGHTS.version}", "", "shipped", DEFAULT_WEIGHTS, (), SYSTEM, {})
    if first:
        version.state, version.activated_at = "active", now()
        db.session.flush()
    for name in ("measure_versions", "propose_weights"):
        jobs.wake(name)
    return version


def offer(
    *,
    actor: Actor,
    name: str,
    note: str = "",
    origin: str = "by_hand",
    weights: Weights | None = None,
    changes: Sequence[Change] | None = None,
    facts: Mapping[str, Any] | None = None,
) -> MatcherVersion:
    """Put a version beside the active one, for people to look at. It does not rank before somebody activates it.

    What is not given is taken from the active version. Raises NotPermitted; Refused "name_missing", "text_too_long",
    "weights_refused" or "nothing_changed" (the active version ranks with the very same).
    """
    if not can(actor, "version.offer"):
        raise NotPermitted("not_permitted", "version.offer")
    if not name.strip():
        raise Refused("name_missing")
    if len(name) > NAME_AT_MOST or len(note) > NOTE_AT_MOST:
        raise Refused("text_too_long")
    before = active()
    if before is not None:
        wait_for(before)  # two who offer at once get two numbers
    if weights is None:
        weights = Weights.from_json(before.weights) if before is not None else DEFAULT_WEIGHTS
    try:
        weights.check()
    except ValueError as error:
        raise Refused("weights_refused", str(error)) from error
    stands = changes_of(before)
    chosen = tuple(stands if changes is None else changes)
    if before is not None and _numbers_of(weights) == _numbers_of(before.weights) and chosen == stands:
        raise Refused("nothing_changed")
    return _add(name.strip(), note.strip(), origin, weights, chosen, actor, dict(facts or {}), before)


def activate(version: MatcherVersion, *, actor: Actor, reason: str) -> None:
    """Let this version rank from now on, whether it is new or one to go back to; every need is matched anew.

    Raises NotPermitted, ReasonMissing, and Refused "already_active".
    """
    if not can(actor, "version.activate"):
        raise NotPermitted("not_permitted", "version.activate")
    if not reason.strip():
        raise ReasonMissing("reason_missing", "active")
    before = active()
    for one in (before, version):
        if one is not None:
            wait_for(one)
    if version.state == "active":
        raise Refused("already_active")
    was = version.state
    if before is not None and before.state == "active":
        before.state = "retired"
        db.session.flush()  # at most one is active at any moment
        audit.record("version.retired", before, actor=actor, from_state="active", to_state="retired")
    version.state, version.activated_at, version.activated_by = "active", now(), actor.user_id
    db.session.flush()
    audit.record(
        "version.activated", version, actor=actor, from_state=was, to_state="active", reason=reason.strip()
    )
    note_version(version.id, published_needs())


def published_needs() -> list[Any]:
    return list(
        db.session.scalars(
            select(Listing.id)
            .where(Listing.kind == "need", Listing.state == "published")
            .order_by(Listing.number)
        )
    )


def listed() -> list[MatcherVersion]:
    """All versions, the newest first, with who made and activated them."""
    return list(
        db.session.scalars(
            select(MatcherVersion)
            .options(
                joinedload(MatcherVersion.creator),
                joinedload(MatcherVersion.activator),
                selectinload(MatcherVersion.runs),
            )
            .order_by(MatcherVersion.number.desc())
        )
    )


def settled_pairs(good: int) -> tuple[int, int, datetime | None]:
    """(settled pairs, those of a grade of at least `good`, when the newest of all judged pairs changed)."""
    row = db.session.execute(
        select(
            func.count(JudgedPair.grade),
            func.count(case((JudgedPair.grade >= good, 1))),
            func.max(JudgedPair.changed_at),
        )
    ).one()
    return row[0], row[1], row[2]


def to_go_back_to() -> MatcherVersion | None:
    """The version that ranked before the active one."""
    return db.session.scalar(
        select(MatcherVersion)
        .where(MatcherVersion.state == "retired")
        .order_by(MatcherVersion.activated_at.desc())
        .limit(1)
    )


def _numbers_of(weights: Weights | Mapping[str, Any]) -> dict[str, Any]:
    values = dict(weights.as_json() if isinstance(weights, Weights) else weights)
    values.pop("version", None)
    return values


def _add(
    name: str,
    note: str,
    origin: str,
    weights: Weights,
    changes: Iterable[Change],
    actor: Actor,
    facts: dict[str, Any],
    before: MatcherVersion | None = None,
) -> MatcherVersion:
    highest = db.session.scalar(select(func.max(MatcherVersion.number)))
    version = MatcherVersion(
        number=(highest or 0) + 1,
        name=name,
        note=note,
        origin=origin,
        weights=weights.as_json(),
        lexicon_changes=[list(one) for one in changes],
        facts=facts,
        created_by=actor.user_id,
        before=before,
    )
    db.session.add(version)
    db.session.flush()
    if origin != "shipped":  # what came with the software nobody did here
        audit.record("version.offered", version, actor=actor, to_state="offered")
    return version
