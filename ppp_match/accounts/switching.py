"""Where somebody lands who begins to act for another of their organisations: the same kind of page, or home."""

from __future__ import annotations

import uuid

from flask import current_app, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from ppp_match.accounts.sign_in_forms import is_local_path
from ppp_match.permissions import Actor, can

# Pages that look the same, or show the like, for each of one's organisations.
KEPT = frozenset(
    {
        "about.page",
        "accounts.profile",
        "accounts.sessions",
        "home.portal",
        "introductions.detail",
        "introductions.index",
        "introductions.offer",
        "introductions.offers",
        "listings.detail",
        "listings.index",
        "listings.mine",
        "notifications.inbox",
        "recommendations.mine",
        "search.everything",
        "teams.handover",
    }
)
# Pages about one's organisation, and the one about the organisation chosen that stands for each of them.
OF_AN_ORGANISATION = {
    "organisations.detail": "organisations.detail",
    "organisations.edit": "organisations.detail",
    "teams.team": "teams.team",
    "teams.leave": "teams.team",
    "teams.hand_over": "teams.team",
    "teams.remove": "teams.team",
    "teams.invite": "teams.team",
}
CREATES = {"needs": "need.create", "capabilities": "capability.create"}


def landing(page: str, actor: Actor) -> str:
    """The address for `actor`, who acts for the organisation just chosen and came from `page`."""
    home = url_for("home.index")
    if not is_local_path(page) or len(page) > 2000:
        return home
    try:
        endpoint, values = current_app.url_map.bind("localhost").match(page.partition("?")[0], method="GET")
    except (HTTPException, RequestRedirect):
        return home
    if endpoint in KEPT:
        return page
    if endpoint == "listings.edit":
        return url_for("listings.detail", **values)
    if endpoint == "listings.new" and can(actor, CREATES[values["kind"]]):
        return page
    if endpoint in OF_AN_ORGANISATION:
        own: uuid.UUID = values["id"]
        if own in actor.organisation_ids and actor.organisation_id is not None:
            return url_for(OF_AN_ORGANISATION[endpoint], id=actor.organisation_id)
        return page if endpoint == "organisations.detail" else home
    return home
