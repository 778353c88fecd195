"""Pages of this room: registers what the modules named after what they show hold."""

from __future__ import annotations

from flask import Flask

from ppp_match.config import Settings
from ppp_match.steering import judged_views, worker  # noqa: F401  their routes and jobs
from ppp_match.steering.blueprint import blueprint


def register(app: Flask, settings: Settings) -> None:
    """Hang this room on the application."""
    app.register_blueprint(blueprint)
