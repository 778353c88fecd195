"""The background jobs of this room."""

from __future__ import annotations

import logging
import uuid
from typing import Any

from sqlalchemy import select

from ppp_match.db import db
from ppp_match.jobs import job, let_others_write, only_reading
from ppp_match.lifecycle import Refused
from ppp_match.permissions import SYSTEM
from ppp_match.search.models import WorkCursor
from ppp_match.search.store import Tuning, tuning_now
from ppp_match.steering import learning, lexicon_drafts, lexicon_preview, quality, versions
from ppp_match.steering.models import MatcherVersion, QualityRun
from ppp_match.steering.operations import follow_decisions

log = logging.getLogger(__name__)

LEARNT = "learnt_from"  # the cursor holds how many judged pairs the last try learnt from
NEW_PAIRS = 25  # so many more make another try worth it


@job("judge_by_decisions", minutes=5)
def judge_by_decisions() -> int:
    """Read what moderators decided since last time as judgements; returns how many came, changed or went."""
    return follow_decisions(pause=let_others_write)


@job("measure_versions", minutes=30)
def measure_versions() -> int:
    """Measure every version that ranks or is offered and was not measured on the judged set as it stands now."""
    with only_reading():
        judged = quality.judged_set()
        waiting = _unmeasured(judged) if judged.grades else []
    for version_id, tuning, before in waiting:
        results = quality.measure(judged, tuning, before)  # takes seconds and asks the database nothing
        db.session.add(QualityRun(version_id=version_id, judged=judged.fingerprint, results=results))
        let_others_write()
    return len(waiting)


def _unmeasured(judged: quality.JudgedSet) -> list[tuple[uuid.UUID, Tuning, Tuning | None]]:
    """The versions to measure, each with what it ranks with and what the one before it did."""
    found = []
    for version in versions.listed():
        last = version.runs[-1] if version.runs else None
        if version.state != "retired" and (last is None or last.judged != judged.fingerprint):
            before = versions.tuning_of(version.before) if version.before is not None else None
            found.append((version.id, versions.tuning_of(version), before))
    return found


@job("propose_weights", minutes=30)
def propose_weights() -> int:
    """Learn weights from the judged pairs and offer them, where enough came since the last try. Never activates."""
    with only_reading():
        judged = quality.judged_set()
        reached = db.session.scalar(select(WorkCursor.seq).where(WorkCursor.name == LEARNT)) or 0
        offered = db.session.scalar(
            select(MatcherVersion.id)
            .where(MatcherVersion.origin == "learnt", MatcherVersion.state == "offered")
            .limit(1)
        )
        tuning = tuning_now()
    if learning.lacking(judged) or abs(judged.pairs - reached) < NEW_PAIRS:
        return 0
    if offered:
        return 0  # somebody should look at that one first
    try:
        found = learning.learn(judged, tuning)  # takes seconds and asks the database nothing
        versions.offer(
            actor=SYSTEM,
            name=f"{len(judged.grades)} / {judged.pairs}",
            origin="learnt",
            weights=found.weights,
            facts=found.facts,
        )
        done = 1
    except Refused:
        done = 0
    WorkCursor.of(LEARNT).seq = judged.pairs
    return done


@job(lexicon_drafts.JOB, minutes=5)
def preview_lexicon() -> int:
    """Find out what the drafts of the lexicon for which somebody asked would do to the rankings.

    The work is done on indexes of its own, and while nobody waits for a lock; one that fails is told as failed.
    """
    done = 0
    tried: set[Any] = set()
    while True:
        found, results = None, None
        with only_reading():
            task = lexicon_preview.next_task(tried)
            if task is None:
                return done
            tried.add((task.preview_id, task.asked_at))
            try:
                found = lexicon_preview.read(task)
                db.session.rollback()
                results = lexicon_preview.work_out(found)
            except Exception:
                log.exception("could not work out the preview of a lexicon's draft")
        done += lexicon_preview.keep(task, found, results)
        let_others_write()
