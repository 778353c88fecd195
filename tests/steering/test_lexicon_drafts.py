"""Drafts of the lexicon: what goes in, what is refused, what a draft would do, how it becomes a version."""

from __future__ import annotations

import csv
import io
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from sqlalchemy import select

from ppp_match.audit import AuditEvent
from ppp_match.db import db, writing
from ppp_match.jobs import perform
from ppp_match.lifecycle import NotPermitted, Refused
from ppp_match.listings.glosses import gloss_text, term_book
from ppp_match.matching import Index
from ppp_match.matching.bilingual import Change, default_lexicon
from ppp_match.matching.score import DEFAULT_WEIGHTS
from ppp_match.search.store import index_of, store
from ppp_match.steering import lexicon_book, lexicon_drafts, lexicon_preview, operations, versions
from ppp_match.steering.lexicon_models import LexiconDraft, LexiconPreview
from tests.conftest import new_key
from tests.factories import actor_of, make_listing, make_staff

NEW = Change("add", "pair", "mưa bão lạ kỳ", "zorblax", "water")
OLD = Change("remove", "pair", "nước thải", "wastewater", "water")


@pytest.fixture
def chief(app):
    versions.ensure_shipped()
    return make_staff("administrator")


@pytest.fixture
def admin(chief):
    return actor_of(chief)


def put_in(actor, *changes: Change) -> LexiconDraft:
    for change in changes:
        draft = lexicon_drafts.draft_of(actor)
        assert (
            lexicon_drafts.put_in(change, actor=actor, version=draft.version if draft is not None else 0)
            == []
        )
    return lexicon_drafts.draft_of(actor)


def let_rank(actor, *changes: Change) -> None:
    """Another version with these changes ranks from now on."""
    version = versions.offer(actor=actor, name="Khác", origin="lexicon", changes=changes)
    versions.activate(version, actor=actor, reason="Thử.")


def refused(code: str):
    return pytest.raises(Refused, match=f"^{code}")


# --- drafts ------------------------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_a_draft_is_ones_own_and_changes_nothing_that_ranks(admin):
    other = actor_of(make_staff("administrator"))
    draft = put_in(admin, NEW, OLD)
    assert (draft.entries, draft.version) == ((NEW, OLD), 3)
    assert lexicon_drafts.draft_of(other) is None
    assert versions.tuning().lexicon is default_lexicon()
    said = db.session.scalars(select(AuditEvent.action).order_by(AuditEvent.seq)).all()
    assert said == ["lexicon.edited"] * 2


@pytest.mark.both_databases
def test_a_form_of_another_window_is_refused(admin):
    draft = put_in(admin, NEW)
    for version in (0, draft.version + 1):
        with refused("stale"):
            lexicon_drafts.put_in(OLD, actor=admin, version=version)
        with refused("stale"):
            lexicon_drafts.save(actor=admin, version=version, name="Thử")
    assert draft.entries == (NEW,)


def test_what_the_linter_finds_does_not_go_in(admin):
    wrong = NEW._replace(one="nước thải", other="wastewater")
    (finding,) = lexicon_drafts.put_in(wrong, actor=admin, version=0)
    assert finding.code == "duplicate"
    assert lexicon_drafts.draft_of(admin).entries == ()
    draft = put_in(admin, NEW)
    (finding,) = lexicon_drafts.put_in(NEW, actor=admin, version=draft.version)  # the draft itself counts
    assert finding.code == "duplicate"


def test_taking_back_leaves_nothing(admin):
    assert put_in(admin, NEW, NEW._replace(action="remove")).entries == ()
    assert put_in(admin, OLD, OLD._replace(action="add")).entries == ()
    draft = put_in(admin, NEW, OLD)
    lexicon_drafts.take_out(NEW, actor=admin, version=draft.version)
    assert draft.entries == (OLD,)
    with refused("not_in_draft"):
        lexicon_drafts.take_out(NEW, actor=admin, version=draft.version)
    with refused("not_in_lexicon"):
        lexicon_drafts.put_in(OLD, actor=admin, version=draft.version)


def test_a_synonym_is_removed_in_either_order(admin):
    synonym = default_lexicon().synonyms[0]
    turned = Change("remove", synonym.language, synonym.b, synonym.a)
    assert put_in(admin, turned).entries == (turned,)
    assert len(versions.lexicon_with([turned]).synonyms) == len(default_lexicon().synonyms) - 1


