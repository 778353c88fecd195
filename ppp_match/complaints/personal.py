"""What this room's tables hold of persons. A concern names nobody who told it."""

from __future__ import annotations

from ppp_match.personal import RECORD, declare

declare(
    "report",
    group="complaints",
    who="reporter_id",
    also="decided_by",
    none="id subject_type subject_id part organisation_id kind by_system state created_at measure reason decided_at "
    "version",
    kept={RECORD: "reporter_id decided_by"},
    erased="words",
)
declare(
    "appeal",
    group="complaints",
    who="filed_by",
    also="decider_id second_decider_id answered_by",
    none="id subject_type subject_id organisation_id contested_at decision words filed_at due_on state answer "
    "answered_at version",
    kept={RECORD: "filed_by decider_id second_decider_id answered_by"},
)
declare(
    "concern_case",
    none="id code secret_hash kind state told_on closed_at",
    withheld="secret_hash",
)
declare(
    "concern_entry",
    group="complaints",
    also="author_id",
    none="id case_id position by_forum text on",
    kept={RECORD: "author_id"},
)
