"""What somebody could do next, with the reason: read from their own listings and from what is published.

What lives here: suggestions, none of which anybody waits for (that is `work.py`). Nothing here says what moderators
think of a pair: needs are found for a company by what it published itself, as anybody could search.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from flask import url_for
from flask_babel import gettext as _

from ppp_match.db import db
from ppp_match.home.queries import Beside
from ppp_match.listings.documents import TEXTS
from ppp_match.listings.models import Listing
from ppp_match.listings.queries_similar import TEXT_READ, Alike, published, similar_needs
from ppp_match.listings.readiness import readiness
from ppp_match.search.store import search, version_of

READY = 9  # of twelve; from there a need is ready for partners
OWN_LISTINGS_READ = 4  # the newest of one's own, so that the page costs the same for a large organisation
NEAR_NEEDS = 6
MOST = 5


@dataclass(frozen=True)
class Suggestion:
    """One thing to do next: what, why, where. `lang` is the language of the text that `about` quotes."""

    words: str
    about: str
    lang: str
    why: str
    url: str


def for_city(listings: list[Listing], lang: str) -> list[Suggestion]:
    """What would make one's needs stronger, and who has the same need."""
    needs = [one for one in listings if one.kind == "need"][:OWN_LISTINGS_READ]
    told: set[str] = set()
    found = [suggestion for need in needs if (suggestion := _missing(need, lang, told))]
    seen: set[uuid.UUID] = {need.id for need in listings}
    for need in needs:
        if need.state != "published":
            continue
        for alike in similar_needs(need):
            if alike.id not in seen:
                seen.add(alike.id)
                found.append(_shared(need, alike, lang))
                break
    return (found + _one_language(needs, lang))[:MOST]


def _missing(need: Listing, lang: str, told: set[str]) -> Suggestion | None:
    """The first thing that a need lacks and that no need above it was told of: four times the same helps nobody."""
    ready = readiness(need.edited)
    check = next((one for one in ready.open if one.field not in told), None)
    if ready.score >= READY or check is None:
        return None
    told.add(check.field)
    reading = need.edited.reading_lang(lang)
    return Suggestion(
        _("Add to your need: %(what)s", what=check.name),
        need.edited.text("title", reading) or need.label,
        reading,
        str(check.why),
        url_for("listings.edit", kind="needs", id=need.id),
    )


def _shared(need: Listing, alike: Alike, lang: str) -> Suggestion:
    reading, title = alike.title(lang)
    return Suggestion(
        _("Somebody has a need like %(label)s", label=need.label),
        title,
        reading,
        _("Two places that ask together are easier to answer."),
        url_for("listings.detail", kind="needs", id=alike.id),
    )


def _one_language(listings: list[Listing], lang: str) -> list[Suggestion]:
    found = []
    for listing in listings:
        langs = listing.shown.langs
        if listing.state == "published" and len(langs) == 1 and langs[0] in ("vi", "en"):
            wanted = "en" if langs[0] == "vi" else "vi"
            words = _("Add an English text") if wanted == "en" else _("Add a Vietnamese text")
            found.append(
                Suggestion(
                    words,
                    listing.shown.text("title"),
                    langs[0],
                    _("It is found in both languages already; with both texts it is read in both too."),
                    url_for("languages.edit", kind=listing.path_kind, id=listing.id, code=wanted),
                )
            )
    return found[:1]


def for_company(
    organisation_id: uuid.UUID,
    listings: list[Listing],
    beside: Mapping[uuid.UUID, Beside],
    asked: set[uuid.UUID],
    lang: str,
) -> tuple[list[Listing], list[Suggestion]]:
    """(published needs nearest to one's own capabilities but for those `asked` about, what would make these
    stronger)."""
    own = [one for one in listings if one.kind == "capability" and one.state == "published"][
        :OWN_LISTINGS_READ
    ]
    near = {need_id: None for one in own for need_id in _near(one) if need_id not in asked}
    needs = published(list(near)[:NEAR_NEEDS])
    found = []
    for capability in own:
        if not beside[capability.id].confirmed:
            reading = capability.shown.reading_lang(lang)
            found.append(
                Suggestion(
                    _("Add a reference project that its client can confirm"),
                    capability.shown.text("title", reading),
                    reading,
                    _("Cities trust what a client confirmed more than any description."),
                    url_for("listings.edit", kind="capabilities", id=capability.id),
                )
            )
            break
    return [need for need in needs if need.organisation_id != organisation_id], (
        found + _one_language(own, lang)
    )[:MOST]


def _near(capability: Listing) -> tuple[uuid.UUID, ...]:
    version = version_of("need")
    assert capability.live is not None  # noqa: S101  it is published
    return _near_kept(capability.id, capability.live.id, version)


@lru_cache(maxsize=2000)
def _near_kept(
    capability_id: uuid.UUID, _revision_id: uuid.UUID, _version: tuple[int, str, bool]
) -> tuple[uuid.UUID, ...]:
    """Needs nearest to a capability's own words; kept until something published changes."""
    shown = db.session.get_one(Listing, capability_id).shown
    words = " ".join(shown.text(field) for field in ("title", *TEXTS["capability"]))[:TEXT_READ]
    return tuple(need_id for need_id, _score in search("need", words, NEAR_NEEDS).hits)
