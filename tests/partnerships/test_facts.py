"""What each side states besides the course: money, people, measured values; and what both keep together."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from ppp_match.db import today
from ppp_match.lifecycle import Refused
from ppp_match.partnerships import facts, operations, plan
from ppp_match.partnerships.models_plan import DocumentLink, Indicator, Milestone, Risk
from ppp_match.partnerships.standing import facts_of
from tests.factories import make_staff
from tests.introductions.pairs import kinds_told
from tests.partnerships.talks import make_partnership

pytestmark = pytest.mark.both_databases
LEAKS = {
    "code": "WAT-01",
    "direction": "down",
    "baseline": Decimal("38"),
    "target": Decimal("25"),
    "method": "District meters, monthly",
}


def measure(talk, **more):
    day = today() - timedelta(days=30)
    return plan.add(Indicator, talk.partnership, {**LEAKS, "baseline_on": day, **more}, actor=talk.of_city)


def money(talk, actor, amount, status="committed", currency="VND"):
    return facts.report_value(
        talk.partnership,
        status,
        amount=Decimal(amount),
        currency=currency,
        on=today(),
        source="Contract",
        actor=actor,
    )


def of(talk, key):
    return facts_of(talk.partnership.live_statements())[key]


def test_money_is_declared_confirmed_differs_verified(app):
    talk, moderator = make_partnership(), make_staff()
    money(talk, talk.of_city, "42500000000")
    assert of(talk, "value:committed").standing == "declared"
    money(talk, talk.of_vendor, "42500000000.00")
    assert of(talk, "value:committed").standing == "confirmed"
    said = money(talk, talk.of_vendor, "1650000", currency="USD")
    assert of(talk, "value:committed").standing == "differs"
    assert kinds_told(moderator) == ["partnership.differs"]
    operations.verify(said, actor=talk.of_forum, words="The signed contract, article 4.")
    assert (of(talk, "value:committed").standing, of(talk, "value:committed").currency) == ("verified", "USD")
    assert [one.currency for one in of(talk, "value:committed").statements] == ["VND", "USD"]


def test_statuses_stand_apart(app):
    talk = make_partnership()
    for status in ("planned", "committed", "actual"):
        money(talk, talk.of_city, "1000", status)
    assert set(facts_of(talk.partnership.live_statements())) == {
        "value:planned",
        "value:committed",
        "value:actual",
    }
    with pytest.raises(KeyError):
        money(talk, talk.of_city, "1000", "hoped for")


def test_what_is_taken_back_no_longer_counts(app):
    talk = make_partnership()
    said = money(talk, talk.of_city, "1000")
    with pytest.raises(Refused, match="not_ones_own"):
        facts.take_back(said, actor=talk.of_vendor)
    facts.take_back(said, actor=talk.of_city)
    assert facts_of(talk.partnership.live_statements()) == {}
    with pytest.raises(Refused, match="stale"):
        facts.take_back(said, actor=talk.of_city)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"source": "  "}, "source_missing"),
        ({"source": "x" * 501}, "note_too_long"),
        ({"on": today() + timedelta(days=9)}, "day_to_come"),
        ({"amount": Decimal(10) ** 15}, "too_large"),
    ],
)
def test_numbers_that_are_refused(app, more, code):
    talk = make_partnership()
    values = {"amount": Decimal(5), "currency": "USD", "on": today(), "source": "Ledger", **more}
    with pytest.raises(Refused, match=code):
        facts.report_value(talk.partnership, "actual", actor=talk.of_city, **values)


def test_measured_values_by_day(app):
    talk = make_partnership()
    indicator = measure(talk)
    for actor, value in ((talk.of_city, "30.1"), (talk.of_vendor, "29.2")):
        facts.report_measured(indicator, value=Decimal(value), on=today(), source="Meters", actor=actor)
    facts.report_measured(
        indicator, value=Decimal(33), on=today() - timedelta(days=9), source="Meters", actor=talk.of_city
    )
    assert of(talk, indicator.key(today())).standing == "differs"
    assert of(talk, indicator.key(today() - timedelta(days=9))).standing == "declared"
    with pytest.raises(Refused, match="before_baseline"):
        facts.report_measured(
            indicator, value=Decimal(1), on=today() - timedelta(days=31), source="x", actor=talk.of_city
        )
    with pytest.raises(Refused, match="has_values"):
        plan.remove(indicator, version=indicator.version, actor=talk.of_city)
    with pytest.raises(Refused, match="has_values"):
        plan.change(indicator, {"code": "WAT-03"}, version=indicator.version, actor=talk.of_city)
    plan.change(indicator, {"target": Decimal(20)}, version=indicator.version, actor=talk.of_city)


def test_facts_are_kept_side_by_side(app):
    talk = make_partnership()
    made = facts.report_facts(
        talk.partnership, {"stage": "contract", "signed_on": "2026-03-01", "ends_on": ""}, actor=talk.of_city
    )
    assert [one.key for one in made] == ["fact:stage", "fact:signed_on"]
    assert facts.report_facts(talk.partnership, {"stage": "contract"}, actor=talk.of_city) == []
    facts.report_facts(talk.partnership, {"stage": "contract", "signed_on": ""}, actor=talk.of_vendor)
    assert of(talk, "fact:stage").standing == "confirmed"
    facts.report_facts(talk.partnership, {"stage": ""}, actor=talk.of_city)
    assert of(talk, "fact:stage").standing == "declared"
    with pytest.raises(KeyError):
        facts.report_facts(talk.partnership, {"state": "agreed"}, actor=talk.of_city)


def test_milestones_risks_and_links_are_kept_together(app):
    talk = make_partnership()
    due = today() + timedelta(days=30)
    step = plan.add(
        Milestone, talk.partnership, {"title": "Zones metered", "due_on": due}, actor=talk.of_city
    )
    plan.change(
        step,
        {"state": "done", "done_on": due + timedelta(days=21)},
        version=step.version,
        actor=talk.of_vendor,
    )
    assert step.days_late == 21
    with pytest.raises(Refused, match="stale"):
        plan.change(step, {"title": "Another"}, version=1, actor=talk.of_city)
    risk = plan.add(
        Risk, talk.partnership, {"kind": "permits", "holder": "public", "note": "Road"}, actor=talk.of_city
    )
    link = plan.add(
        DocumentLink, talk.partnership, {"title": "Notice", "url": "https://x.example"}, actor=talk.of_vendor
    )
    for row in (risk, link, step):
        plan.remove(row, version=row.version, actor=talk.of_city)


def test_there_is_an_end_to_rows(app, monkeypatch):
    monkeypatch.setattr(plan, "MOST_ROWS", 1)
    talk = make_partnership()
    measure(talk)
    with pytest.raises(Refused, match="too_many"):
        measure(talk)


def test_progress_and_growth_are_no_contradiction(app):
    talk = make_partnership()
    facts.report_facts(talk.partnership, {"stage": "contract"}, actor=talk.of_city)
    facts.report_facts(talk.partnership, {"stage": "build"}, actor=talk.of_vendor)
    assert of(talk, "fact:stage").standing == "declared"
    facts.report_facts(talk.partnership, {"stage": "appraise"}, actor=talk.of_city)
    assert of(talk, "fact:stage").standing == "differs"
    for actor, days, count in ((talk.of_city, 60, 900), (talk.of_vendor, 0, 1200), (talk.of_city, 5, 1100)):
        facts.report_beneficiaries(
            talk.partnership, "total", count=count, on=today() - timedelta(days=days), source="x", actor=actor
        )
        standing = of(talk, "beneficiaries:total").standing
        assert standing == ("differs" if count == 1100 else "declared")


def test_what_the_other_side_says_is_confirmed_by_saying_the_same(app):
    talk = make_partnership()
    said = money(talk, talk.of_city, "1000")
    with pytest.raises(Refused, match="ones_own"):
        facts.confirm(said, actor=talk.of_city)
    facts.confirm(said, actor=talk.of_vendor)
    assert of(talk, "value:committed").standing == "confirmed"
    course = operations.report_state(
        talk.partnership, "no_agreement", actor=talk.of_city, reason_code="other", note="The mayor said no."
    )
    facts.confirm(course, actor=talk.of_vendor)
    assert of(talk, "state").standing == "confirmed"
