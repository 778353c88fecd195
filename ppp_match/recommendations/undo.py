"""Taking back one's own decision on a pair within a minute: a slip of the hand leaves the pair where it was.

The decision stays in the history with a second one beside it that takes it back. What was approved has not reached
the two sides yet, since they are asked only when the minute is over.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased, joinedload

from ppp_match import lifecycle
from ppp_match.db import db, now
from ppp_match.lifecycle import NotPermitted, Refused
from ppp_match.permissions import Actor
from ppp_match.recommendations.models import Match, MatchDecision
from ppp_match.recommendations.undo_window import undo_window

UNDONE = "undone"  # the note of the decision that takes another back


@dataclass(frozen=True)
class Undoable:
    """Decisions taken in one go that can still be taken back, until a moment."""

    batch_id: uuid.UUID
    decisions: list[MatchDecision]
    until: datetime

    @property
    def seconds_left(self) -> int:
        return max(int((self.until - now()).total_seconds()), 0)


def lock_pairs(match_ids: list[uuid.UUID]) -> dict[uuid.UUID, Match]:
    """These pairs, locked to the end of the transaction in one order, so that two people cannot block each other.

    The needs are locked first, as a refresh of their pairs does.
    """
    from ppp_match.listings.models import Listing

    ids = sorted(match_ids)
    needs = select(Match.need_id).where(Match.id.in_(ids))
    db.session.execute(select(Listing.id).where(Listing.id.in_(needs)).order_by(Listing.id).with_for_update())
    rows = db.session.scalars(
        select(Match)
        .where(Match.id.in_(ids))
        .order_by(Match.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {match.id: match for match in rows}


def undo_decision(decision: MatchDecision, *, actor: Actor) -> MatchDecision:
    """Take one's own newest decision on a pair back; the pair must be locked.

    Raises NotPermitted for somebody else's decision; Refused: undo_too_late, undo_overtaken (something happened
    to the pair since).
    """
    match = decision.match
    if actor.user_id is None or decision.by_id != actor.user_id:
        raise NotPermitted("not_permitted", "match.undo")
    db.session.expire(match, ["decisions"])
    if match.decisions[-1].id != decision.id or match.state != decision.to_state:
        raise Refused("undo_overtaken", match.state)
    lifecycle.move(lifecycle.MATCH_UNDO, match, decision.from_state, actor=actor)
    row = MatchDecision(
        from_state=decision.to_state,
        to_state=decision.from_state,
        note=UNDONE,
        by_id=actor.user_id,
        at=now(),
        undoes_id=decision.id,
    )
    match.decisions.append(row)
    _as_before(match, decision)
    db.session.flush()
    return row


def _as_before(match: Match, undone: MatchDecision) -> None:
    """Who decided and why, as it stood before the decision that is taken back."""
    taken_back = {row.undoes_id for row in match.decisions if row.undoes_id}
    standing = [row for row in match.decisions if row.undoes_id is None and row.id not in taken_back]
    last = standing[-1] if standing else None
    decided = last is not None and last.by_id is not None and last.to_state != "suggested"
    match.decided_by = last.by_id if last is not None and decided else None
    match.decided_at = last.at if last is not None and decided else None
    match.reason_code = last.reason_code if last is not None else None
    match.offer_at = None


def undoable_by(actor: Actor) -> Undoable | None:
    """The actor's newest decisions of one go, if all of the time to take them back has not passed."""
    since = now() - undo_window()
    later = aliased(MatchDecision)
    taken_back = exists().where(later.undoes_id == MatchDecision.id)
    rows = db.session.scalars(
        select(MatchDecision)
        .join(Match, Match.id == MatchDecision.match_id)
        .where(
            MatchDecision.by_id == actor.user_id,
            MatchDecision.at > since,
            MatchDecision.batch_id.is_not(None),
            MatchDecision.undoes_id.is_(None),
            MatchDecision.to_state == Match.state,
            ~taken_back,
        )
        .options(joinedload(MatchDecision.match))
        .order_by(MatchDecision.at.desc(), MatchDecision.id)
    ).all()
    if not rows:
        return None
    batch = rows[0].batch_id
    assert batch is not None  # noqa: S101  asked for above
    together = [row for row in rows if row.batch_id == batch]
    return Undoable(batch, together, min(row.at for row in together) + undo_window())


def decisions_in(batch_id: uuid.UUID) -> list[MatchDecision]:
    """What was decided in one go, in the order of the pairs' ids."""
    return list(
        db.session.scalars(
            select(MatchDecision).where(MatchDecision.batch_id == batch_id).order_by(MatchDecision.match_id)
        )
    )
