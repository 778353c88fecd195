"""What a draft of the lexicon would do to the rankings: measured on the judged set, and need by need in the top ten.

What lives here: the next preview that somebody asked for, reading what it needs, working it out without the database,
keeping it. What does not: when that happens (`worker.py`), the pages (`lexicon_views.py`).

Two indexes of the published capabilities are fitted, one with the lexicon that ranks and one with the draft's changes;
the forum's own are not touched. A top ten is what the forum would list: by the rules, blocked ones left out.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from ppp_match.db import db, now
from ppp_match.listings.documents import published_documents
from ppp_match.matching import Index, Need
from ppp_match.matching.bilingual import Change
from ppp_match.matching.evaluate import measure as measure_ranking
from ppp_match.search.store import Tuning, tuning_now
from ppp_match.search.vectors import StoredVectors, stored_vectors
from ppp_match.steering import lexicon_drafts, quality, versions
from ppp_match.steering.lexicon_models import LexiconDraft, LexiconPreview

TOP = 10
NEEDS_KEPT = 200  # the most changed; how many changed is counted in full
SMALL = 1e-9
FEW = 20  # judged needs, below which a page warns that the mean says little


@dataclass(frozen=True)
class Task:
    """A preview that somebody asked for, as it stood when the worker took it up."""

    preview_id: uuid.UUID
    asked_at: datetime


@dataclass(frozen=True)
class Material:
    """All that a preview is worked out from; nothing of it is read again."""

    judged: quality.JudgedSet
    needs: list[Need]
    before: Tuning
    after: Tuning
    semantic: StoredVectors | None
    draft_version: int
    base_id: uuid.UUID | None


def next_task(tried: Collection[Any]) -> Task | None:
    """The preview that waits longest and was not tried in this run."""
    rows = db.session.execute(
        select(LexiconPreview.id, LexiconPreview.asked_at)
        .where(LexiconPreview.state == "asked")
        .order_by(LexiconPreview.asked_at, LexiconPreview.id)
    )
    return next((Task(*row) for row in rows if tuple(row) not in tried), None)


def read(task: Task) -> Material:
    """The draft over what ranks now, and everything published."""
    changes, draft_version = db.session.execute(
        select(LexiconDraft.changes, LexiconDraft.version)
        .join(LexiconPreview, LexiconPreview.draft_id == LexiconDraft.id)
        .where(LexiconPreview.id == task.preview_id)
    ).one()
    before = tuning_now()
    active = versions.active()
    stands = versions.changes_of(active)
    after = versions.lexicon_with(lexicon_drafts.together(stands, (Change(*one) for one in changes)))
    return Material(
        quality.judged_set(),
        [one for one in published_documents("need", None) if isinstance(one, Need)],
        before,
        Tuning(before.weights, after),
        stored_vectors(),
        draft_version,
        active.id if active is not None else None,
    )


def work_out(found: Material) -> dict[str, Any]:
    """The results of a preview: `quality` as a measurement has it, how many top tens were compared and changed, how many
    judged needs are better or worse served, and `needs` with what entered, left and moved."""
    judged = found.judged
    plain = {
        name: quality.index_with(judged, tuning)
        for name, tuning in (("version", found.after), ("before", found.before))
    }
    if found.semantic is None:
        before, after = plain["before"], plain["version"]
    else:
        before, after = (
            _listing_index(judged, tuning, found.semantic) for tuning in (found.before, found.after)
        )
    rows = [
        row
        for need in found.needs
        if (row := _compared(need, before, after, judged.grades.get(need.id, {}))) is not None
    ]
    rows.sort(key=lambda row: (-abs(row["by"] or 0.0), -len(row["places"]), row["need"]))
    return {
        "quality": quality.measure_with(judged, plain) if judged.grades else {},
        "compared": len(found.needs),
        "changed": len(rows),
        "better": sum((row["by"] or 0.0) > 0 for row in rows),
        "worse": sum((row["by"] or 0.0) < 0 for row in rows),
        "needs": rows[:NEEDS_KEPT],
    }


def keep(task: Task, found: Material | None, results: dict[str, Any] | None) -> int:
    """Write down what a preview found and of which draft it speaks, or that it failed; not where somebody asked anew or
    the draft is gone since."""
    preview = db.session.scalar(
        select(LexiconPreview).where(LexiconPreview.id == task.preview_id).with_for_update(of=LexiconPreview)
    )
    if preview is None or preview.state != "asked" or preview.asked_at != task.asked_at:
        return 0
    preview.state = "done" if results is not None else "failed"
    preview.done_at, preview.results = now(), results or {}
    if found is not None:  # the draft may have changed between the asking and the reading
        preview.draft_version, preview.base_id = found.draft_version, found.base_id
    db.session.flush()
    return int(results is not None)


def _listing_index(judged: quality.JudgedSet, tuning: Tuning, semantic: StoredVectors) -> Index:
    """As the forum's own index ranks, where closeness of meaning takes part."""
    capabilities = judged.capabilities.values()
    return Index.fit(capabilities, lexicon=tuning.lexicon, weights=tuning.weights, semantic=semantic)


def _compared(need: Need, before: Index, after: Index, grades: Mapping[str, int]) -> dict[str, Any] | None:
    """How the top ten of a need changes: each capability with its place before and after and its grade; `by` is how
    much its nDCG@10 on the judged pairs rises. None where it stays as it is."""
    old, new = (_top(index, need) for index in (before, after))
    if old == new:
        return None
    places = [
        {
            "capability": one,
            "before": old.index(one) + 1 if one in old else None,
            "after": new.index(one) + 1 if one in new else None,
            "grade": grades.get(one),
        }
        for one in dict.fromkeys([*new, *old])
    ]
    return {
        "need": need.id,
        "by": _gain(old, new, grades),
        "places": [row for row in places if row["before"] != row["after"]],
    }


def _top(index: Index, need: Need) -> list[str]:
    if not len(index):
        return []
    return [one.id for one in index.shortlist(need, TOP, explain=False) if not one.blocked][:TOP]


def _gain(old: list[str], new: list[str], grades: Mapping[str, int]) -> float | None:
    """How much better the judged pairs stand in the top ten; None where nothing of the need is judged as an answer."""
    values = [measure_ranking(ranking, grades, TOP) for ranking in (old, new)]
    if values[0] is None or values[1] is None:
        return None
    by = values[1][0] - values[0][0]
    return round(by, 6) if abs(by) > SMALL else 0.0
