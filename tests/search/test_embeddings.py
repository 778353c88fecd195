"""A text is published, the worker reads it, and rankings use what it read; no request ever waits for the model."""

from __future__ import annotations

import pytest
from flask import current_app
from sqlalchemy import select

from ppp_match import jobs
from ppp_match.config import Settings, UnsafeSettings
from ppp_match.db import db
from ppp_match.listings.documents import document_of
from ppp_match.recommendations.models import Match
from ppp_match.search import embeddings, store
from ppp_match.search.models import TextVector
from ppp_match.search.store import IndexStore, index_of, note_change
from ppp_match.search.vectors import StoredVectors
from tests.factories import make_listing, make_staff
from tests.matching.fake_model import TopicModel

pytestmark = pytest.mark.both_databases


@pytest.fixture
def model(app, monkeypatch):
    """The forum with meaning switched on, and the model that its worker uses."""
    monkeypatch.setattr("ppp_match.jobs.REST", 0.0)
    made = TopicModel()
    monkeypatch.setitem(app.extensions, "vectors", StoredVectors(made.version, made.dimensions))
    monkeypatch.setitem(app.extensions, "sentence_model", made)
    return made


def publish(kind, **texts):
    fields = {"need": ("problem", "outcome"), "capability": ("solves", "how")}[kind]
    said = dict.fromkeys(fields, "Điều khác.") | texts
    listing = make_listing(kind, state="published", lang="en", texts=said)
    note_change(listing.id, kind)
    db.session.commit()
    return listing


def work():
    """What the worker does next, in the order in which it is woken."""
    db.session.commit()  # SQLite has one writer at a time
    app = current_app._get_current_object()
    done = {name: jobs.perform(app, name) for name in ("embed_texts", "refresh_matches")}
    db.session.expire_all()
    return done


def meaning_of(match):
    return next(one for one in match.explanation["features"] if one["name"] == "meaning")


def test_published_read_and_ranked(app, model):
    capability = publish("capability", title="Retail fit-out", solves="Shop shop shop.")
    other = publish("capability", title="Passenger desks", solves="Commuter commuter.")
    need = publish("need", title="Retail", problem="Shop.")
    before = {m.id: meaning_of(m) for m in index_of("capability").rank(document_of(need), 2)}
    assert {line["value"] for line in before.values()} == {None}  # by the words alone, and a page works
    assert model.asked == []
    assert work() == {"embed_texts": 3, "refresh_matches": 1}
    stored = db.session.scalars(select(Match).where(Match.need_id == need.id).order_by(Match.rank)).all()
    assert [match.capability_id for match in stored] == [capability.id, other.id]
    assert meaning_of(stored[0])["value"] == 1.0
    assert stored[0].matcher_version.endswith("+semantic.topics.1")
    assert work() == {"embed_texts": 0, "refresh_matches": 0}
    assert len(model.asked) == 3


def test_a_changed_text_has_no_vector_until_it_is_read_again(app, model):
    capability = publish("capability", title="Retail fit-out", solves="Shop.")
    need = publish("need", title="Retail", problem="Shop.")
    work()
    next(row for row in capability.live.text_rows if row.field == "solves").text = "Shop and retail."
    note_change(capability.id, "capability")
    db.session.commit()
    [found] = index_of("capability").rank(document_of(need), 1)
    assert meaning_of(found)["value"] is None
    assert work()["embed_texts"] == 1
    [found] = index_of("capability").rank(document_of(need), 1)
    assert meaning_of(found)["value"] is not None


def test_what_is_withdrawn_keeps_no_vector(app, model):
    capability = publish("capability", solves="Shop.")
    work()
    assert db.session.query(TextVector).count() == 1
    capability.state = "withdrawn"
    note_change(capability.id, "capability")
    db.session.commit()
    assert work()["embed_texts"] == 0
    assert db.session.query(TextVector).count() == 0


@pytest.mark.parametrize("damage", ["gone", "cut"])
def test_a_missing_or_damaged_vector_is_ranked_by_words_and_made_again(app, model, damage):
    publish("capability", title="Retail", solves="Shop.")
    need = publish("need", title="Retail", problem="Shop.")
    work()
    if damage == "gone":
        db.session.query(TextVector).delete()
    else:
        for row in db.session.query(TextVector):
            row.vector = row.vector[:-1]
    db.session.commit()
    store.store().forget(saved=True)
    app.extensions["vectors"]._known.clear()
    [found] = index_of("capability").rank(document_of(need), 1)
    assert found.score > 0
    assert meaning_of(found)["value"] is None
    assert embeddings.embed_all() == 2
    db.session.commit()
    [found] = index_of("capability").rank(document_of(need), 1)
    assert meaning_of(found)["value"] == 1.0


def test_another_model_reads_everything_again(app, model, monkeypatch):
    publish("capability", solves="Shop.")
    publish("need", problem="Shop.")
    assert work()["embed_texts"] == 2
    index_of("capability")
    monkeypatch.setitem(app.extensions, "vectors", StoredVectors("topics.2", model.dimensions))
    fresh = IndexStore(store.store().folder)  # its saved index is of the other model, so it is built
    assert fresh.index_of("capability").version.endswith("topics.2")
    assert work()["embed_texts"] == 2


def test_switched_off_nothing_is_read_and_the_index_is_the_light_one(app, model, monkeypatch):
    publish("capability", solves="Shop.")
    work()
    index_of("capability")
    monkeypatch.setitem(app.extensions, "vectors", None)
    light = IndexStore(store.store().folder).index_of("capability")
    assert light.semantic is None
    assert light.state.meaning == ()
    read = len(model.asked)
    publish("capability", solves="Bus.")
    assert work()["embed_texts"] == 0
    assert embeddings.embed_all() == 0
    assert len(model.asked) == read


def test_no_request_asks_the_model(app, model, client_of, client):
    need = publish("need", title="Retail", problem="Shop.")
    publish("capability", title="Retail", solves="Shop.")
    moderator = client_of(make_staff())
    work()
    publish("capability", title="Retail too", solves="Shop shop.")  # not read yet
    read = len(model.asked)
    page = moderator.get(f"/review/matches/need/{need.id}?lang=en")
    assert page.status_code == 200
    assert "Close in meaning as a whole" in page.get_data(as_text=True)
    assert client.get("/capabilities?q=retail").status_code == 200
    assert len(model.asked) == read


def test_reindex_reads_first_and_says_how_many(app, model):
    publish("capability", solves="Shop.")
    publish("need", problem="Shop.")
    seen = []
    assert embeddings.embed_all(progress=lambda done, count: seen.append((done, count))) == 2
    assert seen[-1] == (2, 2)
    assert embeddings.embed_all() == 0


@pytest.mark.of_sqlite
def test_the_setting_without_the_package_is_refused(monkeypatch):
    monkeypatch.setattr("ppp_match.matching.semantic.installed_version", lambda: None)
    with pytest.raises(UnsafeSettings, match=r"PPP_MATCH_SEMANTIC is on, but .* pip install"):
        Settings(semantic=True).check()
    assert Settings().check().semantic is False