def test_only_administrators_draft(app, admin):
    moderator = actor_of(make_staff())
    for act in (
        lambda: lexicon_drafts.put_in(NEW, actor=moderator, version=0),
        lambda: lexicon_drafts.save(actor=moderator, version=0, name="Thử"),
        lambda: lexicon_drafts.ask_preview(actor=moderator, version=0),
    ):
        with pytest.raises(NotPermitted):
            act()


def test_a_draft_does_not_grow_for_ever(admin, monkeypatch):
    monkeypatch.setattr(lexicon_drafts, "CHANGES_AT_MOST", 1)
    draft = put_in(admin, NEW)
    with refused("draft_full"):
        lexicon_drafts.put_in(OLD, actor=admin, version=draft.version)


# --- saving ------------------------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_a_saved_draft_is_an_offered_version_and_the_draft_is_empty(admin):
    let_rank(admin, Change("add", "pair", "gió lạ", "blixtor", "water"))
    draft = put_in(admin, NEW, OLD)
    version = lexicon_drafts.save(actor=admin, version=draft.version, name="Từ mới", note="Vì thiếu.")
    assert (version.state, version.origin, version.before.number) == ("offered", "lexicon", 2)
    assert [one.other for one in versions.changes_of(version)] == ["blixtor", "zorblax", "wastewater"]
    assert lexicon_drafts.difference(versions.changes_of(version.before), versions.changes_of(version)) == [
        NEW,
        OLD,
    ]
    assert (draft.entries, draft.base_id) == ((), None)
    with refused("draft_empty"):
        lexicon_drafts.save(actor=admin, version=draft.version, name="Lần nữa")
    versions.activate(version, actor=admin, reason="Thử.")
    words = {(one.vi, one.en) for one in versions.tuning().lexicon.entries}
    assert ("mưa bão lạ kỳ", "zorblax") in words
    assert ("nước thải", "wastewater") not in words


def test_what_a_version_added_is_removed_without_a_trace(admin):
    let_rank(admin, NEW)
    draft = put_in(admin, NEW._replace(action="remove"))
    version = lexicon_drafts.save(actor=admin, version=draft.version, name="Bỏ đi")
    assert version.lexicon_changes == []


@pytest.mark.both_databases
def test_another_version_beneath_a_draft_is_told_and_settled(admin):
    draft = put_in(admin, NEW, OLD)
    let_rank(admin, NEW)
    for act in (
        lambda: lexicon_drafts.save(actor=admin, version=draft.version, name="Thử"),
        lambda: lexicon_drafts.ask_preview(actor=admin, version=draft.version),
        lambda: lexicon_drafts.put_in(NEW._replace(one="gió lạ"), actor=admin, version=draft.version),
    ):
        with refused("lexicon_moved"):
            act()
    left = lexicon_drafts.bring_up_to_date(actor=admin, version=draft.version)
    assert [(one.change, one.finding.code) for one in left] == [(NEW, "duplicate")]
    assert draft.entries == (OLD,)
    assert lexicon_drafts.save(actor=admin, version=draft.version, name="Thử").number == 3


def test_other_weights_beneath_a_draft_count_as_another_version(admin):
    draft = put_in(admin, NEW)
    scale = {**DEFAULT_WEIGHTS.scale, "sector": 0.9}
    weights = versions.offer(actor=admin, name="Nặng", weights=replace(DEFAULT_WEIGHTS, scale=scale))
    versions.activate(weights, actor=admin, reason="Thử.")
    with refused("lexicon_moved"):
        lexicon_drafts.save(actor=admin, version=draft.version, name="Thử")
    assert lexicon_drafts.bring_up_to_date(actor=admin, version=draft.version) == []
    saved = lexicon_drafts.save(actor=admin, version=draft.version, name="Thử")
    assert saved.weights["scale"]["sector"] == 0.9


def test_a_removal_of_what_is_gone_does_not_apply(admin):
    draft = put_in(admin, OLD)
    let_rank(admin, OLD)
    (left,) = lexicon_drafts.bring_up_to_date(actor=admin, version=draft.version)
    assert left.finding.code == "not_there"
    assert draft.entries == ()


# --- the preview -------------------------------------------------------------------------------------------------


@pytest.fixture
def bridged(admin):
    """A need and the capability that only the new entry leads to, among others; both judged."""
    need = make_listing(
        "need", state="published", texts={"title": "Mưa bão lạ kỳ", "problem": "Mưa bão lạ kỳ."}
    )
    good = make_listing(
        "capability", state="published", texts={"title": "Zorblax", "solves": "Zorblax zorblax."}
    )
    make_listing("capability", state="published", texts={"title": "Mưa bão", "solves": "Mưa bão ở phường."})
    operations.judge(operations.add_pair(need, good, actor=admin), 3, actor=admin)
    db.session.commit()
    return need, good


