"""What this room's tables hold of persons: invitations and handovers."""

from __future__ import annotations

from ppp_match.personal import RECORD, declare

declare(
    "invitation",
    group="organisation",
    who="invited_by",
    addresses="email",
    none="id organisation_id role lang token_hash state created_at sent_at expires_at ended_at",
    kept={RECORD: "invited_by"},
    anonymised="email",
    erased="message",
    withheld="token_hash",
)
declare(
    "handover",
    group="organisation",
    who="from_id to_id by_id",
    none="id organisation_id at",
    kept={RECORD: "from_id to_id by_id"},
    erased="note",
)
declare("handover_item", none="handover_id listing_id")
