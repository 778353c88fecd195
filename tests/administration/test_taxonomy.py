"""Sectors and vocabularies: edited, added, retired; what loading reference data leaves alone; other processes."""

from __future__ import annotations

import csv
import shutil
import time

import pytest
from sqlalchemy import select

from ppp_match import vocabularies
from ppp_match.administration import vocabulary_operations as operations
from ppp_match.administration import vocabulary_queries as queries
from ppp_match.audit import AuditEvent
from ppp_match.db import db
from ppp_match.lifecycle import NotPermitted, ReasonMissing, Refused
from ppp_match.listings.filters import known_values
from ppp_match.seeding.reference import REFERENCE, load_reference
from ppp_match.vocabularies import ReferenceMark, sector_name, sectors, term_name, terms
from tests.conftest import new_key
from tests.factories import actor_of, make_listing, make_member, make_staff

TEXTS = {"name_vi": "Tên mới", "name_en": "New name", "synonyms_vi": "từ khác", "synonyms_en": "other word"}
TERM = {"name_vi": "Tên mới", "name_en": "New name", "help_vi": "", "help_en": ""}


@pytest.fixture
def admin(app):
    return actor_of(make_staff("administrator"))


def place_of(entry) -> int:
    return [one.code for one in queries.siblings(entry)].index(entry.code) + 1


def edit(entry, actor, values=TEXTS, *, place=None, reason="Tên cũ sai.", version=None):
    return operations.edit_entry(
        entry,
        values,
        place=place or place_of(entry),
        reason=reason,
        version=entry.version if version is None else version,
        actor=actor,
    )


@pytest.mark.both_databases
def test_an_edit_is_seen_recorded_and_outlives_the_loading_of_reference_data(admin, tmp_path):
    row = queries.sector("water.flood")
    assert edit(row, admin) == ("name_vi", "name_en", "synonyms_vi", "synonyms_en")
    assert sector_name("water.flood", "vi") == "Tên mới"
    event = db.session.scalar(select(AuditEvent).where(AuditEvent.action == "sector.edited"))
    assert (event.subject_id, event.fields[0], event.note.reason) == (row.id, "water.flood", "Tên cũ sai.")
    shutil.copytree(REFERENCE, tmp_path / "reference")
    file = tmp_path / "reference" / "taxonomy.csv"
    with file.open(encoding="utf-8", newline="") as source:
        header, *rows = list(csv.reader(source))
    own = next(line for line in rows if line[0] == "water.flood")
    other = next(line for line in rows if line[0] == "water.supply")
    other[header.index("en")] = "From the file"
    with file.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target).writerows([header, *rows, ["water.brand_new", *own[1:]]])
    load_reference(tmp_path / "reference")
    assert sector_name("water.flood", "en") == "New name"
    assert sector_name("water.supply", "en") == "From the file"
    assert "water.brand_new" in {one.code for one in sectors()}


def test_loading_what_is_loaded_changes_nothing(app):
    before = db.session.scalar(select(ReferenceMark.mark))
    load_reference()
    assert db.session.scalar(select(ReferenceMark.mark)) == before


@pytest.mark.both_databases
def test_another_process_sees_an_edit_once_its_time_is_over(admin, monkeypatch):
    assert sector_name("water.flood", "en") != "New name"
    monkeypatch.setattr(vocabularies, "forget", lambda: None)  # as in a process that did not make the edit
    edit(queries.sector("water.flood"), admin)
    monkeypatch.setattr(vocabularies, "FRESH_FOR", 1000.0)
    assert sector_name("water.flood", "en") != "New name"
    monkeypatch.setattr(vocabularies, "FRESH_FOR", 0.0)
    assert sector_name("water.flood", "en") == "New name"


@pytest.mark.both_databases
def test_what_a_request_from_before_an_edit_reads_is_not_kept(app):
    """Another thread has seen the edit already; this one's transaction began before and still reads what was."""
    newer = vocabularies._memory["now"] = vocabularies._Kept("newer", looked_at=time.monotonic() + 60)
    assert term_name("stage", "identify", "en") != "identify"
    assert sector_name("water.flood", "en") != "water.flood"
    assert (newer.terms, newer.sectors) == ({}, {})


