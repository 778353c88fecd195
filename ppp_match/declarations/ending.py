"""How a relation or an interest ends: somebody says so, and it counts until somebody else has confirmed that."""

from __future__ import annotations

from ppp_match.accounts.models import OrganisationRelation
from ppp_match.db import db, now, wait_for
from ppp_match.declarations.models import DeclaredInterest
from ppp_match.lifecycle import Lifecycle, ReasonMissing, Refused, move
from ppp_match.permissions import Actor

LONGEST_REASON = 300
Row = OrganisationRelation | DeclaredInterest


def say(lifecycle: Lifecycle, row: Row, *, reason: str, version: int, actor: Actor) -> None:
    """declared -> ending. Raises ReasonMissing; Refused: stale, note_too_long, and what lifecycle.move raises."""
    words = _begin(row, reason, version)
    move(lifecycle, row, "ending", actor=actor, reason=words)
    row.end_reason, row.ending_at = words, now()
    db.session.flush()


def answer(lifecycle: Lifecycle, row: Row, *, ended: bool, reason: str, version: int, actor: Actor) -> None:
    """-> ended, or back to declared. The caller has asked whether the actor may. Raises as say()."""
    words = _begin(row, reason, version)
    with db.session.no_autoflush:  # state and moment change together, as the table demands
        row.ended_at, row.ended_by = (now(), actor.user_id) if ended else (None, None)
        row.end_reason, row.ending_at = words if ended else "", None
        move(lifecycle, row, "ended" if ended else "declared", actor=actor, reason=words)


def _begin(row: Row, reason: str, version: int) -> str:
    words = reason.strip()
    if not words:
        raise ReasonMissing("reason_missing", "ended")
    if len(words) > LONGEST_REASON:
        raise Refused("note_too_long")
    wait_for(row)
    if row.version != version or row.state == "ended":
        raise Refused("stale")
    return words
