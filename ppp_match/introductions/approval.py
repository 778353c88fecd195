"""From an approved pair to an offer: the two sides are asked when the time to take the approval back is over.

Until then nobody outside the forum can know of it, so that a slip of the hand is mended without a trace in anybody's
mail. Where nothing can be undone (UNDO_SECONDS is 0) both sides are asked at once.
"""

from __future__ import annotations

from sqlalchemy import select

from ppp_match import lifecycle
from ppp_match.accounts.models import User
from ppp_match.db import db, now
from ppp_match.introductions.operations import make_offer
from ppp_match.jobs import job
from ppp_match.lifecycle import Refused
from ppp_match.notifications.operations import notify
from ppp_match.permissions import SYSTEM, Actor
from ppp_match.recommendations.models import Match, MatchDecision
from ppp_match.recommendations.operations import approve_match
from ppp_match.recommendations.undo_window import undo_window


def approve_and_offer(match: Match, *, actor: Actor, note: str = "") -> MatchDecision:
    """Approve a pair and ask both sides once it cannot be undone any more. Raises what approve_match raises."""
    decision = approve_match(match, actor=actor, note=note)
    if undo_window():
        match.offer_at = decision.at + undo_window()
        db.session.flush()
    else:
        make_offer(match, actor=actor)
    return decision


@job("make_offers", minutes=1)
def make_due_offers() -> int:
    """Ask both sides of the approved pairs whose minute is over. Returns how many offers were made."""
    due = select(Match.id).where(Match.state == "approved", Match.offer_at <= now()).order_by(Match.id)
    return sum(_offer(match_id) for match_id in db.session.scalars(due).all())


def _offer(match_id: object) -> bool:
    match = db.session.scalar(
        select(Match)
        .where(Match.id == match_id, Match.state == "approved", Match.offer_at <= now())
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if match is None:
        return False  # undone or decided otherwise a moment ago
    person = db.session.get(User, match.decided_by) if match.decided_by else None
    match.offer_at = None
    try:
        make_offer(match, actor=SYSTEM, made_for=person.id if person else None)
    except Refused as refused:
        _set_aside(match, refused.code, person)
        return False
    return True


def _set_aside(match: Match, code: str, person: User | None) -> None:
    """An approval that came to nothing within the minute is not dropped: the pair waits, and its moderator is told."""
    note = f"offer_not_made: {code}"
    lifecycle.move(lifecycle.MATCH, match, "on_hold", actor=SYSTEM, reason=note)
    match.decisions.append(MatchDecision(from_state="approved", to_state="on_hold", note=note, by_id=None))
    db.session.flush()
    params = {
        "need_title": match.need.shown.text("title"),
        "capability_title": match.capability.shown.text("title"),
    }
    people = [person] if person is not None else []
    notify(people, "offer.not_made", match, params=params, once=now().isoformat())
