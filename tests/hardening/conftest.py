"""The small forum of the walks, for hostile input."""

from __future__ import annotations

import pytest

from ppp_match.db import db
from ppp_match.listings.models import ListingNumber
from tests.walk.conftest import clients  # noqa: F401
from tests.world import World, build_world


@pytest.fixture
def world(app) -> World:
    """As in the walks; what is created through a form gets a number beyond those of the rows made for tests."""
    built = build_world()
    for kind in ("need", "capability"):
        db.session.merge(ListingNumber(kind=kind, last=1_000_000))
    db.session.commit()
    return built
