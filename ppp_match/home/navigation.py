"""The menu of each role, with counts of what waits for this person and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask, g, request, url_for
from flask_babel import gettext as _

from ppp_match.counting import ON_EVERY_PAGE, counted
from ppp_match.home import waiting as counts
from ppp_match.home.elsewhere import waiting_elsewhere
from ppp_match.permissions import Actor, can
from ppp_match.web import current_actor


@dataclass(frozen=True)
class NavItem:
    """One entry of the menu."""

    url: str
    label: str
    current: bool
    waiting: int = 0


def _item(endpoint: str, label: str, waiting: int = 0, **values: Any) -> NavItem:
    url = url_for(endpoint, **values)
    current = request.path == url or (url != "/" and request.path.startswith(url + "/"))
    return NavItem(url, label, current, waiting)


def nav_items(actor: Actor) -> list[NavItem]:
    items = [_item("home.index", _("My work"))] if actor.is_authenticated else []
    if can(actor, "listing.review"):
        items += [
            _item("moderation.listings", _("Listings"), waiting(actor).listings),
            _item("moderation.matches", _("Matches"), waiting(actor).matches),
            _item("moderation.organisations", _("Organisations"), waiting(actor).organisations),
            _item("complaints.queue", _("Reports"), waiting(actor).complaints),
        ]
        if waiting(actor).partnerships:
            items.append(_item("partnerships.queue", _("Partnerships"), waiting(actor).partnerships))
        if waiting(actor).questions:
            items.append(_item("questions.queue", _("Overdue questions"), waiting(actor).questions))
        if waiting(actor).declarations:  # rare, so not a place of the menu while nothing waits
            items.append(_item("declarations.queue", _("Declarations"), waiting(actor).declarations))
    if can(actor, "user.manage"):
        told = waiting(actor).concerns + waiting(actor).corrections
        items.append(_item("home.administration", _("Administration"), told))
    items += [
        _item("listings.index", _("Needs"), kind="needs"),
        _item("listings.index", _("Capabilities"), kind="capabilities"),
    ]
    if actor.country_overseen:
        items.append(_item("listings.of_country", _("Needs of my country")))
    if can(actor, "offer.answer"):
        items += [
            _item("introductions.offers", _("Offers"), waiting(actor).offers),
            _item("introductions.index", _("Introductions"), waiting(actor).conversations),
            _item("partnerships.index", _("Partnerships"), waiting(actor).partnerships),
        ]
    if can(actor, "question.answer") and waiting(actor).questions:
        items.append(_item("questions.mine", _("Questions"), waiting(actor).questions))
    if not actor.is_authenticated:
        items.append(_item("results.index", _("Results")))
        items.append(_item("about.page", _("How matching works"), slug="matching"))
    return items


def waiting(actor: Actor) -> counts.Waiting:
    """The counts of the menu, asked for once a request."""
    return counts.Waiting(**counted("menu", counts.waiting)) if actor.is_authenticated else counts.Waiting()


ON_EVERY_PAGE["menu"] = counts.waiting


def register_navigation(app: Flask) -> None:
    @app.context_processor
    def _navigation() -> dict[str, Any]:
        if g.get("without_database"):
            return {"nav_items": [], "unread_notices": 0, "waiting_elsewhere": dict}
        actor = current_actor()
        return {
            "nav_items": nav_items(actor),
            "unread_notices": waiting(actor).notices,
            "waiting_elsewhere": lambda: waiting_elsewhere(actor),
        }
