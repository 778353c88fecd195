"""A forum whose purposes and schedule are in place, as after the first start."""

from __future__ import annotations

import pytest

from ppp_match.seeding.privacy import load_privacy, publish_first_versions


@pytest.fixture
def purposes(app):
    """Purposes and rules are there; nothing is published."""
    load_privacy()


@pytest.fixture
def terms(purposes):
    """The first version of every purpose has been in force for long."""
    publish_first_versions()
