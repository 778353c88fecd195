"""The pages of declarations: bad input keeps what was typed, a name that fits several is asked about, links are there."""

from __future__ import annotations

import csv
import io
import re

import pytest
from sqlalchemy import select

from ppp_match.accounts.models import OrganisationRelation
from ppp_match.audit import AuditEvent
from ppp_match.db import db
from ppp_match.declarations import relations
from ppp_match.declarations.models import DeclaredInterest
from ppp_match.introductions.models import OfferAnswer, OfferDeclaration
from ppp_match.lifecycle import RELATION
from tests.factories import OrganisationFactory, actor_of, make_staff
from tests.world import build_world


@pytest.fixture
def world(app):
    return build_world()


@pytest.fixture
def at(world, client_of):
    """at(role): a client signed in as that person of the world."""
    return lambda role: client_of(world.people[role])


def sent(client, url, **fields):
    page = client.get(url).get_data(as_text=True)
    names = ("csrf_token", "idempotency_key", "version")
    found = {
        name: m.group(1)
        for name in names
        if (m := re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)) is not None
    }
    return client.post(url, data=found | fields)


def test_a_relation_to_an_organisation_of_the_forum(world, at):
    url = f"/organisations/{world.vendor.id}/relations"
    answer = sent(at("vendor"), url, organisation=world.city.name_en, kind="owner", note="12 %")
    assert answer.status_code == 303
    row = db.session.scalar(
        select(OrganisationRelation).where(OrganisationRelation.related_id == world.city.id)
    )
    assert (row.organisation_id, row.kind, row.note) == (world.vendor.id, "owner", "12 %")


def test_a_name_that_fits_several_is_asked_about_and_what_was_typed_stays(world, at):
    for name in ("Ban Quản lý Sông Bắc", "Ban Quản lý Sông Nam"):
        OrganisationFactory(kind="city", name_vi=name, name_en=name)
    db.session.commit()
    url, client = f"/organisations/{world.vendor.id}/relations", at("vendor")
    answer = sent(client, url, organisation="ban quan ly song", kind="affiliate", note="Cùng một chủ quản.")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Ban Quản lý Sông Bắc" in page
    assert "Ban Quản lý Sông Nam" in page
    assert "Cùng một chủ quản." in page
    chosen = re.search(r'name="chosen"[^>]*value="([^"]+)"', page).group(1)
    answer = sent(client, url, organisation="ban quan ly song", kind="affiliate", note="Cùng.", chosen=chosen)
    assert answer.status_code == 303
    assert db.session.scalar(
        select(OrganisationRelation.kind).where(OrganisationRelation.related_id.is_not(None))
    )


def test_an_organisation_outside_the_forum_is_entered_by_its_name(world, at):
    url, client = f"/organisations/{world.vendor.id}/relations", at("vendor")
    assert sent(client, url, organisation="Tập đoàn Không Có", kind="subsidiary").status_code == 422
    answer = sent(client, url, organisation="Tập đoàn Không Có", kind="subsidiary", chosen="outside")
    assert answer.status_code == 303
    assert "Tập đoàn Không Có" in client.get("/relations").get_data(as_text=True)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Name the organisation."),
        ({"organisation": "Zzz", "kind": "owner", "since": "hôm qua"}, "Write the day as a date."),
        ({"organisation": "Zzz", "kind": "owner", "since": "2999-01-01"}, "This day is still to come."),
        ({"organisation": "Zzz", "kind": "owner", "note": "x" * 301}, "Shorten the text to 300 characters."),
        ({"organisation": "Zzz"}, "Choose what the other one is to yours."),
        ({"organisation": "Zzz", "kind": "owner"}, "Choose which one you mean."),
        (
            {"organisation": "Zzz", "kind": "owner", "chosen": "nobody"},
            "Choose one of the values in the list.",
        ),
    ],
)
def test_bad_input_is_said_beside_the_field(world, at, fields, said):
    answer = sent(at("vendor"), f"/organisations/{world.vendor.id}/relations?lang=en", **fields)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert said in page
    assert fields.get("organisation", "") in page


def test_ones_own_organisation_is_said_beside_the_field(world, at):
    url = f"/organisations/{world.vendor.id}/relations?lang=en"
    answer = sent(at("vendor"), url, organisation=world.vendor.name_en, kind="owner", note="Kept words.")
    assert answer.status_code == 422
    assert "An organisation is not related to itself." in answer.get_data(as_text=True)
    assert "Kept words." in answer.get_data(as_text=True)


