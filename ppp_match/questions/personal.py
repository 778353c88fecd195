"""What this room's tables hold of persons: who asked, answered, set."""

from __future__ import annotations

from ppp_match.personal import ORGANISATION, RECORD, declare

declare(
    "question",
    group="questions",
    who="asked_by",
    none="id need_id number state lang organisation_id asked_at named due_on ended_at version",
    kept={RECORD: "asked_by", ORGANISATION: "text reason"},
)
declare(
    "question_answer",
    group="questions",
    who="answered_by",
    none="id question_id lang anonymous answered_at addendum_id",
    kept={RECORD: "answered_by", ORGANISATION: "text"},
)
declare(
    "question_setting",
    group="questions",
    who="changed_by",
    none="need_id names_askers changed_at",
    kept={RECORD: "changed_by"},
)
