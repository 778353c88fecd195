"""The background jobs of this room: stored matches follow what was published, changed or withdrawn."""

from __future__ import annotations

from flask import current_app

from ppp_match.jobs import job, let_others_write, only_reading
from ppp_match.recommendations import lots, refresh
from ppp_match.search.store import index_of


@job("refresh_matches", minutes=1)
def refresh_matches() -> int:
    """Refresh the needs that changes since last time touched; returns how many."""
    with only_reading():
        if refresh.changes_wait():
            index_of(
                "capability"
            )  # to open it or to make it anew takes seconds, in which nobody's form should wait
    return refresh.follow_changes(
        top=current_app.extensions["settings"].matches_per_need, pause=let_others_write
    )


@job(lots.JOB, minutes=60)
def draw_lots() -> int:
    """Draw pairs by lot anew where an administrator set another number; returns for how many needs."""
    with only_reading():
        if lots.needs_to_draw():
            index_of("capability")
    return refresh.draw_lots(top=current_app.extensions["settings"].matches_per_need, pause=let_others_write)
