"""Keeping the stored matches of a need in step with what is published, without fitting anything anew.

What lives here: `refresh_need`, what a publication or withdrawal sets off, the job that follows `index_change`, and
`recommend_all` for the command. What does not: people's decisions (`operations.py`).

A pair that a person decided on is never deleted and never changes its state here, but for two cases: a pair that a
declared relation bars goes to `conflict_blocked`, and a rejected pair comes back when one side's published text is
another one than was rejected.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from ppp_match import jobs, lifecycle
from ppp_match.accounts.queries import members_of
from ppp_match.db import db, now
from ppp_match.listings.documents import document_of
from ppp_match.listings.models import Listing
from ppp_match.matching import Capability, Index, Need, RankedMatch
from ppp_match.notifications.operations import notify
from ppp_match.permissions import SYSTEM
from ppp_match.recommendations import exposure, lots
from ppp_match.recommendations.models import Interest, Match, MatchDecision
from ppp_match.search.models import IndexChange, WorkCursor
from ppp_match.search.store import index_of
from ppp_match.vocabularies import term_name

MATCHES_PER_NEED = 20
CURSOR = "recommendations"
AFFILIATION = "affiliation"
SAME_SCORE = 1e-9
NEEDS_A_RUN = 25  # needs refreshed in one run of the job, or those of one change; the rest waits for the next
NEEDS_OF_A_CAPABILITY = 60  # needs that a new or changed capability may rise in
FOLLOWING = (
    "suggested",
    "shortlisted",
    "on_hold",
    "conflict_blocked",
)  # states whose figures follow the matcher


@dataclass
class Refreshed:
    """What one refresh did to the matches of a need."""

    added: int = 0
    updated: int = 0
    removed: int = 0
    withdrawn: int = 0

    @property
    def total(self) -> int:
        return self.added + self.updated + self.removed + self.withdrawn


def refresh_need(need: Listing, *, top: int = MATCHES_PER_NEED) -> Refreshed:
    """Bring the stored pairs of a need in step: the `top` best that no rule blocks, and the blocked among them.

    The list is fair as `exposure.py` says: a cap for each vendor, and places for those never suggested.

    Two workers may ask at once: the need's row is locked first, so the second finds what the first wrote. A second
    refresh without a change in between writes nothing.
    """
    db.session.execute(select(Listing.id).where(Listing.id == need.id).with_for_update())
    done = Refreshed()
    if not need.in_public:
        done.withdrawn = withdraw_matches(need)
        tell_need_ended(need)
        return done
    document = document_of(need)
    assert isinstance(document, Need)  # noqa: S101  of the kind of its listing
    index = index_of("capability")
    kept = {match.capability_id: match for match in _stored(need)}
    chosen = exposure.choose(need, document, index, top=top, standing=_open_ones(kept))
    changed = {one.id for one in chosen.answers if _differs(kept.get(uuid.UUID(one.id)), one, index.version)}
    explained = {one.id: one for one in index.shortlist(document, chosen.depth, explain=changed)}
    ranked = {
        uuid.UUID(one.id): (rank, explained.get(one.id, one))
        for rank, one in enumerate(chosen.answers, start=1)
    }
    capabilities = _listings(set(ranked) - set(kept))
    for capability_id, (rank, found) in ranked.items():
        match = kept.get(capability_id)
        if match is not None and _relation_ended(match, found.blocked):
            lifecycle.move(lifecycle.MATCH, match, "withdrawn", actor=SYSTEM, reason="relation_ended")
            match = None
        origin = "newcomer" if found.id in chosen.newcomers else "matcher"
        if match is not None:
            if match.by_lot and lots.undecided(match):
                lots.no_lot_any_more(match, origin)
            if match.origin in ("matcher", "newcomer"):
                match.origin = origin
            done.updated += _update(match, rank, found, index.version)
        elif (
            capability := capabilities.get(capability_id) or db.session.get(Listing, capability_id)
        ) is not None:
            add_match(need, capability, found, version=index.version, rank=rank, origin=origin)
            done.added += 1
    asked_for = set(db.session.scalars(select(Interest.match_id).where(Interest.need_id == need.id)))
    for capability_id, match in kept.items():
        if capability_id not in ranked:
            _leave_list(match, document, index, match.id in asked_for, done)
    db.session.flush()
    drawn, gone = _draw_lots(need, document, index, top)
    done.added += drawn
    done.removed += gone
    return done


def draw_lots(*, top: int = MATCHES_PER_NEED, pause: Callable[[], None] | None = None) -> int:
    """Draw anew where the text or the setting is another one than was drawn for. Returns how many needs changed."""
    changed = 0
    for need_id in lots.needs_to_draw():
        need = db.session.get(Listing, need_id)
        if need is None:
            continue
        db.session.execute(select(Listing.id).where(Listing.id == need.id).with_for_update())
        document = document_of(need)
        assert isinstance(document, Need)  # noqa: S101
        drawn, gone = _draw_lots(need, document, index_of("capability"), top)
        changed += bool(drawn or gone)
        if pause is not None:
            pause()
    return changed


def _draw_lots(need: Listing, document: Need, index: Index, top: int) -> tuple[int, int]:
    def store(capability: Listing, lot: lots.Lot) -> None:
        found = _answer(capability.id, index.explain(document, _capability(capability)))
        add_match(need, capability, found, version=index.version, rank=None, origin="lot", lot=lot)

    return lots.renew(need, document, index, lambda: _stored(need), top=top, store=store)


def add_match(
    need: Listing,
    capability: Listing,
    found: RankedMatch,
    *,
    version: str,
    rank: int | None,
    origin: str = "matcher",
    lot: lots.Lot | None = None,
) -> Match:
    """Store a pair. One that a declared relation bars goes to `conflict_blocked` at once."""
    match = Match(need=need, capability=capability, origin=origin, state="suggested")
    if lot is not None:
        match.propensity, match.drawn_place = lot.propensity, lot.place
    _write(match, rank, found, version)
    db.session.add(match)
    db.session.flush()
    if AFFILIATION in found.blocked:
        _bar(match)
    return match


def pair_of(need: Listing, capability: Listing) -> RankedMatch:
    """What the matcher says of one pair, whether it is in the need's list or not."""
    asked = document_of(need)
    assert isinstance(asked, Need)  # noqa: S101
    explanation = index_of("capability").explain(asked, _capability(capability))
    return _answer(capability.id, explanation)


