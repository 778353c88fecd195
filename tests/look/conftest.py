"""The small forum of the walks, for the checks of pages."""

from tests.walk.conftest import clients, world  # noqa: F401
