"""The background jobs of this room."""

from __future__ import annotations

from ppp_match.jobs import job, let_others_write
from ppp_match.steering.operations import follow_decisions


@job("judge_by_decisions", minutes=5)
def judge_by_decisions() -> int:
    """Read what moderators decided since last time as judgements; returns how many came, changed or went."""
    return follow_decisions(pause=let_others_write)
