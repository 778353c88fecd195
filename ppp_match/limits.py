"""How often one person may search, match, post and write: limits by account, or by address where nobody signed in.

What lives here: the limits of ordinary pages. Sign-in, reset links and invitations have narrower ones of their own.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, request
from flask_limiter.util import get_remote_address

from ppp_match.extensions import limiter
from ppp_match.web import current_actor

# Pages that search: a list counts when it is asked for words or filters, not when one turns its pages.
SEARCHES = ("listings.index", "people.index", "inspection.trail", "moderation.matches", "steering.judged")
# Pages that match or search anew each time they are opened.
MATCHES = (
    "search.everything",
    "recommendations.standing",
    "moderation.below_the_cut",
    "moderation.add_pair",
    "moderation.consortia_of",
    "listings.before_sending",
)
SEARCH, MATCH = "60 per minute", "60 per minute"
CREATE = "30 per minute; 300 per hour"  # listings, messages, notes, offers' answers: what carries an idempotency key
WRITE = "120 per minute"  # everything else that changes something; forms save by themselves
OWN_LIMITS = (
    "security.",
    "complaints.report",
    "complaints.tell_concern",
    "complaints.concern_again",
    "teams.invite",
    "teams.resend",
    "teams.accept",
    "teams.decline",
    "teams.register",
)


def who() -> str:
    """Whose tries are counted: the account, or the address where nobody is signed in."""
    actor = current_actor()
    return f"person:{actor.user_id}" if actor.is_authenticated else f"address:{get_remote_address()}"


def _only_pages_turned() -> bool:
    return not set(request.args) - {"page", "lang", "theme", "gloss"}


def register(app: Flask) -> None:
    """Put the limits on the views of all rooms; to be called after the rooms are there."""
    views: dict[str, Any] = app.view_functions
    for endpoint in SEARCHES:
        views[endpoint] = limiter.limit(
            SEARCH, key_func=who, methods=["GET"], exempt_when=_only_pages_turned
        )(views[endpoint])
    for endpoint in MATCHES:
        views[endpoint] = limiter.limit(MATCH, key_func=who, methods=["GET"])(views[endpoint])
    for endpoint in sorted(posted(app)):
        often = CREATE if getattr(views[endpoint], "once", False) else WRITE
        views[endpoint] = limiter.limit(often, key_func=who, methods=["POST"])(views[endpoint])


def posted(app: Flask) -> set[str]:
    """Endpoints that change something and have no narrower limit of their own."""
    return {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and not rule.endpoint.startswith(OWN_LIMITS)
    }
