"""The pages of results: what everybody reads, what the forum's people read, files, filters."""

from __future__ import annotations

import pytest

from ppp_match.db import db
from ppp_match.partnerships import operations
from ppp_match.results.records import read_records
from tests.factories import make_staff
from tests.partnerships.talks import make_partnership


@pytest.mark.both_databases
def test_records_tell_how_far_a_need_came(app):
    talk = make_partnership()
    operations.report_state(talk.partnership, "pilot", actor=talk.of_vendor)
    (record,), answers, _capabilities = read_records()
    assert set(record.reached) == {"published", "suggested", "offered", "introduced", "talks", "agreed"}
    assert {(one.side, one.accepted) for one in answers} == {("need", True), ("capability", True)}
    (outcome,) = record.outcomes
    assert (outcome.state, outcome.reached["pilot"] is not None) == ("pilot", True)


@pytest.mark.both_databases
def test_an_agreement_that_came_to_nothing_is_none(app):
    talk = make_partnership()
    operations.report_state(talk.partnership, "agreed", actor=talk.of_vendor)
    operations.report_state(talk.partnership, "no_agreement", actor=talk.of_city, reason_code="no_budget")
    (record,), _answers, _capabilities = read_records()
    assert "talks" in record.reached
    assert "agreed" not in record.reached


def test_everybody_reads_that_there_are_few_and_the_forum_how_many(app, client, client_of):
    talk = make_partnership()
    operations.report_state(talk.partnership, "agreed", actor=talk.of_vendor)
    moderator = make_staff()
    db.session.commit()
    public = client.get("/results?lang=en").text
    assert "Fewer than five needs fit these filters" in public
    own = client_of(moderator).get("/results?lang=en").text
    assert "1 of 1" in own
    assert client.get("/results?format=csv&table=funnel&lang=en").text.count("\r\n") == 1  # the heads alone
    assert client_of(moderator).get("/results?format=csv&table=funnel").text.count("\r\n") == 8
    assert client.get("/results?format=csv&table=secrets").status_code == 404


def test_the_report_names_what_both_sides_show(app, client):
    talk = make_partnership()
    operations.report_state(talk.partnership, "agreed", actor=talk.of_vendor)
    db.session.commit()
    assert talk.partnership.label not in client.get("/results/report").text
    for actor in (talk.of_city, talk.of_vendor):
        operations.show_in_public(talk.partnership, agree=True, actor=actor)
    db.session.commit()
    assert talk.partnership.label in client.get("/results/report").text
