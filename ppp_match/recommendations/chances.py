"""How likely a stored pair is a good answer, in words and as a number, and whether a need has no good answer yet.

What lives here: what the pages show of `matching/calibration.py`. Everything is read from the explanation that is
stored with the pair. A person's decision outweighs it: where a moderator chose a pair, the need has an answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask_babel import format_percent
from flask_babel import gettext as _
from sqlalchemy import select

from ppp_match.db import db, now
from ppp_match.listings.models import Listing
from ppp_match.matching.calibration import chance_word, default_calibration, no_good_match, probability_of
from ppp_match.recommendations.models import Match

CHOSEN = ("shortlisted", "approved", "offered", "introduced")  # a moderator or both sides took it further
OPEN = ("suggested", "on_hold")
FIRST_LOOK = timedelta(minutes=10)  # by then a published need was compared, so that no pair means no answer


@dataclass(frozen=True)
class Chance:
    """`code` is likely, possible or unlikely; `word` and `percent` are ready to be shown."""

    code: str
    word: str
    percent: str


def chance_of(explanation: dict[str, Any]) -> Chance | None:
    """The chance that a pair is a good answer; None where a rule says no, which is an answer of its own."""
    probability = _probability(explanation)
    if probability is None:
        return None
    code = chance_word(probability)
    words = {"likely": _("likely"), "possible": _("possible"), "unlikely": _("unlikely")}
    # Rounded down, so that a word and its number never contradict each other; nothing is certain.
    percent = min(max(int(probability * 100), 1), 99)
    return Chance(code, words[code], format_percent(percent / 100))


def nothing_good(need: Listing, pairs: Iterable[tuple[str, bool, dict[str, Any]]]) -> bool:
    """Whether nothing in the forum answers a published need well yet; `pairs` are (state, blocked, explanation)."""
    if default_calibration() is None or need.kind != "need" or need.state != "published":
        return False
    rows = list(pairs)
    if not rows:
        return need.published_at is not None and need.published_at < now() - FIRST_LOOK
    if any(state in CHOSEN for state, _blocked, _explanation in rows):
        return False
    return no_good_match(
        _probability(explanation) for state, blocked, explanation in rows if state in OPEN and not blocked
    )


def nothing_good_for(need: Listing) -> bool:
    """The same with the stored pairs of the need."""
    if need.kind != "need" or need.state != "published":
        return False
    rows = db.session.execute(
        select(Match.state, Match.blocked, Match.explanation).where(
            Match.need_id == need.id, Match.state != "withdrawn", Match.is_recommended()
        )
    )
    return nothing_good(need, [(state, blocked, explanation) for state, blocked, explanation in rows])


def _probability(explanation: dict[str, Any]) -> float | None:
    return probability_of(explanation) if explanation else None
