"""What a revision says as plain values, so that any two states of it can be stored, compared and put into words.

A content is {key: value}: texts under "field@language", terms as lists of codes, everything else under the field's
name as text, number of JSON or bool; "lang" is the language it is written in, "references" the projects of a
capability. An empty value is "", [] or False. `differences.py` compares contents; `saves.py` stores them.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from ppp_match.accounts.models import City
from ppp_match.db import db
from ppp_match.formats import datefmt, moneyfmt, numberfmt
from ppp_match.listings.fields import field_of, fields_of, stored_value
from ppp_match.listings.models import Revision
from ppp_match.listings.revisions import normal_references, references_of
from ppp_match.vocabularies import sector_name, term_name

Content = dict[str, Any]
DAYS = ("start_on", "end_on", "response_until")
AMOUNTS = ("financing_gap", "ticket_max")


def plain(value: Any) -> Any:
    """A value as JSON keeps it; None and "" are the same."""
    if value is None:
        return ""
    if isinstance(value, bool | str):
        return value
    if isinstance(value, Decimal | int | float):
        return f"{Decimal(str(value)).normalize():f}"
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def content_of(kind: str, revision: Revision, references: list[Any] | None = None) -> Content:
    """Everything that a revision says. `references`: those of its time, where others are published now."""
    found: Content = {"lang": revision.lang}
    for field in fields_of(kind):
        if field.store == "text":
            found |= {
                f"{field.name}@{row.lang}": row.text for row in revision.text_rows if row.field == field.name
            }
        else:
            found[field.name] = plain(stored_value(field, revision))
    if kind == "capability":
        found["references"] = references if references is not None else references_of(revision)
    return found


def typed(kind: str, values: Mapping[str, Any], lang: str) -> Content:
    """Values as `save_listing` takes them, with texts in `lang`, as a content of those fields alone."""
    found: Content = {"lang": lang}
    for field in fields_of(kind):
        if field.name not in values:
            continue
        value = values[field.name]
        if field.name == "city":
            found["city"] = plain(value.id if value is not None else None)
        elif field.store == "text":
            found[f"{field.name}@{lang}"] = value or ""
        elif field.store == "terms":
            found[field.name] = list(dict.fromkeys(value))
        elif field.name in ("anonymous", "can_invest"):
            found[field.name] = bool(value)
        else:
            found[field.name] = plain(value)
    if "references" in values:
        found["references"] = normal_references(values["references"])
    return found


def value_in(content: Mapping[str, Any], kind: str, name: str, lang: str | None = None) -> Any:
    """A field of a content; a text in `lang`, or in the language in which the content is written."""
    if name != "references" and name != "lang" and field_of(kind, name).store == "text":
        return content.get(f"{name}@{lang or content['lang']}", "")
    return content.get(name, "")


def same(one: Any, other: Any) -> bool:
    """Whether two values say the same: the order of choices says nothing, since the form keeps its own."""
    if isinstance(one, list) and isinstance(other, list) and all(isinstance(x, str) for x in (*one, *other)):
        return sorted(one) == sorted(other)
    return (one or "") == (other or "")


# --- in words ----------------------------------------------------------------------------------------------------


def items_in_words(kind: str, name: str, value: Any, lang: str) -> list[str]:
    """A list of choices or of reference projects, one entry each."""
    if name == "references":
        return [reference_in_words(row, lang) for row in value or []]
    if name == "sector":
        return [sector_name(code, lang) for code in value or []]
    return [term_name(field_of(kind, name).vocabulary, code, lang) for code in value or []]


def value_in_words(
    kind: str,
    name: str,
    value: Any,
    lang: str,
    *,
    currency: str = "",
    cities: Mapping[str, City] | None = None,
) -> str:
    """A single value as a reader of `lang` reads it; '' for an empty one. Texts stay as they are."""
    if name == "lang":
        return {"vi": _("Vietnamese"), "en": _("English")}.get(value, value)
    if isinstance(value, list):
        return "; ".join(items_in_words(kind, name, value, lang))
    if name in ("anonymous", "can_invest"):
        return _("yes") if value else _("no")
    if value == "":
        return ""
    if name == "city":
        city = (cities or {}).get(value) or db.session.get(City, uuid.UUID(value))
        return city.name(lang) if city else ""
    if name in DAYS:
        return datefmt(date.fromisoformat(value))
    field = field_of(kind, name)
    if field.store == "term":
        return term_name(field.vocabulary, value, lang)
    if name in AMOUNTS and currency:
        return moneyfmt(Decimal(value), None, currency)
    if field.store == "scalar" and name != "scale_unit":
        return numberfmt(Decimal(value))
    return str(value)


def budget_in_words(content: Mapping[str, Any], *, known: bool) -> str:
    """The amounts of a content; where they are not disclosed, only who knows the listing's owner reads them."""
    if content.get("budget_status") == "undisclosed" and not known:
        return _("Not disclosed")
    low, high = (content.get(name) or None for name in ("amount_min", "amount_max"))
    return moneyfmt(
        Decimal(low) if low else None, Decimal(high) if high else None, content.get("currency") or ""
    )


def reference_in_words(row: Mapping[str, Any], lang: str) -> str:
    """A reference project on one line."""
    country = term_name("country", row["country"], lang) if row["country"] else ""
    value = moneyfmt(Decimal(row["value"]), None, row["currency"]) if row["value"] else ""
    parts = (row["client"], row["place"], country, row["year"], value, row["scope"], row["result"])
    return " · ".join(str(part) for part in parts if part)


def cities_of(contents: Iterable[Mapping[str, Any]]) -> dict[str, City]:
    """The cities that contents name, in one query."""
    ids = {content["city"] for content in contents if content.get("city")}
    if not ids:
        return {}
    rows = db.session.scalars(select(City).where(City.id.in_([uuid.UUID(one) for one in ids])))
    return {str(city.id): city for city in rows}
