"""Contact data in what a listing says to everybody, field by field. The detector stands in `contact_data.py`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ppp_match.listings.contact_data import Finding, find
from ppp_match.listings.fields import fields_of
from ppp_match.listings.models import Revision
from ppp_match.listings.revisions import references_of

REFERENCE_TEXTS = ("client", "place", "scope", "result")


@dataclass(frozen=True)
class FieldFinding:
    """A finding, the field it stands in and the language of that text."""

    field: str
    lang: str
    finding: Finding


def findings(revision: Revision) -> list[FieldFinding]:
    """What looks like contact data in any text of a revision, in the order of the form."""
    return [
        FieldFinding(field, lang, finding)
        for field, lang, text in _public_texts(revision)
        for finding in find(text)
    ]


def public_words(revision: Revision) -> list[str]:
    """Every text of a revision that everybody will read."""
    return [text for _field, _lang, text in _public_texts(revision)]


def _public_texts(revision: Revision) -> Iterator[tuple[str, str, str]]:
    kind = revision.listing.kind
    for field in fields_of(kind):
        if field.store == "text":
            for row in sorted(revision.text_rows, key=lambda row: (row.lang != revision.lang, row.lang)):
                if row.field == field.name:
                    yield field.name, row.lang, row.text
        elif field.name == "scale_unit":
            yield field.name, revision.lang, revision.scale_unit
    if kind == "capability":
        for reference in references_of(revision):
            for key in REFERENCE_TEXTS:
                yield "references", revision.lang, str(reference[key] or "")
