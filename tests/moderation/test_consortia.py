"""Companies that together cover a need: suggested to moderators, with who covers what, and never related ones."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from ppp_match.accounts.models import OrganisationRelation
from ppp_match.db import db
from ppp_match.recommendations import consortia, operations, refresh
from ppp_match.recommendations.models import Match, MatchDecision
from tests.conftest import new_key
from tests.factories import OrganisationFactory, actor_of, make_listing, make_member, make_staff

FORECAST = "We forecast the flood depth of streets and send an early warning four hours ahead."
PUMPS = "We operate and maintain drainage pumping stations around the clock with our own crews."


@pytest.fixture
def need(app):
    requirements = "Early warning of flooded streets\nOperation of drainage pumping stations"
    return make_listing("need", state="published", lang="en", texts={"requirements": requirements})


@pytest.fixture
def companies(need):
    texts = {"how": "", "local_support": "", "not_offered": ""}
    return [
        make_listing("capability", state="published", texts={**texts, "title": title, "solves": said})
        for title, said in (("Street flood forecasts", FORECAST), ("Pumping stations", PUMPS))
    ]


@pytest.mark.both_databases
def test_two_companies_that_cover_it_together(need, companies):
    (found,) = consortia.consortia_of(need)
    assert {one.capability.id for one in found.companies} == {one.id for one in companies}
    must = [one for one in found.requirements if one.asked.kind == "requirement"]
    assert [one.covered for one in must] == [True, True]
    assert {one.first.status == "found" for one in must} == {True, False}
    assert found.together.share > found.together.alone


@pytest.mark.both_databases
def test_related_companies_are_not_suggested(need, companies):
    first, second = (one.organisation_id for one in companies)
    db.session.add(OrganisationRelation(organisation_id=first, related_id=second, kind="owner"))
    db.session.flush()
    assert consortia.consortia_of(need) == []


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("kind", "suggested"), [("owner", False), ("affiliate", False), ("former_employer", True)]
)
def test_two_companies_of_one_owner_are_not_suggested(need, companies, kind, suggested):
    assert consortia.consortia_of(need)  # what was worked out before a relation was declared does not stand
    db.session.commit()
    parent = OrganisationFactory(kind="vendor")
    for one in companies:
        db.session.add(
            OrganisationRelation(organisation_id=one.organisation_id, related_id=parent.id, kind=kind)
        )
    db.session.commit()
    assert bool(consortia.consortia_of(need)) is suggested


def test_organisations_hang_together_through_others():
    groups = consortia.groups_of([("a", "b"), ("c", "d"), ("b", "c"), ("x", "y")])
    assert groups["a"] == groups["d"] == {"a", "b", "c", "d"}
    assert groups["x"] == {"x", "y"}


@pytest.mark.both_databases
def test_a_company_that_a_rule_blocks_or_that_was_turned_down_is_not_suggested(need, companies):
    refresh.refresh_need(need)
    assert consortia.consortia_of(need)
    match = operations.live_match(need, companies[1])
    operations.reject_match(match, actor=actor_of(make_staff()), reason_code="no_capacity")
    db.session.commit()
    assert consortia.consortia_of(need) == []


def test_a_single_company_that_covers_all_needs_no_partner(need, companies):
    make_listing("capability", state="published", texts={"title": "Both", "solves": f"{FORECAST} {PUMPS}"})
    assert all(
        one.together.alone < one.together.share < 1 or one.together.alone < 1
        for one in consortia.consortia_of(need)
    )
    rows = [row for one in consortia.consortia_of(need) for row in one.requirements]
    assert not [
        row
        for row in rows
        if row.asked.kind == "requirement" and row.first.status == row.second.status == "found"
    ]


def test_the_page_and_both_on_the_short_list(client_of, need, companies):
    refresh.refresh_need(need)
    db.session.delete(operations.live_match(need, companies[1]))  # as if it stood below the cut
    db.session.commit()
    client = client_of(make_staff())
    bench = client.get(f"/review/matches/need/{need.id}").get_data(as_text=True)
    address = re.search(r'href="([^"]+/consortia)"', bench).group(1)
    page = client.get(address).get_data(as_text=True)
    for company in companies:
        assert company.organisation.name("en") in page
    assert "Early warning of flooded streets" in page
    fields = dict(re.findall(r'name="(first|second)" value="([^"]+)"', page))
    key = new_key()
    answer = client.post(address, data={**fields, "idempotency_key": key})
    assert answer.status_code == 303
    pairs = db.session.scalars(select(Match).where(Match.need_id == need.id)).all()
    assert {match.state for match in pairs} == {"shortlisted"}
    assert len(pairs) == 2
    notes = db.session.scalars(select(MatchDecision.note)).all()
    assert all("Suggested together with C-" in note for note in notes)
    assert client.post(address, data={**fields, "idempotency_key": key}).status_code == 302  # a second click
    assert len(db.session.scalars(select(MatchDecision)).all()) == 2
    assert "Both pairs are on the short list" in client.get(address).get_data(as_text=True)


def test_a_suggestion_that_does_not_hold_any_more_changes_nothing(client_of, need, companies):
    db.session.commit()
    client, address = client_of(make_staff()), f"/review/matches/need/{need.id}/consortia"
    fields = {"first": str(companies[0].id), "second": str(need.id), "idempotency_key": new_key()}
    assert client.post(address, data=fields).location.endswith(address)
    assert "does not hold any more" in client.get(address).get_data(as_text=True)
    assert db.session.scalars(select(Match)).all() == []
    assert client_of(make_member("vendor")).get(address).status_code == 403
