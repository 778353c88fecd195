"""Pairs by lot: drawn fairly and again alike, standing until decided, no suggestion to anybody until approved."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from ppp_match.audit import AuditEvent
from ppp_match.db import db
from ppp_match.jobs import perform
from ppp_match.lifecycle import NotPermitted, Refused
from ppp_match.listings.models import Listing, Revision
from ppp_match.notifications.models import Notification, OutboxMessage
from ppp_match.permissions import Actor
from ppp_match.recommendations import exposure, exposure_figures, lots, operations, queries, refresh, standing
from ppp_match.recommendations.demand import Demand
from ppp_match.recommendations.models import LotDraw, Match
from tests.factories import OrganisationFactory, actor_of, make_listing, make_member, make_staff

pytestmark = pytest.mark.both_databases

TOP = 2


def make_need(offers: int = 14, **of_offers) -> Listing:
    """A need with more capabilities than its list of TOP takes, each with a company of its own."""
    for at in range(offers):
        texts = {"solves": " ".join(["We forecast street flooding."] + ["We sell paint."] * at)}
        make_listing("capability", state="published", texts=texts, **of_offers)
    return make_listing("need", state="published")


def drawn_for(need: Listing) -> list[Match]:
    chosen = select(Match).where(Match.need_id == need.id, Match.origin == "lot", Match.state != "withdrawn")
    return list(db.session.scalars(chosen.order_by(Match.drawn_place)))


def change_text(need: Listing) -> None:
    """Give a published need another live text."""
    revision = Revision(listing=need, number=2, lang="vi", state="accepted")
    for name in ("stage", "budget_status", "amount_min", "amount_max", "currency", "city_id"):
        setattr(revision, name, getattr(need.live, name))
    for field in ("title", "problem", "outcome"):
        revision.set_text(field, "vi", need.live.text(field))
    revision.set_codes("sector", ["water.flood"])
    db.session.add(revision)
    db.session.flush()
    need.live = revision
    db.session.flush()


def test_a_draw_takes_one_of_each_stratum_and_the_same_seed_the_same_ones():
    found = lots.draw(180, 2, "seed")
    assert found == lots.draw(180, 2, "seed")
    assert [one.of for one in found] == [90, 90]
    assert found[0].at < 90 <= found[1].at
    assert [one.of for one in lots.draw(11, 3, "x")] == [3, 4, 4]
    assert lots.draw(0, 2, "x") == lots.draw(10, 0, "x") == []


def test_every_place_is_drawn_as_often_as_its_propensity_says():
    times = Counter(one.at for seed in range(6000) for one in lots.draw(12, 2, str(seed)))
    assert set(times) == set(range(12))
    assert all(850 < many < 1150 for many in times.values())  # 1,000 expected, 5 standard deviations


def test_pairs_are_drawn_from_below_the_cut_with_their_propensity(app):
    need = make_need()
    make_listing("capability", state="published", terms={"country": ["SG"]})  # a rule blocks it
    refresh.refresh_need(need, top=TOP)
    pairs = drawn_for(need)
    assert [(pair.state, pair.rank, pair.blocked) for pair in pairs] == [("suggested", None, False)] * 2
    assert all(pair.drawn_place > TOP for pair in pairs)
    assert [pair.propensity for pair in pairs] == [pytest.approx(1 / 6)] * 2  # 12 below the cut, two strata
    parts = [*pairs[0].explanation["terms"], *pairs[0].explanation["features"]]
    assert sum(part["share"] for part in parts) == pytest.approx(pairs[0].score, abs=1e-6)
    listed = db.session.scalars(select(Match).where(Match.rank.is_not(None), Match.blocked.is_(False))).all()
    assert len(listed) == TOP  # they take nobody's place


def test_a_draw_is_logged_so_that_anybody_can_draw_it_again(app):
    need = make_need()
    refresh.refresh_need(need, top=TOP)
    log = db.session.scalars(select(LotDraw)).one()
    assert (log.need_id, log.number, log.seed) == (need.id, 2, f"{need.id}:1")
    again = lots.draw(sum(one["of"] for one in log.strata), log.number, log.seed)
    assert [TOP + 1 + one.at for one in again] == [one["place"] for one in log.strata]
    assert [str(pair.capability_id) for pair in drawn_for(need)] == [one["capability"] for one in log.strata]


def test_a_draw_stands_until_the_text_changes_and_what_was_decided_stays(app):
    need = make_need()
    refresh.refresh_need(need, top=TOP)
    first, second = drawn_for(need)
    assert refresh.refresh_need(need, top=TOP).total == 0
    assert drawn_for(need) == [first, second]
    operations.reject_match(first, actor=actor_of(make_staff()), reason_code="wrong_scale")
    refresh.refresh_need(need, top=TOP)
    assert drawn_for(need) == [first, second]  # a decision does not bring another one
    gone = second.id
    change_text(need)
    refresh.refresh_need(need, top=TOP)
    pairs = drawn_for(need)
    assert first in pairs
    assert gone not in {pair.id for pair in pairs}
    assert len(pairs) == 3
    assert len(db.session.scalars(select(LotDraw)).all()) == 2


def test_too_few_below_the_cut_are_not_drawn_among(app):
    need = make_need(offers=TOP + 2 * lots.AMONG - 1)
    refresh.refresh_need(need, top=TOP)
    assert drawn_for(need) == []
    make_listing("capability", state="published", texts={"solves": "We forecast street flooding in rain."})
    app.extensions["indexes"].forget(saved=True)
    refresh.refresh_need(need, top=TOP)
    assert len(drawn_for(need)) == 2


def test_a_pair_that_rises_into_the_list_is_a_candidate_like_others(app):
    need = make_need()
    refresh.refresh_need(need, top=TOP)
    risen = drawn_for(need)[0]
    refresh.refresh_need(need, top=14)
    assert (risen.origin, risen.propensity, risen.drawn_place) == ("matcher", None, None)
    assert risen.rank is not None


def test_a_drawn_pair_that_a_rule_comes_to_block_leaves(app):
    need = make_need()
    refresh.refresh_need(need, top=TOP)
    first, second = drawn_for(need)
    first.capability.shown.set_codes("country", ["SG"])
    db.session.flush()
    app.extensions["indexes"].forget(saved=True)
    refresh.refresh_need(need, top=TOP)
    assert drawn_for(need) == [second]


def test_a_drawn_pair_is_no_suggestion_until_a_moderator_approves_it(app):
    need = make_need()
    refresh.refresh_need(need, top=TOP)
    pair, other = drawn_for(need)
    vendor = pair.capability.organisation
    person = make_member("vendor", organisation=vendor)

    def seen() -> tuple[object, ...]:
        (row,) = [one for one in exposure_figures.vendors_since(None) if one.id == vendor.id]
        results = {
            one.need.id: one.result
            for one in standing.standings_of(pair.capability, result="", page=1, lang="en").rows
        }
        return (
            exposure.lists_of([str(vendor.id)], without=pair.capability_id),
            exposure.suggested_before([str(vendor.id)], without=pair.capability_id),
            row.suggested,
            queries.exposures_of([vendor.id])[vendor.id].suggested,
            queries.counts_of(pair.capability).waiting,
            queries.match_seen_by(actor_of(person), pair.id) is not None,
            results[need.id],
        )

    assert seen() == ({}, set(), 0, 0, 0, False, "below")
    assert db.session.scalars(select(Notification)).all() == []
    assert db.session.scalars(select(OutboxMessage)).all() == []
    operations.approve_match(pair, actor=actor_of(make_staff()))
    own = str(vendor.id)
    assert seen() == ({own: 1}, {own}, 1, 1, 1, True, "in_review")
    operations.reject_match(other, actor=actor_of(make_staff()), reason_code="wrong_scale")
    assert (
        queries.exposures_of([other.capability.organisation_id])[other.capability.organisation_id].suggested
        == 0
    )
    assert lots.figures() == lots.LotFigures(drawn=2, waiting=0, decided=2, chosen=1)


def test_a_need_whose_only_candidates_are_drawn_has_no_supply_and_waits_for_nobody(app):
    need = make_need()
    refresh.refresh_need(need, top=TOP)
    moderator = actor_of(make_staff())
    for match in db.session.scalars(select(Match).where(Match.origin != "lot")).all():
        operations.reject_match(match, actor=moderator, reason_code="wrong_scale")
    (unmet,), _count = Demand().unmet()
    assert (unmet.need.id, unmet.turned_down) == (need.id, TOP)
    assert Demand().unmet("water")[1] == 1
    assert Demand().unmet("energy") == ([], 0)
    assert db.session.scalars(select(Match).where(*queries.WAITS_FOR_REVIEW)).all() == []


def test_the_company_of_a_drawn_pair_may_ask_for_it_and_take_that_back(app):
    need = make_need()
    refresh.refresh_need(need, top=TOP)
    pair = drawn_for(need)[0]
    actor = actor_of(make_member("vendor", organisation=pair.capability.organisation))
    interest = operations.express_interest(need, pair.capability, message="", actor=actor, no_conflict=True)
    assert (interest.match.id, pair.origin, pair.propensity) == (pair.id, "interest", None)
    operations.withdraw_interest(interest, actor=actor)
    assert pair.state == "withdrawn"


def test_what_learning_reads_names_the_chance_of_each_decision(app):
    need = make_need()
    refresh.refresh_need(need, top=TOP)
    moderator = actor_of(make_staff())
    pair, taken_back = drawn_for(need)
    best = db.session.scalars(select(Match).where(Match.rank == 1)).one()
    operations.reject_match(pair, actor=moderator, reason_code="no_evidence")
    operations.shortlist_match(best, actor=moderator)
    from ppp_match.recommendations import undo

    undo.undo_decision(operations.shortlist_match(taken_back, actor=moderator), actor=moderator)
    read = queries.decisions_with_propensity()
    assert [(one.match.id, one.propensity) for one in read] == [
        (pair.id, pytest.approx(1 / 6)),
        (best.id, 1.0),
    ]
    assert queries.decisions_with_propensity(since=read[0].decision.at) == read[1:]


def test_only_an_administrator_sets_the_number_within_bounds(app):
    administrator = actor_of(make_staff("administrator"))
    for actor in (actor_of(make_staff()), Actor()):
        with pytest.raises(NotPermitted):
            lots.set_lots_per_need(3, actor=actor)
    for number in (-1, 11):
        with pytest.raises(Refused, match="lots_out_of_range"):
            lots.set_lots_per_need(number, actor=administrator)
    assert lots.lots_per_need() == 2
    lots.set_lots_per_need(2, actor=administrator)
    lots.set_lots_per_need(3, actor=administrator)
    assert lots.lots_per_need() == 3
    moves = select(AuditEvent.from_state, AuditEvent.to_state).where(AuditEvent.action == "lots.set")
    assert [tuple(row) for row in db.session.execute(moves)] == [("2", "3")]


def test_another_number_is_drawn_by_the_job_and_none_turns_it_off_and_on(app, monkeypatch):
    monkeypatch.setitem(app.extensions, "settings", app.extensions["settings"].with_(matches_per_need=TOP))
    administrator = actor_of(make_staff("administrator"))
    need = make_need(offers=20)
    refresh.refresh_need(need, top=TOP)
    operations.reject_match(drawn_for(need)[0], actor=actor_of(make_staff()), reason_code="wrong_scale")
    many = []
    for number in (3, 0, 2):
        lots.set_lots_per_need(number, actor=administrator)
        db.session.commit()
        assert perform(app, lots.JOB) == 1
        assert perform(app, lots.JOB) == 0
        many.append(len(drawn_for(need)))
        assert refresh.refresh_need(need, top=TOP).total == 0
    assert many == [1 + 3, 1, 1 + 2]  # what was decided stays


def test_a_pair_by_lot_without_its_chance_cannot_be_stored(app):
    need = make_need()
    refresh.refresh_need(need, top=TOP)
    for values in ({"propensity": None}, {"propensity": 0.0}, {"propensity": 1.5}, {"origin": "matcher"}):
        with pytest.raises(IntegrityError), db.session.begin_nested():
            db.session.execute(update(Match).where(Match.origin == "lot").values(**values))


def test_a_newcomer_drawn_by_lot_keeps_its_claim_to_a_kept_place(app):
    newcomer = OrganisationFactory(kind="vendor")
    need = make_need(organisation=newcomer)
    refresh.refresh_need(need, top=TOP)
    assert drawn_for(need)
    db.session.execute(update(Match).where(Match.origin != "lot").values(blocked=True))
    assert exposure.suggested_before([str(newcomer.id)], without=newcomer.id) == set()
