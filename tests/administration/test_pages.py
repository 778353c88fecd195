"""Each page of this room opens for an administrator in both languages, for few questions, and for nobody else."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from ppp_match.db import db
from tests.factories import make_listing, make_member, make_staff

AT_MOST = 12  # as tests/walk/test_cost.py has it
PAGES = (
    "/admin/organisations",
    "/admin/organisations/{id}",
    "/admin/organisations/{id}/correct",
    "/admin/taxonomy",
    "/admin/taxonomy/contract_form",
    "/admin/taxonomy/stage",
    "/admin/taxonomy/sectors/water.flood",
    "/admin/taxonomy/contract_form/O%26M",
    "/admin/taxonomy/add/sectors/water",
    "/admin/taxonomy/add/funding_source",
)


@pytest.fixture
def home(app):
    organisation = make_member("vendor").memberships[0].organisation
    make_listing("capability", state="published", organisation=organisation)
    db.session.commit()
    return organisation


def test_administrators_open_every_page_for_few_questions(client_of, home):
    client, asked = client_of(make_staff("administrator")), []
    event.listen(db.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    dear = {}
    for page in PAGES:
        for lang in ("vi", "en"):
            asked.clear()
            assert client.get(page.format(id=home.id), query_string={"lang": lang}).status_code == 200, page
        number = len([one for one in asked if "reference_mark" not in one])
        if number > AT_MOST:
            dear[page] = number
    assert dear == {}


def test_moderators_and_members_open_none(client_of, home):
    for person in (make_staff("moderator"), make_member("city")):
        client = client_of(person)
        for page in PAGES:
            assert client.get(page.format(id=home.id)).status_code == 403, page
