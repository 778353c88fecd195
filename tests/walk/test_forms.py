"""Forms as a browser gets them, with the protection against forged requests switched on."""

from __future__ import annotations

import re

import html5lib
import pytest
from flask import url_for

from ppp_match.web import permission_of
from tests.walk.routes import GET
from tests.world import ROLES, nobody_knows

HTML = "{http://www.w3.org/1999/xhtml}"
WITHOUT_SESSION = {"security.verify"}


@pytest.fixture
def guarded(app, clients):
    """The clients, signed in, from now on with the protection that production has."""
    app.config["WTF_CSRF_ENABLED"] = True
    yield clients
    app.config["WTF_CSRF_ENABLED"] = False


def _creates(app, path: str) -> bool:
    endpoint, _values = app.url_map.bind("localhost").match(path.partition("?")[0], method="POST")
    return getattr(app.view_functions[endpoint], "once", False)


@pytest.mark.parametrize("role", ROLES)
def test_every_form_that_writes_carries_its_tokens(app, world, guarded, role):
    position, seen = ROLES.index(role), 0
    for (endpoint, _what), (arguments, statuses) in GET.items():
        if statuses[position] != 200 or endpoint.startswith("health."):
            continue
        with app.test_request_context():
            page = url_for(endpoint, **arguments(world))
        html = guarded[role].get(page).get_data(as_text=True)
        tree = html5lib.parse(html)
        for form in tree.findall(f".//{HTML}form"):
            if (form.get("method") or "get").lower() != "post":
                continue
            seen += 1
            action = form.get("action") or page
            names = {field.get("name"): field.get("value") for field in form.iter() if field.get("name")}
            assert names.get("csrf_token"), (page, action)
            assert action.startswith("/"), (page, action)
            assert not action.startswith("//"), (page, action)
            if _creates(app, action):
                assert re.fullmatch(r"[0-9a-f]{32}", names.get("idempotency_key") or ""), (page, action)
    assert seen or role == "visitor"


@pytest.mark.parametrize("role", ["city", "vendor", "administrator"])
def test_no_route_writes_without_the_token(app, world, guarded, role):
    for rule in app.url_map.iter_rules():
        if "POST" not in rule.methods or rule.endpoint in WITHOUT_SESSION:
            continue
        values = {name: nobody_knows() for name in rule.arguments}
        values |= {"kind": "needs"} if "kind" in rule.arguments else {}
        values |= {"verb": "submit"} if "verb" in rule.arguments else {}
        with app.test_request_context():
            url = url_for(rule.endpoint, **values)
        response = guarded[role].post(url, data={"idempotency_key": nobody_knows().hex})
        assert response.status_code in (400, 403), (rule.endpoint, response.status_code)
        assert permission_of(app, rule.endpoint) is None or "<h1" in response.get_data(as_text=True)
