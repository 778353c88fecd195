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
        if statuses[position] != 200 or endpoint.startswith(("health.", "attachments.")):
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
        values |= {"subject_type": "listing"} if "subject_type" in rule.arguments else {}
        values |= {"verb": "submit"} if "verb" in rule.arguments else {}
        with app.test_request_context():
            url = url_for(rule.endpoint, **values)
        response = guarded[role].post(url, data={"idempotency_key": nobody_knows().hex})
        assert response.status_code in (400, 403), (rule.endpoint, response.status_code)
        assert permission_of(app, rule.endpoint) is None or "<h1" in response.get_data(as_text=True)


def test_what_was_typed_survives_the_end_of_a_sign_in(app, world, guarded):
    """The open form no longer fits after signing in again: it comes back with everything typed and is sent once more."""
    writer, typed = (
        guarded["city"],
        {"lang": "vi", "title": "Giảm ngập ở hai phường", "sector": ["water.flood", "water.supply"]},
    )
    page = "/needs/new?step=all"
    form = {
        **typed,
        "idempotency_key": nobody_knows().hex,
        "csrf_token": "of an earlier sign-in",
        "then": "save",
    }
    ours = {"Origin": "http://localhost"}

    away = guarded["visitor"].post(page, data=form, headers=ours)
    html = away.get_data(as_text=True)
    assert (away.status_code, away.headers["Cache-Control"]) == (400, "no-store")
    assert _hidden(html) == {
        name: form[name] for name in form if name != "csrf_token"
    }  # so it comes here again
    assert 'target="_blank"' in html

    back = writer.post(page, data=form, headers=ours)
    again = _hidden(back.get_data(as_text=True))
    assert again.pop("csrf_token")
    assert again == _hidden(html)
    fresh = _hidden(back.get_data(as_text=True))
    assert writer.post(page, data=fresh, headers=ours).status_code == 303
    assert "Giảm ngập ở hai phường" in writer.get("/mine").get_data(as_text=True)


def test_a_form_of_another_site_or_with_a_password_is_not_offered_again(guarded):
    form = {
        "lang": "vi",
        "title": "Chữ của người lạ",
        "csrf_token": "x",
        "idempotency_key": nobody_knows().hex,
    }
    for headers in ({}, {"Origin": "https://elsewhere.example"}, {"Referer": "https://elsewhere.example/a"}):
        html = guarded["city"].post("/needs/new", data=form, headers=headers).get_data(as_text=True)
        assert "Chữ của người lạ" not in html
    sign_in = {"email": "a@b.example", "password": "Mat-khau-bi-mat", "csrf_token": "x"}
    html = guarded["visitor"].post("/login", data=sign_in, headers={"Origin": "http://localhost"})
    assert "Mat-khau-bi-mat" not in html.get_data(as_text=True)
    again = {
        "password": "Mat-khau-bi-mat",
        "new_password": "Mat-khau-bi-mat",
        "confirm_password": "Mat-khau-bi-mat",
    }
    for page in ("/change", "/account/confirm"):
        html = guarded["city"].post(
            page, data={**again, "csrf_token": "x"}, headers={"Origin": "http://localhost"}
        )
        assert html.status_code == 400
        assert "Mat-khau-bi-mat" not in html.get_data(as_text=True), page


def _hidden(html: str) -> dict[str, object]:
    """The hidden fields of the form on an error page; a name that comes twice has a list."""
    main = html5lib.parse(html).find(f".//{HTML}main")
    found: dict[str, list[str]] = {}
    for field in main.findall(f".//{HTML}form//{HTML}input"):
        found.setdefault(field.get("name"), []).append(field.get("value"))
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}
