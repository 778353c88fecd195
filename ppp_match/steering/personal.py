"""What this room's tables hold of persons: who judged, who offered a version."""

from __future__ import annotations

from ppp_match.personal import RECORD, declare

declare(
    "judged_pair",
    group="decisions",
    who="added_by",
    none="id need_id capability_id state grade created_at changed_at",
    kept={RECORD: "added_by"},
)
declare(
    "judgement",
    group="decisions",
    who="by_id",
    none="id pair_id grade source decision_id propensity at",
    kept={RECORD: "by_id"},
    erased="note",
)
declare(
    "matcher_version",
    group="decisions",
    who="created_by activated_by",
    none="id number name note origin state weights lexicon_changes facts created_at activated_at before_id",
    kept={RECORD: "created_by activated_by"},
)
declare("quality_run", none="id version_id judged measured_at results")
declare(
    "lexicon_draft",
    group="decisions",
    who="user_id",
    none="id version base_id base_lexicon changes changed_at",
    erased="user_id",
    rows_go=True,
)
declare("lexicon_preview", none="id draft_id draft_version base_id state asked_at done_at results")
