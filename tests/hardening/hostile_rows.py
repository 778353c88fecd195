"""Every text that the database holds, put in the place of which payloads come: what a page shows, it shows of these."""

from __future__ import annotations

from itertools import cycle, islice
from typing import Any

from sqlalchemy import String, Text, select

from ppp_match import vocabularies
from ppp_match.db import db
from tests.hardening.payloads import PAYLOADS

# What people or machines of others write, table by table.
WRITTEN = {
    "user": ("name", "job_title"),
    "organisation": (
        "name_vi",
        "name_en",
        "about_vi",
        "about_en",
        "registration_number",
        "contact_unit",
        "verification_note",
    ),
    "authenticator": ("name",),
    "passkey": ("name",),
    "sign_in_session": ("agent",),
    "role_proposal": ("reason",),
    "handover": ("note",),
    "invitation": ("message",),
    "listing": ("decision_reason",),
    "organisation_relation": ("note", "outside_name", "end_reason"),
    "declared_interest": ("note", "end_reason"),
    "offer_declaration": ("words", "reason"),
    "listing_remark": ("text",),
    "listing_revision": ("scale_unit", "references_then"),
    "merge_proposal": ("reason", "answer"),
    "need_join": ("unit", "message", "reason"),
    "reference_project": ("client", "place", "scope", "result"),
    "listing_addendum": ("text_vi", "text_en", "remark"),
    "revision_text": ("text",),
    "interest": ("message", "declared"),
    "match_decision": ("note",),
    "moderation_note": ("text",),
    "judgement": ("note",),
    "offer_answer": ("note",),
    "message": ("body",),
    "question": ("text", "reason"),
    "question_answer": ("text",),
    "partnership": ("result",),
    "partnership_statement": ("note", "verification"),
    "partnership_step": ("reason",),
    "partnership_indicator": ("method", "name"),
    "partnership_milestone": ("note", "title"),
    "partnership_risk": ("note",),
    "partnership_document": ("title",),
    "matcher_version": ("name", "note"),
    "audit_note": ("reason", "personal"),
    "outbox_message": ("last_error",),
    "appeal": ("answer", "decision", "words"),
    "concern_entry": ("text",),
    "hidden_message": ("reason",),
    "phrase": ("words",),
    "report": ("reason", "words"),
    "attachment": ("description", "name", "reason"),
    "consent_version": ("change_en", "change_vi", "text_en", "text_vi"),
    "correction_request": ("answer", "what"),
    "legal_hold": ("lift_reason", "reason"),
    "reference_request": ("answered_by_name", "answered_by_position", "comment"),
    "retention_rule": ("why_en", "why_vi", "basis_en", "basis_vi"),
    "suspension": ("lift_reason", "reason"),
    "verification_check": ("note",),
    "verification_remark": ("text",),
    "verification_request": ("answer", "statement", "words"),
    "sector": ("name_en", "name_vi", "synonyms_en", "synonyms_vi"),
    "term": ("help_en", "help_vi", "name_en", "name_vi"),
}
# Long columns that nobody writes by hand: sums, secrets, what the matcher or the forum itself puts there.
OF_OURS = {
    ("organisation_relation", "outside_key"),
    ("user", "password"),
    ("city", "name_en"),
    ("city", "name_local"),
    ("exchange_rate", "source"),
    ("authenticator", "secret"),
    ("user", "email"),
    ("organisation", "contact_email"),
    ("organisation", "website"),
    ("invitation", "email"),
    ("outbox_message", "recipient"),
    ("outbox_message", "once"),
    ("idempotency_key", "location"),
    ("partnership_statement", "text"),
    ("partnership_document", "url"),
    ("indicator_kind", "name_en"),
    ("indicator_kind", "name_vi"),
    ("consent_purpose", "name_en"),
    ("consent_purpose", "name_vi"),
    ("reference_request", "email"),
    ("verification_request", "domain"),
    ("verification_request", "domain_address"),
    ("verification_request", "website"),
}


def forgotten() -> set[tuple[str, str]]:
    """Columns for long text that stand in neither list above."""
    known = OF_OURS | {(table, name) for table, names in WRITTEN.items() for name in names}
    long = {
        (table.name, column.name)
        for table in db.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Text)
        or (isinstance(column.type, String) and (column.type.length or 0) >= 100)
    }
    return long - known


def make_hostile() -> int:
    """Rewrite what is written in every row; returns how many texts."""
    texts, count = cycle(PAYLOADS), 0

    def hostile(value: Any, column: Any) -> Any:
        if isinstance(value, str):
            most = getattr(column.type, "length", None)
            return next(texts)[:most] if most else "\n\n".join(islice(texts, 12))
        if isinstance(value, dict):
            return {key: hostile(inner, column) for key, inner in value.items()}
        return [hostile(inner, column) for inner in value] if isinstance(value, list) else value

    for name, columns in WRITTEN.items():
        table = db.metadata.tables[name]
        keys = list(table.primary_key.columns)
        for row in db.session.execute(select(table)).mappings().all():
            changed = {column: hostile(row[column], table.c[column]) for column in columns if row[column]}
            if changed:
                where = [key == row[key.name] for key in keys]
                db.session.execute(table.update().where(*where).values(**changed))
                count += len(changed)
    vocabularies.changed()
    db.session.commit()
    return count
