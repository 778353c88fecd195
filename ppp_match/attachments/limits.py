"""The store and the limits of this forum, from its settings."""

from __future__ import annotations

from ppp_match.attachments.store import Store
from ppp_match.extensions import settings_now


def store() -> Store:
    return Store(settings_now().attachments)


def is_scanned() -> bool:
    """Whether this forum has a scanner that looks at every file."""
    return bool(settings_now().clamav_socket)
