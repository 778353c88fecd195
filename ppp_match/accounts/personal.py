"""What this room's tables hold of persons."""

from __future__ import annotations

from ppp_match.personal import ORGANISATION, RECORD, declare

declare(
    "user",
    group="account",
    who="id",
    none="recused_from active confirmed_at create_datetime second_factor_at closed_at erased_at staff_role timezone "
    "mail_refused_at mail_refusals",
    kept={RECORD: "id locale"},
    anonymised="email name fs_uniquifier password",
    erased="job_title",
    withheld="password fs_uniquifier",
)
declare(
    "membership",
    group="organisation",
    who="user_id",
    none="organisation_id role joined_at",
    erased="user_id",
    rows_go=True,
)
declare(
    "sign_in_session",
    group="sessions",
    who="user_id",
    none="id started_at seen_at confirmed_at ended_at",
    erased="user_id key agent",
    rows_go=True,
    withheld="key",
)
declare("failed_try", none="id at", group="sessions", erased="key", withheld="key")
declare(
    "authenticator",
    group="security",
    who="user_id",
    none="id last_counter created_at used_at",
    erased="user_id name secret",
    rows_go=True,
    withheld="secret last_counter",
)
declare(
    "passkey",
    group="security",
    who="user_id",
    none="id sign_count created_at used_at",
    erased="user_id name credential_id public_key transports",
    rows_go=True,
    withheld="credential_id public_key sign_count",
)
declare(
    "recovery_code",
    group="security",
    who="user_id",
    none="id",
    erased="user_id digest",
    rows_go=True,
    withheld="digest",
)
declare(
    "role_proposal",
    group="decisions",
    who="user_id",
    also="proposed_by decided_by",
    none="id role state proposed_at decided_at",
    kept={RECORD: "user_id proposed_by decided_by"},
    erased="reason",
)
declare(
    "organisation",
    group="decisions",
    who="verified_by",
    none="id kind subtype name_vi name_en about_vi about_en country city_id size_band registration_number website "
    "verification verification_note verification_requested_at verified_at verified_until lapsed_at suspended_at "
    "relations_confirmed_at "
    "created_at version",
    kept={ORGANISATION: "contact_unit contact_email", RECORD: "verified_by"},
)
declare(
    "organisation_relation",
    group="interests",
    who="declared_by",
    also="ended_by",
    none="id organisation_id related_id outside_name outside_key kind since declared_at state ending_at ended_at version",
    kept={RECORD: "declared_by ended_by", ORGANISATION: "note end_reason"},
)
declare(
    "city",
    none="id slug name_en name_local country latitude longitude population_order ascn_member_since "
    "priority_projects certainty",
)
declare("exchange_rate", none="currency as_of units_per_usd source")
declare(
    "past_membership",
    group="organisation",
    who="user_id",
    none="id organisation_id ended_at",
    erased="user_id",
    rows_go=True,
)
