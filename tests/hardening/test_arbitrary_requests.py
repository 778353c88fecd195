"""Any bytes in addresses, forms, headers and cookies, sent by every role: a page of ours or a redirect, never a trace.

Hypothesis draws what is sent; the same examples in every run, on SQLite and on PostgreSQL.
"""

from __future__ import annotations

import json
import re
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.hardening.arbitrary import any_bytes, any_text, bounded, encoded
from tests.hardening.forms import forms_of
from tests.look.site import site_map
from tests.walk.test_hostile import ARGUMENTS
from tests.world import ROLES

pytestmark = pytest.mark.both_databases
HEADERS = (
    "Accept", "Accept-Language", "Accept-Encoding", "User-Agent", "Referer", "Origin", "X-Forwarded-For",
    "X-Forwarded-Host", "X-Forwarded-Proto", "X-Request-ID", "Range", "If-None-Match", "If-Modified-Since", "If-Range",
    "Authorization", "Content-Language", "X-CSRFToken", "X-HTTP-Method-Override", "Forwarded", "Sec-Fetch-Site",
)  # fmt: skip
COOKIES = ("lang", "theme", "gloss", "session", "__Host-session", "remember_token", "a b")
KINDS = (
    "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "multipart/form-data", "application/json",
    "text/plain", "text/xml", "application/x-www-form-urlencoded; charset=utf-16", "", "\u00ff/\u00fe",
)  # fmt: skip
header_text = any_text.map(
    lambda text: re.sub(r"[\r\n\x00]", "", text).encode("utf-8", "replace").decode("latin-1")[:2000]
)
names = st.one_of(st.sampled_from(ARGUMENTS).map(str.encode), any_bytes)


def _is_ours(answer, what) -> None:
    """Never 5xx, never a trace; a page that refuses is our page."""
    assert answer.status_code < 500, (what, answer.status_code)
    body = answer.get_data()
    assert b"Traceback (most recent" not in body, what
    assert b"sqlalchemy" not in body.lower(), what
    if answer.status_code >= 400 and answer.mimetype == "text/html" and answer.request.method != "HEAD":
        assert b"<h1" in body, what
        assert b'class="pm-' in body, what


def _query(client, paths) -> None:
    @bounded(25)
    @given(st.sampled_from(paths), st.lists(st.tuples(names, any_bytes), max_size=6))
    def ask(path, pairs):
        _is_ours(client.get(path, query_string=encoded(pairs).decode("ascii")), (path, pairs))

    ask()


def _bodies(client, forms) -> None:
    """Forms with every field drawn: lacking, repeated, of any bytes, and with fields that nobody asked for."""

    @bounded(30)
    @given(st.data())
    def send(data):
        form = data.draw(st.sampled_from(forms))
        pairs = []
        for name, values in form.sent(iter(lambda: "x", None)).items():
            how = data.draw(st.integers(0, 9))
            if name in ("idempotency_key", "csrf_token") and how:
                pairs.append((name.encode(), values[0].encode()))
            elif how < 6:
                pairs += [(name.encode(), data.draw(any_bytes)) for _ in range(1 + (how == 5))]
            elif how < 9:
                pairs += [(name.encode(), value.encode()) for value in values]
        pairs += data.draw(st.lists(st.tuples(names, any_bytes), max_size=2))
        body = encoded(pairs)
        answer = client.post(form.action, data=body, content_type="application/x-www-form-urlencoded")
        _is_ours(answer, (form.action, pairs))

    send()


def _paths_and_headers(client, paths, posted) -> None:
    pieces = st.one_of(st.sampled_from([one for path in paths for one in path.split("/") if one]), any_text)

    @bounded(18)
    @given(
        st.lists(pieces, max_size=5),
        st.sampled_from(["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE"]),
    )
    def walk(parts, method):
        path = "/" + "/".join(quote(part.encode("utf-8", "surrogatepass"), safe="") for part in parts)
        _is_ours(client.open(path, method=method), (method, path))

    @bounded(18)
    @given(
        st.sampled_from(paths),
        st.dictionaries(st.sampled_from(HEADERS), header_text, max_size=4),
        st.dictionaries(st.sampled_from(COOKIES[:3]), header_text, max_size=2),
    )
    def dress(path, headers, cookies):
        for name, value in cookies.items():
            client.set_cookie(name, value[:300])
        _is_ours(client.get(path, headers=headers), (path, headers, cookies))

    @bounded(18)
    @given(st.sampled_from(posted), st.sampled_from(KINDS), any_bytes, st.integers(0, 3000))
    def stuff(path, kind, body, depth):
        deep = json.dumps({"lang": "vi"}).encode() if depth == 7 else b'{"a":' * depth + b"[" * depth
        for data in (body, deep, b"--x\r\nContent-Disposition: form-data; name=" + body):
            _is_ours(client.post(path, data=data, content_type=kind), (path, kind, body[:40], depth))

    walk()
    dress()
    stuff()


@pytest.mark.parametrize("role", ROLES)
def test_any_request_gets_a_page_of_ours(app, world, clients, role):
    places = site_map(app, world, clients, role)
    paths = sorted({urlsplit(place.path).path for place in places})
    forms = [form for place in places for form in forms_of(place.html, place.path)]
    client = clients[role]
    _query(client, paths)
    if forms:
        _bodies(client, forms)
    posted = sorted({urlsplit(form.action).path for form in forms} | {"/login", "/register", "/reset"})
    _paths_and_headers(client, paths, posted)


def test_a_cookie_that_is_no_session_is_nobody(app, client):
    @bounded(20)
    @given(st.sampled_from(COOKIES), header_text)
    def come(name, value):
        answer = client.get("/mine", headers={"Cookie": f"{name}={value}"})
        _is_ours(answer, (name, value))
        assert answer.status_code in (302, 400)

    come()


def test_more_than_the_limit_is_refused(app, clients):
    too_much = b"title=" + b"a" * (app.config["MAX_CONTENT_LENGTH"] + 1)
    for role, path in (("city", "/needs/new"), ("visitor", "/login"), ("moderator", "/review/judged/import")):
        answer = clients[role].post(path, data=too_much, content_type="application/x-www-form-urlencoded")
        assert answer.status_code == 413, path
        _is_ours(answer, path)
    many = "&".join(f"a{n}=1" for n in range(100_000))
    answer = clients["city"].post("/needs/new", data=many, content_type="application/x-www-form-urlencoded")
    _is_ours(answer, "many fields")
    assert answer.status_code in (400, 413, 422)
