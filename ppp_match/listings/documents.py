"""Listings as the matcher reads them: a published revision becomes a Need or a Capability of `ppp_match.matching`.

What lives here: which fields count as text, how numbers and codes are carried over, and `texts_of`, which gives a
page the same texts with their places, so that it can mark what an explanation points to. What does not: the index
(`search/store.py`), the words of an explanation (`recommendations/sentences.py`).

A need that is published anonymously is read without the name of its place or owner: each is replaced by blanks of
the same length, so that no term of an explanation can tell it and every place in the text stays where it was.
"""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ppp_match.accounts.queries import related_to
from ppp_match.db import db
from ppp_match.listings.models import Listing, Revision
from ppp_match.matching import Capability, Need
from ppp_match.search.store import register_source

# What is read as the text of a listing, in this order. Left out: contacts, ownership, references to plans, and
# what the matcher takes separately (requirements, exclusions, not offered).
TEXTS = {
    "need": (
        "problem",
        "outcome",
        "who_affected",
        "tried",
        "local_specifics",
        "existing_systems",
        "data_available",
        "community",
        "standards",
        "wishes",
    ),
    "capability": ("solves", "how", "local_support", "team", "integration", "standards"),
}
BETWEEN = "\n\n"
# What a vendor offers, in the words in which a need says whom it looks for.
PARTNER_OF_OFFER = {
    "hardware": "technology",
    "software": "technology",
    "connectivity": "technology",
    "services": "operator",
    "finance": "investor",
    "advisory": "advisory",
}
DAYS_A_MONTH = 30.44
GENERIC = re.compile(
    r"^(thành phố|tp\.?|tỉnh|thị xã|quận|huyện)\s+|(?<!\s)\s+(city|province)$", re.IGNORECASE
)


@dataclass(frozen=True)
class Passage:
    """One field of a listing's text and where it begins in `title + newline + text` of its document."""

    field: str
    text: str
    start: int


def texts_of(revision: Revision, lang: str) -> list[Passage]:
    """Title and texts in one language with their places, as `Document.title` and `Document.text` hold them."""
    title = revision.text("title", lang)
    passages = [Passage("title", title, 0)]
    start = len(title) + 1
    for field in TEXTS[revision.listing.kind]:
        body = revision.text(field, lang)
        if body:
            passages.append(Passage(field, body, start))
            start += len(body) + len(BETWEEN)
    return passages


def other_lang(revision: Revision) -> str | None:
    """The second language of a revision, if it has one."""
    return next((lang for lang in revision.langs if lang != revision.lang), None)


def to_need(
    listing: Listing, *, related: Collection[uuid.UUID] = (), revision: Revision | None = None
) -> Need:
    """A need as the matcher reads it, from its live revision unless another is given."""
    said = revision or listing.shown
    hidden = _names_to_hide(listing, said) if said.anonymous else ()
    title, text, alt_title, alt_text = _texts(said, hidden)
    disclosed = said.budget_status != "undisclosed"
    return Need(
        id=str(listing.id),
        title=title,
        text=text,
        lang=said.lang,
        alt_title=alt_title,
        alt_text=alt_text,
        alt_lang=other_lang(said),
        sectors=tuple(said.codes("sector")),
        contract_forms=tuple(code for code in said.codes("contract_form") if code != "open"),
        languages=tuple(said.codes("language")),
        organisation=str(listing.organisation_id),
        affiliated=tuple(sorted(map(str, related))),
        sdgs=tuple(said.codes("sdg")),
        ascf_areas=tuple(said.codes("ascf_area")),
        stage=said.stage,
        published=_day(listing),
        country=said.city.country if said.city else listing.organisation.country,
        city=None if said.anonymous or said.city is None else said.city.name_en,
        budget_min_usd=_amount(said.amount_min_usd) if disclosed else None,
        budget_max_usd=_amount(said.amount_max_usd) if disclosed else None,
        timeline_months=_months(said),
        partner_kinds=tuple(code for code in said.codes("partner_kind") if code != "unsure"),
        requirements=tuple(_without(line, hidden) for line in said.lines("requirements")),
        exclusions=tuple(_without(line, hidden) for line in said.lines("exclusions")),
    )


