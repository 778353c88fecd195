"""Every page a role can reach: valid HTML, one h1, a title, the asked language, no dead link, nothing inline."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

import html5lib
import pytest
from flask import url_for

from tests.walk.routes import GET
from tests.world import ROLES

HTML = "{http://www.w3.org/1999/xhtml}"


def _pages(app, world, role):
    position = ROLES.index(role)
    with app.test_request_context():
        return [
            url_for(endpoint, **arguments(world))
            for (endpoint, what), (arguments, statuses) in GET.items()
            if statuses[position] == 200
            and not endpoint.startswith(("health.", "attachments."))
            and what != "a file"
        ]


def _place(link: str) -> str:
    """Where a link leads, the same for all that only ask for another language or look: every page has those."""
    path, _mark, query = link.partition("#")[0].partition("?")
    asked = [
        pair for pair in parse_qsl(query, keep_blank_values=True) if pair[0] not in ("lang", "theme", "gloss")
    ]
    return f"{path}?{urlencode(asked)}" if asked else path


def _parse(html: str):
    parser = html5lib.HTMLParser(strict=True, tree=html5lib.treebuilders.getTreeBuilder("etree"))
    return parser.parse(html)


@pytest.mark.parametrize("role", ROLES)
def test_pages_are_whole_in_both_languages(app, world, clients, role):
    links: set[str] = set()
    for page in _pages(app, world, role):
        for lang in ("vi", "en"):
            sign = "&" if "?" in page else "?"
            response = clients[role].get(f"{page}{sign}lang={lang}")
            assert response.status_code == 200, page
            html = response.get_data(as_text=True)
            tree = _parse(html)
            assert tree.get("lang") == lang, page
            assert len(tree.findall(f".//{HTML}h1")) == 1, page
            assert tree.find(f".//{HTML}title").text.strip(" ·"), page
            assert not tree.findall(".//*[@style]"), page
            assert not [s for s in tree.findall(f".//{HTML}script") if not s.get("src")], page
            ids = [e.get("id") for e in tree.iter() if e.get("id")]
            assert len(ids) == len(set(ids)), (page, sorted(i for i in ids if ids.count(i) > 1))
            links |= {a.get("href") for a in tree.findall(f".//{HTML}a") if a.get("href")}
    local = sorted({_place(link) for link in links if link.startswith("/")})
    dead = [
        (link, status)
        for link in local
        if (status := clients[role].get(link).status_code) not in (200, 302, 303)
    ]
    assert not dead
    assert not [link for link in links if "//" in link and not link.startswith(("/", "https://", "http://"))]


def test_signed_in_pages_are_not_kept_by_caches_and_have_a_sign_out(app, world, clients):
    for page in _pages(app, world, "city"):
        response = clients["city"].get(page)
        assert response.headers["Cache-Control"] == "no-store", page
        assert 'action="/logout"' in response.get_data(as_text=True), page


def test_files_are_not_kept_by_caches(app, world, clients):
    position, asked = ROLES.index("administrator"), 0
    for (endpoint, what), (arguments, statuses) in GET.items():
        if what == "a file" and statuses[position] == 200:
            with app.test_request_context():
                file = url_for(endpoint, **arguments(world))
            assert clients["administrator"].get(file).headers["Cache-Control"] == "no-store", file
            asked += 1
    assert asked >= 5


def test_every_page_carries_the_security_headers(app, world, clients):
    for page in (*_pages(app, world, "visitor"), "/nothing-here", "/healthz"):
        headers = clients["visitor"].get(page).headers
        policy = headers["Content-Security-Policy"]
        assert "unsafe-inline" not in policy
        assert "unsafe-eval" not in policy
        for rule in ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"):
            assert rule in policy, page
        assert headers["X-Content-Type-Options"] == "nosniff"
