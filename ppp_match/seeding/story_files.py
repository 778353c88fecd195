"""The story of the files: attached by their owners, read by a moderator, shown with the text."""

from __future__ import annotations

from pathlib import Path

from ppp_match.attachments import operations as attachments
from ppp_match.introductions import files as talk_files
from ppp_match.introductions.models import Message
from ppp_match.listings.files import SUBJECT
from ppp_match.permissions import Actor
from ppp_match.seeding.papers import content_of
from ppp_match.seeding.timeline import Act, Day, Record, acting, listing_of, moderator_of


def acts_of_files(path: Path, record: Record) -> list[Act]:
    """One file beside a listing: `waits` leaves it unread, as with a draft or a text in review."""
    at = Day(path, record).moment(record["days_ago"])
    return [Act(at, lambda: _attach(path, record), path, record["__line__"])]


def _attach(path: Path, record: Record) -> None:
    listing = listing_of(path, record["__line__"], record["listing"])
    owner = acting(path, record["__line__"], record.get("by"), listing.organisation)
    attachments.add(SUBJECT, listing, checked(record), organisation_id=listing.organisation_id, actor=owner)
    if not record.get("waits"):
        reader = moderator_of(path, record).as_actor()
        attachments.show_waiting(SUBJECT, listing.id, anonymous=listing.hides_its_city, actor=reader)


def attach_to_message(message: Message, record: Record, *, actor: Actor) -> None:
    """The file that a message of the story brings along."""
    talk_files.attach(message, checked(record), actor=actor)


def checked(record: Record) -> attachments.Checked:
    """The file of a record, looked at like any other."""
    return attachments.check(
        record["name"], content_of(record), description=record["description"], lang=record["lang"]
    )
