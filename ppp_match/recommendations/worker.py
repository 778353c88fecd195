"""The background job of this room: stored matches follow what was published, changed or withdrawn."""

from __future__ import annotations

from flask import current_app

from ppp_match.jobs import job, let_others_write
from ppp_match.recommendations.refresh import follow_changes


@job("refresh_matches", minutes=1)
def refresh_matches() -> int:
    """Refresh the needs that changes since last time touched; returns how many."""
    return follow_changes(top=current_app.extensions["settings"].matches_per_need, pause=let_others_write)
