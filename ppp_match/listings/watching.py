"""Watching a listing: who does, and what they are told.

Told are changes that were accepted, addenda, a later last day for answers, the end. One event is one notice. The
people of the listing's own organisation are told of their listing by notices of their own, so they are left out.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from ppp_match import audit
from ppp_match.accounts.models import Membership, User
from ppp_match.db import db
from ppp_match.formats import datefmt
from ppp_match.lifecycle import NotPermitted
from ppp_match.listings import labels
from ppp_match.listings.models import Listing
from ppp_match.listings.models_addenda import Addendum, Watch
from ppp_match.listings.queries import with_rows
from ppp_match.notifications.operations import notify
from ppp_match.permissions import Actor, can

MOST_WATCHED = 500
MOST_FIELDS = 4
WITHHELD = ("city", "contact_unit")  # what readers of an anonymous need do not see, so cannot see change


def watch(listing: Listing, *, actor: Actor) -> None:
    """Hear of the listing from now on. Asked twice, it is one watch."""
    if actor.user_id is None or not can(actor, "listing.watch") or listing.state != "published":
        raise NotPermitted("not_permitted", "listing.watch")
    if is_watching(listing, actor):
        return
    try:
        with db.session.begin_nested():
            db.session.add(Watch(user_id=actor.user_id, listing_id=listing.id))
    except IntegrityError:  # a second click was a moment earlier
        return
    audit.record("listing.watch", listing, actor=actor)


def unwatch(listing_id: uuid.UUID, *, actor: Actor) -> bool:
    """Hear of it no more, whether it can be seen still or not. True if it was watched."""
    row = db.session.get(Watch, (actor.user_id, listing_id)) if actor.user_id else None
    if row is None:
        return False
    db.session.delete(row)
    db.session.flush()
    return True


def is_watching(listing: Listing, actor: Actor) -> bool:
    if actor.user_id is None:
        return False
    return db.session.get(Watch, (actor.user_id, listing.id)) is not None


def watched_by(actor: Actor) -> list[Watch]:
    """What a person watches, the newest first; with what a row of a list shows."""
    wanted = select(Watch).where(Watch.user_id == actor.user_id)
    rows = db.session.scalars(
        wanted.order_by(Watch.created_at.desc(), Watch.listing_id)
        .limit(MOST_WATCHED)
        .options(joinedload(Watch.listing).options(*with_rows()))  # type: ignore[arg-type]
    )
    return list(rows)


def watchers_of(listing: Listing) -> list[User]:
    """Active people who watch a listing and are not of its own organisation."""
    own = select(Membership.user_id).where(Membership.organisation_id == listing.organisation_id)
    return list(
        db.session.scalars(
            select(User)
            .join(Watch, Watch.user_id == User.id)
            .where(Watch.listing_id == listing.id, User.active.is_(True), User.id.not_in(own))
            .order_by(User.id)
        )
    )


# --- what they are told ------------------------------------------------------------------------------------------


def tell_of_change(listing: Listing, changed: Iterable[str]) -> None:
    """An amendment was accepted: say in which fields, and the new last day for answers if that is one of them."""
    withheld = WITHHELD if listing.hides_its_city else ()
    names = [name for name in changed if name not in withheld]
    if not names:
        return
    until = listing.shown.response_until if "response_until" in names else None
    params = _about(listing) | _in_both("fields", lambda: _fields(listing.kind, names))
    _tell(listing, "watch.changed", listing, params, until=until, once=str(listing.live_revision_id))


def tell_of_addendum(listing: Listing, addendum: Addendum) -> None:
    """An addendum was published; its date, if it has one, stands in the same notice."""
    params = _about(listing) | {"number": addendum.number}
    _tell(listing, "watch.addendum", addendum, params, until=addendum.response_until)


def tell_of_end(listing: Listing) -> None:
    """It was closed or withdrawn."""
    _tell(
        listing, "watch.closed" if listing.state == "closed" else "watch.withdrawn", listing, _about(listing)
    )


def _tell(
    listing: Listing,
    kind: str,
    subject: Any,
    params: dict[str, Any],
    *,
    until: date | None = None,
    once: str = "",
) -> None:
    people = watchers_of(listing)
    if not people:
        return
    if until is not None:
        params = params | {"side": "date"} | _in_both("until", lambda: datefmt(until))
    notify(people, kind, subject, params=params, once=once)


def _about(listing: Listing) -> dict[str, Any]:
    said = listing.shown
    titles = {f"title_{code}": said.text("title", code) for code in ("vi", "en") if said.text("title", code)}
    return {"label": listing.label, "kind": listing.kind} | (titles or {"title": said.text("title")})


def _fields(kind: str, names: list[str]) -> str:
    shown = dict.fromkeys(str(_label(kind, name)) for name in names)
    words = list(shown)[:MOST_FIELDS]
    if len(shown) > MOST_FIELDS:
        words.append(_("and %(n)s more", n=len(shown) - MOST_FIELDS))
    return "; ".join(words)


def _label(kind: str, name: str) -> Any:
    if name == "attachments":
        return _("Files")
    return _("Budget") if name in ("amount_min", "amount_max", "currency") else labels.label(kind, name)


def _in_both(name: str, words: Callable[[], str]) -> dict[str, str]:
    """Words in both languages, so that each reader gets theirs."""
    found = {}
    for lang in ("vi", "en"):
        with force_locale(lang):
            found[f"{name}_{lang}"] = words()
    return found
