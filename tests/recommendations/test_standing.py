"""Why us, why not: every result in words, every rule with what would change it, no name or note of others."""

from __future__ import annotations

import pytest
from flask_babel import force_locale

from ppp_match.db import db
from ppp_match.matching.documents import Capability, Need
from ppp_match.matching.rules import RULES, check
from ppp_match.recommendations import operations, refresh, remedies, standing
from ppp_match.recommendations.sentences import rule_sentence
from ppp_match.search.store import note_change
from tests.factories import OrganisationFactory, actor_of, make_listing, make_member, make_staff

# A pair for each way in which a rule says no.
BARRED = {
    "country_not_served": (Need("n", "", country="LA"), Capability("c", "", countries_served=("VN",))),
    "budget_below_minimum": (Need("n", "", budget_max_usd=10.0), Capability("c", "", min_project_usd=20.0)),
    "budget_above_maximum": (Need("n", "", budget_min_usd=30.0), Capability("c", "", max_project_usd=20.0)),
    "contract_form_differs": (
        Need("n", "", contract_forms=("BOT",)),
        Capability("c", "", contract_forms=("service",)),
    ),
    "language_differs": (Need("n", "", languages=("vi",)), Capability("c", "", languages=("en",))),
    "affiliation_same": (Need("n", "", organisation="o"), Capability("c", "", organisation="o")),
    "affiliation_related": (
        Need("n", "", organisation="o", affiliated=("v",)),
        Capability("c", "", organisation="v"),
    ),
    "capacity_full": (Need("n", ""), Capability("c", "", at_capacity=True)),
}


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("code", BARRED)
def test_every_rule_says_what_would_change_it(app, code, lang):
    need, capability = BARRED[code]
    (rule,) = [one.as_json() for one in check(need, capability) if one.state == "no"]
    assert rule["code"] == code
    with app.test_request_context(), force_locale(lang):
        ((name, why, change),) = remedies.barred_by([rule], lang)
    assert name
    assert why
    assert change.endswith(".")
    assert "%(" not in change
    with app.test_request_context(), force_locale("en" if lang == "vi" else "vi"):
        assert remedies.remedy(rule, lang) != change


def test_no_rule_is_left_out():
    assert {one.rule for pair in BARRED.values() for one in check(*pair) if one.state == "no"} == set(RULES)


@pytest.fixture
def capability(app):
    made = make_listing("capability", state="published")
    note_change(made.id, "capability")
    return made


@pytest.fixture
def vendor(capability):
    return make_member("vendor", organisation=capability.organisation)


def need_of(title, **values):
    made = make_listing("need", state="published", texts={"title": title}, **values)
    note_change(made.id, "need")
    return made


def pair(need, capability):
    return operations.add_pair(need, capability, actor=actor_of(make_staff()))


def page_of(client, capability, query=""):
    return client.get(f"/capabilities/{capability.id}/needs?lang=en{query}").get_data(as_text=True)


def test_each_result_stands_in_words(client_of, capability, vendor):
    staff = actor_of(make_staff())
    pair(need_of("Nhu cầu được gợi ý"), capability)
    operations.shortlist_match(
        pair(need_of("Nhu cầu trong danh sách ngắn"), capability), actor=staff, note="Psst."
    )
    operations.hold_match(pair(need_of("Nhu cầu giữ lại"), capability), actor=staff, note="Waits for proof.")
    operations.reject_match(
        pair(need_of("Nhu cầu bị loại"), capability),
        actor=staff,
        reason_code="wrong_scale",
        note="Too small a firm.",
    )
    need_of("Nhu cầu bằng tiếng Lào", terms={"language": ["lo"]})
    page = page_of(client_of(vendor), capability)
    assert "The software suggests it; a moderator has not decided yet." in page
    assert page.count("A moderator has it in review.") == 2
    assert "A moderator did not take it further: the scale of the two does not fit." in page
    assert "Add one of these working languages, if your team works in it: Lao." in page
    for secret in ("Psst.", "Waits for proof.", "Too small a firm.", "Short list", "On hold"):
        assert secret not in page


def test_below_the_cut_says_what_had_no_evidence_and_how_far(client_of, capability, vendor):
    need_of("Dạy tiếng Khmer cho người lớn", terms={"sector": ["water.flood"]})
    page = page_of(client_of(vendor), capability)
    assert "Not among the suggestions" in page
    assert "asked, no evidence found" in page
    assert "Your place:" in page