def withdraw_matches(listing: Listing) -> int:
    """Withdraw every pair of a listing that left the forum, unless its two sides are introduced already."""
    side = Match.need_id if listing.kind == "need" else Match.capability_id
    leaving = db.session.scalars(
        select(Match)
        .where(side == listing.id, Match.state.in_(lifecycle.BEFORE_INTRODUCED))
        .order_by(Match.id)
    ).all()
    for match in leaving:
        lifecycle.move(lifecycle.MATCH, match, "withdrawn", actor=SYSTEM, reason=_why_gone(listing))
        _close_open_offers(match)
    return len(leaving)


def _why_gone(listing: Listing) -> str:
    if listing.state != "published":
        return f"listing_{listing.state}"
    return "organisation_suspended" if listing.organisation.suspended_at else "verification_lapsed"


def tell_need_ended(need: Listing) -> None:
    """Tell every company with a standing interest how a need ended; each is told once of each end."""
    if need.kind != "need" or need.state not in ("closed", "withdrawn"):
        return
    interested = db.session.scalars(
        select(Listing.organisation_id)
        .join(Interest, Interest.capability_id == Listing.id)
        .where(Interest.need_id == need.id, Interest.withdrawn_at.is_(None))
        .distinct()
    ).all()
    kind = "interest.need_closed" if need.state == "closed" else "interest.need_withdrawn"
    reasons = {
        f"reason_{lang}": term_name("listing_closing_reason", need.close_reason, lang)
        for lang in ("vi", "en")
    }
    for organisation_id in sorted(interested):
        notify(
            members_of(organisation_id),
            kind,
            need,
            params={"title": need.shown.text("title"), **reasons},
            once=str(need.ended_at),
        )


def needs_touched_by(capability: Listing) -> list[uuid.UUID]:
    """Needs whose list a capability stands in or may enter: those paired with it and those it ranks best for."""
    paired = select(Match.need_id).where(
        Match.capability_id == capability.id, Match.state.in_(lifecycle.BEFORE_INTRODUCED)
    )
    touched = dict.fromkeys(db.session.scalars(paired.order_by(Match.need_id)))
    if capability.in_public:
        for found in index_of("need").rank(
            document_of(capability), NEEDS_OF_A_CAPABILITY, rules=False, explain=False
        ):
            if found.score > 0:
                touched.setdefault(uuid.UUID(found.id))
    return list(touched)


