"""What this room's tables hold of persons: who asked, checked and suspended, and the address that proved a domain."""

from __future__ import annotations

from ppp_match.personal import RECORD, declare

declare(
    "verification_request",
    group="decisions",
    who="created_by decided_by",
    addresses="domain_address",
    none="id organisation_id kind renews_id state round needs_two registration_number number_as_written website "
    "no_domain domain domain_sends domain_sent_at domain_expires_at domain_confirmed_at statement answer words "
    "created_at submitted_at decided_at version",
    kept={RECORD: "created_by decided_by"},
    erased="domain_address domain_token_hash",
    withheld="domain_token_hash",
)
declare(
    "verification_check",
    group="decisions",
    who="by_id",
    none="id request_id round step outcome at ticks note",
    kept={RECORD: "by_id"},
)
declare(
    "verification_remark",
    group="decisions",
    who="created_by",
    none="id request_id round field text created_at resolved_at",
    kept={RECORD: "created_by"},
)
declare("verification_reminder", none="organisation_id until days at")
declare(
    "suspension",
    group="decisions",
    who="proposed_by begun_by lift_proposed_by lifted_by",
    none="id organisation_id state reason proposed_at begun_at lift_reason lifted_at version",
    kept={RECORD: "proposed_by begun_by lift_proposed_by lifted_by"},
)