def preview_of(app, actor, draft: LexiconDraft) -> LexiconPreview:
    lexicon_drafts.ask_preview(actor=actor, version=draft.version)
    db.session.commit()
    assert perform(app, "preview_lexicon") == 1
    return db.session.scalar(select(LexiconPreview))


@pytest.mark.both_databases
def test_a_preview_tells_which_lists_become_better(app, admin, bridged):
    need, good = bridged
    before = index_of("capability").version
    preview = preview_of(app, admin, put_in(admin, NEW))
    results = preview.results
    assert (preview.state, preview.draft_version) == ("done", 2)
    assert (results["compared"], results["changed"], results["better"], results["worse"]) == (1, 1, 1, 0)
    (row,) = results["needs"]
    assert row["need"] == str(need.id)
    assert row["by"] > 0
    entered = next(one for one in row["places"] if one["capability"] == str(good.id))
    assert (entered["after"], entered["grade"]) == (1, 3)
    overall = results["quality"]["rows"][0]
    assert overall["version"] > overall["before"]
    assert {(one["kind"], one["name"]) for one in results["quality"]["rows"]} >= {
        ("overall", ""),
        ("sector", "water"),
    }
    assert index_of("capability").version == before
    assert versions.active().number == 1
    assert perform(app, "preview_lexicon") == 0


def test_the_other_way_round_it_is_worse(app, admin, bridged):
    let_rank(admin, NEW)
    results = preview_of(app, admin, put_in(admin, NEW._replace(action="remove"))).results
    assert (results["better"], results["worse"]) == (0, 1)
    assert results["quality"]["intervals"]["before"][0] < 0


def test_without_judged_pairs_the_lists_are_compared_all_the_same(app, admin, bridged):
    for pair in db.session.scalars(select(operations.JudgedPair)):
        db.session.delete(pair)
    db.session.commit()
    results = preview_of(app, admin, put_in(admin, NEW)).results
    assert results["quality"] == {}
    assert (results["changed"], results["better"], results["worse"]) == (1, 0, 0)
    assert results["needs"][0]["by"] is None


def test_the_live_index_and_the_saved_one_stay(app, admin, bridged):
    index, saved = index_of("capability"), store().folder / "capability" / "seq.json"
    stamp = saved.read_bytes()
    preview_of(app, admin, put_in(admin, NEW))
    assert index_of("capability") is index
    assert saved.read_bytes() == stamp


@pytest.mark.of_sqlite
def test_others_write_while_it_is_worked_out(app, admin, bridged, monkeypatch):
    """At the moment of fitting, another connection gets the write lock at once."""
    lexicon_drafts.ask_preview(actor=admin, version=put_in(admin, NEW).version)
    db.session.commit()
    path, fit, got = db.engine.url.database, Index.fit, []

    def fit_while_somebody_writes(*args, **kwargs):
        with closing(sqlite3.connect(path, timeout=0)) as other:
            other.execute("BEGIN IMMEDIATE")
            other.rollback()
        got.append(writing.get())
        return fit(*args, **kwargs)

    monkeypatch.setattr(Index, "fit", fit_while_somebody_writes)
    assert perform(app, "preview_lexicon") == 1
    assert got == [False, False]


def test_a_preview_that_fails_is_told_and_can_be_asked_again(app, admin, bridged, monkeypatch):
    draft = put_in(admin, NEW)
    with monkeypatch.context() as patch:
        patch.setattr(lexicon_preview, "work_out", lambda _found: 1 / 0)
        lexicon_drafts.ask_preview(actor=admin, version=draft.version)
        db.session.commit()
        assert perform(app, "preview_lexicon") == 0
    assert db.session.scalar(select(LexiconPreview.state)) == "failed"
    assert preview_of(app, admin, lexicon_drafts.draft_of(admin)).state == "done"


def test_a_changed_draft_makes_its_preview_old(app, admin, bridged):
    draft = put_in(admin, NEW)
    preview = preview_of(app, admin, draft)
    draft = lexicon_drafts.draft_of(admin)
    assert lexicon_drafts.is_fresh(preview, draft, versions.active())
    put_in(admin, OLD)
    assert not lexicon_drafts.is_fresh(preview, draft, versions.active())
    saved = lexicon_drafts.save(actor=admin, version=draft.version, name="Thử")
    assert saved.facts == {}


