"""What this room's tables hold of persons."""

from __future__ import annotations

from ppp_match.personal import PROOF, RECORD, declare

declare("consent_purpose", none="code position needed name_vi name_en")
declare(
    "consent_version",
    group="decisions",
    who="created_by published_by",
    none="id purpose_code number state text_vi text_en change_vi change_en effective_at created_at published_at version",
    kept={RECORD: "created_by published_by"},
)
declare(
    "consent_decision",
    group="consents",
    who="user_id",
    none="id version_id given at how",
    kept={PROOF: "user_id"},
)
