"""Pages of the moderators: registers what the modules named after what is reviewed hold."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from ppp_match.config import Settings
from ppp_match.listings.beside import COUNTED
from ppp_match.moderation import (  # noqa: F401  their routes
    addenda_review,
    below_review,
    care,
    consortia_review,
    exposure_review,
    file_review,
    keys,
    listing_review,
    merge_review,
    models,
    organisation_review,
    together,
    workbench,
)
from ppp_match.moderation.blueprint import blueprint
from ppp_match.moderation.models import Assignment, ModerationNote

COUNTED["notes"] = lambda listing, _actor: select(ModerationNote.id).where(
    ModerationNote.listing_id == listing.id
)
COUNTED["assigned"] = lambda listing, _actor: select(Assignment.listing_id).where(
    Assignment.listing_id == listing.id
)


def register(app: Flask, settings: Settings) -> None:
    """Hang this room on the application."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals.update(undo_offer=together.undo_offer)
