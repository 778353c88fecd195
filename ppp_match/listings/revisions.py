"""What changes between two states of a revision: applying values, copying, comparing, reference projects.

What lives here: plain work on rows. Who may do it, and when, stands in `operations.py`.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import inspect

from ppp_match.listings.fields import WORD_COLUMNS, fields_of, stored_value
from ppp_match.listings.models import Listing, ReferenceProject, Revision, RevisionText
from ppp_match.money import to_usd

REFERENCE_KEYS = ("client", "place", "country", "year", "value", "currency", "scope", "result")
MOST_REFERENCES = 5
PENDING_REFERENCES = (
    "references"  # the text row that holds an amendment's reference projects until it is accepted
)
OWN_COLUMNS = {"id", "listing_id", "number", "state", "created_at", "created_by", "submitted_at"} | {
    "accepted_at",
    "references_then",
}


def changes(kind: str, revision: Revision, values: Mapping[str, Any], lang: str) -> list[str]:
    """Names of the fields whose value differs from what the revision holds (texts: in `lang`)."""
    names = [
        field.name
        for field in fields_of(kind)
        if field.name in values and _held(field, revision, lang) != _wanted(field, values[field.name])
    ]
    if "references" in values and normal_references(values["references"]) != references_of(revision):
        names.append("references")
    return names


def _held(field: Any, revision: Revision, lang: str) -> Any:
    if field.store == "text" or (field.name in WORD_COLUMNS and lang != revision.lang):
        return revision.text(field.name, lang)
    return stored_value(field, revision)


def _wanted(field: Any, value: Any) -> Any:
    if field.name == "city":
        return value.id if value is not None else None
    if field.store == "terms":
        return list(dict.fromkeys(value))
    return value if value is not None or field.store != "text" else ""


def apply(kind: str, revision: Revision, values: Mapping[str, Any], lang: str) -> None:
    """Write the values into the revision and bring its amounts in dollars up to date."""
    for field in fields_of(kind):
        if field.name not in values:
            continue
        value = values[field.name]
        if field.name == "city":
            revision.city = value
            revision.city_id = value.id if value is not None else None
        elif field.store == "text" or (field.name in WORD_COLUMNS and lang != revision.lang):
            revision.set_text(field.name, lang, value or "")
        elif field.store == "terms":
            revision.set_codes(field.vocabulary, list(value))
        elif field.name in ("scale_unit",):
            revision.scale_unit = value or ""
        elif field.name in ("anonymous", "can_invest"):
            setattr(revision, field.name, bool(value))
        else:
            setattr(revision, field.name, value)
    revision.amount_min_usd, low_as_of = to_usd(revision.amount_min, revision.currency)
    revision.amount_max_usd, high_as_of = to_usd(revision.amount_max, revision.currency)
    revision.rate_as_of = low_as_of or high_as_of


def copy_of(revision: Revision, *, number: int, created_by: uuid.UUID | None) -> Revision:
    """A new draft revision that says the same."""
    columns = [c.key for c in inspect(Revision).column_attrs if c.key not in OWN_COLUMNS]
    copy = Revision(number=number, created_by=created_by, **{key: getattr(revision, key) for key in columns})
    for row in revision.words:
        if row.field != PENDING_REFERENCES:
            copy.text_rows.append(
                RevisionText(field=row.field, lang=row.lang, text=row.text, written_for=row.written_for)
            )
    for vocabulary in {row.vocabulary for row in revision.choices}:
        copy.set_codes(vocabulary, revision.codes(vocabulary))
    return copy


def relabel(revision: Revision, lang: str) -> bool:
    """Make `lang` the language the revision is written in. True if it changed.

    Where the revision has no text in that language, its words were written in it and only marked wrongly.
    """
    old = revision.lang
    if old == lang:
        return False
    if not any(row.lang == lang for row in revision.words):
        for field, text in [(row.field, row.text) for row in revision.words if row.lang == old]:
            revision.set_text(field, old, "")
            revision.set_text(field, lang, text)
    revision.lang = lang
    return True


def differences(kind: str, before: Revision, after: Revision) -> list[str]:
    """Names of the fields in which two revisions say something different, in any language."""
    names = []
    for field in fields_of(kind):
        other = field.store != "text" and stored_value(field, before) != stored_value(field, after)
        if other or (_has_words(field) and _texts_of(field, before) != _texts_of(field, after)):
            names.append(field.name)
    if references_of(before) != references_of(after):
        names.append("references")
    return names


def _has_words(field: Any) -> bool:
    return field.store == "text" or field.name in WORD_COLUMNS


def _texts_of(field: Any, revision: Revision) -> dict[str, str]:
    return {row.lang: row.text for row in revision.words if row.field == field.name}


# --- reference projects ------------------------------------------------------------------------------------------


def normal_references(rows: Any) -> list[dict[str, Any]]:
    """Reference projects as they are stored and compared: known keys, empty values as None, at most five."""
    kept = [{key: row.get(key) or None for key in REFERENCE_KEYS} for row in rows]
    for row in kept:
        if row["value"] is not None:
            row["value"] = str(Decimal(str(row["value"])).normalize())
    return [row for row in kept if any(row.values())][:MOST_REFERENCES]


def references_of(revision: Revision) -> list[dict[str, Any]]:
    """The reference projects that a revision shows: its own pending ones, or those of its listing."""
    pending = revision.text(PENDING_REFERENCES)
    if pending:
        return list(json.loads(pending))
    return normal_references(
        [{key: getattr(row, key) for key in REFERENCE_KEYS} for row in revision.listing.references]
    )


def write_references(listing: Listing, rows: Any) -> None:
    """Replace the listing's reference projects. One that says the same keeps what its client confirmed."""
    wanted = normal_references(rows)
    known = {
        json.dumps(normal_references([_as_dict(row)])[0], sort_keys=True): row for row in listing.references
    }
    kept = []
    for position, values in enumerate(wanted):
        row = known.pop(json.dumps(values, sort_keys=True), None)
        if row is None:
            row = ReferenceProject(**_columns(values))
        row.position = position
        kept.append(row)
    listing.references[:] = kept


def _as_dict(row: ReferenceProject) -> dict[str, Any]:
    return {key: getattr(row, key) for key in REFERENCE_KEYS}


def _columns(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "client": values["client"] or "",
        "place": values["place"] or "",
        "country": values["country"] or "",
        "year": values["year"],
        "value": Decimal(values["value"]) if values["value"] else None,
        "currency": values["currency"],
        "scope": values["scope"] or "",
        "result": values["result"] or "",
    }


def keep_references_for_later(revision: Revision, rows: Any) -> None:
    """Hold an amendment's reference projects beside the published ones until it is accepted."""
    revision.set_text(
        PENDING_REFERENCES, revision.lang, json.dumps(normal_references(rows), ensure_ascii=False)
    )


def keep_published_references(revision: Revision) -> None:
    """Note with a published revision which reference projects were shown beside it, before they can change."""
    if revision.references_then is None:
        revision.references_then = references_of(revision)


def adopt_references(revision: Revision) -> None:
    """Make an accepted amendment's reference projects the listing's own."""
    pending = revision.text(PENDING_REFERENCES)
    if pending:
        revision.set_text(PENDING_REFERENCES, revision.lang, "")
        write_references(revision.listing, json.loads(pending))
