"""What this room's tables hold of persons: who has what in hand."""

from __future__ import annotations

from ppp_match.personal import RECORD, declare

declare(
    "bench_claim",
    group="decisions",
    who="holder_id",
    none="need_id since",
    erased="holder_id",
    rows_go=True,
)
declare(
    "moderation_note",
    group="decisions",
    who="author_id",
    also="told_id",
    none="id listing_id queue match_id created_at",
    kept={RECORD: "author_id told_id"},
    erased="text",
)
declare(
    "assignment",
    group="decisions",
    who="assignee_id",
    also="by_id",
    none="id listing_id queue since",
    kept={RECORD: "by_id"},
    erased="assignee_id",
    rows_go=True,
)
