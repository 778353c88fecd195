"""Stored matches follow what is published: refreshed twice they are the same, nothing decided is lost."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from ppp_match import jobs
from ppp_match.accounts.models import OrganisationRelation
from ppp_match.db import db
from ppp_match.lifecycle import MATCH, move
from ppp_match.listings.documents import BETWEEN, document_of, texts_of
from ppp_match.listings.models import Revision
from ppp_match.permissions import SYSTEM
from ppp_match.recommendations import operations, refresh
from ppp_match.recommendations.models import Match
from ppp_match.search.models import WorkCursor
from ppp_match.search.store import note_change
from tests.factories import OrganisationFactory, actor_of, make_listing, make_staff

pytestmark = pytest.mark.both_databases

LIGHTING = {
    "title": "Smart street lighting with remote control",
    "solves": "Street lamps burn through the night. We dim LED street lamps by remote control and halve the power bill.",
    "how": "LED street lamps, a controller on each pole and a control centre for the operator of the lighting network.",
}


def matches(need):
    return db.session.scalars(select(Match).where(Match.need_id == need.id).order_by(Match.rank)).all()


def figures(need):
    return [(m.id, m.version, m.rank, m.score, m.state, m.blocked_reasons) for m in matches(need)]


def run_job(app):
    db.session.commit()
    return jobs.perform(app, "refresh_matches")


def test_two_refreshes_give_the_same_rows(app):
    need = make_listing("need", state="published")
    make_listing("capability", state="published")
    make_listing("capability", state="published", texts=LIGHTING, terms={"sector": ["energy.lighting"]})
    first = refresh.refresh_need(need)
    before = figures(need)
    second = refresh.refresh_need(need)
    assert first.added == len(before) == 2
    assert second.total == 0
    assert figures(need) == before
    best = matches(need)[0]
    assert best.capability.shown.text("title") == "Street-level flood forecasting"
    assert best.matcher_version
    assert best.need_revision_id == need.live_revision_id
    parts = [*best.explanation["terms"], *best.explanation["features"]]
    assert sum(part["share"] for part in parts) == pytest.approx(best.score, abs=1e-6)


def test_publication_reaches_the_needs_without_a_refit(app):
    need = make_listing("need", state="published")
    make_listing("capability", state="published", texts=LIGHTING)
    run_job(app)
    index = refresh.index_of("capability")
    refresh.refresh_need(need)
    db.session.commit()
    arrived = make_listing("capability", state="published")
    note_change(arrived.id, "capability")
    db.session.commit()
    assert run_job(app) == 1
    assert refresh.index_of("capability") is index
    assert matches(need)[0].capability_id == arrived.id
    assert run_job(app) == 0
    assert db.session.get(WorkCursor, "recommendations").seq > 0


def test_withdrawal_withdraws_the_pairs(app):
    need = make_listing("need", state="published")
    capability = make_listing("capability", state="published")
    refresh.refresh_need(need)
    capability.state = "withdrawn"
    note_change(capability.id, "capability")
    db.session.commit()
    run_job(app)
    db.session.expire_all()
    assert [match.state for match in matches(need)] == ["withdrawn"]
    capability.state = "published"
    note_change(capability.id, "capability")
    db.session.commit()
    run_job(app)
    assert sorted(match.state for match in matches(need)) == ["suggested", "withdrawn"]
    need.state = "withdrawn"
    note_change(need.id, "need")
    db.session.commit()
    run_job(app)
    db.session.expire_all()
    assert {match.state for match in matches(need)} == {"withdrawn"}


def test_blocked_pairs_are_kept_with_their_reason(app):
    need = make_listing("need", state="published")
    abroad = make_listing("capability", state="published", terms={"country": ["SG"]})
    refresh.refresh_need(need)
    match = matches(need)[0]
    assert (match.capability_id, match.blocked, match.blocked_reasons) == (abroad.id, True, ["country"])
    with pytest.raises(refresh.lifecycle.Refused) as refused:
        operations.approve_match(match, actor=actor_of(make_staff()))
    assert refused.value.code == "blocked"


def test_a_declared_relation_bars_the_pair_and_its_end_frees_it(app):
    need = make_listing("need", state="published")
    capability = make_listing("capability", state="published")
    relation = OrganisationRelation(
        organisation_id=capability.organisation_id, related_id=need.organisation_id, kind="subsidiary"
    )
    db.session.add(relation)
    db.session.flush()
    refresh.refresh_need(need)
    assert [m.state for m in matches(need)] == ["conflict_blocked"]
    assert refresh.refresh_need(need).total == 0
    db.session.delete(relation)
    note_change(capability.id, "capability")
    refresh.refresh_need(need)
    assert sorted(m.state for m in matches(need)) == ["suggested", "withdrawn"]


def test_a_rejected_pair_returns_only_with_a_changed_text(app):
    need = make_listing("need", state="published")
    capability = make_listing("capability", state="published")
    refresh.refresh_need(need)
    match = matches(need)[0]
    operations.reject_match(match, actor=actor_of(make_staff()), reason_code="no_evidence")
    refresh.refresh_need(need)
    assert (match.state, match.reason_code) == ("rejected", "no_evidence")
    fresh = Revision(listing=capability, number=2, lang="en", state="accepted", currency="USD")
    for row in capability.live.text_rows:
        fresh.set_text(row.field, "en", row.text)
    for vocabulary in ("sector", "country", "contract_form", "language"):
        fresh.set_codes(vocabulary, capability.live.codes(vocabulary))
    db.session.add(fresh)
    db.session.flush()
    capability.live = fresh
    db.session.flush()
    note_change(capability.id, "capability")
    refresh.refresh_need(need)
    assert (match.state, match.decided_by, match.capability_revision_id) == ("suggested", None, fresh.id)
    assert [d.to_state for d in match.decisions] == ["rejected", "suggested"]


def test_what_falls_out_is_deleted_only_if_nobody_decided(app):
    need = make_listing("need", state="published")
    first = make_listing("capability", state="published")
    second = make_listing("capability", state="published", texts=LIGHTING)
    refresh.refresh_need(need)
    kept = next(m for m in matches(need) if m.capability_id == second.id)
    operations.shortlist_match(kept, actor=actor_of(make_staff()))
    third = make_listing("capability", state="published")
    note_change(third.id, "capability")
    refresh.refresh_need(need, top=1)
    left = {m.capability_id: (m.state, m.rank) for m in matches(need)}
    assert left[second.id] == ("shortlisted", None)
    assert len(left) == 2
    assert len({first.id, third.id} & set(left)) == 1


def test_a_shortlisted_pair_that_a_rule_comes_to_block_is_set_aside(app):
    need = make_listing("need", state="published")
    capability = make_listing("capability", state="published")
    refresh.refresh_need(need)
    match = matches(need)[0]
    operations.shortlist_match(match, actor=actor_of(make_staff()))
    capability.live.set_codes("country", ["SG"])
    note_change(capability.id, "capability")
    refresh.refresh_need(need)
    assert (match.state, match.blocked_reasons) == ("on_hold", ["country"])


def test_recommend_all_counts_and_shows_progress(app):
    for _ in range(2):
        make_listing("need", state="published")
    make_listing("capability", state="published")
    seen = []
    done = refresh.recommend_all(lambda at, of: seen.append((at, of)))
    assert (done, seen) == (2, [(1, 2), (2, 2)])
    before = [figures(match.need) for match in db.session.scalars(select(Match))]
    assert refresh.recommend_all() == 2
    assert [figures(match.need) for match in db.session.scalars(select(Match))] == before
    assert all(match.state == "suggested" for match in db.session.scalars(select(Match)))


def test_an_introduced_pair_is_left_alone(app):
    need = make_listing("need", state="published")
    capability = make_listing("capability", state="published")
    refresh.refresh_need(need)
    match = matches(need)[0]
    match.state = "introduced"
    capability.state = "withdrawn"
    note_change(capability.id, "capability")
    refresh.refresh_need(need)
    assert match.state == "introduced"
    with pytest.raises(refresh.lifecycle.NotDrawn):
        move(MATCH, match, "withdrawn", actor=SYSTEM, reason="x")


def test_an_anonymous_need_tells_its_place_to_no_term(app):
    owner = OrganisationFactory(kind="city", name_vi="UBND Cần Thơ (minh họa)", name_en="Can Tho City (demo)")
    said = "Ven sông Hồ Chí Minh, gần Ho Chi Minh City, của UBND Cần Thơ (minh họa)."
    need = make_listing(
        "need", state="published", organisation=owner, anonymous=True, texts={"local_specifics": said}
    )
    read = document_of(need)
    assert len(read.text) == len(open_text(need))
    assert "Minh" not in read.text
    assert "Cần Thơ" not in read.text
    assert read.city is None
    make_listing("capability", state="published")
    refresh.refresh_need(need)
    explanation = matches(need)[0].explanation
    start = f"{read.title}\n{open_text(need)}".index("Hồ Chí Minh")
    spans = [span for term in explanation["terms"] for span in term["need_spans"]]
    assert spans
    assert not [span for span in spans if span[0] < start + len("Hồ Chí Minh") and span[1] > start]
    assert not [words for words in explanation["unanswered"] if "Minh" in words or "Cần Thơ" in words]


def open_text(need):
    return BETWEEN.join(passage.text for passage in texts_of(need.live, "vi")[1:])


@pytest.mark.both_databases
def test_others_write_between_two_needs_and_a_run_that_is_ended_loses_nothing(app):
    for at in range(3):
        make_listing("need", state="published", texts={"title": f"Giảm ngập tuyến phố {at}"})
    capability = make_listing("capability", state="published")
    note_change(capability.id, "capability")
    pauses = []

    def ended_after_the_second() -> None:
        pauses.append(len(list(db.session.scalars(select(Match)))))
        if len(pauses) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        refresh.follow_changes(pause=ended_after_the_second)
    assert pauses == [1, 2]  # each need's pairs are there when others get their turn
    assert refresh.follow_changes(pause=lambda: pauses.append(3)) == 3
    assert len(list(db.session.scalars(select(Match)))) == 3
    assert refresh.follow_changes() == 0


def test_what_many_changes_touch_alike_is_refreshed_once(app, monkeypatch):
    monkeypatch.setattr(refresh, "NEEDS_A_RUN", 1)
    for _ in range(2):
        make_listing("need", state="published")
    capabilities = [make_listing("capability", state="published") for _ in range(3)]
    for capability in (*capabilities, *capabilities):
        note_change(capability.id, "capability")
    assert refresh.follow_changes() == 2
    assert refresh.follow_changes() == 0
