"""Hostile input in every field of every form and every argument of every page: a page of ours, never a 500."""

from __future__ import annotations

import uuid

import html5lib
import pytest
from flask import url_for

from tests.walk.routes import GET
from tests.world import ROLES

HTML = "{http://www.w3.org/1999/xhtml}"
HOSTILE = (
    "\x00NUL\x00",
    "<script>alert(1)</script>'\"--; DROP TABLE listing; {{7*7}} ${7*7}",
    "9" * 400,
    "-1e999999999",
    "\ud83d\udca9".encode("utf-16", "surrogatepass").decode("utf-16") * 3000,
    "../../../etc/passwd\r\nBcc: a@b.example",
    "\u202e\ufeff\u0000\uffff＝HYPERLINK(1)",
)
ARGUMENTS = (
    "q",
    "page",
    "sort",
    "sector",
    "country",
    "stage",
    "lang",
    "theme",
    "state",
    "kind",
    "pair",
    "from",
    "to",
    "text",
    "gloss",
    "result",
    "format",
    "find",
    "city",
    "bridge",
    "hand",
    "who",
    "late",
    "interest",
    "fresh",
    "steps",
    "step",
)


def _pages(app, world, role):
    position = ROLES.index(role)
    with app.test_request_context():
        return [
            url_for(endpoint, **arguments(world))
            for (endpoint, _what), (arguments, statuses) in GET.items()
            if statuses[position] == 200 and not endpoint.startswith(("health.", "attachments."))
        ]


def _forms(html: str, page: str):
    tree = html5lib.HTMLParser(tree=html5lib.treebuilders.getTreeBuilder("etree")).parse(html)
    for form in tree.iter(f"{HTML}form"):
        if (form.get("method") or "get").lower() != "post" or form.get("action") == "/logout":
            continue
        fields = [
            e
            for e in form.iter()
            if e.get("name") and e.tag.removeprefix(HTML) in ("input", "textarea", "select")
        ]
        buttons = [b for b in form.iter(f"{HTML}button") if b.get("name")]
        yield form.get("action") or page, fields, buttons


def _data(fields, buttons, value: str) -> dict[str, str]:
    kept = ("idempotency_key", "csrf_token", "acting_for")  # the last one is tried in tests/teams
    data = {field.get("name"): value for field in fields if field.get("name") not in kept}
    if any(field.get("name") == "idempotency_key" for field in fields):
        data["idempotency_key"] = uuid.uuid4().hex
    if buttons:
        data[buttons[0].get("name")] = buttons[0].get("value") or ""
    return data


@pytest.mark.parametrize("role", ["visitor", "city", "vendor", "moderator"])
def test_forms_survive_hostile_values(app, world, clients, role):
    seen, broken = set(), []
    for page in _pages(app, world, role):
        html = clients[role].get(page).get_data(as_text=True)
        for action, fields, buttons in _forms(html, page):
            shape = (action, tuple(sorted({field.get("name") for field in fields})))
            if shape in seen:
                continue
            seen.add(shape)
            for value in HOSTILE:
                answer = clients[role].post(action, data=_data(fields, buttons, value))
                if answer.status_code >= 500:
                    broken.append((page, action, value[:30], answer.status_code))
                elif answer.mimetype == "text/html" and "<script>alert(1)" in answer.get_data(as_text=True):
                    broken.append((page, action, "script came back unescaped", answer.status_code))
    assert len(seen) >= 2
    assert not broken


@pytest.mark.parametrize("role", ["visitor", "moderator"])
def test_pages_survive_hostile_arguments(app, world, clients, role):
    broken = []
    for page in _pages(app, world, role):
        for value in HOSTILE:
            answer = clients[role].get(
                page.partition("?")[0], query_string=[(name, value[:2000]) for name in ARGUMENTS]
            )
            if answer.status_code >= 500:
                broken.append((page, value[:30], answer.status_code))
    assert not broken


def test_repeated_missing_and_undecodable_parameters(app, world, clients):
    for path in (
        "/needs?page=1&page=2",
        "/needs?%ff%fe=%ff",
        "/needs?page=%00",
        "/search?q=%ff%fe",
        "/%ff",
        "/needs/%00",
    ):
        assert clients["visitor"].get(path).status_code in (200, 400, 404), path
    assert clients["city"].post("/needs/new", data=b"\xff\xfe=\xff").status_code in (400, 422)
    deep = clients["city"].post("/needs/new", data="{" * 5000, content_type="application/json")
    assert deep.status_code == 415
    assert clients["visitor"].open("/", method="TRACE").status_code == 405
