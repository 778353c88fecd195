"""The lists: filters from the address, order, pages, counts, and a constant number of queries."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import event
from werkzeug.datastructures import MultiDict

from ppp_match.db import db, today
from ppp_match.listings import queries
from ppp_match.listings.filters import read_filters
from ppp_match.permissions import VISITOR
from tests.factories import OrganisationFactory, add_reference, make_listing, make_member


def search(kind="need", **args):
    filters = read_filters(kind, MultiDict(args))
    return queries.search_listings(filters, lambda n: f"?page={n}")


def titles(found):
    return [row.shown.text("title") for row in found.page.items]


@contextmanager
def counted():
    seen = []

    def note(_conn, _cursor, statement, *_rest):
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def some_needs():
    flood = make_listing("need", state="published", texts={"title": "Ngập ven sông"})
    lamps = make_listing(
        "need",
        state="published",
        lang="en",
        texts={"title": "Street lamps that fail"},
        terms={"sector": ["energy.lighting"], "contract_form": ["open"], "partner_kind": ["investor"]},
        stage="appraise",
        amount_min_usd=Decimal(10_000),
        amount_max_usd=Decimal(50_000),
        response_until=today() + timedelta(days=3),
    )
    make_listing("need", state="draft", texts={"title": "Bản nháp chưa gửi"})
    return flood, lamps


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ({}, {"Ngập ven sông", "Street lamps that fail"}),
        ({"sector": "water"}, {"Ngập ven sông"}),
        ({"sector": "water.flood"}, {"Ngập ven sông"}),
        ({"sector": "energy"}, {"Street lamps that fail"}),
        ({"country": "VN"}, {"Ngập ven sông", "Street lamps that fail"}),
        ({"country": "LA"}, set()),
        ({"stage": "appraise"}, {"Street lamps that fail"}),
        ({"budget": "under-100k"}, {"Street lamps that fail"}),
        ({"budget": "1m-10m"}, {"Ngập ven sông"}),
        ({"budget": "undisclosed"}, set()),
        ({"contract_form": "open"}, {"Street lamps that fail"}),
        ({"language": "en"}, {"Street lamps that fail"}),
        ({"partner_kind": "investor"}, {"Street lamps that fail"}),
        ({"ascf_area": "safety_security", "sector": "energy"}, {"Street lamps that fail"}),
        ({"sector": "nonsense"}, {"Ngập ven sông", "Street lamps that fail"}),
        ({"closed": "1"}, set()),
    ],
)
def test_filters(app, args, expected):
    some_needs()
    assert set(titles(search(**args))) == expected


@pytest.mark.both_databases
def test_counts_and_orders(app):
    some_needs()
    found = search(sector="water")
    assert found.counted.facets["sector"]["water"] == 1
    assert found.counted.facets["sector"]["energy"] == 1  # a group's own choice does not narrow its counts
    assert found.counted.facets["stage"] == {"screen": 1}
    assert found.counted.facets["country"] == {"VN": 1}
    assert search().counted.facets["budget"] == {"under-100k": 1, "100k-1m": 1, "1m-10m": 1}
    assert titles(search(sort="closing"))[0] == "Street lamps that fail"
    assert titles(search(sort="budget"))[0] == "Ngập ven sông"
    assert titles(search(sort="newest"))[0] == "Street lamps that fail"


@pytest.mark.both_databases
def test_capabilities_by_country_and_size_of_company(app):
    large = OrganisationFactory(kind="vendor", size_band="large")
    make_listing("capability", state="published", organisation=large, texts={"title": "Large vendor’s offer"})
    make_listing(
        "capability", state="published", texts={"title": "Small vendor’s offer"}, terms={"country": ["LA"]}
    )
    assert titles(search("capability", sme="1")) == ["Small vendor’s offer"]
    assert titles(search("capability", country="LA")) == ["Small vendor’s offer"]
    assert search("capability").counted.facets["maturity"] == {"deployed": 2}


@pytest.mark.both_databases
def test_words_go_through_the_index_and_its_order_stays(app, monkeypatch):
    flood, lamps = some_needs()
    monkeypatch.setattr(queries, "ids_matching", lambda *_: queries.Hits([flood.id, lamps.id]))
    assert titles(search(q="anything")) == ["Ngập ven sông", "Street lamps that fail"]
    monkeypatch.setattr(queries, "ids_matching", lambda *_: queries.Hits([lamps.id], [("đèn", ("lamp",))]))
    assert titles(search(q="anything")) == ["Street lamps that fail"]
    found = search(q="anything")
    assert found.counted.facets["sector"]["energy"] == 1
    assert found.hits.also == [("đèn", ("lamp",))]


@pytest.mark.parametrize("page", ["0", "-3", "99999999999999999999999", "x", "", "1e9", "²"])
def test_extreme_pages_are_safe(client, app, page):
    some_needs()
    assert client.get("/needs", query_string={"page": page}).status_code == 200


def test_pages_of_twenty(app):
    for _ in range(23):
        make_listing("need", state="published")
    first, second, beyond = (search(page=str(n)).page for n in (1, 2, 9))
    assert (len(first.items), len(second.items), first.pages, first.total) == (20, 3, 2, 23)
    assert (second.first, second.last, beyond.page) == (21, 23, 2)
    assert not {row.id for row in first.items} & {row.id for row in second.items}


@pytest.mark.parametrize("kind", ["need", "capability"])
def test_as_many_queries_for_thirty_rows_as_for_three(client, app, kind):
    path = "/needs" if kind == "need" else "/capabilities"
    organisation = OrganisationFactory(kind="city" if kind == "need" else "vendor")

    def fill(number):
        for _ in range(number):
            row = make_listing(kind, state="published", organisation=organisation)
            if kind == "capability":
                add_reference(row)

    fill(3)
    client.get(path)  # vocabularies are read once a process
    with counted() as few:
        client.get(path)
    fill(27)
    with counted() as many:
        client.get(path)
    assert len(few) == len(many) <= 24, len(many)


def test_ones_own_list_runs_a_constant_number_of_queries(client_of, app):
    person = make_member("city")
    client = client_of(person)
    counts = []
    for number in (3, 27):
        for _ in range(number):
            make_listing("need", organisation=person.memberships[0].organisation)
        client.get("/mine")
        with counted() as seen:
            client.get("/mine")
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_visible_to_a_visitor_is_what_is_public(app):
    some_needs()
    assert {row.state for row in db.session.scalars(queries.visible_to(VISITOR))} == {"published"}


@pytest.mark.parametrize(
    "query", ["q=%00", "q=" + "a" * 5000, "sector=%ff", "sector=water&sector=water&sort=zzz", "page=1&page=2"]
)
def test_odd_addresses_show_a_list(client, app, monkeypatch, query):
    monkeypatch.setattr(queries, "ids_matching", lambda *_: queries.Hits([]))
    assert client.get(f"/needs?{query}").status_code == 200


def test_the_page_says_what_was_searched_too(client, app, monkeypatch):
    flood, _lamps = some_needs()
    hits = queries.Hits([flood.id], [("ngập", ("flood", "inundation"))], "vi")
    monkeypatch.setattr(queries, "ids_matching", lambda *_: hits)
    page = client.get("/needs?q=ngap&lang=en").get_data(as_text=True)
    assert '<span lang="en">flood, inundation</span>' in page
