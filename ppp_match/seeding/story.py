"""The story of the demo: a year of decisions, offers, answers, talks, changes and joint work.

All of it goes through the forum's own operations, each act on its day (`timeline.py`), so every step has its actor,
guard, audit event and notice. What the acts of one kind are, stands in `story_*.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import BindParameter, bindparam, select, update
from sqlalchemy.orm import aliased

from ppp_match.db import db, now
from ppp_match.listings.models import Listing
from ppp_match.notifications.models import Notification, OutboxMessage
from ppp_match.recommendations.models import Match, MatchDecision
from ppp_match.recommendations.refresh import recommend_all
from ppp_match.seeding.people import records
from ppp_match.seeding.privacy import acts_of_correction
from ppp_match.seeding.story_care import acts_of_care
from ppp_match.seeding.story_complaints import acts_of_complaints
from ppp_match.seeding.story_declarations import acts_of_declarations
from ppp_match.seeding.story_files import acts_of_files
from ppp_match.seeding.story_judged import acts_of_judging
from ppp_match.seeding.story_listings import acts_of_listings, acts_of_texts
from ppp_match.seeding.story_pairs import acts_of_pair
from ppp_match.seeding.story_partnerships import acts_of_partnerships
from ppp_match.seeding.story_questions import acts_of_questions
from ppp_match.seeding.story_teams import acts_of_team
from ppp_match.seeding.story_together import acts_of_together
from ppp_match.seeding.story_verification import acts_of_verification
from ppp_match.seeding.timeline import Act, Record, play
from ppp_match.steering.operations import follow_decisions

AFTER_PUBLICATION = timedelta(hours=2)
READ_AFTER = timedelta(hours=3)
STILL_NEW = timedelta(days=6)  # notices of these days wait to be read

# file: (keys that each record needs, what makes acts of it)
FILES: dict[str, tuple[tuple[str, ...], Callable[[Path, Record], list[Act]]]] = {
    "story": (("key", "need", "capability"), acts_of_pair),
    "story-talks": (("key", "need", "capability"), acts_of_pair),
    "story-texts": (("key", "listing"), acts_of_texts),
    "story-partnerships": (("key", "need", "capability"), acts_of_partnerships),
    "story-questions": (("key", "need"), acts_of_questions),
    "story-files": (("key", "listing", "name", "description", "lang", "days_ago"), acts_of_files),
    "story-together": (("key", "what"), acts_of_together),
    "story-teams": (("key", "organisation"), acts_of_team),
    "story-moderators": (("key", "listing", "queue"), acts_of_care),
    "story-judged": (("key",), acts_of_judging),
    "story-verification": (("key", "organisation"), acts_of_verification),
    "story-corrections": (("key", "person", "days_ago", "what"), acts_of_correction),
    "story-complaints": (("key", "what", "days_ago"), acts_of_complaints),
    "story-declarations": (("key", "what", "days_ago"), acts_of_declarations),
}


def tell_story(folder: Path) -> None:
    """Act out the story*.yaml of a folder, then compute today's matches. Raises SeedError naming file and line."""
    loaded_at = now()
    acts: list[Act] = []
    for name, (required, acts_of) in FILES.items():
        path = folder / f"{name}.yaml"
        for record in records(path, required):
            acts += acts_of(path, record)
    acts += acts_of_listings(folder / "story.yaml")
    db.session.flush()
    play(acts)
    recommend_all()
    follow_decisions()
    _date_suggestions(loaded_at)
    _read_what_is_old()
    db.session.flush()


def _date_suggestions(loaded_at: datetime) -> None:
    """A suggestion is as old as the younger of its two texts; those of older needs came in the last days' runs.

    Written past the rows, which are some thousand: their dates are no new version of them.
    """
    need, capability = aliased(Listing), aliased(Listing)
    rows = db.session.execute(
        select(Match.id, need.number, need.published_at, capability.published_at)
        .join(need, need.id == Match.need_id)
        .join(capability, capability.id == Match.capability_id)
        .where(Match.created_at >= loaded_at)
    ).all()
    found = []
    for match_id, number, need_since, capability_since in rows:
        young = max(need_since or loaded_at, capability_since or loaded_at) + AFTER_PUBLICATION
        nightly = loaded_at - timedelta(days=number * 5 % 11, hours=5)
        found.append({"of": match_id, "moment": min(max(young, nightly), loaded_at)})
    if not found:
        return
    of: BindParameter[Any] = bindparam("of")
    moment: BindParameter[Any] = bindparam("moment")
    connection = db.session.connection()
    connection.execute(
        update(Match).where(Match.id == of).values(created_at=moment, computed_at=moment), found
    )
    connection.execute(update(MatchDecision).where(MatchDecision.match_id == of).values(at=moment), found)
    db.session.expire_all()


def _read_what_is_old() -> None:
    """Mail of earlier days has been sent, and notices of earlier weeks have been read."""
    for notice in db.session.scalars(select(Notification).where(Notification.created_at < now() - STILL_NEW)):
        notice.read_at = notice.read_at or notice.created_at + READ_AFTER
    before = now() - timedelta(days=1)
    for mail in db.session.scalars(
        select(OutboxMessage).where(OutboxMessage.created_at < before, OutboxMessage.state == "pending")
    ):
        mail.state, mail.sent_at = "sent", mail.created_at + timedelta(minutes=1)
        mail.attempts = 1
        if mail.kind.startswith("account."):
            mail.context = {}
