"""Listings as pages show them: rows, places, facts, stages, sections, options of filters.

What lives here: what a reader may see, in words of their language. No query. An anonymous need's city and
organisation leave this module only when the caller says that the reader may know them (`known`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from ppp_match.db import today
from ppp_match.formats import datefmt, moneyfmt, numberfmt
from ppp_match.listings.fields import WORD_COLUMNS, field_of, stored_value
from ppp_match.listings.filters import BUDGET_BANDS, FACETS, Filters, known_values, sorts
from ppp_match.listings.glosses import gloss_text
from ppp_match.listings.models import Listing, Revision
from ppp_match.listings.queries import Found
from ppp_match.vocabularies import sector_name, term_name, terms
from ppp_match.web import glosses_wanted

SOON_DAYS = 14
EXCERPT = 220
STATE_LOOKS = {
    "draft": ("pen", "wait"),
    "submitted": ("clock", "cham"),
    "in_review": ("eye", "cham"),
    "returned": ("pen", "nghe"),
    "published": ("check", "la"),
    "rejected": ("cross", "son"),
    "withdrawn": ("out", ""),
    "closed": ("lock", ""),
}


def state_name(state: str) -> str:
    """The state of a listing in words."""
    return {
        "draft": _("Draft"),
        "submitted": _("Waits for review"),
        "in_review": _("In review"),
        "returned": _("Returned with remarks"),
        "published": _("Published"),
        "rejected": _("Rejected"),
        "withdrawn": _("Withdrawn"),
        "closed": _("Closed"),
    }[state]


def amendment_name(state: str) -> str:
    """The state of a change that waits beside a published text, in words."""
    return {
        "draft": _("Changes not sent yet"),
        "submitted": _("Changes wait for review"),
        "in_review": _("Changes in review"),
        "returned": _("Changes returned with remarks"),
    }.get(state, "")


def country_name(code: str | None, lang: str) -> str:
    return term_name("country", code, lang)


def place(listing: Listing, revision: Revision, lang: str, *, known: bool) -> str:
    """Where it is: the city and country of a need (an anonymous one: the country), countries that are served."""
    if listing.kind == "capability":
        names = [country_name(code, lang) for code in revision.codes("country")]
        shown = ", ".join(names[:3])
        return _("%(names)s and %(n)s more", names=shown, n=len(names) - 3) if len(names) > 3 else shown
    city = revision.city
    country = country_name(city.country if city else listing.organisation.country, lang)
    if revision.anonymous and not known:
        return _("A city in %(country)s", country=country)
    return f"{city.name(lang)}, {country}" if city else country


def owner(listing: Listing, revision: Revision, lang: str, *, known: bool) -> str:
    """The organisation's name, or words in its place where it is withheld."""
    if revision.anonymous and not known:
        return _("Name withheld until an introduction")
    return listing.organisation.name(lang)


def money(revision: Revision) -> str:
    """The budget or project size in words; empty where nothing is said."""
    if revision.budget_status == "undisclosed":
        return _("Not disclosed")
    return moneyfmt(revision.amount_min, revision.amount_max, revision.currency)


def excerpt(revision: Revision, lang: str) -> str:
    """The beginning of the problem without Markdown signs."""
    text = revision.text("problem", lang) or revision.text("solves", lang)
    plain = " ".join(text.replace("*", "").replace("#", "").replace("`", "").split())
    return plain if len(plain) <= EXCERPT else plain[:EXCERPT].rsplit(" ", 1)[0] + " …"


def _glossed_excerpt(revision: Revision, text_lang: str, lang: str) -> str:
    words = excerpt(revision, text_lang)
    if text_lang == lang or not glosses_wanted():
        return words
    return gloss_text(words, text_lang, lang, revision.codes("sector"))


def due(revision: Revision) -> str:
    """Until when responses are welcome."""
    day = revision.response_until
    if day is None:
        return ""
    left = (day - today()).days
    if left < 0:
        return _("Closed for responses since %(date)s", date=datefmt(day))
    if left <= SOON_DAYS:
        return ngettext("%(num)d day left", "%(num)d days left", left)
    return _("Until %(date)s", date=datefmt(day))


