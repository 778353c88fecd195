"""The world that the walks go through, built once a test."""

from __future__ import annotations

import pytest

from tests.conftest import sign_in
from tests.world import ROLES, World, build_world


@pytest.fixture
def world(app) -> World:
    return build_world()


@pytest.fixture
def clients(app, client, world):
    """{role: a client signed in as that role}."""
    found = {}
    for role in ROLES:
        person = world.people[role]
        found[role] = app.test_client() if person is None else sign_in(app.test_client(), person)
    return found
