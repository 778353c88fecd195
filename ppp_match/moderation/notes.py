"""Notes among moderators on a listing in review, on a bench or on one pair. The two sides never see them.

A note is only ever added to: what was said stays, so that a decision can be followed later.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import joinedload

from ppp_match import audit
from ppp_match.accounts.models import User
from ppp_match.db import db
from ppp_match.lifecycle import NotPermitted, Refused
from ppp_match.listings.models import Listing
from ppp_match.moderation import assignment
from ppp_match.moderation.models import ModerationNote
from ppp_match.notifications.operations import notify
from ppp_match.permissions import Actor, can
from ppp_match.recommendations.models import Match

LONGEST = 2000


def add_note(
    listing: Listing,
    queue: str,
    *,
    text: str,
    actor: Actor,
    match: Match | None = None,
    tell: User | None = None,
) -> ModerationNote:
    """Write a note; the colleague who looks after it is told, and the one named in `tell`.

    Raises NotPermitted for a moderator of one of the organisations; Refused: note_empty, note_too_long,
    assignee_unknown, assignee_conflict (the colleague to tell may not read it).
    """
    subject = match or listing
    if not can(actor, "moderation.note", subject):
        raise NotPermitted("not_permitted", "moderation.note")
    words = text.strip()
    if not words:
        raise Refused("note_empty")
    if len(words) > LONGEST:
        raise Refused("note_too_long", str(len(words)))
    if tell is not None:
        if not tell.active or tell.staff_role is None:
            raise Refused("assignee_unknown")
        if not can(tell.as_actor(), "moderation.note", subject):
            raise Refused("assignee_conflict")
    note = ModerationNote(
        listing_id=listing.id,
        queue=queue,
        match_id=match.id if match else None,
        author_id=actor.user_id,
        told_id=tell.id if tell else None,
        text=words,
    )
    db.session.add(note)
    db.session.flush()
    audit.record("note.written", note, actor=actor)
    _tell(note, listing, match, tell, actor)
    return note


def _tell(
    note: ModerationNote, listing: Listing, match: Match | None, tell: User | None, actor: Actor
) -> None:
    held = assignment.assignment_of(listing.id, note.queue)
    subject = match or listing
    people = [person for person in (tell, held.assignee if held else None) if person is not None]
    readers = [
        person
        for person in people
        if person.id != actor.user_id and can(person.as_actor(), "moderation.note", subject)
    ]
    params = {
        "who": actor.name,
        "title": listing.shown.text("title"),
        "queue": note.queue,
        "kind": listing.kind,
        "pair": str(match.id) if match else "",
    }
    notify(readers, "moderation.note", listing, params=params, once=str(note.id))


def notes_on(listing: Listing, queue: str, match: Match | None, *, actor: Actor) -> list[ModerationNote]:
    """The thread on a listing or a bench, with what was said of the open pair, oldest first.

    Notes on a pair are shown on both benches of the pair, and only to those who may review it.
    """
    if not can(actor, "moderation.note", listing):
        return []
    concerned: ColumnElement[bool] = (ModerationNote.listing_id == listing.id) & ModerationNote.match_id.is_(
        None
    )
    if match is not None and can(actor, "moderation.note", match):
        concerned = or_(concerned, ModerationNote.match_id == match.id)
    return list(
        db.session.scalars(
            select(ModerationNote)
            .where(ModerationNote.queue == queue, concerned)
            .options(joinedload(ModerationNote.author), joinedload(ModerationNote.told))
            .order_by(ModerationNote.created_at, ModerationNote.id)
        )
    )