@dataclass(frozen=True)
class Card:
    """A row of a list, ready for the macros of macros/listing.html."""

    kind: str  # need or cap, as the macros call them
    url: str
    title: str
    lang: str
    langs: list[str]  # every language the text is offered in, the one shown first
    excerpt: str
    sectors: list[tuple[str, str, str]]
    owner: str
    place: str
    facts: list[str]
    soon: bool
    closed: bool
    note: str


def card(listing: Listing, lang: str, *, known: bool = False, revision: Revision | None = None) -> Card:
    """A listing as a row. `known`: the reader may see an anonymous need's city and organisation."""
    said = revision or listing.shown
    text_lang = said.reading_lang(lang)
    need = listing.kind == "need"
    if need:
        facts = [money(said), term_name("stage", said.stage, lang), due(said)]
    else:
        number = len(listing.references)
        references = ngettext("%(num)d reference", "%(num)d references", number) if number else ""
        facts = [money(said), term_name("maturity", said.maturity, lang), references]
    left = (said.response_until - today()).days if need and said.response_until else None
    return Card(
        kind="need" if need else "cap",
        url=url_for("listings.detail", kind=listing.path_kind, id=listing.id),
        title=said.text("title", text_lang) or _("Without a title yet"),
        lang=text_lang if said.text("title", text_lang) else "",
        langs=sorted(said.langs, key=lambda code: code != text_lang),
        excerpt=_glossed_excerpt(said, text_lang, lang),
        sectors=[
            (code, sector_name(code, lang), url_for("listings.index", kind=listing.path_kind, sector=code))
            for code in said.codes("sector")[:3]
        ],
        owner="" if need else owner(listing, said, lang, known=known),
        place=place(listing, said, lang, known=known),
        facts=[fact for fact in facts if fact],
        soon=left is not None and 0 <= left <= SOON_DAYS,
        closed=listing.state == "closed",
        note=_("name withheld") if said.anonymous else "",
    )


def stages(revision: Revision, lang: str) -> list[dict[str, Any]]:
    """The nine stages as `ui.stages` wants them."""
    codes = [term.code for term in terms("stage")]
    now = codes.index(revision.stage) if revision.stage in codes else -1
    notes = {"procure": _("outside the platform")}
    if revision.start_on:
        notes["build"] = _("planned %(month)s", month=f"{revision.start_on:%m/%Y}")
    return [
        {
            "label": term_name("stage", code, lang),
            "done": number < now,
            "current": number == now,
            "off": code == "procure",
            "note": notes.get(code, ""),
        }
        for number, code in enumerate(codes)
    ]


def names(vocabulary: str, revision: Revision, lang: str) -> list[str]:
    """The chosen values of a vocabulary in words."""
    return [term_name(vocabulary, code, lang) for code in revision.codes(vocabulary)]


def tags(listing: Listing, revision: Revision, lang: str) -> list[tuple[str, str | None, str | None]]:
    """Classification as tags: (words, address of the list with that filter or None, icon or None)."""
    kind = listing.path_kind
    found: list[tuple[str, str | None, str | None]] = [
        (sector_name(code, lang), url_for("listings.index", kind=kind, sector=code), code.split(".")[0])
        for code in revision.codes("sector")
    ]
    found += [
        (term_name("ascf_area", code, lang), url_for("listings.index", kind=kind, ascf_area=code), None)
        for code in revision.codes("ascf_area")
    ]
    found += [(name, None, None) for name in names("outcome_area", revision, lang)]
    found += [(name, None, None) for name in names("d950_group", revision, lang)]
    found += [(f"SDG {code} · {term_name('sdg', code, lang)}", None, None) for code in revision.codes("sdg")]
    return found


def value_words(kind: str, name: str, revision: Revision, lang: str) -> str:
    """A field of a revision in plain words, for comparing two revisions. Texts: in the original language."""
    field = field_of(kind, name)
    value = stored_value(field, revision)
    if name == "city":
        return revision.city.name(lang) if revision.city else ""
    if name == "sector":
        return ", ".join(sector_name(code, lang) for code in value)
    if name in WORD_COLUMNS:
        return " / ".join(
            filter(None, [value, *(revision.text(name, code) for code in revision.begun_langs)])
        )
    if field.store == "terms":
        return ", ".join(term_name(field.vocabulary, code, lang) for code in value)
    if field.store == "term":
        return term_name(field.vocabulary, value, lang)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value is None:
        return ""
    if hasattr(value, "isoformat"):
        return datefmt(value)
    return str(value) if isinstance(value, str) else numberfmt(value)


