"""Files beside a need or a capability: they become public as its words do, after a moderator has read them.

A file of a draft waits with the draft. A file for a published text makes an amendment, or joins the one there is, and
is shown when that is accepted. While a moderator has the text, its files stay as they are.
"""

from __future__ import annotations

import uuid

from ppp_match.attachments import operations as attachments
from ppp_match.attachments.models import Attachment
from ppp_match.attachments.subjects import Kind, register_subject
from ppp_match.db import db, now
from ppp_match.lifecycle import NotPermitted, Refused
from ppp_match.listings import operations, queries, saves
from ppp_match.listings.models import Listing
from ppp_match.permissions import Actor, can

SUBJECT = "listing"


def attach(listing: Listing, checked: attachments.Checked, *, actor: Actor) -> Attachment:
    """Add a file to the text being worked on. Raises NotPermitted; Refused: under_review, not_editable,
    too_many_files."""
    if not can(actor, "listing.edit", listing):
        raise NotPermitted("not_permitted", "listing.edit")
    operations.refuse_unless_editable(listing)
    attachment = attachments.add(
        SUBJECT, listing, checked, organisation_id=listing.organisation_id, actor=actor
    )
    if listing.state == "published" and listing.amendment is None:
        with saves.kept(listing, actor=actor):
            operations.revision_to_edit(listing, actor)
            listing.changed_at = now()
        db.session.flush()
    return attachment


def detach(listing: Listing, attachment: Attachment, *, actor: Actor) -> None:
    """Remove a file that is not published, while the text may be changed."""
    if attachment.subject_id != listing.id or not can(actor, "listing.edit", listing):
        raise NotPermitted("not_permitted", "listing.edit")
    if attachment.state != "waiting":
        raise Refused("file_fixed")
    operations.refuse_unless_editable(listing)
    attachments.remove(attachment, actor=actor)


def shown_to(listing: Listing, attachment: Attachment, actor: Actor) -> bool:
    """Published files go with the text; others are for its own people, and for reviewers once it was sent."""
    if actor.is_system or listing.organisation_id in actor.organisation_ids:
        return True
    if not queries.is_visible_to(listing, actor):
        return False
    if attachment.state == "shown":
        withheld = listing.hides_its_city and not attachment.anonymous
        return not withheld or queries.sees_identity(listing, actor)
    return actor.staff_role is not None and (attachment.state == "refused" or _was_sent(listing))


def _was_sent(listing: Listing) -> bool:
    waiting = operations.under_review(listing)
    return waiting.state in ("submitted", "in_review", "returned")


def private(listing: Listing, attachment: Attachment) -> bool:
    return attachment.state != "shown" or listing.state not in queries.PUBLIC_STATES


def find(listing_id: uuid.UUID) -> Listing | None:
    return db.session.get(Listing, listing_id, options=[*queries.with_rows()])


register_subject(SUBJECT, Kind(find, shown_to, private))
