"""Hangs the indexes on the application. The search page needs listings, so it stands in `listings/search_page.py`."""

from __future__ import annotations

from flask import Flask

from ppp_match import health
from ppp_match.config import Settings
from ppp_match.search import embeddings  # noqa: F401  names its job
from ppp_match.search.store import KINDS, index_of, register_store
from ppp_match.search.vectors import register_vectors


def _index() -> None:
    """Both indexes answer, whole or for now with the newest listings; one that is missing or damaged is built anew."""
    for kind in KINDS:
        index_of(kind)


health.PARTS["index"] = _index


def register(app: Flask, settings: Settings) -> None:
    """Hang this room on the application."""
    register_store(app, settings)
    register_vectors(app, settings)
