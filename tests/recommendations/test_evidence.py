"""The grid on pages: who sees it, what stands in it, what never does."""

from __future__ import annotations

import csv
import io

import pytest
from flask_babel import force_locale
from markupsafe import escape

from ppp_match.db import db
from ppp_match.recommendations import grid, operations
from ppp_match.recommendations.models import Match
from ppp_match.search.store import note_change
from tests.factories import (
    OrganisationFactory,
    actor_of,
    add_reference,
    make_listing,
    make_member,
    make_staff,
)

REQUIREMENTS = {
    "requirements": "Cảnh báo sớm ngập đường phố\nBiển báo bằng tiếng Khmer có hình\nISO/IEC 27001",
    "exclusions": "Không nhận diện khuôn mặt\nKhông thay máy bơm",
}


@pytest.fixture
def match(app) -> Match:
    need = make_listing("need", state="published", texts=REQUIREMENTS)
    capability = make_listing("capability", state="published", texts={"standards": "ISO/IEC 27001:2022"})
    add_reference(
        capability, scope="84 điểm đo mực nước, ba mùa mưa", result="Early warning of street flooding."
    )
    note_change(need.id, "need")
    note_change(capability.id, "capability")
    return operations.add_pair(need, capability, actor=actor_of(make_staff()))


def lines(match: Match, lang: str = "en"):
    with force_locale(lang):
        return grid.grid_of(match, lang).lines


def test_every_requirement_stands_in_the_grid_once(app, match):
    with app.test_request_context():
        found = [(line.kind, escape(line.asked).striptags()) for line in lines(match)]
    kinds = [kind for kind, _text in found]
    assert kinds.count("requirement") == 3
    assert kinds.count("exclusion") == 2
    assert {"outcome", "scale", "language", "contract_form", "budget"} <= set(kinds)
    assert len(found) == len(set(found))


def test_evidence_names_its_source_and_who_confirmed_it(app, match):
    with app.test_request_context():
        by_kind = {}
        for line in lines(match):
            by_kind.setdefault(line.kind, []).append(line)
    warning, signs, standard = by_kind["requirement"]
    assert (warning.status, warning.confirmed) == ("found", True)
    assert warning.source == "Reference project 1 (Riverside City Works (demo), 2024)"
    assert '<mark class="t-bridge">' in warning.passage
    assert (signs.status, signs.passage) == ("none", "")
    assert "t-miss" in signs.asked
    assert (standard.status, standard.source) == ("found", "Standards and certificates")
    assert by_kind["scale"][0].status == "found"
    face, pumps = by_kind["exclusion"]
    assert face.passage == "The capability does not speak of it, so nothing stands against it."
    assert pumps.source in ("Not offered", "")
    assert by_kind["budget"][0].status == "found"


def test_a_project_that_its_client_denied_is_no_evidence(app, match):
    for project in match.capability.references:
        project.confirmation = "denied"
    db.session.flush()
    with app.test_request_context():
        assert not [line for line in lines(match) if line.source.startswith("Reference")]


def test_texts_are_escaped(app, client_of):
    need = make_listing(
        "need", state="published", texts={"requirements": "<script>alert(1)</script> street warning"}
    )
    capability = make_listing(
        "capability",
        state="published",
        texts={"how": "Street warning <script>alert(1)</script> all over the town."},
    )
    match = operations.add_pair(need, capability, actor=actor_of(make_staff()))
    page = client_of(make_staff()).get(f"/matches/{match.id}/evidence").get_data(as_text=True)
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_who_sees_it(app, client_of, match):
    path = f"/matches/{match.id}/evidence"
    city = client_of(make_member("city", organisation=match.need.organisation))
    vendor = client_of(make_member("vendor", organisation=match.capability.organisation))
    assert client_of(make_staff()).get(path).status_code == 200
    assert vendor.get(path).status_code == 200  # its own text beside one that everybody reads
    assert city.get(path).status_code == 404  # nothing before both are asked
    for stranger in ("city", "vendor", "expert", "partner"):
        assert client_of(make_member(stranger)).get(path).status_code == 404
    match.state = "offered"
    db.session.flush()
    assert city.get(path).status_code == 200
    for stranger in ("city", "vendor"):
        assert client_of(make_member(stranger)).get(path).status_code == 404


def test_a_need_that_left_the_public_is_nobodys_evidence(client_of, match):
    vendor = client_of(make_member("vendor", organisation=match.capability.organisation))
    match.need.state = "withdrawn"
    db.session.flush()
    assert vendor.get(f"/matches/{match.id}/evidence").status_code == 404


def test_an_anonymous_city_stays_out_of_the_grid(client_of, app):
    owner = OrganisationFactory(kind="city", name_vi="Sở Bí Mật", name_en="Hidden Office")
    need = make_listing(
        "need",
        state="published",
        organisation=owner,
        anonymous=True,
        texts={"requirements": "Trụ sở tại Ho Chi Minh City, gần Sở Bí Mật"},
    )
    capability = make_listing("capability", state="published", texts={"local_support": "Twelve technicians."})
    match = operations.add_pair(need, capability, actor=actor_of(make_staff()))
    vendor = make_member("vendor", organisation=capability.organisation)
    page = client_of(vendor).get(f"/matches/{match.id}/evidence").get_data(as_text=True)
    assert "Bí Mật" not in page
    assert "Hidden Office" not in page
    assert "Ho Chi Minh" not in page
    assert "Name withheld" in page


def test_it_stands_on_the_bench_and_prints(client_of, match):
    staff = client_of(make_staff())
    bench = staff.get(f"/review/matches/need/{match.need_id}?pair={match.id}").get_data(as_text=True)
    assert "Requirements and evidence" in bench
    assert f"/matches/{match.id}/evidence" in bench
    page = staff.get(f"/matches/{match.id}/evidence").get_data(as_text=True)
    assert "An introduction is not an award" in page
    assert "No evidence found" in page


def test_the_table_for_spreadsheets_holds_no_formula(client_of, app):
    need = make_listing(
        "need", state="published", texts={"requirements": '=HYPERLINK("x")\n＝1+1\n@home\nCảnh báo sớm ngập'}
    )
    capability = make_listing("capability", state="published")
    match = operations.add_pair(need, capability, actor=actor_of(make_staff()))
    answer = client_of(make_staff()).get(f"/matches/{match.id}/evidence?format=csv")
    assert answer.mimetype == "text/csv"
    rows = list(csv.reader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))
    assert rows[0][1] == "The need asks"
    assert [row[1] for row in rows[1:4]] == ['\'=HYPERLINK("x")', "'＝1+1", "'@home"]
    assert not [cell for row in rows for cell in row if cell[:1] in ("=", "+", "-", "@", "＝")]


def test_an_older_match_without_revisions_still_shows(client_of, match):
    match.need_revision_id = match.capability_revision_id = None
    match.matcher_version = "0"
    db.session.flush()
    assert client_of(make_staff()).get(f"/matches/{match.id}/evidence").status_code == 200
