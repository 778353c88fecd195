"""The home pages: the portal for everybody, a page of one's work for each role, the pages about the forum."""

from __future__ import annotations

from flask import Blueprint, Flask, abort, redirect, render_template, url_for
from flask_babel import get_locale
from werkzeug.wrappers import Response

from ppp_match.config import Settings
from ppp_match.home import figures, queries, suggestions
from ppp_match.home.desk import desk_tasks
from ppp_match.home.moved import moved
from ppp_match.home.navigation import register_navigation, waiting
from ppp_match.home.work import Desk, member_tasks
from ppp_match.listings.models import Listing
from ppp_match.listings.presentation import STATE_LOOKS, Card, card
from ppp_match.partnerships import queries as partnerships
from ppp_match.permissions import can
from ppp_match.vocabularies import sectors, term_name
from ppp_match.web import current_actor, public, requires

blueprint = Blueprint("home", __name__)
about = Blueprint("about", __name__)
ABOUT_PAGES = ("matching", "conduct", "accessibility")


@blueprint.get("/")
@public
def index() -> str | Response:
    actor = current_actor()
    if can(actor, "listing.review"):
        return desk()
    if can(actor, "listing.mine"):
        return work()
    if actor.is_authenticated:
        return render_template("home/welcome.html", needs=_cards(queries.newest_needs()))
    return portal()


@blueprint.get("/portal")
@public
def portal() -> str:
    return render_template(
        "home/portal.html",
        figures=figures.portal_figures(),
        needs=_cards(queries.newest_needs()),
        sectors=[sector for sector in sectors() if sector.parent is None],
        counts=queries.open_needs_by_sector(),
    )


def work() -> str:
    """What waits for a member of an organisation, what moved, what they can do next."""
    actor, lang = current_actor(), str(get_locale())
    organisation = actor.acting_for
    assert organisation is not None  # noqa: S101  whoever may see own listings acts for one
    listings = queries.own_listings(actor)
    beside = queries.beside_of(listings)
    desk = Desk(
        listings,
        beside,
        queries.offers_waiting_for(actor),
        queries.talks_waiting(actor),
        partnerships.asked_now(actor) if waiting(actor).partnerships else [],
        organisation.country,
        lang,
        actor,
    )
    company = can(actor, "interest.express")
    interests = queries.own_interests(actor) if company else []
    needs, next_steps = (
        suggestions.for_company(organisation.id, listings, beside, {one.need_id for one in interests}, lang)
        if company
        else ([], suggestions.for_city(listings, lang))
    )
    helper = organisation.kind in ("expert", "partner")
    return render_template(
        "home/work.html",
        tasks=member_tasks(desk),
        listings=listings,
        matches={one: found.matches for one, found in beside.items()},
        interests=interests,
        moved=moved(queries.newest_notices(actor), queries.acts_of_colleagues(actor), lang),
        figures=figures.own_figures(actor),
        needs=_cards(needs or (queries.newest_needs(5) if company and not helper else [])),
        needs_are_near=bool(needs),
        next_steps=next_steps,
        early=_cards(queries.early_needs()) if helper else [],
        pipeline=[(stage, term_name("stage", stage.code, lang)) for stage in figures.pipeline()]
        if helper
        else [],
        state_looks=STATE_LOOKS,
    )


def desk() -> str:
    """What waits for a moderator or an administrator."""
    actor = current_actor()
    load = figures.review_load(actor)
    return render_template(
        "home/desk.html",
        tasks=desk_tasks(load),
        load=load,
        figures=figures.portal_figures(),
        moved=moved(queries.newest_notices(actor), [], str(get_locale())),
    )


@blueprint.get("/admin")
@requires("user.manage")
def administration() -> str:
    """What administrators look after, each with what it is for and how much of it waits."""
    return render_template("home/administration.html", waiting=waiting(current_actor()))


@about.get("/about/<slug>")
@public
def page(slug: str) -> str | Response:
    if slug == "privacy":
        return redirect(url_for("privacy.notice"), 303)
    if slug not in ABOUT_PAGES:
        abort(404)
    return render_template(f"about/{slug}.html")


def _cards(listings: list[Listing]) -> list[Card]:
    lang = str(get_locale())
    return [card(listing, lang) for listing in listings]


def register(app: Flask, settings: Settings) -> None:
    """Hang this room on the application."""
    app.register_blueprint(blueprint)
    app.register_blueprint(about)
    register_navigation(app)
