"""Judging pairs: by hand, from a file, and what moderators' decisions say of them.

What lives here: one verb a function; each checks, changes, leaves an audit event and flushes. What does not: reading
and writing files (`qrels.py`).

A pair's grade is the one that most people gave. With one judgement that is its grade; with two that differ nobody is
in the majority, and the pair is disputed until a third person agrees with one of them or one of the two changes.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from ppp_match import audit
from ppp_match.db import db, now, wait_for
from ppp_match.lifecycle import NotPermitted, Refused
from ppp_match.listings.models import Listing
from ppp_match.permissions import Actor, can
from ppp_match.recommendations.models import Match, MatchDecision
from ppp_match.search.models import WorkCursor
from ppp_match.steering.models import GRADES, JudgedPair, Judgement

NOTE_AT_MOST = 1000
CURSOR = "judged_decisions"
OVERLAP = timedelta(minutes=10)  # a decision may be committed after one that was made later
AT_ONCE = 500
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)

# What a moderator's decision says of how well the capability answers the need: {(state, reason): grade}. Left out is
# what says nothing of it: a short list, a hold, and a rejection for a conflict, a duplicate, the time, or other reasons.
GRADE_OF_DECISION: dict[tuple[str, str | None], int] = {
    ("approved", None): 2,
    ("rejected", "wrong_sector"): 0,
    ("rejected", "wrong_scale"): 1,
    ("rejected", "wrong_place"): 1,
    ("rejected", "no_evidence"): 1,
    ("rejected", "no_capacity"): 1,
}


def settled_grade(grades: Sequence[int]) -> int | None:
    """The grade that most people gave; None where there is none, or where two grades have most alike."""
    ranked = Counter(grades).most_common(2)
    if not ranked or (len(ranked) == 2 and ranked[0][1] == ranked[1][1]):
        return None
    return ranked[0][0]


def may_judge(need: Listing, capability: Listing, actor: Actor) -> bool:
    """Whether the actor judges pairs, and belongs to neither side of this one."""
    return can(actor, "judged.judge") and not (
        (need.party_ids | capability.party_ids) & actor.conflicting_ids
    )


def add_pair(need: Listing, capability: Listing, *, actor: Actor) -> JudgedPair:
    """Put a pair into the judged set, for people to judge; one that is in it already is given back as it is.

    Raises Refused("not_published") where a side was never published, NotPermitted for a party.
    """
    if not may_judge(need, capability, actor):
        raise NotPermitted("not_permitted", "judged.judge")
    if need.live_revision_id is None or capability.live_revision_id is None:
        raise Refused("not_published")
    pair = find_pair(need.id, capability.id)
    if pair is None:
        pair = _new_pair(need.id, capability.id, actor.user_id)
        audit.record("judged.added", pair, actor=actor)
    return pair


def judge(
    pair: JudgedPair, grade: int, *, actor: Actor, note: str = "", source: str = "person"
) -> Judgement | None:
    """Say how well the capability answers the need, 0 to 3; a second judgement of a person replaces the first.

    Returns None, and nothing is written, where the same person said the very same before. Raises Refused
    "unknown_grade", "note_too_long"; NotPermitted for a party.
    """
    if not may_judge(pair.need, pair.capability, actor) or actor.user_id is None:
        raise NotPermitted("not_permitted", "judged.judge")
    if grade not in GRADES:
        raise Refused("unknown_grade")
    if len(note) > NOTE_AT_MOST:
        raise Refused("note_too_long")
    wait_for(pair)
    own = next((one for one in pair.judgements if one.by_id == actor.user_id), None)
    if own is None:
        own = Judgement(by_id=actor.user_id)
        pair.judgements.append(own)
    elif (own.grade, own.note, own.source) == (grade, note, source):
        return None
    own.grade, own.note, own.source, own.decision_id, own.at = grade, note, source, None, now()
    own.propensity = None
    before = pair.state
    settle(pair)
    audit.record(
        "judged.judged", pair, actor=actor, from_state=before, to_state=pair.state, fields=("grade",)
    )
    return own


def settle(pair: JudgedPair) -> None:
    """Work out the state and the grade of a pair from its judgements."""
    settled(pair)
    db.session.flush()


def settled(pair: JudgedPair) -> None:
    """The same without writing it yet."""
    pair.grade = settled_grade([one.grade for one in pair.judgements])
    pair.state = "settled" if pair.grade is not None else "disputed" if pair.judgements else "open"
    pair.changed_at = max((one.at for one in pair.judgements), default=pair.changed_at or now())


def follow_decisions(*, pause: Callable[[], None] | None = None) -> int:
    """Read what moderators decided since last time as judgements. Returns how many judgements came, changed or went.

    A person's own judgement stands above what was read from their decision, and a decision that was taken back says
    nothing. `pause` is called now and then: a job commits there and lets others write.
    """
    cursor = WorkCursor.of(CURSOR)
    reached = BEGINNING + timedelta(microseconds=cursor.seq)
    rows = db.session.execute(
        select(MatchDecision, Match)
        .join(Match, Match.id == MatchDecision.match_id)
        .where(MatchDecision.at > reached - OVERLAP)
        .order_by(MatchDecision.at, MatchDecision.id)
    ).all()
    taken_back = {decision.undoes_id for decision, _match in rows if decision.undoes_id}
    done = _forget(taken_back)
    for number, (decision, match) in enumerate(rows, start=1):
        grade = GRADE_OF_DECISION.get((decision.to_state, decision.reason_code))
        if (
            grade is not None
            and decision.by_id is not None
            and decision.undoes_id is None
            and decision.id not in taken_back
        ):
            done += _take_over(decision, match, grade)
        reached = max(reached, decision.at)
        if pause is not None and number % AT_ONCE == 0:
            pause()
    seq = (reached - BEGINNING) // timedelta(microseconds=1)
    if seq > cursor.seq:
        cursor.seq = seq
    db.session.flush()
    return done


def _take_over(decision: MatchDecision, match: Match, grade: int) -> int:
    pair = find_pair(match.need_id, match.capability_id) or _new_pair(
        match.need_id, match.capability_id, None
    )
    own = next((one for one in pair.judgements if one.by_id == decision.by_id), None)
    if own is None:
        own = Judgement(by_id=decision.by_id)
        pair.judgements.append(own)
    elif own.source != "decision" or own.decision_id == decision.id or own.at >= decision.at:
        return 0
    own.grade, own.source, own.decision_id, own.at = grade, "decision", decision.id, decision.at
    own.propensity = match.propensity  # the mark of a pair by lot goes with what was decided on it
    settle(pair)
    return 1


def _forget(decisions: Iterable[uuid.UUID]) -> int:
    """Take out what was read from decisions that were taken back since."""
    gone = db.session.scalars(select(Judgement).where(Judgement.decision_id.in_(list(decisions)))).all()
    for judgement in gone:
        pair = judgement.pair
        pair.judgements.remove(judgement)
        db.session.flush()
        if pair.judgements or pair.added_by is not None:
            settle(pair)
        else:
            db.session.delete(pair)
    db.session.flush()
    return len(gone)


def find_pair(need_id: uuid.UUID, capability_id: uuid.UUID) -> JudgedPair | None:
    """The pair of these two listings in the judged set, if it is there."""
    return db.session.scalar(
        select(JudgedPair).where(JudgedPair.need_id == need_id, JudgedPair.capability_id == capability_id)
    )


def _new_pair(need_id: uuid.UUID, capability_id: uuid.UUID, by_id: uuid.UUID | None) -> JudgedPair:
    """Add a pair; where another transaction adds it at the same moment, theirs is given back."""
    pair = JudgedPair(need_id=need_id, capability_id=capability_id, added_by=by_id)
    try:
        with db.session.begin_nested():
            db.session.add(pair)
    except IntegrityError:
        found = find_pair(need_id, capability_id)
        if found is None:
            raise
        return found
    return pair
