"""The filters of a moderators' queue as they stand in its address: read, checked, written back.

They travel with every link into a bench and back, so that "next" walks the queue as it was filtered. Unknown values
are dropped, so that an old or mistyped address still shows a queue. The queries stand in `listing_queue.py` and
`need_queue.py`.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, Select, select, union_all

from ppp_match.accounts.models import City, Organisation, User
from ppp_match.db import db
from ppp_match.listings.models import Listing, RevisionText
from ppp_match.matching.text import fold
from ppp_match.moderation.colleagues import colleagues
from ppp_match.moderation.models import Assignment
from ppp_match.permissions import Actor
from ppp_match.vocabularies import sectors, terms

LONGEST_WORDS = 100
SLUG = re.compile(r"[a-z0-9-]{1,80}")
CHOICES = {
    "listings": ("kind", "sector", "country", "city", "state", "hand", "who"),
    "matches": ("sector", "country", "city", "bridge", "state", "hand", "who"),
}
FLAGS = {"listings": ("late",), "matches": ("late", "interest", "fresh", "lot")}
SORTS = {"listings": ("wait", "newest"), "matches": ("wait", "score", "newest")}
STATES = {"listings": ("submitted", "in_review", "change"), "matches": ("shortlisted", "on_hold", "approved")}
HANDS = ("nobody", "me")
BRIDGES = ("vi-en", "en-vi", "vi-vi", "en-en")


@dataclass(frozen=True)
class QueueFilters:
    """What a moderator asked of a queue. `chosen` holds {name: value}, `flags` the boxes that are ticked."""

    queue: str
    find: str = ""
    chosen: Mapping[str, str] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    sort: str = "wait"

    def get(self, name: str) -> str:
        return self.chosen.get(name, "")

    @property
    def active(self) -> bool:
        return bool(self.find or self.chosen or self.flags)

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments of an address, for url_for; what is not asked is left out."""
        found: dict[str, Any] = {**self.chosen, **dict.fromkeys(self.flags, "1")}
        if self.find:
            found["find"] = self.find
        if self.sort != "wait":
            found["sort"] = self.sort
        return found

    def query(self, **more: Any) -> str:
        return f"?{urlencode({**self.arguments, **more})}"

    def without(self, name: str) -> QueueFilters:
        """These filters less one."""
        return replace(
            self,
            find="" if name == "find" else self.find,
            chosen={key: value for key, value in self.chosen.items() if key != name},
            flags=tuple(flag for flag in self.flags if flag != name),
        )


def read_filters(queue: str, args: Mapping[str, str]) -> QueueFilters:
    """Filters from an address's arguments."""
    chosen = {}
    for name in CHOICES[queue]:
        value = args.get(name, "")
        if value and _known(queue, name, value):
            chosen[name] = value
    sort = args.get("sort", "")
    return QueueFilters(
        queue,
        find=" ".join(args.get("find", "").replace("\x00", " ").split())[:LONGEST_WORDS],
        chosen=chosen,
        flags=tuple(flag for flag in FLAGS[queue] if args.get(flag) == "1"),
        sort=sort if sort in SORTS[queue] else "wait",
    )


def _known(queue: str, name: str, value: str) -> bool:
    if name == "kind":
        return value in ("need", "capability")
    if name == "sector":
        return value in {sector.code for sector in sectors()}
    if name == "country":
        return value in {term.code for term in terms("country")}
    if name == "city":
        asked = select(City.id).where(City.slug == value)
        return SLUG.fullmatch(value) is not None and db.session.scalar(asked) is not None
    if name == "bridge":
        return value in BRIDGES
    if name == "state":
        return value in STATES[queue]
    if name == "hand":
        return value in HANDS
    return value in ("me", "nobody") or value in {str(person.id) for person in colleagues()}


def assigned(queue: str, who: str, actor: Actor) -> ColumnElement[bool]:
    """Condition on Listing: who looks after it (me, nobody, or a colleague's id)."""
    held = (
        select(Assignment.listing_id)
        .join(User, User.id == Assignment.assignee_id)
        .where(Assignment.queue == queue, User.active.is_(True), User.staff_role.is_not(None))
    )
    if who == "nobody":
        return Listing.id.not_in(held)
    person = actor.user_id if who == "me" else uuid.UUID(who)
    return Listing.id.in_(held.where(Assignment.assignee_id == person))


def numbers_by_facet(asked: Mapping[str, Select[Any]]) -> dict[str, dict[str, int]]:
    """{facet: {value: number}} of questions that answer rows (facet, value, number), asked as one."""
    found: dict[str, dict[str, int]] = {name: {} for name in asked}
    for name, value, number in db.session.execute(union_all(*asked.values())):
        if value:
            found[name][value] = int(number)
    return found


def ids_found(waiting: Select[Any], revision_id: Any, words: str) -> list[uuid.UUID]:
    """Of the listings of a query, those whose number, title or organisation holds every word.

    Compared without diacritics: what waits for review stands in no search index yet.
    """
    rows = db.session.execute(
        select(
            Listing.id,
            Listing.kind,
            Listing.number,
            Organisation.name_vi,
            Organisation.name_en,
            RevisionText.text,
        )
        .join(Organisation, Organisation.id == Listing.organisation_id)
        .outerjoin(RevisionText, (RevisionText.revision_id == revision_id) & (RevisionText.field == "title"))
        .where(Listing.id.in_(waiting))
    )
    texts: dict[uuid.UUID, str] = {}
    for listing_id, kind, number, *rest in rows:
        label = f"{'N' if kind == 'need' else 'C'}-{number:04d}"
        said = " ".join([label, *(text for text in rest if text)])
        texts[listing_id] = f"{texts.get(listing_id, '')} {fold(said).lower()}"
    wanted = fold(words).lower().split()
    return [listing_id for listing_id, text in texts.items() if all(word in text for word in wanted)]