def test_an_interest_is_declared_and_asks_for_words_where_its_kind_says_little(world, at):
    client = at("city")
    fields = {"organisation": world.vendor.name_en, "kind": "family"}
    assert sent(client, "/account/interests", **fields).status_code == 422
    assert sent(client, "/account/interests", **fields, note="Vợ tôi.").status_code == 303
    own = sent(client, "/account/interests", organisation=world.city.name_en, kind="ownership")
    assert own.status_code == 422
    assert world.city.name_en in own.get_data(as_text=True)
    kinds = db.session.scalars(
        select(DeclaredInterest.kind).where(DeclaredInterest.organisation_id == world.vendor.id)
    )
    assert list(kinds) == ["family"]
    assert "a colleague of yours answers" in client.get(f"/offers/{world.offer.id}?lang=en").get_data(
        as_text=True
    )


def test_reading_an_interest_is_recorded(world, at):
    def reads():
        return list(
            db.session.scalars(
                select(AuditEvent.actor_id).where(AuditEvent.action == "declared_interest.read")
            )
        )

    at("moderator").get(f"/review/interests/{world.declared.id}")
    assert reads() == [world.people["moderator"].id]
    at("moderator").get("/review/interests?show=all")
    assert len(reads()) == 2
    at("city").get(f"/account/interests/{world.declared.id}")
    assert len(reads()) == 2, "one's own is nobody's reading"


def test_the_forum_confirms_an_end_and_a_stale_page_loses_nothing(world, at):
    client, url = at("moderator"), f"/relations/{world.relation.id}"
    page = client.get(url).get_data(as_text=True)
    stale = {"version": "1", "answer": "ended", "reason": "Giấy đăng ký mới."}
    token = re.search(r'name="csrf_token"[^>]*value="([^"]*)"', page).group(1)
    answer = client.post(url, data={"csrf_token": token, **stale})
    assert answer.status_code == 409
    assert "Giấy đăng ký mới." in answer.get_data(as_text=True)
    assert sent(client, url, answer="ended", reason="Giấy đăng ký mới.").status_code == 303
    db.session.expire_all()
    assert world.relation.state == RELATION.states[-1]
    assert client.post(url, data={"csrf_token": token, **stale}).status_code == 403, (
        "nothing is left to answer"
    )


def test_a_yes_with_something_to_declare_waits(world, at):
    client, url = at("vendor"), f"/offers/{world.offer.id}"
    answer = sent(client, url, answer="yes", declared="Chúng tôi có cổ đông chung.")
    assert answer.status_code == 303
    assert db.session.scalar(select(OfferAnswer).where(OfferAnswer.offer_id == world.offer.id)) is None
    side = select(OfferDeclaration.words).where(OfferDeclaration.side == "capability")
    assert db.session.scalar(side) == "Chúng tôi có cổ đông chung."
    too_early = sent(client, f"{url}?lang=en", answer="yes", no_conflict="y")
    assert too_early.status_code == 409
    assert "The forum has not decided yet on what your side declared" in too_early.get_data(as_text=True)
    assert "no longer open" not in too_early.get_data(as_text=True)
    assert "Chúng tôi có cổ đông chung." not in at("city").get(url).get_data(as_text=True)


def test_a_moderator_recuses_themselves_and_an_administrator_a_colleague(world, at):
    moderator = at("moderator")
    assert sent(moderator, f"/review/recuse/{world.city.id}", kind="recusal").status_code == 303
    assert can_not_decide(moderator, world)
    colleague = make_staff(name="Điều phối viên Hai")
    db.session.commit()
    fields = {"person": str(colleague.id), "organisation": world.vendor.name_en}
    administrator = at("administrator")
    assert sent(administrator, "/admin/recusals/new", **fields).status_code == 422
    assert sent(administrator, "/admin/recusals/new", **fields, reason="Từng làm ở đó.").status_code == 303
    db.session.expire_all()
    assert colleague.recused_from == [str(world.vendor.id)]


def can_not_decide(client, world):
    page = client.get(f"/review/listings/{world.submitted.id}?lang=en").get_data(as_text=True)
    return "declared an interest in it, so another moderator decides" in page


def test_the_list_is_said_to_be_complete_by_an_owner(world, at):
    client = at("vendor")
    url = f"/organisations/{world.vendor.id}/relations"
    token = re.search(r'name="csrf_token"[^>]*value="([^"]*)"', client.get(url).get_data(as_text=True)).group(
        1
    )
    relations.declare_relation(
        world.vendor, kind="owner", outside_name="Holding ABC", actor=actor_of(world.people["vendor"])
    )
    db.session.commit()
    register = "/relations?lang=en&find=Holding+ABC"
    assert "its list complete as of" not in client.get(register).text
    assert client.post(url + "/confirm", data={"csrf_token": token}).status_code == 303
    db.session.expire_all()
    confirmed = world.vendor.relations_confirmed_at
    assert confirmed is not None
    assert "its list complete as of" in client.get(register).text
    (row,) = csv.DictReader(io.StringIO(client.get(f"{register}&format=csv").text.removeprefix("\ufeff")))
    assert row["List complete as of"] == f"{confirmed:%Y-%m-%d}"
