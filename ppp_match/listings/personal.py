"""What this room's tables hold of persons: who wrote, who looks after, who reviewed."""

from __future__ import annotations

from ppp_match.personal import RECORD, declare

declare(
    "listing",
    group="listings",
    who="created_by responsible_id holder_id",
    none="id kind number organisation_id created_at changed_at state submitted_at published_at ended_at close_reason "
    "decision_reason held_since merged_into_id live_revision_id working_revision_id version",
    kept={RECORD: "created_by responsible_id holder_id"},
)
declare(
    "listing_revision",
    group="listings",
    who="created_by",
    none="id listing_id number state created_at submitted_at accepted_at references_then lang city_id stage maturity "
    "budget_status amount_min amount_max currency amount_min_usd amount_max_usd rate_as_of financing_gap can_invest "
    "ticket_max beneficiaries scale_value scale_unit start_on end_on response_until delivery_months anonymous "
    "terms_version_id",
    kept={RECORD: "created_by"},
)
declare("revision_text", none="revision_id lang field text written_for")
declare("revision_term", none="revision_id vocabulary code position")
declare(
    "reference_project",
    none="id listing_id position client place country year value currency scope result confirmation",
)
declare("listing_number", none="kind last")
declare(
    "listing_save",
    group="listings",
    who="by_id",
    none="id listing_id version action at previous",
    kept={RECORD: "by_id"},
)
declare(
    "listing_remark",
    group="decisions",
    who="created_by",
    none="id listing_id field text created_at resolved_at",
    kept={RECORD: "created_by"},
)
declare(
    "listing_addendum",
    group="listings",
    who="created_by",
    none="id listing_id number kind state text_vi text_en response_until remark anonymous created_at submitted_at "
    "published_at revision_id origin_type origin_id version",
    kept={RECORD: "created_by"},
)
declare(
    "watch",
    group="listings",
    who="user_id",
    none="listing_id created_at",
    erased="user_id",
    rows_go=True,
)
declare(
    "need_join",
    group="listings",
    who="asked_by",
    none="id need_id organisation_id own_need_id origin state city_id quantity unit beneficiaries unnamed message lang "
    "reason created_at answered_at version",
    kept={RECORD: "asked_by"},
)
declare(
    "merge_proposal",
    group="decisions",
    who="proposed_by",
    none="id source_id target_id state reason answer created_at source_consent_at target_consent_at ended_at version",
    kept={RECORD: "proposed_by"},
)
# A client who answers for a reference has no account: their address goes by itself, 30 days after the answer.
declare(
    "reference_request",
    group="listings",
    who="created_by",
    addresses="email",
    none="id listing_id reference_id state lang claim sends created_at sent_at expires_at ended_at comment "
    "answered_by_name answered_by_position consent forgotten_at",
    kept={RECORD: "created_by"},
    erased="email email_digest token_hash",
    withheld="email_digest token_hash",
)