def recommend_all(
    progress: Callable[[int, int], None] | None = None,
    *,
    top: int = MATCHES_PER_NEED,
    pause: Callable[[], None] | None = None,
) -> int:
    """Refresh every published need and withdraw the pairs of listings that left. Returns how many needs.

    `progress(done, all)` is called after each need, and `pause` as in `follow_changes`.
    """
    newest = int(db.session.scalar(select(func.max(IndexChange.seq))) or 0)
    for listing in _with_matches_but_gone():
        withdraw_matches(listing)
        tell_need_ended(listing)
    needs = db.session.scalars(
        select(Listing).where(Listing.kind == "need", Listing.state == "published").order_by(Listing.number)
    ).all()
    for number, need in enumerate(needs, start=1):
        refresh_need(need, top=top)
        if pause is not None:
            pause()
        if progress is not None:
            progress(number, len(needs))
    cursor = WorkCursor.of(CURSOR)
    cursor.seq = max(cursor.seq, newest)
    db.session.flush()
    return len(needs)


def changes_wait() -> bool:
    """Whether something changed since the job that follows changes ran last."""
    reached = select(WorkCursor.seq).where(WorkCursor.name == CURSOR).scalar_subquery()
    newer = select(IndexChange.seq).where(IndexChange.seq > func.coalesce(reached, 0))
    return db.session.scalar(newer.limit(1)) is not None


def follow_changes(*, top: int = MATCHES_PER_NEED, pause: Callable[[], None] | None = None) -> int:
    """Refresh what the changes since last time touched. Returns how many needs were refreshed.

    `pause` is called after each need: a job commits there and lets others write, since a new capability may touch
    many needs. A run that is ended midway does those needs again, which changes nothing where they were done.
    """
    reached = WorkCursor.of(CURSOR).seq
    changes = db.session.execute(
        select(IndexChange.seq, IndexChange.listing_id)
        .where(IndexChange.seq > reached)
        .order_by(IndexChange.seq)
    ).all()
    needs: dict[uuid.UUID, None] = {}
    last = {listing_id: seq for seq, listing_id in changes}
    for seq, listing_id in changes:
        listing = db.session.get(Listing, listing_id)
        if listing is not None and last[listing_id] == seq:  # what changes again is looked at then
            touched = _touched(listing)
            if len(needs) >= NEEDS_A_RUN and not needs.keys() >= set(touched):
                break  # what many changes touch alike, as when a model has read all texts, is refreshed once
            needs.update(dict.fromkeys(touched))
        reached = seq
    for need_id in needs:
        need = db.session.get(Listing, need_id)
        if need is not None:
            refresh_need(need, top=top)
            if pause is not None:
                pause()
    cursor = WorkCursor.of(CURSOR)
    cursor.seq = max(cursor.seq, reached)
    if changes and reached < changes[-1].seq:
        jobs.wake("refresh_matches")
    db.session.flush()
    return len(needs)


def _touched(listing: Listing) -> list[uuid.UUID]:
    if listing.kind == "need":
        return [listing.id]
    touched = needs_touched_by(listing)
    if not listing.in_public:
        withdraw_matches(listing)
    return touched


def _with_matches_but_gone() -> Iterable[Listing]:
    return db.session.scalars(
        select(Listing)
        .where(
            or_(Listing.state != "published", ~Listing.not_suspended()),
            or_(
                Listing.id.in_(select(Match.need_id).where(Match.state.in_(lifecycle.BEFORE_INTRODUCED))),
                Listing.id.in_(
                    select(Match.capability_id).where(Match.state.in_(lifecycle.BEFORE_INTRODUCED))
                ),
            ),
        )
        .order_by(Listing.id)
    ).all()


def _stored(need: Listing) -> list[Match]:
    return list(
        db.session.scalars(
            select(Match)
            .where(Match.need_id == need.id, Match.state != "withdrawn")
            .options(joinedload(Match.capability), selectinload(Match.decisions))
            .execution_options(populate_existing=True)
        )
    )


def _open_ones(kept: Mapping[uuid.UUID, Match]) -> set[uuid.UUID]:
    """The capabilities that stand in a need's list now."""
    return {one for one, match in kept.items() if match.rank is not None and not match.blocked}


def _listings(ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Listing]:
    return {row.id: row for row in db.session.scalars(select(Listing).where(Listing.id.in_(list(ids))))}


def _answer(capability_id: uuid.UUID, explanation: dict[str, Any]) -> RankedMatch:
    blocked = tuple(rule["rule"] for rule in explanation["rules"] if rule["state"] == "no")
    return RankedMatch(str(capability_id), explanation["total"], blocked, explanation)


