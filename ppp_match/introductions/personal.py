"""What this room's tables hold of persons: who answered, what was written to the other side."""

from __future__ import annotations

from ppp_match.personal import OTHER_SIDE, RECORD, declare

declare(
    "offer_declaration",
    group="introductions",
    who="by_id",
    also="decided_by",
    none="id offer_id side at state reason decided_at version",
    kept={RECORD: "by_id decided_by"},
    erased="words",
)
declare(
    "offer",
    group="decisions",
    who="created_by",
    none="id match_id number state created_at expires_at reminded_at closed_at version",
    kept={RECORD: "created_by"},
)
declare(
    "offer_answer",
    group="introductions",
    who="by_id",
    none="offer_id side accepted reason_code no_conflict_declared at",
    kept={RECORD: "by_id", OTHER_SIDE: "note"},
)
declare("introduction", none="id match_id offer_id number created_at")
declare(
    "message",
    group="introductions",
    who="author_id",
    none="id introduction_id organisation_id lang created_at",
    kept={OTHER_SIDE: "body"},
    anonymised="author_id",
)
declare(
    "hidden_message",
    group="decisions",
    who="by_id",
    none="message_id reason at",
    kept={RECORD: "by_id"},
)
declare(
    "read_mark",
    group="introductions",
    who="user_id",
    none="introduction_id read_at",
    erased="user_id",
    rows_go=True,
)
