"""`python -m tests.look.quality`: the whole site map, every role, both languages, through every engine; prints a table.

The Nu checker, axe-core and HTML_CodeSniffer see each page; Lighthouse (with --lighthouse) sees each template once, as
the first role that reaches it. It takes about a quarter of an hour, with Lighthouse twice that. Exit code 1 when
anything is complained of.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, sync_playwright

from ppp_match.db import db, writing
from ppp_match.static_files import collect
from tests.conftest import CHROMIUM, CHROMIUM_ARGUMENTS, CheckedClient, SqliteDatabase, sign_in
from tests.look.engines import (
    FOR_ALL,
    IN_PUBLIC,
    MOST_BYTES,
    Complaint,
    axe,
    lacking_part,
    lighthouse,
    nu,
    sniff,
    too_weak,
)
from tests.look.site import LANGUAGES, ROOT, Place, browser_of, cookies_of, save, served, site_map
from tests.world import ROLES, build_world

COLUMNS = ("Nu", "axe", "HTMLCS")


def _valid(places: list[Place]) -> list[Complaint]:
    with tempfile.TemporaryDirectory() as folder:
        save(places, Path(folder))
        (Path(folder) / "theme.css").write_bytes((ROOT / "static/css/theme.css").read_bytes())
        return nu(Path(folder))


def _open_to_all(browser: Browser, client: FlaskClient, places: list[Place], address: str) -> list[Complaint]:
    found = []
    with browser_of(browser, client, address) as page:
        for place in places:
            page.goto(place.path)
            found += [*axe(page, str(place)), *sniff(page, str(place))]
    return found


def _quick(places: list[Place], clients: dict[str, FlaskClient], address: str) -> list[dict[str, Any]]:
    first = {place.template: place for place in reversed(places)}
    pages = []
    for place in first.values():
        cookies = cookies_of(clients[place.role], address)
        if place.name in ("not found", "not yours", "bad page"):
            continue  # Lighthouse examines no page that answers with an error
        pages.append(
            {
                "name": str(place),
                "url": address + place.path,
                "lang": place.lang,
                "cookie": "; ".join(f"{one['name']}={one['value']}" for one in cookies),
                "categories": FOR_ALL if cookies else [*FOR_ALL, IN_PUBLIC],
            }
        )
    return lighthouse(pages, str(CHROMIUM))


def examine(app: Flask, browser: Browser, roles: list[str], with_lighthouse: bool) -> int:
    """Walk and print; returns how much was complained of."""
    world = build_world()
    clients = {role: app.test_client() for role in ROLES}
    for role, person in world.people.items():
        if person is not None:
            sign_in(clients[role], person)
    total, everything = 0, []
    print(f"{'role':<15}{'language':<10}{'pages':>6}" + "".join(f"{name:>8}" for name in COLUMNS))
    with served(app) as address:
        for role in roles:
            for lang in LANGUAGES:
                places = site_map(app, world, clients, role, (lang,))
                everything += places
                found = [*_valid(places), *_open_to_all(browser, clients[role], places, address)]
                count = Counter(one.engine for one in found)
                row = "".join(f"{count[name]:>8}" for name in COLUMNS)
                print(f"{role:<15}{lang:<10}{len(places):>6}{row}", flush=True)
                print("".join(f"  {one}\n" for one in found), end="", flush=True)
                total += len(found)
        if with_lighthouse:
            print(f"\n{'perf':>5}{'a11y':>5}{'best':>5}{'seo':>5}{'kB':>6}{'shift':>7}  page")
            for one in _quick(everything, clients, address):
                scores = "".join(f"{one['scores'].get(name, ''):>5}" for name in (*FOR_ALL, IN_PUBLIC))
                print(f"{scores}{one['bytes'] / 1000:>6.0f}{one['shift']:>7.3f}  {one['name']}")
                print("".join(f"        {lost}\n" for lost in one["lost"]), end="")
                bad = too_weak(one) or one["bytes"] > MOST_BYTES or one["shift"] or one["elsewhere"]
                total += bool(bad)
    print(f"\n{total} complaints")
    return total


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--role", action="append", choices=ROLES, help="only this role; may come again")
    parser.add_argument("--lighthouse", action="store_true", help="Lighthouse too, on each template once")
    asked = parser.parse_args()
    if lacking := lacking_part(java=True) or (None if CHROMIUM else "Chromium"):
        sys.exit(f"{lacking} is lacking; CONTRIBUTING.md says how it comes.")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        collect(Path(folder) / "static")  # compressed, as a forum sends it
        database = SqliteDatabase(Path(folder))
        database.app.test_client_class = CheckedClient
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        with database.app.app_context():
            token = writing.set(True)
            total = examine(database.app, browser, asked.role or list(ROLES), asked.lighthouse)
            db.session.remove()
            writing.reset(token)
        browser.close()
        database.close()
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())
