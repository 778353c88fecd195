"""The small forum of the walks as a site: every page of every role, and a server that a browser can open.

What lives here: which pages there are (the table of tests/walk/routes.py) and how a browser gets them as somebody.
What does not: what an engine says of them (engines.py).
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask, template_rendered, url_for
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page
from werkzeug.serving import WSGIRequestHandler, make_server

from ppp_match.db import db
from tests.walk.routes import GET
from tests.world import ROLES, World

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = ("vi", "en")
# Not in the table, since their answers are no pages of 200: what refuses and what is not there.
REFUSALS = {"not found": "/nothing-here", "not yours": "/review/matches", "bad page": "/needs?page=x"}


@dataclass(frozen=True)
class Place:
    """A page of the site as one role may open it."""

    role: str
    name: str  # the endpoint, and which of its pages
    path: str
    template: str  # the file that the page was rendered from
    lang: str
    html: str

    def __str__(self) -> str:
        return f"{self.role} {self.lang}: {self.name} ({self.path})"


def site_map(
    app: Flask, world: World, clients: dict[str, FlaskClient], role: str, languages: Sequence[str] = LANGUAGES
) -> list[Place]:
    """Every page that the role may open, each with the template that made it.

    The pages come in the languages by turns; ask once for each language to have all of them in both.
    """
    position, places = ROLES.index(role), []
    with app.test_request_context():
        paths = {
            f"{endpoint} {what}".strip(): url_for(endpoint, **arguments(world))
            for (endpoint, what), (arguments, statuses) in GET.items()
            if statuses[position] == 200 and not endpoint.startswith("health.") and what != "a file"
        }
    for at, (name, path) in enumerate({**paths, **REFUSALS}.items()):
        lang = languages[(at + position) % len(languages)]
        asked = f"{path}{'&' if '?' in path else '?'}lang={lang}"
        with templates_rendered(app) as rendered:
            answer = clients[role].get(asked)
        if answer.mimetype == "text/html" and answer.status_code not in (302, 303):
            html = answer.get_data(as_text=True)
            places.append(Place(role, name, asked, rendered[0] if rendered else "", lang, html))
    return places


def once_a_template(places: list[Place]) -> list[Place]:
    """The first page of each template."""
    return list({place.template: place for place in reversed(places)}.values())[::-1]


@contextmanager
def templates_rendered(app: Flask) -> Iterator[list[str]]:
    names: list[str] = []

    def note(_sender: Any, template: Any, **_rest: Any) -> None:
        names.append(str(template.name))

    with template_rendered.connected_to(note, app):
        yield names


class _Quiet(WSGIRequestHandler):
    def log(self, *_args: Any, **_kwargs: Any) -> None:
        pass


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The application on a free port of this machine, as long as the block lasts; yields its address."""
    db.session.commit()  # what the test prepared is what a browser finds
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def cookies_of(client: FlaskClient, address: str) -> list[dict[str, Any]]:
    """The cookies with which a browser is who the client is."""
    return [
        {"name": cookie.key, "value": cookie.value, "url": address}
        for cookie in client._cookies.values()
        if cookie.value
    ]


@contextmanager
def browser_of(chromium: Browser, client: FlaskClient, address: str, **more: Any) -> Iterator[Page]:
    """A page of a browser in which one is who the client is."""
    context = chromium.new_context(base_url=address, **more)
    context.set_default_timeout(20_000)
    if cookies := cookies_of(client, address):
        context.add_cookies(cookies)
    try:
        yield context.new_page()
    finally:
        context.close()


def save(places: list[Place], folder: Path) -> None:
    """Write each page into a file whose name tells which it is."""
    for at, place in enumerate(places):
        name = re.sub(r"[^\w.-]+", "_", f"{place.role}-{at:03}-{place.name}-{place.lang}")
        (folder / f"{name}.html").write_text(place.html, "utf-8")