def finding_words(kind: str) -> str:
    """What a finding of `contact_data.py` looks like."""
    return {
        "email": _("looks like an e-mail address"),
        "phone": _("looks like a telephone number"),
        "messenger": _("looks like a name in a messenger"),
        "page": _("looks like a personal page"),
        "person": _("looks like a person’s name"),
    }[kind]


# --- lists -------------------------------------------------------------------------------------------------------


def facet_title(facet: str) -> str:
    return {
        "sector": _("Sector"),
        "country": _("Country"),
        "stage": _("Stage"),
        "maturity": _("Maturity"),
        "budget": _("Budget"),
        "contract_form": _("Form of contract"),
        "ascf_area": _("ASCF focus area"),
        "partner_kind": _("Partner sought"),
        "offer_kind": _("What is offered"),
        "language": _("Language of the text"),
    }[facet]


def value_name(facet: str, value: str, lang: str) -> str:
    """A filter's value in words."""
    if facet == "sector":
        return sector_name(value, lang)
    if facet == "language":
        return {"vi": _("Vietnamese"), "en": _("English")}[value]
    if facet == "budget":
        return _band_name(value)
    return term_name(facet, value, lang)


def _band_name(value: str) -> str:
    low, high = BUDGET_BANDS[value]
    if low is None and high is None:
        return _("Not disclosed")
    if low is None:
        return _("Below %(amount)s", amount=moneyfmt(None, high, "USD"))  # type: ignore[arg-type]
    if high is None:
        return _("%(amount)s and more", amount=moneyfmt(low, None, "USD"))  # type: ignore[arg-type]
    return moneyfmt(low, high, "USD")  # type: ignore[arg-type]


@dataclass(frozen=True)
class Facet:
    """One group of check boxes: options (value, words, count, chosen)."""

    name: str
    title: str
    options: list[tuple[str, str, int, bool]]
    open: bool


def facets(filters: Filters, found: Found, lang: str) -> list[Facet]:
    """The groups of filters with their counts; values that nothing has are left out unless chosen."""
    made = []
    for facet in FACETS[filters.kind]:
        chosen = filters.chosen.get(facet, ())
        counts = found.counted.facets[facet]
        values = [v for v in known_values(facet) if counts.get(v) or v in chosen]
        if facet == "sector":  # sectors, and under a chosen one its sub-sectors
            opened = {value.split(".")[0] for value in chosen}
            values = [v for v in values if "." not in v or v.split(".")[0] in opened]
        options = [(v, value_name(facet, v, lang), counts.get(v, 0), v in chosen) for v in values]
        if options:
            made.append(Facet(facet, facet_title(facet), options, facet in ("sector", "country")))
    return made


def chips(filters: Filters, lang: str) -> list[tuple[str, str]]:
    """Filters in use: (words, address without it)."""
    found = [
        (value_name(facet, value, lang), filters.without(facet, value).query())
        for facet, values in filters.chosen.items()
        for value in values
    ]
    if filters.sme:
        found.append((_("Small and medium companies"), filters.without("sme").query()))
    if filters.closed:
        found.append((_("Closed ones"), filters.without("closed").query()))
    return found


def sort_options(filters: Filters) -> list[tuple[str, str]]:
    words = {
        "best": _("Best fit to the words"),
        "newest": _("Newest"),
        "closing": _("Closing soon"),
        "budget": _("Budget, largest first") if filters.kind == "need" else _("Project size, largest first"),
    }
    return [(sort, words[sort]) for sort in sorts(filters.kind, filters.q)]


def action_name(action: str) -> str:
    """An audit event about a listing in words."""
    return {
        "listing.create": _("began a draft"),
        "listing.save": _("saved changes"),
        "listing.submitted": _("sent it for review"),
        "listing.contact_confirmed": _("confirmed that it holds no private contact data"),
        "listing.draft": _("took it back"),
        "listing.in_review": _("began the review"),
        "listing.take": _("took it in hand"),
        "listing.release": _("laid it back"),
        "listing.returned": _("returned it with remarks"),
        "listing.published": _("published it"),
        "listing.rejected": _("rejected it"),
        "listing.withdrawn": _("withdrew it"),
        "listing.closed": _("closed it"),
        "listing.handed_over": _("handed it over"),
        "listing.merged": _("merged it into another"),
    }.get(action, action)
