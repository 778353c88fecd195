"""What this room's table holds of persons: who changed a phrase last."""

from __future__ import annotations

from ppp_match.personal import RECORD, declare

declare(
    "phrase",
    group="decisions",
    who="changed_by",
    none="id words folded lang kind severity active changed_at version",
    kept={RECORD: "changed_by"},
)
