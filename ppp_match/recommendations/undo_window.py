"""For how long a moderator may take a decision back, from the settings."""

from __future__ import annotations

from datetime import timedelta

from flask import current_app

from ppp_match.config import Settings


def undo_window() -> timedelta:
    """How long a decision can be undone; nothing where nothing can."""
    settings: Settings = current_app.extensions["settings"]
    return timedelta(seconds=settings.undo_seconds)
