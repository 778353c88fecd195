"""Pages cost the same however long their lists are: a list asks the database a constant number of questions."""

from __future__ import annotations

import pytest
from flask import url_for
from sqlalchemy import event

from ppp_match.complaints import operations as reports
from ppp_match.db import db
from ppp_match.introductions import operations as introductions
from ppp_match.permissions import VISITOR
from ppp_match.recommendations import operations as recommendations
from tests.factories import actor_of, add_reference, make_listing
from tests.walk.routes import GET
from tests.world import ROLES

LISTS = (
    "/offers?state=all",
    "/introductions",
    "/needs",
    "/capabilities",
    "/search?q=ngập",
    "/review/matches",
    "/review/matches?bridge=vi-en&fresh=1&find=ngap&late=1",
    "/review/listings",
    "/review/merges",
    "/review/organisations",
    "/review/judged",
    "/review/reports",
    "/review/versions",
)
# No page asks more than this, whoever reads it; BEGIN is not counted.
AT_MOST = 12
# The desks, which are no lists or records: they join what waits, what moved and what is near; an expert's adds early
# needs and the pipeline.
MORE = {
    ("home.index", "vendor"): 13,
    ("home.index", "partner"): 13,
    ("home.index", "expert"): 14,
    # No lists or records either: what may stand in the way of an erasure, and a preview, which asks each rule.
    **{("privacy.erasure", role): 14 for role in ROLES},
    ("privacy.manage_retention", "administrator"): 26,
    ("listings.edit", "city"): 13,  # the forum's phrases, beside what the form needs itself
    # Every kind of decision that can be appealed against is looked for in its own table.
    **{("complaints.mine", role): 18 for role in ROLES},
}


@pytest.fixture
def asked(app):
    """Counts statements: asked(client, page) -> how many the page took, everything loaded before."""
    statements = []

    def note(_connection, _cursor, statement, *_rest):
        # A process asks this once in a while, whoever reads a page: tests/administration counts it.
        if not statement.startswith("BEGIN") and "reference_mark" not in statement:
            statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)

    def count(client, page):
        client.get(page)
        statements.clear()
        assert client.get(page).status_code == 200, page
        return len(statements)

    yield count
    event.remove(db.engine, "before_cursor_execute", note)


def _grow(world, number):
    """More pairs: offered, introduced, waiting; and more reports of their texts."""
    moderator = actor_of(world.people["moderator"])
    for at in range(number):
        need = make_listing(
            "need", state="published", organisation=world.city, texts={"title": f"Giảm ngập tuyến {at}"}
        )
        capability = make_listing(
            "capability", state="published", organisation=world.vendor, texts={"title": f"Flood model {at}"}
        )
        add_reference(capability)
        for listing in (need, capability):
            reports.report(listing, kind="spam", words="Rác.", actor=VISITOR)
        match = recommendations.add_pair(need, capability, actor=moderator)
        recommendations.approve_match(match, actor=moderator)
        offer = introductions.make_offer(match, actor=moderator)
        if at % 2:
            for side in ("city", "vendor"):
                introductions.answer_offer(
                    offer, actor=actor_of(world.people[side]), accepted=True, no_conflict=True
                )
    db.session.commit()


def test_a_longer_list_asks_no_more(world, clients, asked):
    _grow(world, 3)
    before = {page: asked(clients["moderator"], page) for page in LISTS}
    _grow(world, 6)
    after = {page: asked(clients["moderator"], page) for page in LISTS}
    assert {page: (before[page], n) for page, n in after.items() if n > before[page] + 1} == {}


@pytest.mark.parametrize("role", ROLES)
def test_no_page_is_dear(app, world, clients, asked, role):
    position = ROLES.index(role)
    dear = {}
    for (endpoint, what), (arguments, statuses) in GET.items():
        if statuses[position] == 200:
            with app.test_request_context():
                page = url_for(endpoint, **arguments(world))
            number = asked(clients[role], page)
            if number > MORE.get((endpoint, role), AT_MOST):
                dear[endpoint, what] = number
    assert dear == {}
