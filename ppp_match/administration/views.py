"""Hang the pages of this room on the application."""

from __future__ import annotations

from flask import Flask

from ppp_match.administration import organisation_views, vocabulary_views  # noqa: F401  they register themselves
from ppp_match.administration.blueprint import blueprint
from ppp_match.config import Settings


def register(app: Flask, settings: Settings) -> None:
    """Hang this room on the application."""
    app.register_blueprint(blueprint)
