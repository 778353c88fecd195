"""Searching, matching, posting and writing are limited by person, or by address where nobody signed in."""

from __future__ import annotations

import pytest
import time_machine

from ppp_match import limits
from ppp_match.app import create_app
from ppp_match.config import Settings
from ppp_match.db import db, now
from ppp_match.extensions import limiter
from tests.conftest import new_key
from tests.factories import PASSWORD, code_of
from tests.walk.test_routes import _rules


@pytest.fixture
def limited(app, world, tmp_path):
    """A second application on the same forum, with the limits that production has."""
    people = {role: person and person.email for role, person in world.people.items()}
    code = code_of(world.people["moderator"])
    pages = {
        "pair": f"/review/matches/need/{world.need.id}/pair",
        "conversation": f"/introductions/{world.introduction.id}",
        "draft": f"/needs/{world.draft.id}/edit",
        "report": f"/report/listing/{world.need.id}",
    }
    db.session.commit()
    db.session.remove()
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    other = create_app(Settings(mode="development", instance=tmp_path, database_url=url))
    other.config["WTF_CSRF_ENABLED"] = False

    def client_of(role):
        client = other.test_client()
        if people[role]:
            client.post("/login", data={"email": people[role], "password": PASSWORD})
            if role == "moderator":
                client.post("/login/second-step", data={"code": code})
        return client

    with time_machine.travel(now(), tick=False):  # a slow machine does not let a minute pass
        yield client_of, pages
    limiter.reset()
    with other.app_context():
        db.engine.dispose()


def _codes(send, times: int) -> list[int]:
    return [send().status_code for _ in range(times)]


def test_searches_are_limited_and_pages_may_be_turned(limited):
    client_of, _pages = limited
    visitor = client_of("visitor")
    codes = _codes(lambda: visitor.get("/needs?q=abc"), 62)
    assert codes == [200] * 60 + [429] * 2
    assert visitor.get("/needs?page=1").status_code == 200
    stopped = visitor.get("/needs?q=abc")
    assert "<h1>" in stopped.get_data(as_text=True)
    assert int(stopped.headers["Retry-After"]) > 0
    assert client_of("city").get("/needs?q=abc").status_code == 200, "somebody else may still search"
    codes = _codes(lambda: visitor.get("/search?q=abc"), 61)
    assert codes == [200] * 60 + [429]


def test_matching_is_limited(limited):
    client_of, pages = limited
    moderator = client_of("moderator")
    codes = _codes(lambda: moderator.get(f"{pages['pair']}?q=abc"), 61)
    assert codes == [200] * 60 + [429]


def test_posting_and_messages_are_limited(limited):
    client_of, pages = limited
    city = client_of("city")
    for path in ("/needs/new", pages["conversation"]):
        codes = _codes(lambda path=path: city.post(path, data={"idempotency_key": new_key()}), 32)
        assert codes[30:] == [429] * 2, path
        assert 429 not in codes[:30], path
    codes = _codes(lambda: city.post(pages["draft"], data={"version": "none"}), 121)
    assert codes[-1] == 429
    assert 429 not in codes[:120]


def test_reports_and_concerns_are_limited_for_whoever_comes(limited):
    client_of, pages = limited
    visitor = client_of("visitor")
    for path, often in ((pages["report"], 10), ("/report-concern", 10), ("/report-concern/case", 20)):
        codes = _codes(lambda path=path: visitor.post(path, data={"idempotency_key": new_key()}), often + 1)
        assert codes[-1] == 429, path
        assert 429 not in codes[:-1], path


def test_every_form_has_a_limit(app):
    narrow = (
        "security.",
        "teams.",
        "complaints.report",
        "complaints.tell_concern",
        "complaints.concern_again",
    )
    without = {
        rule.endpoint
        for rule in _rules(app, "POST")
        if rule.endpoint not in limits.posted(app) and not rule.endpoint.startswith(narrow)
    }
    assert not without
    assert set(limits.SEARCHES) | set(limits.MATCHES) <= set(app.view_functions)
