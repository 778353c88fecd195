"""What this room's tables, and those that belong to no room, hold of persons."""

from __future__ import annotations

from ppp_match.personal import PROOF, RECORD, declare

declare(
    "data_copy",
    group="requests",
    who="user_id",
    none="id state asked_at ready_at expires_at taken_at size",
    erased="user_id",
    rows_go=True,
)
declare(
    "erasure_request",
    group="requests",
    who="user_id",
    none="id state asked_at due_at ended_at stopped_by",
    kept={PROOF: "user_id"},
)
declare(
    "correction_request",
    group="requests",
    who="user_id",
    also="answered_by",
    none="id state asked_at due_on answered_at version",
    kept={RECORD: "user_id answered_by"},
    erased="what answer",
)
declare(
    "retention_rule",
    group="decisions",
    who="changed_by",
    none="code position days active why_vi why_en basis_vi basis_en changed_at version",
    kept={RECORD: "changed_by"},
)
declare(
    "legal_hold",
    group="decisions",
    who="placed_by lifted_by",
    none="id subject_type placed_at lifted_at",
    kept={RECORD: "placed_by lifted_by subject_id reason lift_reason"},
)
declare("retention_run", none="id started_at finished finished_at gone days")
declare(
    "audit_event",
    group="audit",
    who="actor_id",
    none="seq at action organisation_id subject_type from_state to_state fields digest previous hash",
    kept={RECORD: "actor_id subject_id"},
    withheld="digest previous hash",
)
declare("audit_note", group="audit", none="event_seq", erased="reason personal")
declare(
    "idempotency_key",
    group="sessions",
    who="user_id",
    none="key endpoint location created_at",
    erased="user_id",
    rows_go=True,
    withheld="key",
)
declare("term", none="vocabulary code position name_vi name_en help_vi help_en kept retired_at version")
declare("reference_mark", none="id mark")
declare(
    "sector",
    none="code parent position name_vi name_en ascf_area d950_group synonyms_vi synonyms_en kept retired_at version",
)
