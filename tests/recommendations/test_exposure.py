"""Who gets seen: the cap and the kept places in stored lists, and the figures that moderators read."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from ppp_match.db import db
from ppp_match.listings.models import Listing
from ppp_match.matching.calibration import THRESHOLD, default_calibration
from ppp_match.recommendations import exposure, exposure_figures, lots, operations, refresh
from ppp_match.recommendations.chances import nothing_good_for
from ppp_match.recommendations.demand import Demand
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
    assert Demand().unmet() == ([], 0)
    match = operations.live_match(need, capability)
    operations.reject_match(match, actor=actor_of(make_staff()), reason_code="wrong_scale")
    (unmet,), count = Demand().unmet()
    assert (unmet.need.id, unmet.turned_down, unmet.blocked, count) == (need.id, 1, 1, 1)
    (water,) = [one for one in Demand().sectors() if one.code == "water"]
    assert (water.needs, water.unmet, water.capabilities) == (1, 1, 2)


@pytest.mark.parametrize("bridged", [True, False])
def test_a_need_whose_every_candidate_is_unlikely_is_listed_as_its_own_page_says(app, bridged):
    """The score alone settles most; between the two bounds the explanation is read."""
    need = make_listing("need", state="published")
    capability = make_listing("capability", state="published", terms={"sector": ["energy.lighting"]})
    refresh.refresh_need(need)
    match = operations.live_match(need, capability)
    never, always = default_calibration().scores_around(THRESHOLD)
    verdicts = []
    for score in (never * 0.99, (never + always) / 2, always * 1.01):
        terms = [{"share": score, "bridge": "ngập ≈ flood" if bridged else None, "negated": None}]
        match.score, match.explanation = score, {**match.explanation, "total": score, "terms": terms}
        db.session.flush()
        shown, count = Demand().unmet()
        assert bool(count) == nothing_good_for(need)
        assert [(one.need.id, one.open, one.best) for one in shown] == [(need.id, 1, score)] * count
        verdicts.append(bool(count))
    assert verdicts == [True, not bridged, False]
    match.score = never / 2
    operations.shortlist_match(match, actor=actor_of(make_staff()))
    assert Demand().unmet() == ([], 0)  # a person found that it answers


def test_unmet_needs_are_kept_by_their_sector_and_cut(app):
    needs = [make_listing("need", state="published") for _ in range(3)]
    other = make_listing("need", state="published", terms={"sector": ["energy.lighting", "energy.grid"]})
    demand = Demand()
    shown, count = demand.unmet("water", limit=2)
    assert ([one.need.id for one in shown], count) == ([one.id for one in needs[:2]], 3)
    assert [one.need.id for one in demand.unmet("energy")[0]] == [other.id]
    assert [(one.code, one.needs, one.unmet) for one in demand.sectors()] == [
        ("water", 3, 3),
        ("energy", 1, 1),
    ]


def test_the_page_lists_what_to_act_on_by_sector(client_of, app):
    need = make_listing("need", state="published")
    client = client_of(make_staff())
    page = client.get("/review/exposure").get_data(as_text=True)
    assert "1 need that nothing answers well" in page
    assert f"/review/matches/need/{need.id}" in page
    assert f"/review/matches/need/{need.id}/consortia" in page
    assert 'href="/review/exposure?sector=water#unmet"' in page
    none = client.get("/review/exposure?sector=energy").get_data(as_text=True)
    assert "Every published need of this sector has a candidate that may answer it." in none
    assert client.get("/review/exposure?sector=x&unmet=all").status_code == 200


def test_an_administrator_sets_the_number_of_pairs_by_lot_on_the_page(client_of, app):
    moderator, administrator = client_of(make_staff()), client_of(make_staff("administrator"))
    assert "An administrator sets the number." in moderator.get("/review/exposure").get_data(as_text=True)
    assert moderator.post("/review/exposure/lots", data={"number": "3"}).status_code == 403
    assert administrator.post("/review/exposure/lots", data={"number": "11"}).status_code == 422
    assert lots.lots_per_need() == lots.LOTS
    answer = administrator.post("/review/exposure/lots", data={"number": "0"})
    assert answer.status_code == 303
    page = administrator.get(answer.location).get_data(as_text=True)
    assert "0 pairs are drawn for each need." in page
    assert '<option selected value="0">' in page
    assert lots.lots_per_need() == 0


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
