"""What each save of a listing replaced: the base of the page of conflicts, and the edit history of its owners.

A revision is edited in place, so the text that somebody opened an hour ago is gone once a colleague saves. Each save
therefore keeps the values it replaced, under the version of the listing when it began; taking saves back from the
newest on gives the text at any version. Kept for 90 days: no form stays open longer, and afterwards the published
versions and the audit trail tell what happened.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload

from ppp_match.db import db, now
from ppp_match.jobs import job
from ppp_match.listings.content import Content, content_of
from ppp_match.listings.models import Listing
from ppp_match.listings.models_addenda import ListingSave
from ppp_match.permissions import Actor

KEPT_DAYS = 90


@contextmanager
def kept(listing: Listing, *, actor: Actor, action: str = "save") -> Iterator[None]:
    """Around a change of the text being worked on: note what it replaces, if anything."""
    version, before = listing.version, content_of(listing.kind, listing.edited)
    yield
    after = content_of(listing.kind, listing.edited)
    previous = {
        key: before.get(key, "")
        for key in {**before, **after}
        if (before.get(key) or "") != (after.get(key) or "")
    }
    if previous:
        db.session.add(
            ListingSave(
                listing_id=listing.id, version=version, by_id=actor.user_id, action=action, previous=previous
            )
        )
        db.session.flush()


def saves_since(listing: Listing, version: int) -> list[ListingSave]:
    """Saves that began at that version or later, newest first, with who made them."""
    return list(
        db.session.scalars(
            select(ListingSave)
            .where(ListingSave.listing_id == listing.id, ListingSave.version >= version)
            .order_by(ListingSave.version.desc(), ListingSave.at.desc(), ListingSave.id)
            .options(joinedload(ListingSave.by))
        )
    )


def newest_saves(listing: Listing, limit: int = 30) -> list[ListingSave]:
    """The newest saves of a listing, newest first."""
    return list(
        db.session.scalars(
            select(ListingSave)
            .where(ListingSave.listing_id == listing.id)
            .order_by(ListingSave.version.desc(), ListingSave.at.desc(), ListingSave.id)
            .limit(limit)
            .options(joinedload(ListingSave.by))
        )
    )


def taken_back(content: Content, saves: list[ListingSave]) -> Content:
    """A content as it was before the saves, which are given newest first."""
    made = dict(content)
    for save in saves:
        made |= save.previous
    return made


def prune(before: datetime) -> int:
    """Forget what saves before that moment replaced. Returns how many there were."""
    done = db.session.execute(delete(ListingSave).where(ListingSave.at < before))
    return int(done.rowcount)  # type: ignore[attr-defined]


@job("prune_saves", minutes=60)
def prune_saves() -> int:
    """Forget what saves of more than 90 days ago replaced."""
    return prune(now() - timedelta(days=KEPT_DAYS))
