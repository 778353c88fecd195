"""The forum's phrases: how they are found, what an author sees, what moderators hear, who keeps the list."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from ppp_match.complaints import queries
from ppp_match.complaints.models import Report
from ppp_match.db import db
from ppp_match.introductions.models import Message
from ppp_match.lifecycle import NotPermitted, Refused
from ppp_match.listings import operations as listings
from ppp_match.phrases.finding import find, phrases
from ppp_match.phrases.models import Phrase
from ppp_match.phrases.operations import keep_phrase
from ppp_match.seeding.phrases import load_phrases
from tests.complaints.test_reports import talk  # noqa: F401  a fixture
from tests.conftest import new_key
from tests.factories import actor_of, make_listing, make_member, make_staff

pytestmark = pytest.mark.both_databases


def _keep(words, severity="moderator", **values):
    values = {"lang": "vi", "kind": "gift", "severity": severity, "active": True, **values}
    return keep_phrase({"words": words, **values}, actor=actor_of(make_staff("administrator")))


def test_whole_words_without_case_and_diacritics(app):
    _keep("lót tay")
    known = phrases()
    for text in ("khoản LÓT  TAY nhỏ", "khoan lot-tay nho", "(Lót tay)"):
        assert [one.words for one in find(text, known)] == ["lót tay"], text
    for text in ("lót tayvịn", "miếng lót, cánh tay phải lót", ""):
        assert find(text, known) == [], text


def test_who_keeps_the_list_and_each_phrase_once(app):
    row = _keep("lót tay")
    with pytest.raises(Refused, match="phrase_exists"):
        _keep("LOT TAY")
    with pytest.raises(Refused, match="phrase_empty"):
        _keep("...")
    values = {"words": "lót tay", "lang": "vi", "kind": "gift", "severity": "author", "active": False}
    with pytest.raises(NotPermitted):
        keep_phrase(values, actor=actor_of(make_staff()), row=row, version=row.version)
    administrator = actor_of(make_staff("administrator"))
    with pytest.raises(Refused, match="stale"):
        keep_phrase(values, actor=administrator, row=row, version=9)
    keep_phrase(values, actor=administrator, row=row, version=row.version)
    assert phrases() == []


def test_a_sent_text_is_reported_by_the_software_once(app):
    _keep("lót tay")
    _keep("hoa hồng", severity="author")
    owner = make_member("city")
    home = owner.memberships[0].organisation
    texts = {"title": "Có khoản lót tay và hoa hồng"}
    listing = make_listing("need", state="draft", organisation=home, texts=texts)
    for _ in "ab":
        listings.submit_listing(listing, actor=actor_of(owner))
        listings.recall_listing(listing, actor=actor_of(owner))
    row = db.session.scalars(select(Report)).one()
    assert (row.by_system, row.kind, row.words, row.reporter_id) == (True, "bribery", "lót tay", None)
    plain = make_listing("need", state="draft", organisation=home, texts={"title": "Hoa hồng cho công viên"})
    listings.submit_listing(plain, actor=actor_of(owner))
    assert len(db.session.scalars(select(Report)).all()) == 1


def test_the_author_of_a_message_is_told_and_decides(app, client_of, talk):  # noqa: F811
    official, _seller, message = talk
    _keep("lót tay")
    _keep("hoa hồng", severity="author")
    db.session.commit()
    place = f"/introductions/{message.introduction_id}?lang=en"
    data = {"body": "Có hoa hồng không?", "lang": "vi"}
    first = client_of(official).post(place, data={**data, "idempotency_key": new_key()})
    assert first.status_code == 422
    assert "“hoa hồng”" in first.text
    assert "Có hoa hồng không?" in first.text
    considered = {**data, "considered": "hoa hong", "idempotency_key": new_key()}
    other = {**considered, "body": "Có lót tay không?"}
    assert client_of(official).post(place, data=other).status_code == 422
    assert client_of(official).post(place, data=considered).status_code == 303
    assert db.session.scalars(select(Report)).all() == []
    serious = {**other, "considered": "lot tay", "idempotency_key": new_key()}
    assert client_of(official).post(place, data=serious).status_code == 303
    row = db.session.scalars(select(Report)).one()
    assert (row.subject_type, row.organisation_id) == ("message", official.memberships[0].organisation_id)
    assert len(db.session.scalars(select(Message)).all()) == 3


def test_the_form_of_a_text_points_out(app, client_of):
    _keep("hoa hồng", severity="author")
    owner = make_member("city")
    home = owner.memberships[0].organisation
    listing = make_listing("need", state="draft", organisation=home, texts={"title": "Có hoa hồng"})
    db.session.commit()
    page = client_of(owner).get(f"/needs/{listing.id}/edit?step=all&lang=en").text
    assert "“hoa hồng”" in page


def test_administrators_try_a_phrase_before_they_keep_it(app, client_of):
    administrator = make_staff("administrator")
    make_listing("need", state="published", texts={"title": "Trồng hoa hồng"})
    make_listing("need", state="draft", texts={"title": "Trồng hoa hồng"})
    row = _keep("Hoa Hồng")
    db.session.commit()
    assert queries.touched([row])[row.id] == 1
    values = {"words": "trong hoa", "lang": "vi", "kind": "other", "severity": "author", "active": "y"}
    place = "/admin/phrases/new?lang=en"
    tried = client_of(administrator).post(place, data={**values, "then": "try"})
    assert "1 published text holds this phrase" in tried.text
    assert client_of(administrator).post(place, data=values).status_code == 303
    again = client_of(administrator).post(place, data=values)
    assert (again.status_code, "holds this phrase already" in again.text) == (422, True)
    assert "trong hoa" in client_of(administrator).get("/admin/phrases").text


def test_the_phrases_of_a_new_forum_are_loaded_once(app):
    assert load_phrases() > 20
    assert load_phrases() == 0
    assert {row.lang for row in db.session.scalars(select(Phrase))} == {"vi", "en"}
