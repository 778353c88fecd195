"""Which group a notice belongs to, and how often at least what it says goes by mail.

People choose by group. What tells of the account itself always goes at once, and what asks for an answer by a day
comes in the daily digest at the latest, whatever is chosen for its group.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

AT_ONCE, DAILY, WEEKLY, OFF = "at_once", "daily", "weekly", "off"
FREQUENCIES: dict[str, Any] = {
    AT_ONCE: _l("By mail at once"),
    DAILY: _l("In a daily digest"),
    WEEKLY: _l("In a weekly digest"),
    OFF: _l("No mail, in the inbox only"),
}
ACCOUNT = "account"


@dataclass(frozen=True)
class Group:
    """Notices that a person understands as one thing. `asks`: some of them want an answer by a day."""

    name: Any
    holds: Any
    default: str = AT_ONCE
    asks: bool = False
    staff: bool = False


GROUPS: dict[str, Group] = {
    "listings": Group(
        _l("My organisation's needs and capabilities"),
        _l("What the forum says about them, addenda, joint needs, mergers."),
    ),
    "pairs": Group(
        _l("Interest, offers and introductions"),
        _l("Offers that wait for an answer, what became of them, introductions."),
        asks=True,
    ),
    "messages": Group(_l("Messages"), _l("New messages in conversations after an introduction.")),
    "questions": Group(
        _l("Questions and answers on needs"),
        _l("Questions that your organisation answers, and answers that everybody reads."),
        asks=True,
    ),
    "partnerships": Group(
        _l("Partnerships"),
        _l("What the other side reports, what differs, and the forum's question how it goes."),
        asks=True,
    ),
    "organisation": Group(
        _l("My organisation and its people"),
        _l("Verification and its end, references, team, handovers, declared relations and interests."),
        asks=True,
    ),
    "watching": Group(
        _l("What I watch"), _l("Changes and addenda of needs and capabilities that you watch."), default=DAILY
    ),
    "conduct": Group(
        _l("Reports and appeals"),
        _l("What became of them, and what the forum decided about something of yours."),
        asks=True,
    ),
    "forum": Group(
        _l("The forum's work"),
        _l("What waits for moderators and administrators, and notes of colleagues."),
        staff=True,
    ),
}

# By the kind's name; where that is lacking, by the part before the first dot.
_OF_KIND = {
    "listing.submitted": "forum",
    "addendum.submitted": "forum",
    "organisation.waiting": "forum",
    "verification.waiting": "forum",
    "verification.second": "forum",
    "match.interest": "forum",
    "match.interest_withdrawn": "forum",
    "offer.not_made": "forum",
    "report.waiting": "forum",
    "appeal.waiting": "forum",
    "concern.waiting": "forum",
    "relation.ending": "forum",
    "declared_interest.ending": "forum",
    "recusal.imposed": "forum",
    "declaration.waiting": "forum",
    "declaration.cleared": "pairs",
    "correction.asked": "forum",
}
_OF_ROOM = {
    "listing": "listings",
    "addendum": "listings",
    "join": "listings",
    "merge": "listings",
    "draft": "listings",
    "watch": "watching",
    "interest": "pairs",
    "offer": "pairs",
    "introduction": "pairs",
    "message": "messages",
    "question": "questions",
    "partnership": "partnerships",
    "organisation": "organisation",
    "verification": "organisation",
    "reference": "organisation",
    "team": "organisation",
    "handover": "organisation",
    "relation": "organisation",
    "declared_interest": "organisation",
    "report": "conduct",
    "appeal": "conduct",
    "suspension": "forum",
    "moderation": "forum",
    "copy": ACCOUNT,
    "erasure": ACCOUNT,
    "correction": ACCOUNT,
    "account": ACCOUNT,
}
# What asks for something by a day: an answer, a renewal, an appeal.
ASKING = frozenset(
    {
        "offer.asked",
        "offer.reminder",
        "declaration.cleared",
        "question.asked",
        "partnership.status",
        "partnership.status_reminder",
        "partnership.lapsed",
        "organisation.suspended",
        "verification.returned",
        "verification.ends_soon",
        "verification.expired",
        "relation.list_due",
        "report.measure",
        "appeal.upheld",
    }
)


def group_of(kind: str, params: Mapping[str, Any]) -> str:
    """The group of a notice. Raises KeyError for a kind that nobody sorted."""
    if params.get("side") == "forum":
        return "forum"
    return _OF_KIND.get(kind) or _OF_ROOM[kind.partition(".")[0]]


def frequency_of(kind: str, params: Mapping[str, Any], choices: Mapping[str, str]) -> str:
    """How a notice goes by mail to somebody with these choices ({group: frequency}, what lacks is as the forum says)."""
    group = group_of(kind, params)
    if group == ACCOUNT:
        return AT_ONCE
    chosen = choices.get(group, GROUPS[group].default)
    return DAILY if kind in ASKING and chosen in (WEEKLY, OFF) else chosen