def to_capability(
    listing: Listing, *, related: Collection[uuid.UUID] = (), revision: Revision | None = None
) -> Capability:
    """A capability as the matcher reads it, from its live revision unless another is given."""
    said = revision or listing.shown
    title, text, alt_title, alt_text = _texts(said, ())
    return Capability(
        id=str(listing.id),
        title=title,
        text=text,
        lang=said.lang,
        alt_title=alt_title,
        alt_text=alt_text,
        alt_lang=other_lang(said),
        sectors=tuple(said.codes("sector")),
        contract_forms=tuple(said.codes("contract_form")),
        languages=tuple(said.codes("language")),
        organisation=str(listing.organisation_id),
        affiliated=tuple(sorted(map(str, related))),
        sdgs=tuple(said.codes("sdg")),
        ascf_areas=tuple(said.codes("ascf_area")),
        published=_day(listing),
        company=listing.organisation.name("en"),
        home_country=listing.organisation.country,
        countries_served=tuple(said.codes("country")),
        min_project_usd=_amount(said.amount_min_usd),
        max_project_usd=_amount(said.amount_max_usd),
        offer_kinds=tuple(
            dict.fromkeys(PARTNER_OF_OFFER.get(code, code) for code in said.codes("offer_kind"))
        ),
        confirmed_references=sum(row.confirmation == "confirmed" for row in listing.references),
        pending_references=sum(row.confirmation == "asked" for row in listing.references),
        not_offered=said.text("not_offered"),
    )


def without_names(listing: Listing, revision: Revision) -> Callable[[str], str]:
    """What takes the names of place and owner out of a text of that revision, if it is an anonymous need's."""
    hidden = _names_to_hide(listing, revision) if revision.anonymous else ()
    return lambda text: _without(text, hidden)


def document_of(listing: Listing) -> Need | Capability:
    """The listing's document with the organisations that its owner declared relations to."""
    related = related_to([listing.organisation_id])[listing.organisation_id]
    return (
        to_need(listing, related=related)
        if listing.kind == "need"
        else to_capability(listing, related=related)
    )


def published_documents(kind: str, ids: Collection[uuid.UUID] | None) -> Iterator[Need | Capability]:
    """Documents of the published listings of a kind: of those ids, or of all. A suspended organisation's are left out."""
    query = (
        select(Listing)
        .where(Listing.kind == kind, Listing.state == "published", Listing.not_suspended())
        .options(
            joinedload(Listing.live),
        )
        .order_by(Listing.number)
    )
    if ids is not None:
        query = query.where(Listing.id.in_(list(ids)))
    listings = db.session.scalars(query).all()
    related = related_to({listing.organisation_id for listing in listings})
    make = to_need if kind == "need" else to_capability
    for listing in listings:
        yield make(listing, related=related[listing.organisation_id])


def _texts(revision: Revision, hidden: Collection[str]) -> tuple[str, str, str, str]:
    found: list[str] = []
    for lang in (revision.lang, other_lang(revision)):
        passages = texts_of(revision, lang) if lang else []
        found.append(_without(passages[0].text, hidden) if passages else "")
        found.append(_without(BETWEEN.join(passage.text for passage in passages[1:]), hidden))
    return found[0], found[1], found[2], found[3]


def _amount(value: object) -> float | None:
    return None if value is None else float(str(value))


def _day(listing: Listing) -> str | None:
    return listing.published_at.date().isoformat() if listing.published_at else None


def _months(revision: Revision) -> float | None:
    if revision.start_on is None or revision.end_on is None:
        return None
    return max(round((revision.end_on - revision.start_on).days / DAYS_A_MONTH, 1), 0.0)


def _names_to_hide(listing: Listing, revision: Revision) -> tuple[str, ...]:
    owner, city = listing.organisation, revision.city
    names = [owner.name_vi, owner.name_en]
    for place in {one.id: one for one in (city, owner.city) if one is not None}.values():
        names += [place.name_en, place.name_local]
    short = [GENERIC.sub("", name) for name in names]
    return tuple(sorted({_folded(name) for name in (*names, *short) if len(name) > 2}, key=len, reverse=True))


def _folded(text: str) -> str:
    """Lower case without diacritics, one character for one character."""
    return "".join(_bare(letter) for letter in text)


def _bare(letter: str) -> str:
    base = unicodedata.normalize("NFD", letter)[0].lower()
    return "d" if base == "đ" else base[0]


def _without(text: str, hidden: Collection[str]) -> str:
    """The text with each hidden name blanked, of the same length, found with or without diacritics."""
    if not hidden:
        return text
    plain = _folded(text)
    for name in hidden:
        for found in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", plain):
            blank = " " * (found.end() - found.start())
            text = text[: found.start()] + blank + text[found.end() :]
    return text


register_source("need", lambda ids: published_documents("need", ids))
register_source("capability", lambda ids: published_documents("capability", ids))