def test_a_draft_that_was_emptied_meanwhile_keeps_no_preview(app, admin, bridged, monkeypatch):
    draft = put_in(admin, NEW)
    lexicon_drafts.ask_preview(actor=admin, version=draft.version)
    db.session.commit()
    task = lexicon_preview.next_task(())
    found = lexicon_preview.read(task)
    lexicon_drafts.discard(actor=admin, version=draft.version)
    assert lexicon_preview.keep(task, found, lexicon_preview.work_out(found)) == 0
    assert db.session.scalar(select(LexiconPreview)) is None


# --- looking things up -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["nước thải", "nuoc thai", "NƯỚC  THẢI", "wastewater", "wastewat"])
def test_a_word_is_found_with_or_without_diacritics_and_in_either_language(words):
    book = lexicon_book.book_of(default_lexicon())
    found = [one.entry.label for one in book.search(lexicon_book.Asked(words))]
    assert "nước thải ≈ wastewater" in found[:3]


def test_marks_that_are_typed_count():
    book = lexicon_book.book_of(default_lexicon())
    labels = [one.entry.one for one in book.search(lexicon_book.Asked("nước", "pair"))]
    assert labels
    assert all("nước" in one.lower() for one in labels)
    assert not any(one.entry.kind == "pair" for one in book.search(lexicon_book.Asked("rác", "vi")))
    assert book.search(lexicon_book.Asked("zorblax")) == []


def test_terms_are_counted_in_what_is_published(app):
    make_listing("need", state="published", texts={"title": "Xử lý NƯỚC THẢI ở chợ"})
    make_listing("need", state="draft", texts={"title": "Nước thải"})
    make_listing("capability", state="published", texts={"title": "Wastewaters and more", "solves": "Pumps."})
    db.session.commit()
    vi, en = lexicon_book.held_by(["nước thải", "wastewater"])
    assert (vi.needs, vi.capabilities, vi.partial) == (1, 0, False)
    assert (en.needs, en.capabilities) == (0, 1)


def test_glosses_use_the_lexicon_that_ranks(app, admin):
    assert "zorblax" not in gloss_text("Mưa bão lạ kỳ", "vi", "en", ("water",))
    let_rank(admin, NEW, OLD)
    assert "zorblax" in gloss_text("Mưa bão lạ kỳ", "vi", "en", ("water",))
    assert "(wastewater)" not in gloss_text("Nước thải", "vi", "en", ("water",))
    assert term_book().fingerprint == versions.tuning().lexicon.fingerprint
    versions.activate(versions.to_go_back_to(), actor=admin, reason="Quay lại.")
    assert "zorblax" not in gloss_text("Mưa bão lạ kỳ", "vi", "en", ("water",))


# --- pages -------------------------------------------------------------------------------------------------------


def add(client, version: int = 0, lang: str = "en", kind: str = "pair", **fields: str):
    sent = {"one": NEW.one, "other": NEW.other, "sector": "water", **fields}
    sent |= {"version": str(version), "idempotency_key": new_key()}
    return client.post(f"/review/lexicon/add?kind={kind}&lang={lang}", data=sent)


def test_from_a_word_to_a_version(client_of, app, chief, bridged):
    db.session.commit()
    client = client_of(chief)
    assert add(client).location == "/review/lexicon/draft"
    page = client.get("/review/lexicon/draft?lang=en").get_data(as_text=True)
    assert "mưa bão lạ kỳ" in page
    assert "You have not seen yet" in page
    assert client.post("/review/lexicon/draft/preview", data={"version": "2"}).status_code == 303
    page = client.get("/review/lexicon/draft/preview?lang=en").get_data(as_text=True)
    assert "Being compared" in page
    perform(app, "preview_lexicon")
    page = client.get("/review/lexicon/draft/preview?lang=en").get_data(as_text=True)
    assert "better by" in page
    assert "So few needs are judged" in page
    sent = {"version": "2", "name": "Từ lạ", "note": "", "idempotency_key": new_key()}
    answer = client.post("/review/lexicon/draft", data=sent)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    assert client.post("/review/lexicon/draft", data=sent).location == answer.location
    page = client.get(f"{answer.location}?lang=en").get_data(as_text=True)
    assert "Compared before it was saved" in page
    table = client.get(f"{answer.location}?format=csv").get_data(as_text=True)
    assert list(csv.reader(io.StringIO(table.lstrip("\ufeff"))))[1] == list(NEW)


