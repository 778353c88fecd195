"""The coach says only what is true: counts of published listings, rules that stay unknown, examples by sector."""

from __future__ import annotations

import html

import pytest
from sqlalchemy import event

from ppp_match.db import db
from ppp_match.listings.coach import capability_gains, coach_of, need_gains, strength
from ppp_match.listings.contact_data import find
from ppp_match.listings.documents import to_capability, to_need
from ppp_match.listings.examples import FIELDS, read_examples
from ppp_match.listings.queries_coach import Market, market
from ppp_match.matching.rules import check
from ppp_match.vocabularies import sectors
from tests.factories import add_reference, make_listing, make_member
from tests.listings.test_pages import home


@pytest.fixture
def asked(app):
    statements = []

    def note(_connection, _cursor, statement, *_rest):
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield statements
    event.remove(db.engine, "before_cursor_execute", note)


@pytest.mark.both_databases
def test_the_market_is_counted_in_one_query(app, asked):
    for sector, amount in (("water.flood", 1), ("water.supply", None), ("energy.lighting", 1)):
        make_listing(
            "capability",
            state="published",
            terms={"sector": [sector]},
            amount_min_usd=amount,
            amount_max_usd=amount,
        )
    make_listing("capability", terms={"sector": ["water.flood"]})  # a draft does not count
    asked.clear()
    found = market("capability", sectors=["water.quality"])
    assert len(asked) == 1
    assert found == Market(3, True, 1, 2, 2)
    assert market("capability") == Market(3, False, 2, 3, 3)
    assert market("need", sectors=["water.flood"]) == Market(0, True, 0, 0, 0)
    make_listing("need", state="published", budget_status="undisclosed")
    assert market("need") == Market(1, False, 0, 1, 1)


def test_what_it_calls_unknown_the_matcher_calls_unknown(app):
    capability = make_listing("capability", state="published")
    need = make_listing(
        "need",
        terms={"contract_form": ["open"], "language": []},
        amount_min_usd=None,
        amount_max_usd=None,
        amount_min=None,
        amount_max=None,
    )
    gains = {gain.field for gain in need_gains(need.edited, market("capability"))}
    unknown = {r.rule for r in check(to_need(need), to_capability(capability)) if r.state == "unknown"}
    assert {"amount_max", "contract_form", "language", "requirements"} == gains
    assert {"budget", "contract_form", "language"} <= unknown
    whole = make_listing("need", texts={"requirements": "Dữ liệu lưu trong nước"})
    assert need_gains(whole.edited, market("capability")) == []


def test_a_gain_names_the_number_and_the_step(app):
    make_listing("capability", state="published")
    need = make_listing("need", budget_status="undisclosed", texts={"requirements": "x"})
    (gain,) = need_gains(need.edited, market("capability", sectors=["water.flood"]))
    assert (gain.field, gain.step) == ("amount_max", "money")
    assert gain.words.startswith("1 ")


def test_a_capability_is_held_against_what_cities_look_for(app):
    listing = make_listing("capability")
    said = {check.field: check.said for check in strength(listing) if check.field != "references"}
    assert said["not_offered"]
    assert said["local_support"]
    assert not said["integration"]
    before = coach_of("capability", listing).score
    assert "references" in {gain.field for gain in capability_gains(listing, market("need"))}
    add_reference(listing, confirmation="claimed")
    db.session.refresh(listing)
    assert coach_of("capability", listing).score == before + 1
    add_reference(listing, confirmation="confirmed")
    db.session.refresh(listing)
    assert coach_of("capability", listing).score == before + 2
    assert "references" not in {gain.field for gain in capability_gains(listing, market("need"))}


def test_the_coach_stands_beside_the_form(client_of, app):
    owner = make_member("city", locale="en")
    listing = make_listing("need", organisation=home(owner), texts={"plan_reference": ""})
    client = client_of(owner)
    page = html.unescape(client.get(f"/needs/{listing.id}/edit?step=conditions").get_data(as_text=True))
    assert "Readiness:" in page
    assert 'href="#plan_reference">This step.' in page
    assert "Readiness:" not in client.get("/needs/new").get_data(as_text=True)
    lines = read_examples()["water"]["requirements"]
    assert lines["en"] in page
    assert lines["vi"] in html.unescape(
        client.get(f"/needs/{listing.id}/edit?step=conditions&lang=vi").get_data(as_text=True)
    )


def test_examples_are_there_for_every_sector_in_both_languages_and_hold_no_contact_data(app):
    every = read_examples()
    assert set(every) == {sector.code for sector in sectors() if sector.parent is None}
    for texts in every.values():
        assert set(texts) == set(FIELDS["all"])
        for by_lang in texts.values():
            assert set(by_lang) == {"vi", "en"}
            for text in by_lang.values():
                assert text.strip()
                assert find(text) == []
