"""What people chose, and changing it. What waits for a digest follows the new choice at once."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping

from sqlalchemy import select

from ppp_match import jobs
from ppp_match.db import db, now
from ppp_match.lifecycle import Refused
from ppp_match.notifications.groups import AT_ONCE, DAILY, FREQUENCIES, GROUPS, OFF, WEEKLY, frequency_of
from ppp_match.notifications.links import read_signed, sign
from ppp_match.notifications.models import NoticeChoice, OutboxMessage

NOT_MAILED = "not mailed"


def choices_of(people: Iterable[uuid.UUID]) -> dict[uuid.UUID, dict[str, str]]:
    """{person: {group: frequency}} of what was chosen; groups that lack are as the forum says."""
    found: dict[uuid.UUID, dict[str, str]] = {person: {} for person in people}
    rows = select(NoticeChoice).where(NoticeChoice.user_id.in_(found))
    for row in db.session.scalars(rows):
        found[row.user_id][row.group_code] = row.frequency
    return found


def choose(user_id: uuid.UUID, chosen: Mapping[str, str]) -> None:
    """Keep how a person wants each of these groups; the same once more changes nothing.

    Raises Refused("notice_choice_unknown") for a group or frequency that there is not.
    """
    if not set(chosen) <= set(GROUPS) or not set(chosen.values()) <= set(FREQUENCIES):
        raise Refused("notice_choice_unknown")
    user = db.metadata.tables["user"]  # by name; whoever writes choices of a person waits for the one before
    db.session.execute(select(user.c.id).where(user.c.id == user_id).with_for_update())
    kept = {
        row.group_code: row
        for row in db.session.scalars(select(NoticeChoice).where(NoticeChoice.user_id == user_id))
    }
    for group, frequency in chosen.items():
        row = kept.get(group)
        if row is None:
            db.session.add(NoticeChoice(user_id=user_id, group_code=group, frequency=frequency))
        elif row.frequency != frequency:
            row.frequency, row.changed_at = frequency, now()
    db.session.flush()
    _follow(user_id)


# --- the link of a mail ---

PURPOSE = "unsubscribe"


def unsubscribe_token(user_id: uuid.UUID, groups: Iterable[str]) -> str:
    """What a mail's link for fewer mails says: whose, and of which groups. It holds as long as the mail is kept."""
    return sign(PURPOSE, str(user_id), *groups)


def asked_by(token: str) -> tuple[uuid.UUID, list[str]]:
    """(person, groups) of such a link. Raises Refused("link_unknown"), also for somebody who has no account any more."""
    parts = read_signed(PURPOSE, token)
    user_id, groups = uuid.UUID(parts[0]), [one for one in parts[1:] if one in GROUPS]
    user = db.metadata.tables["user"]
    active = db.session.scalar(select(user.c.active).where(user.c.id == user_id))
    if not active or not groups:
        raise Refused("link_unknown")
    return user_id, groups


def unsubscribe(token: str) -> list[str]:
    """No mail of these groups any more but what asks for something by a day. Twice is as good as once."""
    user_id, groups = asked_by(token)
    choose(user_id, dict.fromkeys(groups, OFF))
    return groups


def _follow(user_id: uuid.UUID) -> None:
    """What waits for a digest goes as its person wants it now."""
    mine = choices_of([user_id])[user_id]
    waiting = select(OutboxMessage).where(
        OutboxMessage.user_id == user_id,
        OutboxMessage.state == "pending",
        OutboxMessage.digest != "",
        OutboxMessage.digest_id.is_(None),
    )
    for row in db.session.scalars(waiting.with_for_update()):
        put(row, frequency_of(row.kind, row.context, mine))
    db.session.flush()


def put(row: OutboxMessage, frequency: str) -> None:
    """Let a mail that nobody has sent go at once, with a digest, or not at all."""
    row.digest = frequency if frequency in (DAILY, WEEKLY) else ""
    if frequency == OFF:
        row.state, row.sent_at, row.last_error = "sent", now(), NOT_MAILED
    else:
        row.state, row.sent_at, row.last_error = "pending", None, ""
    if frequency == AT_ONCE:
        jobs.wake("deliver_mail")
