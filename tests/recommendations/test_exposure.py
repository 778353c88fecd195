"""Who gets seen: the cap and the kept places in stored lists, and the figures that moderators read."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from ppp_match.db import db
from ppp_match.listings.models import Listing
from ppp_match.recommendations import exposure, exposure_figures, operations, refresh
from ppp_match.recommendations.models import Match
from ppp_match.search.store import note_change
from tests.factories import OrganisationFactory, actor_of, make_listing, make_member, make_staff

pytestmark = pytest.mark.both_databases


def capabilities(number, organisation=None, **more):
    """`number` capabilities, the first of which fit best: each later one says less of what is asked."""
    found = []
    for at in range(number):
        solves = " ".join(["We forecast street flooding and send early warning."] + ["We sell paint."] * at)
        texts = {"title": f"Flood forecasting {at}", "solves": solves, "how": "Sensors."}
        found.append(
            make_listing("capability", state="published", organisation=organisation, texts=texts, **more)
        )
    return found


def listed(need):
    rows = select(Match).where(Match.need_id == need.id, Match.rank.is_not(None)).order_by(Match.rank)
    return list(db.session.scalars(rows))


def test_a_company_at_the_cap_gets_no_new_place_unless_it_is_among_the_best(app, monkeypatch):
    monkeypatch.setattr(exposure, "current_cap", lambda top: 1)
    first, second = (make_listing("need", state="published") for _ in range(2))
    capabilities(5)
    refresh.refresh_need(first, top=5)
    ranking = [match.capability_id for match in listed(first)]
    assert len(ranking) == 5
    refresh.refresh_need(second, top=5)
    assert [match.capability_id for match in listed(second)] == ranking[:3]
    refresh.refresh_need(first, top=5)
    assert [match.capability_id for match in listed(first)] == ranking  # what stands is not taken away
    last = db.session.get(Listing, ranking[4])
    vendor = str(last.organisation_id)
    assert exposure.lists_of([vendor], without=second.id) == {vendor: 1}
    assert exposure.lists_of([vendor], without=first.id) == {}


def test_places_are_kept_for_those_never_suggested(app):
    known = OrganisationFactory(kind="vendor")
    elsewhere = make_listing("need", state="published")
    capabilities(8, organisation=known)
    refresh.refresh_need(elsewhere, top=8)
    far = {"sector": ["economy.sme"]}  # one focus area is all that it shares
    texts = {
        "title": "Paint for shops",
        "solves": "Paint and lime. " * 30 + "Streets.",
        "how": "Brushes and rollers.",
    }
    newcomer = make_listing("capability", state="published", texts=texts, terms=far)
    note_change(newcomer.id, "capability")
    need = make_listing("need", state="published")
    refresh.refresh_need(need, top=5)
    rows = listed(need)
    assert [row.origin for row in rows] == ["matcher"] * 4 + ["newcomer"]
    assert rows[-1].capability_id == newcomer.id
    assert refresh.refresh_need(need, top=5).total == 0  # the same again
    assert [row.origin for row in listed(need)] == ["matcher"] * 4 + ["newcomer"]


def test_figures_of_vendors_and_their_evenness(app):
    need = make_listing("need", state="published")
    shown, hidden = (OrganisationFactory(kind="vendor", size_band=band) for band in ("large", "micro"))
    make_listing("capability", state="published", organisation=shown)
    make_listing("capability", state="published", organisation=hidden, terms={"country": ["SG"]})
    refresh.refresh_need(need)
    vendors = exposure_figures.vendors_since(None)
    assert [(one.id, one.suggested, one.is_new) for one in vendors] == [
        (shown.id, 1, True),
        (hidden.id, 0, True),
    ]
    assert exposure_figures.evenness(vendors) == {"suggested": 0.5, "asked": 0.0, "introduced": 0.0}
    groups = exposure_figures.grouped(vendors, lambda one: one.size_band)
    assert [(g.key, g.of_vendors, g.of_suggested) for g in groups] == [
        ("large", 0.5, 1.0),
        ("micro", 0.5, 0.0),
    ]
    assert [one.suggested for one in exposure_figures.vendors_since(exposure_figures.now())] == [0, 0]


def test_a_need_that_nothing_answers_is_listed_with_why(app):
    need = make_listing("need", state="published")
    capability = make_listing("capability", state="published")
    make_listing("capability", state="published", terms={"country": ["SG"]})
    refresh.refresh_need(need)
    assert exposure_figures.needs_without_supply() == ([], 0)
    assert [one.id for one, _best in exposure_figures.weakest_needs()] == [need.id]
    match = operations.live_match(need, capability)
    operations.reject_match(match, actor=actor_of(make_staff()), reason_code="wrong_scale")
    (unmet,), count = exposure_figures.needs_without_supply()
    assert (unmet.need.id, unmet.turned_down, unmet.blocked, count) == (need.id, 1, 1, 1)
    assert exposure_figures.weakest_needs() == []
    (water,) = [one for one in exposure_figures.sectors_with_demand() if one.code == "water"]
    assert (water.needs, water.unmet, water.capabilities) == (1, 1, 2)


def test_the_page_and_its_table(client_of, app):
    need = make_listing("need", state="published")
    make_listing(
        "capability", state="published", organisation=OrganisationFactory(kind="vendor", name_en="=SUM(1)")
    )
    refresh.refresh_need(need)
    client = client_of(make_staff())
    for address in ("/review/exposure", "/review/exposure?days=90", "/review/exposure?days=x"):
        assert "Demand by sector" in client.get(address).get_data(as_text=True)
    table = client.get("/review/exposure?format=csv").get_data(as_text=True)
    assert "'=SUM(1)" in table
    assert client_of(make_member("vendor")).get("/review/exposure").status_code == 403
