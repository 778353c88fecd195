"""Files in a conversation: both sides open them, and nobody else, the forum's people included."""

from __future__ import annotations

import uuid

from ppp_match.attachments import operations
from ppp_match.attachments.models import Attachment
from ppp_match.attachments.subjects import Kind, register_subject
from ppp_match.db import db
from ppp_match.introductions.models import Message
from ppp_match.introductions.queries import is_party
from ppp_match.permissions import Actor

SUBJECT = "message"


def attach(message: Message, checked: operations.Checked, *, actor: Actor) -> Attachment:
    """Add a file to a message that is being sent; both sides see it with the message."""
    return operations.add(
        SUBJECT, message, checked, organisation_id=message.organisation_id, state="shown", actor=actor
    )


def shown_to(message: Message, attachment: Attachment, actor: Actor) -> bool:
    return attachment.state == "shown" and message.hidden is None and is_party(actor, message.introduction)


def find(message_id: uuid.UUID) -> Message | None:
    return db.session.get(Message, message_id)


register_subject(SUBJECT, Kind(find, shown_to, lambda _message, _attachment: True))
