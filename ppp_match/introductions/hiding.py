"""The forum hides a message, and shows it again. Its words stay in the record; both sides see the reason instead."""

from __future__ import annotations

from ppp_match import audit
from ppp_match.db import db, now, wait_for
from ppp_match.introductions.models import HiddenMessage, Message
from ppp_match.lifecycle import NotPermitted, ReasonMissing, Refused
from ppp_match.permissions import Actor, can

LONGEST_REASON = 1000


def hide_message(message: Message, *, reason: str, actor: Actor) -> None:
    """Raises NotPermitted (also for people of either side), ReasonMissing; Refused: message_hidden, note_too_long."""
    _may(message, actor)
    words = reason.strip()
    if not words:
        raise ReasonMissing("reason_missing", "hidden")
    if len(words) > LONGEST_REASON:
        raise Refused("note_too_long")
    wait_for(message)
    if message.hidden is not None:
        raise Refused("message_hidden")
    message.hidden = HiddenMessage(reason=words, by_id=actor.user_id, at=now())
    db.session.flush()
    audit.record("message.hidden", message, actor=actor, reason=words)


def show_message(message: Message, *, reason: str, actor: Actor) -> None:
    """Take the placeholder away, where there is one."""
    _may(message, actor)
    wait_for(message)
    if message.hidden is None:
        return
    message.hidden = None
    db.session.flush()
    audit.record("message.shown", message, actor=actor, reason=reason.strip())


def _may(message: Message, actor: Actor) -> None:
    if not can(actor, "report.decide", message):
        raise NotPermitted("not_permitted", "report.decide")
