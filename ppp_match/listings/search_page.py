"""The search page: needs and capabilities for words in either language, with or without diacritics."""

from __future__ import annotations

from flask import Blueprint, Flask, render_template, request
from flask_babel import get_locale

from ppp_match.config import Settings
from ppp_match.listings import documents  # noqa: F401  registers what the indexes are built from
from ppp_match.listings.presentation import card
from ppp_match.listings.queries_similar import found_listings, similar_needs
from ppp_match.listings.sectors_named import sectors_named
from ppp_match.web import requires

TOP = 15  # of each kind; the lists show the rest
LONGEST = 300

blueprint = Blueprint("search", __name__)


@blueprint.get("/search")
@requires("portal.read")
def everything() -> str:
    """Needs and capabilities that speak of the words asked for."""
    lang = str(get_locale())
    words = request.args.get("q", "").replace("\x00", " ").strip()[:LONGEST]
    needs, about_needs = found_listings("need", words, TOP) if words else ([], None)
    capabilities, about_capabilities = found_listings("capability", words, TOP) if words else ([], None)
    return render_template(
        "search/everything.html",
        q=words,
        needs=[card(one, lang) for one in needs],
        capabilities=[card(one, lang) for one in capabilities],
        result=about_capabilities or about_needs,
        sectors=sectors_named(words),
    )


def register(app: Flask, settings: Settings) -> None:
    """Hang the page on the application."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals["similar_needs"] = similar_needs