def test_a_pair_barred_by_a_person_says_so(client_of, capability, vendor):
    match = pair(need_of("Nhu cầu có xung đột"), capability)
    operations.block_for_conflict(match, actor=actor_of(make_staff()), note="Their cousin.")
    page = page_of(client_of(vendor), capability)
    assert "A moderator barred this pair for a conflict of interest." in page
    assert "cousin" not in page


def test_the_result_is_kept_in_the_address(client_of, capability, vendor):
    pair(need_of("Nhu cầu được gợi ý"), capability)
    need_of("Nhu cầu bằng tiếng Lào", terms={"language": ["lo"]})
    client = client_of(vendor)
    page = page_of(client, capability, "&result=barred")
    assert "Nhu cầu bằng tiếng Lào" in page
    assert "Nhu cầu được gợi ý" not in page
    assert "Nhu cầu được gợi ý" in page_of(client, capability, "&result=nonsense")
    assert page_of(client, capability, "&page=999999999999")


def test_it_is_for_the_owners_of_a_published_capability(client_of, capability):
    path = f"/capabilities/{capability.id}/needs"
    assert client_of(make_member("vendor")).get(path).status_code == 404
    assert client_of(make_member("city")).get(path).status_code == 403
    draft = make_listing("capability", organisation=capability.organisation)
    owner = client_of(make_member("vendor", organisation=capability.organisation))
    assert owner.get(f"/capabilities/{draft.id}/needs").status_code == 404


def test_others_are_counted_by_size_and_never_named(app, client_of, capability, vendor):
    need = need_of("Giảm ngập ven sông")
    pair(need, capability)
    for at in range(3):
        firm = OrganisationFactory(
            kind="vendor", size_band="large", name_en=f"Rival {at}", name_vi=f"Đối thủ {at}"
        )
        pair(need, make_listing("capability", state="published", organisation=firm))
    for at in range(2):
        firm = OrganisationFactory(kind="vendor", size_band="micro", name_en=f"Dwarf {at}")
        pair(need, make_listing("capability", state="published", organisation=firm))
    client = client_of(vendor)
    for page in (page_of(client, capability), client.get(f"/needs/{need.id}?lang=en").get_data(as_text=True)):
        assert "Rival" not in page
        assert "Dwarf" not in page
    with app.test_request_context(), force_locale("en"):
        counts = dict(
            standing.others_by_size([need.id], without=capability.organisation_id, lang="en")[need.id]
        )
    assert sorted(counts.values()) == ["3", "fewer than 3", "fewer than 3", "fewer than 3"]


def test_a_longer_list_asks_no_more(client_of, capability, vendor, statements):
    client = client_of(vendor)
    refresh.refresh_need(need_of("Giảm ngập 1"))
    few = statements(client, f"/capabilities/{capability.id}/needs")
    for at in range(2, 8):
        refresh.refresh_need(need_of(f"Giảm ngập {at}"))
        need_of(f"Nhu cầu bằng tiếng Lào {at}", terms={"language": ["lo"]})
    assert statements(client, f"/capabilities/{capability.id}/needs") <= few + 1


@pytest.fixture
def statements(app):
    from sqlalchemy import event

    seen = []

    def note(_connection, _cursor, statement, *_rest):
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)

    def count(client, page):
        db.session.commit()
        client.get(page)
        seen.clear()
        assert client.get(page).status_code == 200
        return len(seen)

    yield count
    event.remove(db.engine, "before_cursor_execute", note)


def test_dollars_of_a_rule_are_rounded_unless_that_hides_why(app):
    near = {"minimum": 248_294.0, "maximum": None, "budget_minimum": 100_000.0, "budget_maximum": 248_100.0}
    rule = {"rule": "budget", "state": "no", "code": "budget_below_minimum", "params": near}
    with app.test_request_context(), force_locale("en"):
        assert "USD 248,294, more than the highest budget (about USD 248,100)" in rule_sentence(rule, "en")
        assert "USD 248,294" in remedies.remedy(rule, "en")
        far = {"rule": "budget", "state": "yes", "code": "budget_fits"}
        far["params"] = near | {"maximum": 3_724_412.0, "budget_maximum": 579_353.0}
        assert (
            rule_sentence(far, "en")
            == "Budget (USD 100,000–579,000) and project size (USD 0.25–3.72 m) overlap."
        )
