"""Decisions from the bench, on one pair or on several at once, and taking them back.

Each pair is decided by the operation that decides a single one; what several have in common is one reason and one
transaction. A pair that cannot be decided is left as it was and named with why, the others are decided.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from ppp_match.db import db
from ppp_match.introductions.approval import approve_and_offer
from ppp_match.introductions.operations import make_offer
from ppp_match.lifecycle import NotPermitted, ReasonMissing, Refused
from ppp_match.permissions import Actor
from ppp_match.recommendations import operations, undo
from ppp_match.recommendations.models import REJECTION_REASONS, Match, MatchDecision

TOGETHER = ("shortlist", "hold", "reject", "approve")
AT_MOST = 60  # pairs decided in one go


@dataclass(frozen=True)
class Decision:
    """What is to be done with a pair, and why."""

    verb: str
    reason_code: str = ""
    note: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of one pair: done, or the code of the refusal."""

    match: Match | None
    refused: str = ""


def decide(match: Match, decision: Decision, *, actor: Actor, batch_id: uuid.UUID) -> None:
    """Carry a decision out on a locked pair. Raises Refused for a verb that does not exist, and what it raises."""
    verb, note = decision.verb, decision.note
    made: MatchDecision | None = None
    if verb == "approve":
        made = approve_and_offer(match, actor=actor)
    elif verb == "shortlist":
        made = operations.shortlist_match(match, actor=actor)
    elif verb == "hold":
        made = operations.hold_match(match, actor=actor, note=note)
    elif verb == "reject":
        made = operations.reject_match(match, actor=actor, reason_code=decision.reason_code, note=note)
    elif verb == "reopen":
        made = operations.reopen_match(match, actor=actor, note=note)
    elif verb == "ask_again":
        make_offer(match, actor=actor, reason=note)
    else:
        raise Refused("not_drawn", verb)
    if made is not None:
        made.batch_id = batch_id
        db.session.flush()


def refuse_without_reason(decision: Decision) -> None:
    """Raise ReasonMissing where a decision on several pairs lacks what each of them would need."""
    if decision.verb == "hold" and not decision.note.strip():
        raise ReasonMissing("reason_missing", "on_hold")
    if decision.verb == "reject" and decision.reason_code not in REJECTION_REASONS:
        raise ReasonMissing("reason_missing", "rejected")
    if decision.verb == "reject" and decision.reason_code == "other" and not decision.note.strip():
        raise ReasonMissing("note_missing", "rejected")


def decide_together(
    seen: Mapping[uuid.UUID, str], decision: Decision, *, actor: Actor, batch_id: uuid.UUID
) -> list[Outcome]:
    """One decision on several pairs; `seen` is {pair: the state in which the page showed it}.

    All pairs are locked before the first is decided. Raises ReasonMissing before anything is changed.
    """
    refuse_without_reason(decision)
    locked = undo.lock_pairs(list(seen))
    outcomes = []
    for match_id, state in seen.items():
        match = locked.get(match_id)
        if match is None:
            outcomes.append(Outcome(None, "gone"))
            continue
        try:
            if match.state != state:
                raise operations.AlreadyDecided(match)
            with db.session.begin_nested():
                decide(match, decision, actor=actor, batch_id=batch_id)
        except Refused as refused:  # left as it was; the page says which one and why
            outcomes.append(Outcome(match, _code(refused)))
        else:
            outcomes.append(Outcome(match))
    return outcomes


def undo_together(batch_id: uuid.UUID, *, actor: Actor) -> list[Outcome]:
    """Take back what the actor decided in one go. Raises Refused("undo_nothing") where there is no such decision."""
    decisions = undo.decisions_in(batch_id)
    if not decisions:
        raise Refused("undo_nothing")
    locked = undo.lock_pairs([row.match_id for row in decisions])
    outcomes = []
    for row in decisions:
        match = locked[row.match_id]
        try:
            with db.session.begin_nested():
                undo.undo_decision(row, actor=actor)
        except Refused as refused:
            outcomes.append(Outcome(match, _code(refused)))
        else:
            outcomes.append(Outcome(match))
    return outcomes


def _code(refused: Refused) -> str:
    return "own_pair" if isinstance(refused, NotPermitted) else refused.code
