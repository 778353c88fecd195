"""What this room's tables hold of persons."""

from __future__ import annotations

from ppp_match.personal import RECORD, declare

declare(
    "declared_interest",
    group="interests",
    who="user_id",
    also="declared_by ended_by",
    none="id organisation_id kind since declared_at state ending_at ended_at version",
    kept={RECORD: "user_id declared_by ended_by"},
    erased="note end_reason",
)
