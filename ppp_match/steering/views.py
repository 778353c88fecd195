"""Pages of this room: registers what the modules named after what they show hold."""

from __future__ import annotations

from flask import Flask

from ppp_match.config import Settings
from ppp_match.search.store import register_tuning
from ppp_match.steering import (  # noqa: F401  routes and jobs
    judged_views,
    lexicon_draft_views,
    lexicon_views,
    versions,
    versions_views,
    worker,
)
from ppp_match.steering.blueprint import blueprint


def register(app: Flask, settings: Settings) -> None:
    """Hang this room on the application."""
    app.register_blueprint(blueprint)
    register_tuning(versions.tuning)
