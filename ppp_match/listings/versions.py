"""The published versions of a listing, as each reader may see them.

A need may withhold its city. Then versions of a time when it named the city stay hidden from the public, since they
would tell it; and a version that withheld it never tells it, nor the contact unit, even after the need is open now.
The owner's people and the forum see every version whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import func, select

from ppp_match.db import db
from ppp_match.listings import presentation
from ppp_match.listings.content import Content, cities_of, content_of
from ppp_match.listings.differences import FieldChange, changes_between, is_material
from ppp_match.listings.models import Listing, Revision
from ppp_match.listings.models_addenda import Addendum


@dataclass(frozen=True)
class Version:
    """One published version: its number among those that the reader sees, since when, and what it said."""

    number: int
    at: datetime
    content: Content
    addendum: int | None  # the number of the addendum that made it

    @property
    def title(self) -> str:
        return str(self.content.get(f"title@{self.content['lang']}", ""))


@dataclass(frozen=True)
class Step:
    """A version with what it changed in the one before it; no changes for the first one."""

    version: Version
    changes: list[FieldChange]

    @property
    def material(self) -> bool:
        return is_material(self.changes)


def _accepted(listing: Listing) -> list[Revision]:
    rows = db.session.scalars(
        select(Revision).where(Revision.listing_id == listing.id, Revision.state == "accepted")
    )
    return sorted(rows, key=lambda row: (_since(listing, row), row.number))


def _since(listing: Listing, revision: Revision) -> datetime:
    """When it became the published text; a first one written by hand is as old as the publication."""
    first = listing.published_at if revision.number == 1 else None
    return revision.accepted_at or first or revision.created_at


def _shown_to(listing: Listing, revisions: Iterable[Revision], *, known: bool) -> list[Revision]:
    hides = listing.hides_its_city and not known
    return [revision for revision in revisions if revision.anonymous or not hides]


def versions_of(listing: Listing, lang: str, *, known: bool) -> list[Version]:
    """The versions of a published or closed listing, oldest first."""
    made = select(Addendum.revision_id, Addendum.number).where(
        Addendum.listing_id == listing.id, Addendum.revision_id.is_not(None)
    )
    made_by = {row.revision_id: row.number for row in db.session.execute(made)}
    rows = _shown_to(listing, _accepted(listing), known=known)
    return [
        Version(
            number,
            _since(listing, row),
            _masked(listing, row, lang, known=known),
            made_by.get(row.id),
        )
        for number, row in enumerate(rows, 1)
    ]


def _masked(listing: Listing, revision: Revision, lang: str, *, known: bool) -> Content:
    references = None if revision is listing.live else revision.references_then
    content = content_of(listing.kind, revision, references)
    if revision.anonymous and not known:
        content["place"] = presentation.place(listing, revision, lang, known=False)
        for key in [key for key in content if key.startswith("contact_unit@")]:
            del content[key]
        content["city"] = "withheld"
    return content


def steps(listing: Listing, versions: list[Version], lang: str, *, known: bool) -> list[Step]:
    """Each version with what it changed, the newest first."""
    cities = cities_of(_with_open_city(versions))
    made = []
    for place, version in enumerate(versions):
        before = versions[place - 1] if place else None
        changes = (
            changes_between(listing.kind, before.content, version.content, lang, known=known, cities=cities)
            if before
            else []
        )
        made.append(Step(version, changes))
    return made[::-1]


def compare(listing: Listing, old: Version, new: Version, lang: str, *, known: bool) -> list[FieldChange]:
    """What differs between any two versions."""
    cities = cities_of(_with_open_city([old, new]))
    return changes_between(listing.kind, old.content, new.content, lang, known=known, cities=cities)


def _with_open_city(versions: Iterable[Version]) -> list[Content]:
    return [version.content for version in versions if "place" not in version.content]


def amendment_changes(listing: Listing, lang: str) -> list[FieldChange]:
    """What the amendment that waits beside a published text would change, for its owner and the forum."""
    if listing.amendment is None:
        return []
    before, after = (content_of(listing.kind, one) for one in (listing.shown, listing.amendment))
    cities = {str(one.city_id): one.city for one in (listing.shown, listing.amendment) if one.city}
    return changes_between(listing.kind, before, after, lang, known=True, cities=cities)


def last_change(listing: Listing, *, known: bool) -> datetime | None:
    """When the published text last changed, as far as the reader may see; None if it never did."""
    query = select(func.count(Revision.id), func.max(Revision.accepted_at)).where(
        Revision.listing_id == listing.id, Revision.state == "accepted"
    )
    if listing.hides_its_city and not known:
        query = query.where(Revision.anonymous.is_(True))
    number, at = db.session.execute(query).one()
    return at or listing.changed_at if number > 1 else None


def kind_of_change(changes: list[FieldChange]) -> str:
    """Material or minor, in words."""
    return _("Material change") if is_material(changes) else _("Minor change")