def _differs(match: Match | None, found: RankedMatch, version: str) -> bool:
    """Whether a pair needs a new explanation: explaining is the dear part, and most pairs stay as they were."""
    if match is None:
        return True
    return match.state in (*FOLLOWING, "rejected") and (
        abs(match.score - found.score) > SAME_SCORE
        or match.blocked_reasons != list(found.blocked)
        or match.matcher_version != version
        or match.need_revision_id != match.need.live_revision_id
        or match.capability_revision_id != match.capability.live_revision_id
    )


def _write(match: Match, rank: int | None, found: RankedMatch, version: str) -> bool:
    """Put the matcher's figures on a pair. False, and nothing written, where they are the same as before."""
    values = {
        "rank": rank,
        "score": min(max(found.score, 0.0), 1.0),
        "blocked": bool(found.blocked),
        "blocked_reasons": list(found.blocked),
        "explanation": found.explanation or match.explanation,
        "matcher_version": version,
        "need_revision_id": match.need.live_revision_id,
        "capability_revision_id": match.capability.live_revision_id,
    }
    changed = {name: value for name, value in values.items() if getattr(match, name) != value}
    for name, value in changed.items():
        setattr(match, name, value)
    if changed:
        match.computed_at = now()
    return bool(changed)


def _update(match: Match, rank: int | None, found: RankedMatch, version: str) -> bool:
    if match.state == "rejected":
        if match.refuse_unchanged() is not None:
            return False
        _bring_back(match)
    if match.state == "approved" and AFFILIATION in found.blocked:
        _bar(match)
    if match.state not in FOLLOWING:
        return False
    if match.state == "shortlisted" and found.blocked:
        if AFFILIATION in found.blocked:
            _bar(match)
        else:
            _system_move(match, "on_hold", f"rule_blocks: {', '.join(found.blocked)}")
    changed = _write(match, rank, found, version)
    db.session.flush()
    if match.state == "suggested" and AFFILIATION in found.blocked:
        _bar(match)
    return changed


def _leave_list(match: Match, need: Need, index: Index, asked_for: bool, done: Refreshed) -> None:
    """A stored pair that is not in the need's list any more.

    One that a company ever showed interest in is kept, taken back or not: the interest is on record and names it.
    """
    if not match.capability.in_public:
        if match.state in lifecycle.BEFORE_INTRODUCED:
            lifecycle.move(
                lifecycle.MATCH, match, "withdrawn", actor=SYSTEM, reason=_why_gone(match.capability)
            )
            _close_open_offers(match)
            done.withdrawn += 1
        return
    by_matcher = match.origin in ("matcher", "newcomer")
    if by_matcher and lots.undecided(match) and not asked_for:
        db.session.delete(match)
        done.removed += 1
    elif match.state in (*FOLLOWING, "rejected"):
        found = _answer(match.capability_id, index.explain(need, _capability(match.capability)))
        if match.by_lot and lots.undecided(match) and found.blocked:  # drawn from those that no rule blocks
            db.session.delete(match)
            done.removed += 1
        else:
            done.updated += _update(match, None, found, index.version)


def _capability(listing: Listing) -> Capability:
    document = document_of(listing)
    assert isinstance(document, Capability)  # noqa: S101  of the kind of its listing
    return document


def _relation_ended(match: Match, blocked: tuple[str, ...]) -> bool:
    """Whether the software barred a pair for a relation that is not declared any more."""
    return match.state == "conflict_blocked" and match.decided_by is None and AFFILIATION not in blocked


def _bar(match: Match) -> None:
    _system_move(match, "conflict_blocked", "declared_relation")


def _bring_back(match: Match) -> None:
    _system_move(match, "suggested", "listing_changed")
    match.decided_by = match.decided_at = match.reason_code = None


def _system_move(match: Match, to: str, reason: str) -> None:
    before = match.state
    lifecycle.move(lifecycle.MATCH, match, to, actor=SYSTEM, reason=reason)
    match.decisions.append(MatchDecision(from_state=before, to_state=to, note=reason, by_id=None))


def _close_open_offers(match: Match) -> None:
    """An offer of a pair that left is not open any more. Offers stand above, so they are asked by name."""
    for offer in getattr(match, "offers", []):
        if offer.state == "open":
            offer.state, offer.closed_at = "withdrawn", now()
