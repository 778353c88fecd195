"""What this room's tables hold of persons: who reported, answered, verified."""

from __future__ import annotations

from ppp_match.personal import ORGANISATION, RECORD, declare

declare(
    "partnership",
    none="id introduction_id number state exit_reason since created_at changed_at result result_lang need_shows_at "
    "capability_shows_at version",
)
declare(
    "partnership_statement",
    group="partnerships",
    who="by_id",
    also="verified_by",
    none="id partnership_id key side amount currency text on at replaced_at verified_at verification",
    kept={RECORD: "by_id verified_by", ORGANISATION: "note"},
)
declare(
    "partnership_step",
    group="partnerships",
    who="by_id",
    none="id partnership_id position state on side passed at",
    kept={RECORD: "by_id", ORGANISATION: "reason"},
)
declare(
    "partnership_status_request",
    group="partnerships",
    who="answered_by",
    none="id partnership_id side days asked_at due_on reminded_at answered_at answer closed_at",
    kept={RECORD: "answered_by"},
)
declare("indicator_kind", none="code position name_vi name_en unit_vi unit_en direction near")
_ROW = "id partnership_id created_at changed_at version lang"
declare(
    "partnership_indicator",
    group="partnerships",
    who="changed_by",
    none=f"{_ROW} code name unit direction baseline baseline_on target target_on method",
    kept={RECORD: "changed_by"},
)
declare(
    "partnership_milestone",
    group="partnerships",
    who="changed_by",
    none=f"{_ROW} title due_on done_on state",
    kept={RECORD: "changed_by", ORGANISATION: "note"},
)
declare(
    "partnership_risk",
    group="partnerships",
    who="changed_by",
    none=f"{_ROW} kind holder state",
    kept={RECORD: "changed_by", ORGANISATION: "note"},
)
declare(
    "partnership_document",
    group="partnerships",
    who="changed_by",
    none=f"{_ROW} title url on",
    kept={RECORD: "changed_by"},
)