def test_what_is_kept_costs_one_small_question_in_a_while(app, monkeypatch):
    from sqlalchemy import event

    asked = []
    sectors()
    event.listen(db.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    monkeypatch.setattr(vocabularies, "FRESH_FOR", 1000.0)
    for _ in range(50):
        sectors()
    assert asked == []
    monkeypatch.setattr(vocabularies, "FRESH_FOR", 0.0)
    sectors()
    assert len(asked) == 1
    assert "reference_mark" in asked[0]


@pytest.mark.both_databases
def test_a_move_reorders_siblings_and_outlives_the_loading(admin):
    row = queries.sector("water.flood")
    wanted = [row.code, *(one.code for one in queries.siblings(row) if one is not row)]
    same = {name: getattr(row, name) for name in TEXTS}
    assert edit(row, admin, same, place=1) == ("position",)
    load_reference()
    assert [one.code for one in queries.siblings(queries.sector("water.flood"))] == wanted
    codes = [one.code for one in sectors()]
    assert [code for code in codes if code.startswith("water.")] == wanted
    assert codes.index("water") == codes.index(wanted[0]) - 1


def test_edits_need_the_right_a_reason_and_the_newest_version(admin):
    row = queries.sector("water.flood")
    with pytest.raises(NotPermitted):
        edit(row, actor_of(make_staff("moderator")))
    with pytest.raises(ReasonMissing):
        edit(row, admin, reason=" ")
    with pytest.raises(Refused, match="stale"):
        edit(row, admin, version=row.version + 1)


@pytest.mark.both_databases
def test_a_sub_sector_is_added_at_the_end_and_stays(admin):
    parent = queries.sector("water")
    row = operations.add_sub_sector(parent, "rain_gauges", TEXTS, reason="Mới.", actor=admin)
    load_reference()
    assert [one.code for one in queries.siblings(row)][-1] == "water.rain_gauges"
    assert (row.parent, row.ascf_area, row.d950_group) == ("water", parent.ascf_area, parent.d950_group)
    for code, why in (("rain_gauges", "code_taken"), ("Mưa", "code_unfit"), ("a.b", "code_unfit")):
        with pytest.raises(Refused, match=why):
            operations.add_sub_sector(parent, code, TEXTS, reason="x", actor=admin)
    with pytest.raises(Refused, match="code_unfit"):
        operations.add_sub_sector(row, "deeper", TEXTS, reason="x", actor=admin)


@pytest.mark.both_databases
def test_values_are_added_where_the_program_gives_them_no_meaning(admin):
    operations.add_term("funding_source", "carbon_credits", TERM, reason="Mới.", actor=admin)
    assert term_name("funding_source", "carbon_credits", "vi") == "Tên mới"
    with pytest.raises(Refused, match="vocabulary_fixed"):
        operations.add_term("stage", "dream", TERM, reason="x", actor=admin)
    with pytest.raises(Refused, match="code_taken"):
        operations.add_term("contract_form", "bot", TERM, reason="x", actor=admin)


@pytest.mark.both_databases
def test_what_is_retired_is_offered_to_nobody_new_and_comes_back(admin):
    row = queries.sector("water.flood")
    operations.retire(row, reason="Gộp.", version=row.version, actor=admin)
    load_reference()
    assert not next(one for one in sectors() if one.code == "water.flood").is_offered
    assert sector_name("water.flood", "en")
    assert "water.flood" in known_values("sector")
    with pytest.raises(Refused, match="stale"):
        operations.retire(row, reason="x", version=row.version, actor=admin)
    operations.restore(row, reason="Cần.", version=row.version, actor=admin)
    assert next(one for one in sectors() if one.code == "water.flood").is_offered
    done = db.session.scalars(select(AuditEvent.action).where(AuditEvent.subject_id == row.id))
    assert sorted(done) == ["sector.restored", "sector.retired"]


@pytest.mark.parametrize(
    "entry", [("water",), ("contract_form", "open"), ("stage", "identify"), ("country", "VN")]
)
def test_what_the_program_counts_on_is_not_retired(admin, entry):
    row = queries.sector(*entry) if len(entry) == 1 else queries.term(*entry)
    with pytest.raises(Refused, match="always_offered"):
        operations.retire(row, reason="x", version=row.version, actor=admin)


def retire_all_but(admin, rows, kept):
    for row in rows:
        if row is not kept and row.is_offered:
            operations.retire(row, reason="Gộp.", version=row.version, actor=admin)


@pytest.mark.both_databases
@pytest.mark.parametrize("vocabulary", ["offer_kind", "data_hosting", "sector"])
def test_the_last_value_of_a_list_stays_since_forms_ask_for_one(admin, vocabulary):
    rows = (
        [one for one in queries.all_sectors() if one.parent]
        if vocabulary == "sector"
        else queries.terms_of(vocabulary)
    )
    last = rows[0]
    retire_all_but(admin, rows, last)
    with pytest.raises(Refused, match="last_offered"):
        operations.retire(last, reason="x", version=last.version, actor=admin)
    assert last.is_offered
    operations.restore(rows[1], reason="Cần.", version=rows[1].version, actor=admin)
    operations.retire(last, reason="x", version=last.version, actor=admin)
    assert not last.is_offered


def test_the_page_says_why_the_last_value_stays_and_keeps_the_reason(client_of, admin):
    rows = queries.terms_of("offer_kind")
    retire_all_but(admin, rows, rows[0])
    db.session.commit()
    client = client_of(make_staff("administrator"))
    told = client.post(
        f"/admin/taxonomy/offer/offer_kind/{rows[0].code}",
        data={"do": "retire", "version": rows[0].version, "reason": "Không ai dùng."},
    )
    assert told.status_code == 409
    assert "Offer another one first" in told.text
    assert "Không ai dùng." in told.text


def test_a_form_offers_a_retired_value_only_to_a_text_that_has_it(client_of, admin):
    person = make_member("city")
    home = person.memberships[0].organisation
    using = make_listing("need", organisation=home, state="draft", terms={"sector": ["water.flood"]})
    other = make_listing("need", organisation=home, state="draft", terms={"sector": ["water.supply"]})
    row = queries.sector("water.flood")
    operations.retire(row, reason="Gộp.", version=row.version, actor=admin)
    db.session.commit()
    client = client_of(person)
    pages = [client.get(f"/needs/{one.id}/edit?step=classification").text for one in (using, other)]
    assert ['value="water.flood"' in page for page in pages] == [True, False]
    assert all('value="water.supply"' in page for page in pages)


def test_uses_count_listings_by_column_and_by_choice(app):
    need = make_listing("need", state="published", terms={"sector": ["water.flood"]})
    assert queries.uses("sector")["water.flood"] == 1
    assert queries.uses("stage") == {need.live.stage: 1}


def test_the_page_of_a_sector_counts_no_listings_since_they_name_sub_sectors(client_of):
    make_listing("need", state="published", terms={"sector": ["water.flood"]})
    client = client_of(make_staff("administrator"))
    assert "used by 1 listing" in client.get("/admin/taxonomy/sectors/water.flood").text
    assert "used by" not in client.get("/admin/taxonomy/sectors/water").text


def _sent(entry, **changes):
    names = operations.texts_of(entry)
    values = {name: getattr(entry, name) for name in names}
    return {**values, "version": entry.version, "place": place_of(entry), "reason": "Vì.", **changes}


def test_the_pages_edit_retire_and_say_what_was_overtaken(client_of):
    client = client_of(make_staff("administrator"))
    row = queries.sector("water.flood")
    page = "/admin/taxonomy/sectors/water.flood"
    sent = _sent(row, name_en="Floods")
    assert client.post(page, data=_sent(row, name_vi="")).status_code == 422
    assert client.post(page, data=sent).status_code == 303
    overtaken = client.post(page, data={**sent, "name_en": "Mine & yours"})
    assert overtaken.status_code == 409
    assert "Floods" in overtaken.text
    assert 'value="Mine &amp; yours"' in overtaken.text
    db.session.expire_all()
    fresh = queries.sector("water.flood")
    assert fresh.name_en == "Floods"
    assert f'type="hidden" name="version" value="{fresh.version}"' in overtaken.text
    offer = "/admin/taxonomy/offer/sectors/water.flood"
    assert client.post(offer, data={"do": "retire", "version": fresh.version}).status_code == 422
    assert client.post(offer, data={"do": "nonsense", "version": fresh.version}).status_code == 400
    retire = {"do": "retire", "version": fresh.version, "reason": "Gộp."}
    assert client.post(offer, data=retire).status_code == 303
    again = client.post(offer, data=retire)
    assert again.status_code == 409
    assert "Gộp." in again.text
    assert "Offer it again" in client.get(page).text


def test_the_pages_add_once_and_put_a_taken_code_beside_its_field(client_of):
    client = client_of(make_staff("administrator"))
    page = "/admin/taxonomy/add/funding_source"
    sent = {**TERM, "code": "carbon_credits", "reason": "Mới.", "idempotency_key": new_key()}
    assert client.post(page, data=sent).status_code == 303
    assert client.post(page, data=sent).status_code == 302  # sent twice, added once
    taken = client.post(page, data={**sent, "idempotency_key": new_key()})
    assert taken.status_code == 422
    assert "This code is there already" in taken.text
    assert 'value="carbon_credits"' in taken.text
    unfit = client.post(page, data={**sent, "code": "Nước", "idempotency_key": new_key()})
    assert unfit.status_code == 422
    assert client.get("/admin/taxonomy/add/stage").status_code == 404
    sub = client.post(
        "/admin/taxonomy/add/sectors/water",
        data={**TEXTS, "code": "rain_gauges", "reason": "Mới.", "idempotency_key": new_key()},
    )
    assert sub.status_code == 303
    assert "water.rain_gauges" in client.get("/admin/taxonomy").text
    assert client.get("/admin/taxonomy/funding_source").text.count("carbon_credits") >= 1
    assert [one.code for one in terms("funding_source")][-1] == "carbon_credits"


def test_a_code_with_odd_letters_has_its_page(client_of):
    client = client_of(make_staff("administrator"))
    for code in ("O%26M", "PPP-joint"):
        assert client.get(f"/admin/taxonomy/contract_form/{code}").status_code == 200
    assert client.get("/admin/taxonomy/nonsense").status_code == 404
    assert client.get("/admin/taxonomy/contract_form/nonsense").status_code == 404
