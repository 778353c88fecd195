"""The index is a cache with a version: rebuilt when unusable, brought up to date before it answers."""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
import uuid
from pathlib import Path

import pytest

from ppp_match.db import db
from ppp_match.matching import Capability, Index, IndexUnusable
from ppp_match.matching.index import MATCHER_VERSION
from ppp_match.search import store
from ppp_match.search.store import IndexStore, index_of, note_change, rebuild, search
from tests.factories import make_listing

pytestmark = pytest.mark.both_databases


def ids(kind="capability"):
    return set(index_of(kind).documents)


def test_only_what_is_published_is_held(app):
    shown = make_listing("capability", state="published")
    make_listing("capability", state="draft")
    make_listing("capability", state="withdrawn")
    assert ids() == {str(shown.id)}
    assert ids("need") == set()
    assert rebuild("capability") == 1


def test_a_second_process_applies_the_tail(app):
    first = make_listing("capability", state="published")
    db.session.commit()
    here, there = store.store(), IndexStore(store.store().folder)
    assert set(there.index_of("capability").documents) == {str(first.id)}
    index = here.index_of("capability")
    second = make_listing("capability", state="published")
    note_change(second.id, "capability")
    db.session.commit()
    assert set(there.index_of("capability").documents) == {str(first.id), str(second.id)}
    first.state = "withdrawn"
    note_change(first.id, "capability")
    db.session.commit()
    assert set(there.index_of("capability").documents) == {str(second.id)}
    assert set(here.index_of("capability").documents) == {str(second.id)}
    assert here.index_of("capability") is index


DAMAGES = ("manifest", "number", "arrays", "gone", "mixed up", "stale", "foreign")


def spoil(folder: Path, damage: str) -> None:
    """Make the saved index of a kind unusable."""
    manifest, number = folder / "saved" / "manifest.json", folder / "seq.json"
    if damage == "manifest":
        manifest.write_text("{}")
    elif damage == "number":
        number.write_bytes(b"\xff")
    elif damage == "arrays":
        next((folder / "saved").glob("v-*/arrays.bin")).write_bytes(b"nonsense")
    elif damage == "gone":
        manifest.unlink()
    elif damage == "mixed up":  # the number of one saving beside the index of another
        number.write_text('{"seq": 5000, "mark": "x", "manifest": "y"}')
    elif damage == "stale":  # written by the program before its last update
        manifest.write_text(manifest.read_text().replace(f'"matcher": "{MATCHER_VERSION}"', '"matcher": "1"'))
        _belongs(number, manifest)
    else:  # that of another forum, whole and of this program
        shutil.rmtree(folder / "saved")
        other = Capability(
            id=str(uuid.uuid4()), title="Elsewhere", text="Flood forecasting of another forum."
        )
        Index.fit([other]).save(folder / "saved")
        _belongs(number, manifest, mark=f"{uuid.uuid4()} 2026-01-01T00:00:00+00:00")


def _belongs(number: Path, manifest: Path, **more: str) -> None:
    note = {**json.loads(number.read_text()), **more}
    number.write_text(json.dumps({**note, "manifest": hashlib.sha256(manifest.read_bytes()).hexdigest()}))


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_broken_folder_is_rebuilt(app, damage):
    listing = make_listing("capability", state="published")
    note_change(listing.id, "capability")
    db.session.commit()
    index_of("capability")
    spoil(store.store().folder / "capability", damage)
    fresh = IndexStore(store.store().folder)
    with pytest.raises(IndexUnusable):
        fresh._read("capability")
    assert set(fresh.index_of("capability").documents) == {str(listing.id)}
    again = IndexStore(store.store().folder)
    assert set(again._read("capability").index.documents) == {str(listing.id)}


@pytest.mark.parametrize("damage", DAMAGES)
def test_pages_stay_up_over_an_index_that_is_of_no_use(app, client, monkeypatch, damage):
    """A worker that starts over it answers from the newest listings; the whole is built beside and saved anew."""
    monkeypatch.setattr(store, "BUILT_AT_ONCE", 2)
    made = [make_listing("capability", state="published") for _ in range(4)]
    for one in made:
        note_change(one.id, "capability")
    db.session.commit()
    assert ids() == {str(one.id) for one in made}
    spoil(store.store().folder / "capability", damage)
    store.store().forget()
    words = {"q": made[0].shown.text("title"), "lang": "en"}
    first = client.get("/capabilities", query_string=words)
    assert first.status_code == 200
    assert str(made[-1].id) in first.get_data(as_text=True)
    for thread in threading.enumerate():
        if thread.name == "build-capability":
            thread.join(20)
    page = client.get("/capabilities", query_string=words).get_data(as_text=True)
    assert all(str(one.id) in page for one in made)
    assert "The search is being prepared anew" not in page
    store.store().check("capability")
    assert set(IndexStore(store.store().folder)._read("capability").index.documents) == ids()


def test_another_history_is_noticed(app):
    listing = make_listing("capability", state="published")
    note_change(listing.id, "capability")
    db.session.commit()
    assert ids() == {str(listing.id)}
    other = make_listing("capability", state="published")
    change = note_change(other.id, "capability")
    assert ids() == {str(listing.id), str(other.id)}
    change.listing_id = uuid.uuid4()  # a restored backup that counted the same number for something else
    db.session.flush()
    db.session.rollback()
    assert ids() == {str(listing.id)}


