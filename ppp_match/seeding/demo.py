"""The demo forum: organisations, people, listings, and a story of decisions, offers and talks between them.

Loaded once: a second loading finds it there and changes nothing. `ppp-match demo` throws all away first.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from sqlalchemy import select

from ppp_match.accounts.models import User
from ppp_match.config import ROOT
from ppp_match.db import db
from ppp_match.seeding.listings import join_merged, load_listings
from ppp_match.seeding.people import load_organisations, load_people, load_relations
from ppp_match.seeding.privacy import put_terms_in_force, tell_of_privacy
from ppp_match.seeding.story import tell_story

DEMO = ROOT / "seeds" / "demo"
DEMO_PASSWORD = "demo-Passw0rd!"  # noqa: S105  known to everybody; demo mode only
ACCOUNTS = {
    "city@demo.example": "a city official, posts needs",
    "vendor@demo.example": "a vendor, posts capabilities",
    "moderator@demo.example": "a moderator, reviews listings and matches",
    "admin@demo.example": "an administrator",
    "expert@demo.example": "an expert",
    "partner@demo.example": "a development partner",
}


def demo_accounts() -> list[tuple[str, str]]:
    return list(ACCOUNTS.items())


def is_loaded() -> bool:
    return db.session.scalar(select(User.id).where(User.email == "city@demo.example")) is not None


def files_of(folder: Path, name: str) -> tuple[Path, ...]:
    """NAME.yaml, then NAME-*.yaml in the order of their names: listings are kept in several files by theme."""
    return (folder / f"{name}.yaml", *sorted(folder.glob(f"{name}-*.yaml")))


def load_demo(folder: Path = DEMO, progress: Callable[[int, int], None] = lambda done, total: None) -> bool:
    """Load the demo into a forum that has reference data. Returns False if it was there already.

    Raises SeedError naming file and line. Flushes; the caller commits all of it or nothing.
    """
    if is_loaded():
        return False
    public_side, vendors = folder / "organisations.yaml", folder / "vendors.yaml"
    needs, capabilities = files_of(folder, "needs"), files_of(folder, "capabilities")
    steps: tuple[Callable[[], None], ...] = (
        lambda: load_organisations(public_side),
        lambda: load_organisations(vendors),
        lambda: load_relations(public_side),
        lambda: load_relations(vendors),
        lambda: load_people(folder / "people.yaml", DEMO_PASSWORD),
        lambda: load_people(folder / "vendor-people.yaml", DEMO_PASSWORD),
        put_terms_in_force,
        *(partial(load_listings, path, "need") for path in needs),
        *(partial(load_listings, path, "capability") for path in capabilities),
        lambda: join_merged((*needs, *capabilities)),
        lambda: tell_story(folder),
        lambda: tell_of_privacy(folder),
    )
    for done, step in enumerate(steps, start=1):
        step()
        progress(done, len(steps))
    return True
