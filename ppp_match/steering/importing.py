"""Taking the grades of a file over: hundreds of pairs at a time, in as many statements as one pair takes.

What lives here: what `operations.add_pair` and `operations.judge` do for one pair, for many. What does not: reading a
file and finding its listings (`qrels.py`).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.attributes import flag_modified

from ppp_match import audit
from ppp_match.db import db, now
from ppp_match.lifecycle import NotPermitted, Refused
from ppp_match.listings.models import Listing
from ppp_match.permissions import Actor
from ppp_match.steering.models import JudgedPair, Judgement
from ppp_match.steering.operations import may_judge, settled

AT_ONCE = 500
Key = tuple[uuid.UUID, uuid.UUID]


@dataclass(frozen=True)
class Graded:
    """A pair with the grade that somebody gives it."""

    need: Listing
    capability: Listing
    grade: int

    @property
    def key(self) -> Key:
        return self.need.id, self.capability.id


@dataclass(frozen=True)
class Imported:
    """What an import did: pairs that are new to the set, grades given or changed, grades that stood already."""

    pairs: int
    grades: int
    unchanged: int


def import_grades(rows: Sequence[Graded], *, actor: Actor) -> Imported:
    """Take the grades of a file over as the actor's own judgements; nothing is taken over where one is refused."""
    for row in rows:
        if not may_judge(row.need, row.capability, actor) or actor.user_id is None:
            raise NotPermitted("not_permitted", "judged.judge")
        if row.need.live_revision_id is None or row.capability.live_revision_id is None:
            raise Refused("not_published")
    pairs = grades = 0
    for start in range(0, len(rows), AT_ONCE):
        added, judged = _take_over(rows[start : start + AT_ONCE], actor)
        pairs += added
        grades += judged
    return Imported(pairs, grades, len(rows) - grades)


def _take_over(rows: Sequence[Graded], actor: Actor) -> tuple[int, int]:
    known = _locked([row.key for row in rows])
    missing = {row.key for row in rows} - set(known)
    added = _add(missing, actor)
    if added is None:  # somebody else added one of them at the same moment
        known = _locked([row.key for row in rows])
        added = _add(missing - set(known), actor) or {}
    pairs = known | added
    entries = [audit.Entry("judged.added", pair) for pair in added.values()]
    moment = now()
    for row in rows:
        pair = pairs[row.key]
        own = next((one for one in pair.judgements if one.by_id == actor.user_id), None)
        if own is not None and own.grade == row.grade:
            continue
        if own is None:
            own = Judgement(by_id=actor.user_id)
            pair.judgements.append(own)
        before = pair.state
        own.grade, own.note, own.source, own.at = row.grade, "", "import", moment
        own.decision_id = own.propensity = None
        settled(pair)
        _write_whole(own, "grade", "note", "source", "at", "decision_id", "propensity")
        _write_whole(pair, "state", "grade", "changed_at")
        entries.append(audit.Entry("judged.judged", pair, before, pair.state, ("grade",)))
    audit.record_all(entries, actor=actor)
    return len(added), len(entries) - len(added)


def _locked(keys: Iterable[Key]) -> dict[Key, JudgedPair]:
    """Those of the pairs that the set holds, with their judgements, locked to the end of the transaction."""
    rows = db.session.scalars(
        select(JudgedPair)
        .where(tuple_(JudgedPair.need_id, JudgedPair.capability_id).in_(sorted(keys)))
        .order_by(JudgedPair.id)
        .with_for_update()
        .options(selectinload(JudgedPair.judgements))
        .execution_options(populate_existing=True)
    )
    return {(row.need_id, row.capability_id): row for row in rows}


def _add(keys: Iterable[Key], actor: Actor) -> dict[Key, JudgedPair] | None:
    """New pairs for these; None, and nothing is added, where another transaction has added one meanwhile."""
    made = {
        key: JudgedPair(
            need_id=key[0], capability_id=key[1], state="open", added_by=actor.user_id, judgements=[]
        )
        for key in sorted(keys)
    }
    try:
        with db.session.begin_nested():
            db.session.add_all(made.values())
    except IntegrityError:
        return None
    return made


def _write_whole(row: object, *names: str) -> None:
    """Have these columns written whether they changed or not: rows that write the same columns share a statement."""
    for name in names:
        flag_modified(row, name)