@pytest.mark.parametrize(
    ("fields", "lang", "words"),
    [
        ({"one": "nuoc thai"}, "en", "The diacritics are missing. Do you mean “nước thải”?"),
        ({"one": "nuoc thai"}, "vi", "Thiếu dấu. Có phải ý bạn là “nước thải”?"),
        (
            {"one": "nước thải", "other": "wastewater"},
            "en",
            "This stands in the lexicon already: nước thải ≈",
        ),
        (
            {"one": "không ổn định", "other": "steady"},
            "vi",
            "Điều này trái với từ vựng hiện có: ổn định ≈ steady",
        ),
        ({"other": " "}, "en", "Write at least one word."),
        ({"other": "x" * 121}, "en", "Shorten it to 120 characters."),
        ({"other": "một hai"}, "en", "This does not look like English."),
        ({"one": "a b c d e f g h i"}, "en", "At most eight words are looked up. Shorten it."),
        ({"sector": "cheese"}, "en", "Not a valid choice"),
    ],
)
def test_a_mistake_stands_beside_its_field_and_what_was_typed_is_kept(client_of, chief, fields, lang, words):
    db.session.commit()
    answer = add(client_of(chief), lang=lang, **fields)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert words in page
    typed = {"one": NEW.one, "other": NEW.other, **fields}
    assert all(f'value="{typed[name].strip()}"' in page for name in ("one", "other"))
    assert db.session.scalar(select(LexiconDraft)) is None


def test_a_form_of_an_old_window_comes_back_and_can_be_sent_again(client_of, chief):
    db.session.commit()
    client = client_of(chief)
    add(client)
    answer = add(client, one="gió lạ")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "changed in another window" in page
    assert 'value="gió lạ"' in page
    assert 'name="version" value="2"' in page
    assert add(client, version=2, one="gió lạ").status_code == 303


def test_what_no_longer_applies_is_named(client_of, chief, admin):
    db.session.commit()
    client = client_of(chief)
    add(client)
    let_rank(admin, NEW)
    db.session.commit()
    page = client.get("/review/lexicon/draft?lang=en").get_data(as_text=True)
    assert "Another version ranks since you began" in page
    assert "Does not apply:" in page
    sent = {"version": "2", "name": "Từ lạ", "idempotency_key": new_key()}
    assert client.post("/review/lexicon/draft", data=sent).status_code == 409
    assert client.post("/review/lexicon/draft/up-to-date?lang=en", data={"version": "2"}).status_code == 303
    answer = client.get("/review/lexicon/draft?lang=en")
    assert "Left out, since it does not apply any more: mưa bão lạ kỳ ≈ zorblax" in answer.get_data(
        as_text=True
    )


def test_an_older_offer_says_what_it_would_take_back(client_of, chief, admin):
    older = versions.offer(actor=admin, name="Cũ", origin="lexicon", changes=[OLD])
    let_rank(admin, NEW)
    db.session.commit()
    page = client_of(chief).get(f"/review/versions/{older.id}?lang=en").get_data(as_text=True)
    assert "has got 1 change which this version does not have" in page


@pytest.mark.parametrize("number", ["", "-1", "x", "9" * 30, "1.5"])
def test_a_nonsensical_version_is_refused(client_of, chief, admin, number):
    put_in(admin, NEW)
    db.session.commit()
    client = client_of(chief)
    for path in ("discard", "up-to-date", "preview", "take-out"):
        assert client.post(f"/review/lexicon/draft/{path}", data={"version": number}).status_code == 303
    assert lexicon_drafts.draft_of(admin).entries == (NEW,)


def test_no_cell_of_a_file_is_a_formula(client_of, chief, admin):
    put_in(admin, Change("add", "pair", "tổng =SUM", "＝cmd zorblax", "general"))
    db.session.commit()
    client = client_of(chief)
    rows = list(
        csv.reader(io.StringIO(client.get("/review/lexicon/draft?format=csv").get_data(as_text=True)))
    )
    assert rows[1][3] == "'＝cmd zorblax"
    whole = client.get("/review/lexicon?format=csv")
    assert whole.headers["Content-Disposition"] == 'attachment; filename="lexicon.csv"'
    lines = list(csv.reader(io.StringIO(whole.get_data(as_text=True).lstrip("\ufeff"))))
    assert len(lines) == len(default_lexicon().as_changes()) + 1
    assert ["pair", "nước thải", "wastewater", "water", "general.csv"] in lines


def test_moderators_look_and_draft_nothing(client_of, chief):
    db.session.commit()
    client = client_of(make_staff())
    page = client.get("/review/lexicon/entry?kind=pair&one=nước thải&other=wastewater&lang=en")
    assert page.status_code == 200
    assert "Remove it in my draft" not in page.get_data(as_text=True)
    assert "Add an entry" not in client.get("/review/lexicon?lang=en&q=zorblax").get_data(as_text=True)
    assert add(client).status_code == 403
