"""The moderators' workbench as its pages: queue, bench, marks, decisions, pairs by hand, the second click."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from ppp_match.db import db, now
from ppp_match.introductions import approval
from ppp_match.introductions.models import Offer
from ppp_match.recommendations import operations, refresh
from ppp_match.recommendations.models import Claim, Match
from tests.conftest import new_key
from tests.factories import actor_of, add_reference, make_listing, make_member, make_staff


@pytest.fixture
def moderator(app):
    return make_staff(name="Lê Quang Huy")


def make_pair():
    need = make_listing(
        "need", state="published", texts={"requirements": "Lưu dữ liệu trong nước\nCó <b>bảo hành</b>"}
    )
    capability = make_listing("capability", state="published")
    add_reference(capability)
    make_listing("capability", state="published", terms={"country": ["SG"]})
    refresh.refresh_need(need)
    return db.session.scalars(select(Match).where(Match.capability_id == capability.id)).one()


def bench(client, match, **query):
    return client.get(f"/review/matches/need/{match.need_id}", query_string=query).get_data(as_text=True)


def decide(client, match, verb, seen="suggested", **fields):
    return client.post(
        f"/review/matches/{match.id}/decide", data={"d": verb, "seen": seen, "side": "need", **fields}
    )


@pytest.fixture(autouse=True)
def _no_csrf(app):
    before = app.config.get("WTF_CSRF_ENABLED")
    app.config["WTF_CSRF_ENABLED"] = False
    yield
    app.config["WTF_CSRF_ENABLED"] = before


def test_the_queue_names_what_waits(client_of, moderator):
    match = make_pair()
    page = client_of(moderator).get("/review/matches").get_data(as_text=True)
    assert "Giảm ngập 20 tuyến phố ven sông" in page
    assert f"/review/matches/need/{match.need_id}" in page
    assert "1 need waits" in page


def test_both_texts_carry_their_marks_with_equal_numbers(client_of, moderator):
    match = make_pair()
    page = bench(client_of(moderator), match, pair=match.id)
    need, capability = page.split("pm-panel pm-need")[1].split("pm-panel pm-cap")
    bridged = r'<mark class="t-bridge">([^<]+)<sup>(\d+)</sup></mark>'
    left = {number for _words, number in re.findall(bridged, need)}
    right = {number for _words, number in re.findall(bridged, capability.split("</article>")[0])}
    assert left & right
    assert any("ngập" in words.casefold() for words, _number in re.findall(bridged, need))
    assert '<mark class="t-miss"' in need
    assert "<b>bảo hành</b>" not in page
    assert "&lt;b&gt;bảo hành&lt;/b&gt;" in page
    assert "style=" not in page


@pytest.mark.parametrize(
    ("lang", "does_not", "wants_not"),
    [
        ("en", "the company says that it does not do this", "the need says that it does not want this"),
        ("vi", "doanh nghiệp nói rõ là không làm việc này", "nhu cầu nói rõ là không muốn việc này"),
    ],
)
def test_what_counts_against_is_marked_where_it_is_said(client_of, moderator, lang, does_not, wants_not):
    need = make_listing(
        "need",
        state="published",
        lang="en",
        texts={
            "title": "Warning of street flooding",
            "problem": "Streets flood. We want warnings and new drainage pumps.",
            "exclusions": "Radar stations",
        },
    )
    make_listing(
        "capability",
        state="published",
        texts={
            "title": "Warning of street flooding",
            "solves": "We warn of floods with radar stations.",
            "not_offered": "Drainage pumps <b>of any kind</b>",
        },
    )
    refresh.refresh_need(need)
    page = client_of(moderator).get(f"/review/matches/need/{need.id}?lang={lang}").get_data(as_text=True)
    against = re.findall(
        r'<li[^>]*>(?:<mark class="t-miss" title="[^"]+">([^<]+)<sup>−</sup></mark>)(.*?)</li>', page
    )
    assert ("Drainage pumps", " &lt;b&gt;of any kind&lt;/b&gt;") in against
    assert ("Radar stations", "") in against
    assert f"“Drainage pumps”: {does_not}" in page
    assert f"“Radar stations”: {wants_not}" in page


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_rows_add_up_to_the_score_on_the_page(client_of, moderator, lang):
    match = make_pair()
    page = bench(client_of(moderator), match, pair=match.id, lang=lang)
    table = page.split("pm-contrib")[1].split("</table>")[0]
    rows, foot = table.split("<tfoot>")
    number = r'<td class="num">([-−]?\d[.,]\d{3})</td>'
    values = [float(text.replace(",", ".").replace("−", "-")) for text in re.findall(number, rows)]
    total = float(re.findall(number, foot)[0].replace(",", "."))
    assert len(values) > 3
    assert sum(values) == pytest.approx(total, abs=1e-9)
    assert total == pytest.approx(match.score, abs=0.0006)


def test_blocked_pairs_stand_apart_with_their_reason(client_of, moderator):
    match = make_pair()
    page = bench(client_of(moderator), match)
    assert "Blocked by a rule (1)" in page
    assert "Serves Singapore, not Viet" in page


def test_approval_asks_both_sides_when_the_minute_is_over(client_of, moderator):
    match = make_pair()
    response = decide(client_of(moderator), match, "approve")
    assert response.status_code == 303
    assert (match.state, db.session.scalars(select(Offer)).all()) == ("approved", [])
    assert approval.make_due_offers() == 0
    match.offer_at = now()
    assert approval.make_due_offers() == 1
    assert match.state == "offered"
    assert db.session.scalars(select(Offer.match_id)).all() == [match.id]
    assert [decision.to_state for decision in match.decisions] == ["approved"]


def test_a_double_click_is_decided_once(client_of, moderator):
    match = make_pair()
    first, second = client_of(moderator), client_of(make_staff())
    assert decide(first, match, "shortlist").status_code == 303
    answer = decide(second, match, "reject", reason="wrong_place")
    assert answer.status_code == 409
    assert "Lê Quang Huy" in answer.get_data(as_text=True)
    assert (match.state, len(match.decisions)) == ("shortlisted", 1)


def test_a_rejection_without_a_reason_comes_back_with_what_was_typed(client_of, moderator):
    match = make_pair()
    client = client_of(moderator)
    answer = decide(client, match, "reject", note="Kept words")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Choose a reason." in page
    assert "Kept words" in page
    assert "Error:" in page
    answer = decide(client, match, "reject", reason="other")
    assert "Write a note" in answer.get_data(as_text=True)
    assert decide(client, match, "hold").status_code == 422
    assert match.state == "suggested"
    assert decide(client, match, "hold", hold_note="Waits.").status_code == 303
    assert decide(client, match, "shortlist", seen="on_hold").status_code == 303
    assert decide(client, match, "reject", seen="shortlisted", reason="no_evidence").status_code == 303
    assert (match.state, match.reason_code) == ("rejected", "no_evidence")
    assert decide(client, match, "approve", seen="rejected").status_code == 409


def test_a_blocked_pair_is_never_offered(client_of, moderator):
    need = make_pair().need
    blocked = next(m for m in db.session.scalars(select(Match).where(Match.need_id == need.id)) if m.blocked)
    client = client_of(moderator)
    page = bench(client, blocked, pair=blocked.id)
    assert 'name="d" value="approve"' not in page
    assert decide(client, blocked, "approve").status_code == 409
    assert db.session.scalars(select(Offer)).all() == []


def test_nobody_decides_on_their_own_pairs(client_of):
    match = make_pair()
    person = make_member("city", organisation=match.need.organisation, staff_role="moderator")
    client = client_of(person)
    assert 'name="d" value="approve"' not in bench(client, match)
    assert decide(client, match, "approve").status_code == 403
    assert match.state == "suggested"


def test_the_other_direction(client_of, moderator):
    match = make_pair()
    client = client_of(moderator)
    page = client.get(f"/review/matches/capability/{match.capability_id}").get_data(as_text=True)
    assert "One capability, many needs" in page
    assert "Giảm ngập 20 tuyến phố ven sông" in page
    answer = decide(client, match, "shortlist", side="capability")
    assert f"/review/matches/capability/{match.capability_id}" in answer.location


def test_a_pair_is_added_by_hand_once(client_of, moderator):
    need = make_listing("need", state="published")
    capability = make_listing("capability", state="published")
    client = client_of(moderator)
    address = f"/review/matches/need/{need.id}/pair"
    page = client.get(address, query_string={"q": "du bao ngap"}).get_data(as_text=True)
    assert "Street-level flood forecasting" in page
    key = new_key()
    for _ in range(2):
        answer = client.post(address, data={"capability": capability.id, "idempotency_key": key})
        assert answer.status_code in (302, 303)
    match = db.session.scalars(select(Match)).one()
    assert (match.origin, match.rank) == ("moderator", None)
    assert "Added by hand" in bench(client, match)
    assert client.post(address, data={"capability": "x", "idempotency_key": new_key()}).status_code == 404


def test_a_need_is_taken_in_hand_and_put_back(client_of, moderator):
    match = make_pair()
    client = client_of(moderator)
    address = f"/review/matches/need/{match.need_id}/hand"
    assert client.post(address, data={"d": "take"}).status_code == 303
    assert client_of(make_staff()).post(address, data={"d": "take"}).status_code == 409
    assert "in your hands since" in bench(client, match)
    assert client.post(address, data={"d": "release"}).status_code == 303
    assert db.session.scalars(select(Claim)).all() == []


def test_interest_is_marked_on_the_bench(client_of, moderator):
    need = make_listing("need", state="published")
    capability = make_listing("capability", state="published")
    vendor = make_member("vendor", organisation=capability.organisation)
    interest = operations.express_interest(
        need, capability, message="Seen in two cities.", actor=actor_of(vendor), no_conflict=True
    )
    page = bench(client_of(moderator), interest.match)
    assert "The company expressed interest" in page
    assert "Seen in two cities." in page


@pytest.mark.parametrize(
    "path", ["/review/matches", "/review/matches/need/00000000-0000-0000-0000-000000000001"]
)
def test_only_the_forum_reads_the_workbench(client_of, path):
    assert client_of(make_member("vendor")).get(path).status_code == 403


def test_unknown_listings_are_not_found(client_of, moderator):
    client = client_of(moderator)
    draft = make_listing("need")
    assert client.get(f"/review/matches/need/{draft.id}").status_code == 404
    assert client.get("/review/matches", query_string={"page": "9" * 40}).status_code == 200


def test_enter_in_a_field_sends_the_decision_it_belongs_to(client_of, moderator):
    """A browser sends the first button of a form on Enter, so no decision's fields share a form with another's."""
    page = bench(client_of(moderator), make_pair())
    forms = re.findall(r'<form method="post" action="[^"]*/decide[^"]*">(.*?)</form>', page, re.S)
    first_button_of = {
        field: re.search(r'<button[^>]* name="d" value="(\w+)"', form)[1]
        for form in forms
        for field in set(re.findall(r'name="(reason|note|hold_note)"', form))
    }
    assert first_button_of == {"reason": "reject", "note": "reject", "hold_note": "hold"}
