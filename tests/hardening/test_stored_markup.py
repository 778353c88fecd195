"""Texts that try to become script, stored through every form and shown on every page, in both languages, to every role.

The forms are filled and sent as they stand on the pages; then whatever else is written in the database is replaced, so
that no place that shows a text is left out. Pages are read as HTML, and opened in Chromium, where nothing may run.
"""

from __future__ import annotations

from itertools import cycle
from urllib.parse import urlsplit

import pytest

from ppp_match.db import db
from ppp_match.notifications import kinds, letters
from ppp_match.notifications.models import OutboxMessage
from tests.hardening.forms import forms_of
from tests.hardening.hostile_rows import forgotten, make_hostile
from tests.hardening.payloads import PAYLOADS
from tests.hardening.traces import traces
from tests.look.site import Place, browser_of, once_a_template, served, site_map
from tests.walk.test_hostile import ARGUMENTS
from tests.world import ROLES

WRITERS = [role for role in ROLES if role != "visitor"]
WATCH = """
window.hit = () => { window.ran = (window.ran || 0) + 1; };
window.refused = [];
document.addEventListener("securitypolicyviolation", e => window.refused.push(`${e.violatedDirective} ${e.blockedURI}`));
"""
BROUGHT = "document.querySelectorAll('[hit], x-hit').length"


def _told(places: list[Place]) -> dict[str, list[str]]:
    return {str(place): found for place in places if (found := traces(place.html))}


def _fill_in(clients, role: str, places: list[Place], texts) -> tuple[int, int, dict[str, list[str]]]:
    """Send every form of those pages twice; how many there were, how many were taken, and traces in the answers."""
    seen, taken, bad = set(), 0, {}
    for place in places:
        for form in forms_of(place.html, place.path):
            shape = (urlsplit(form.action).path, tuple(sorted(form.typed)))
            if shape in seen:
                continue
            seen.add(shape)
            for _round in range(2):
                answer = clients[role].post(form.action, data=form.sent(texts))
                assert answer.status_code < 500, (form.action, form.values)
                taken += answer.status_code in (302, 303)
                if answer.mimetype == "text/html" and (found := traces(answer.get_data(as_text=True))):
                    bad[f"{role} sent {form.action}"] = found
    return len(seen), taken, bad


def test_the_corpus_is_wide_and_the_reader_of_traces_sees_it(app):
    assert len(set(PAYLOADS)) >= 60
    places = (
        "<p>{}</p>",
        "<p title='{}'>",
        '<p title="{}">',
        "<textarea>{}</textarea>",
        "<a href='{}'>a</a>",
        "<p x={}>",
    )
    seen = [one for one in PAYLOADS if any(traces(place.replace("{}", one)) for place in places)]
    assert len(seen) >= 70  # the others are encoded, or of Markdown and templates
    assert not forgotten()


def test_what_forms_store_stays_text(app, world, clients):
    texts, bad, forms, taken = cycle(PAYLOADS), {}, 0, 0
    before = {role: site_map(app, world, clients, role) for role in WRITERS}
    for role in WRITERS:
        number, kept, found = _fill_in(clients, role, before[role], texts)
        forms, taken, bad = forms + number, taken + kept, bad | found
    assert forms >= 40
    assert taken >= 30
    for role in ROLES:  # the languages by turns, so that roles see a page in either
        bad |= _told(site_map(app, world, clients, role))
    assert not bad


def test_whatever_is_stored_stays_text(app, world, clients):
    assert make_hostile() > 100
    bad = {}
    for role in ROLES:  # the languages by turns, so that roles see a page in either
        bad |= _told(site_map(app, world, clients, role))
    assert not bad


@pytest.mark.parametrize("role", ["visitor", "administrator"])
def test_what_addresses_carry_stays_text(app, world, clients, role):
    texts, bad = cycle(PAYLOADS), {}
    for place in site_map(app, world, clients, role):
        asked = [(name, next(texts)) for name in ARGUMENTS if name != "format"]
        answer = clients[role].get(urlsplit(place.path).path, query_string=asked)
        assert answer.status_code < 500, place
        if found := traces(answer.get_data(as_text=True)):
            bad[str(place)] = found
    assert not bad


@pytest.mark.browser
def test_nothing_runs_in_a_browser(app, world, clients, chromium):
    """Every template once, by the first who may open it; that no page of any role holds markup, the tests above read."""
    make_hostile()
    searches = [
        f"/search?q={'%3Csvg%20hit%20onload=hit()%3E'}",
        "/needs?q=%22%20hit%20autofocus%20onfocus=hit()%20x=%22",
    ]
    seen, bad, dialogs, elsewhere = set(), [], [], []
    with served(app) as address:
        for role in ("moderator", "city", "vendor", "administrator", "partner", "expert", "visitor"):
            places = [
                place
                for place in once_a_template(site_map(app, world, clients, role))
                if place.template not in seen
            ]
            seen |= {place.template for place in places}
            with browser_of(chromium, clients[role], address) as page:
                page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
                page.on(
                    "request",
                    lambda asked: asked.url.startswith((address, "data:")) or elsewhere.append(asked.url),
                )
                page.add_init_script(WATCH)
                for path in [*(place.path for place in places), *searches]:
                    page.goto(path)
                    page.keyboard.press("Tab")
                    found = page.evaluate(f"[window.ran || 0, window.refused, {BROUGHT}]")
                    bad += [(role, path, found)] if found != [0, [], 0] else []
                    assert urlsplit(page.url).path == urlsplit(path).path, "something led away"
    assert len(seen) > 80
    assert not bad
    assert not dialogs
    assert not elsewhere


@pytest.mark.browser
def test_the_browser_would_tell(app, chromium, client):
    """Where such a text is put into a page unescaped, the marks of the test above show it."""
    with served(app) as address, browser_of(chromium, client, address) as page:
        page.add_init_script(WATCH)
        page.goto("/about/conduct")
        page.evaluate(
            "document.querySelector('main').insertAdjacentHTML('beforeend', '<img hit src=x onerror=hit()>')"
        )
        page.wait_for_function("window.refused.length")
        assert page.evaluate(BROUGHT) == 1
        page.evaluate("hit()")
        assert page.evaluate("window.ran") == 1


def test_mail_says_hostile_texts_as_text(app, world):
    texts = cycle([*PAYLOADS, "a\r\nBcc: thief@else.example", "a\nContent-Type: text/html\n\n<b hit>"])
    rows, bad = db.session.query(OutboxMessage).all(), []
    assert len(rows) >= 5
    make_hostile()
    for row in rows:
        keep = ("link", "subject_type", "_at", "_id")
        row.context = {
            name: next(texts)
            if isinstance(value, str) and name not in keep and not name.endswith(("_at", "_id"))
            else value
            for name, value in row.context.items()
        }
        message = letters.envelope(row, letters.write(row))
        whole = message.as_bytes()
        assert b"\nBcc:" not in whole.partition(b"\r\n\r\n")[0]
        assert message["To"] == row.recipient
        html = message.get_body(("html",)).get_content()
        bad += [(row.kind, one) for one in traces(html) if not one.startswith("style has")]
    assert kinds.KINDS
    assert not bad
