"""What this room's tables hold of persons: who decided on a pair, who expressed interest."""

from __future__ import annotations

from ppp_match.personal import OTHER_SIDE, RECORD, declare

declare(
    "match",
    group="decisions",
    who="decided_by",
    none="id need_id capability_id need_revision_id capability_revision_id state origin score rank propensity "
    "drawn_place blocked blocked_reasons explanation matcher_version created_at computed_at decided_at reason_code "
    "offer_at version",
    kept={RECORD: "decided_by"},
)
declare(
    "match_decision",
    group="decisions",
    who="by_id",
    none="id match_id from_state to_state reason_code note at batch_id undoes_id",
    kept={RECORD: "by_id"},
)
declare(
    "interest",
    group="introductions",
    who="by_id",
    none="id need_id capability_id match_id no_conflict_declared created_at withdrawn_at",
    kept={RECORD: "by_id", OTHER_SIDE: "message"},
    erased="declared",
)
declare("lot_draw", none="id need_id need_revision_id number seed strata matcher_version at")
declare("lot_setting", group="decisions", who="by_id", none="id number at", kept={RECORD: "by_id"})
