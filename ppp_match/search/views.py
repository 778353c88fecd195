"""Hangs the indexes on the application. The search page needs listings, so it stands in `listings/search_page.py`."""

from __future__ import annotations

from flask import Flask

from ppp_match.config import Settings
from ppp_match.search import embeddings  # noqa: F401  names its job
from ppp_match.search.store import register_store
from ppp_match.search.vectors import register_vectors


def register(app: Flask, settings: Settings) -> None:
    """Hang this room on the application."""
    register_store(app, settings)
    register_vectors(app, settings)