def test_an_unsaved_change_of_an_open_transaction_is_not_written_to_disk(app):
    listing = make_listing("capability", state="published")
    note_change(listing.id, "capability")
    assert ids() == {str(listing.id)}
    assert not (store.store().folder / "capability" / "seq.json").exists()
    db.session.rollback()
    assert ids() == set()


def test_many_threads_see_one_index(app):
    for _ in range(3):
        make_listing("capability", state="published")
    db.session.commit()
    found = []

    def ask():
        with app.app_context():
            found.append(frozenset(index_of("capability").documents))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1


def test_a_merge_runs_beside_those_who_read(app, monkeypatch):
    """While it merges, requests are answered, with what has been published meanwhile."""
    make_listing("capability", state="published")
    db.session.commit()
    index = index_of("capability")
    begun, go_on = threading.Event(), threading.Event()
    really = Index.merge

    def slowly(self):
        begun.set()
        assert go_on.wait(20)
        really(self)

    monkeypatch.setattr(Index, "merge", slowly)
    monkeypatch.setattr(Index, "needs_merge", property(lambda self: len(self.state.segments[2]) > 0))
    for _ in range(2):
        listing = make_listing("capability", state="published")
        note_change(listing.id, "capability")
        db.session.commit()
        assert str(listing.id) in index_of("capability").documents
        assert begun.wait(20)
    assert len(index.state.segments[0]) == 1
    go_on.set()
    for thread in threading.enumerate():
        if thread.name == "merge-capability":
            thread.join(20)
    assert len(index.state.segments[0]) == 3
    assert ids() == set(index.positions)


def test_pages_stay_up_while_a_large_index_is_built(app, client, monkeypatch):
    """A page is answered from the newest listings and says so; a job waits for the whole; then all are found."""
    monkeypatch.setattr(store, "BUILT_AT_ONCE", 2)
    made = [make_listing("capability", state="published") for _ in range(5)]
    for one in made:
        note_change(one.id, "capability")
    db.session.commit()
    go_on = threading.Event()
    really = IndexStore._read_or_built

    def slowly(self, kind):
        assert kind != "capability" or go_on.wait(20)
        return really(self, kind)

    monkeypatch.setattr(IndexStore, "_read_or_built", slowly)
    words = made[0].shown.text("title")
    notice = "The search is being prepared anew"
    for _ in range(2):  # the second time it is under way already
        page = client.get("/capabilities", query_string={"q": words, "lang": "en"}).get_data(as_text=True)
        assert notice in page
        assert [str(one.id) in page for one in made] == [False, False, False, True, True]
    assert notice in client.get("/search", query_string={"q": words, "lang": "en"}).get_data(as_text=True)
    builders = [thread for thread in threading.enumerate() if thread.name == "build-capability"]
    assert len(builders) == 1
    go_on.set()
    builders[0].join(20)
    page = client.get("/capabilities", query_string={"q": words, "lang": "en"}).get_data(as_text=True)
    assert notice not in page
    assert all(str(one.id) in page for one in made)


def test_what_was_built_beside_counts_even_where_it_cannot_be_saved(app, client, monkeypatch):
    """A full disk: the thread's index is taken over, and not built again with every page."""
    monkeypatch.setattr(store, "BUILT_AT_ONCE", 2)
    monkeypatch.setattr(IndexStore, "_save", lambda *_all: None)
    made = [make_listing("capability", state="published") for _ in range(5)]
    for one in made:
        note_change(one.id, "capability")
    db.session.commit()
    built = []
    really = IndexStore._built
    monkeypatch.setattr(IndexStore, "_built", lambda self, kind: built.append(kind) or really(self, kind))
    words = made[0].shown.text("title")
    for _ in range(3):
        page = client.get("/capabilities", query_string={"q": words}).get_data(as_text=True)
        for thread in threading.enumerate():
            if thread.name == "build-capability":
                thread.join(20)
    assert all(str(one.id) in page for one in made)
    assert built == ["capability"]


def test_a_job_waits_for_the_whole_index(app, monkeypatch):
    monkeypatch.setattr(store, "BUILT_AT_ONCE", 2)
    made = [make_listing("capability", state="published") for _ in range(5)]
    for one in made:
        note_change(one.id, "capability")
    db.session.commit()
    assert ids() == {str(one.id) for one in made}


@pytest.mark.parametrize("query", ["dự báo ngập đường phố", "du bao ngap duong pho", "flood forecasting"])
def test_search_finds_across_languages_and_without_diacritics(app, query):
    flood = make_listing("capability", state="published")
    make_listing(
        "capability",
        state="published",
        texts={
            "title": "Online learning for schools",
            "solves": "Lessons and tests for pupils." * 5,
            "how": "A site.",
        },
    )
    result = search("capability", query)
    assert result.hits[0][0] == flood.id
    if query.startswith("d"):
        assert any("flood" in " ".join(words) for _, words in result.also)
    if query.startswith("du"):
        assert result.restored == "dự báo ngập đường phố"
