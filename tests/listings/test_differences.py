"""Differences of texts and of versions, merging of two texts, what the public may compare of an anonymous need."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ppp_match.listings import addenda, operations
from ppp_match.listings.differences import diff_words, shortened, tokens
from ppp_match.listings.forms import city_of
from ppp_match.listings.merging import merged
from tests.factories import actor_of, add_reference, make_listing, make_member, make_staff

WORD = st.sampled_from(["ngập", "phố", "20", "1.250,5", "sông", "–", ".", "\n", "  ", "mưa,", "(a)", "ế"])
TEXTS = st.lists(WORD, max_size=25).map(" ".join) | st.text(max_size=60)


def joined(parts, *marks):
    return "".join(text for mark, text in parts if mark in marks)


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_a_difference_gives_both_texts_back(before, after):
    parts = diff_words(before, after)
    assert joined(parts, "same", "gone") == before
    assert joined(parts, "same", "new") == after
    assert "".join(tokens(before)) == before
    assert all(text for _mark, text in parts)


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_shortening_keeps_every_change(before, after):
    before, after = "ngập " * 200 + before, "ngập " * 200 + after
    parts = diff_words(before, after)
    changed = [part for part in parts if part[0] != "same"]
    assert [part for part in shortened(parts) if part[0] != "same"] == changed
    assert len(joined(shortened(parts), "same")) <= len(joined(parts, "same"))


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_one_side_alone_is_merged_as_it_is(base, changed):
    assert merged(base, changed, base) == changed
    assert merged(base, base, changed) == changed
    assert merged(base, changed, changed) == changed


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_changes_far_apart_are_both_kept(head, tail):
    middle = " giữa nguyên một đoạn dài không ai sửa "
    assert merged(f"a{middle}b", f"a {head}{middle}b", f"a{middle}b {tail}") == f"a {head}{middle}b {tail}"


def test_the_same_place_changed_twice_is_not_guessed():
    assert merged("ngập 20 phố", "ngập 30 phố", "ngập 40 phố") is None


def test_differences_are_cut_at_words_and_numbers_stay_whole():
    parts = diff_words("Giảm ngập 20 tuyến phố", "Giảm ngập 30 tuyến phố")
    assert parts == [("same", "Giảm ngập "), ("gone", "20"), ("new", "30"), ("same", " tuyến phố")]
    assert ("gone", "1.250,5") in diff_words("dài 1.250,5 km.", "dài 1.350,5 km.")
    assert diff_words("a b c", "x y c") == [("gone", "a b"), ("new", "x y"), ("same", " c")]


# --- versions ----------------------------------------------------------------------------------------------------


@pytest.fixture
def owner(app):
    return make_member("city", locale="en")


@pytest.fixture
def moderator(app):
    return make_staff()


def amended(listing, owner, moderator, lang="vi", **values):
    operations.save_listing(listing, values, lang=lang, actor=actor_of(owner))
    operations.submit_listing(listing, actor=actor_of(owner))
    operations.take_in_hand(listing, actor=actor_of(moderator))
    operations.publish_listing(listing, actor=actor_of(moderator))


def home(person):
    return person.memberships[0].organisation


def main(page):
    """The words of a page's main part."""
    return html.unescape(re.sub(r"<[^>]+>", "", page.split("<main", 1)[1].split("</main", 1)[0]))


@pytest.mark.both_databases
def test_each_accepted_version_says_what_it_changed(app, client, owner, moderator):
    need = make_listing("need", state="published", organisation=home(owner))
    amended(
        need,
        owner,
        moderator,
        title="Giảm ngập 30 tuyến phố ven sông",
        sector=["water.flood", "water.supply"],
        amount_max=Decimal(120_000_000_000),
        stage="appraise",
    )
    amended(need, owner, moderator, community="Đã họp ba tổ dân phố")
    operations.save_listing(need, {"title": "Flood relief"}, lang="en", actor=actor_of(owner))
    page = client.get(f"/needs/{need.id}/changes?lang=en").get_data(as_text=True)
    assert re.search(r"<del>.*?20.*?</del><ins>.*?30.*?</ins>", page)
    said = main(page)
    assert "removed: VND 15–100 bn" in said
    assert "added: VND 15–120 bn" in said
    assert "3 versions" in said
    assert said.index("Version 3") < said.index("Version 2") < said.index("Version 1")
    assert (said.count("Material change"), said.count("Minor change")) == (1, 1)
    assert "Flood relief" not in said
    assert "water.supply" not in said
    assert "see what changed" in client.get(f"/needs/{need.id}?lang=en").get_data(as_text=True)


def test_any_two_versions_are_compared(app, client, owner, moderator):
    need = make_listing("need", state="published", organisation=home(owner))
    amended(need, owner, moderator, community="Một")
    amended(need, owner, moderator, community="Hai")
    address = f"/needs/{need.id}/changes"
    assert "added: Hai" in main(client.get(f"{address}?from=1&to=3&lang=en").get_data(as_text=True))
    back = main(client.get(f"{address}?from=3&to=2&lang=en").get_data(as_text=True))
    assert "removed: Một" in back
    assert "added: Hai" in back
    assert "say the same" in main(client.get(f"{address}?from=2&to=2&lang=en").get_data(as_text=True))
    for wrong in ("from=0&to=9", "from=x&to=1", "from=1", "from=1&to=99999999999999999999"):
        assert "Version 3" in main(client.get(f"{address}?{wrong}&lang=en").get_data(as_text=True))


def test_before_publication_there_are_no_changes_to_read(client_of, owner):
    draft = make_listing("need", organisation=home(owner))
    assert client_of(owner).get(f"/needs/{draft.id}/changes").status_code == 404


def test_versions_that_named_the_city_are_hidden_once_it_is_withheld(
    app, client, client_of, owner, moderator
):
    need = make_listing(
        "need",
        state="published",
        organisation=home(owner),
        texts={"title": "Chống ngập ở Phường Bến Nghé", "contact_unit": "Ban Quản lý Bến Nghé"},
    )
    amended(need, owner, moderator, anonymous=True, title="Chống ngập ở một phường trung tâm")
    amended(need, owner, moderator, community="Đã họp")
    for query in ("", "?from=1&to=2", "?from=1&to=3"):
        page = client.get(f"/needs/{need.id}/changes{query}").get_data(as_text=True)
        body = main(page)
        assert "Bến Nghé" not in page
        assert "Hồ Chí Minh" not in body
        assert "Phiên bản 3" not in body
    assert "Đã họp" in main(client.get(f"/needs/{need.id}/changes").get_data(as_text=True))
    for person in (owner, moderator):
        assert "Bến Nghé" in main(client_of(person).get(f"/needs/{need.id}/changes").get_data(as_text=True))


def test_a_version_that_withheld_the_city_never_tells_it(app, client, client_of, owner, moderator):
    need = make_listing(
        "need",
        state="published",
        organisation=home(owner),
        anonymous=True,
        texts={"contact_unit": "Phòng Kín"},
    )
    amended(need, owner, moderator, anonymous=False, city=city_of("ha-noi"), contact_unit="Phòng Mở")
    said = main(client.get(f"/needs/{need.id}/changes?lang=en").get_data(as_text=True))
    assert need.shown.city.name("en") in said
    assert "Ho Chi Minh" not in said
    assert "Phòng Kín" not in said
    assert "A city in Viet Nam" in said
    assert "Ho Chi Minh" in main(
        client_of(owner).get(f"/needs/{need.id}/changes?lang=en").get_data(as_text=True)
    )


def test_amounts_that_are_not_disclosed_are_not_compared_in_public(app, client, client_of, owner, moderator):
    need = make_listing("need", state="published", organisation=home(owner), budget_status="undisclosed")
    amended(need, owner, moderator, amount_max=Decimal(77_000_000_000), community="Đã họp")
    assert "77" not in main(client.get(f"/needs/{need.id}/changes?lang=en").get_data(as_text=True))
    known = main(client_of(owner).get(f"/needs/{need.id}/changes?lang=en").get_data(as_text=True))
    assert "VND 15–77 bn" in known


@pytest.mark.both_databases
def test_reference_projects_of_each_version_are_kept(app, client, moderator):
    vendor = make_member("vendor")
    offer = make_listing("capability", state="published", organisation=home(vendor))
    add_reference(offer, client="Old client", year=2020, result="")
    for row in (
        [{"client": "Old client", "year": 2021, "country": "VN"}],
        [{"client": "New client", "year": 2025}],
    ):
        amended(offer, vendor, moderator, lang="en", references=row)
    page = client.get(f"/capabilities/{offer.id}/changes?lang=en").get_data(as_text=True)
    first = page.split('id="v2"', 1)[1]
    assert re.search(r"<del>.*?2020.*?</del><ins>.*?2021.*?</ins>", first)
    said = main(page)
    assert "removed: Old client · Viet Nam · 2021" in said
    assert "added: New client · 2025" in said
    assert said.count("Material change") == 2


def test_a_day_put_off_by_an_addendum_is_a_version(app, client, owner, moderator):
    need = make_listing("need", state="published", organisation=home(owner))
    made = addenda.create_addendum(
        need,
        kind="dates",
        texts={"vi": "Lùi hạn."},
        response_until=need.shown.response_until + timedelta(days=30),
        actor=actor_of(owner),
    )
    addenda.submit_addendum(made, actor=actor_of(owner))
    addenda.publish_addendum(made, actor=actor_of(moderator))
    said = main(client.get(f"/needs/{need.id}/changes?lang=en").get_data(as_text=True))
    assert "Made by addendum 1" in said
    assert "2 versions" in said


def test_what_a_user_wrote_is_never_markup(app, client, owner, moderator):
    need = make_listing("need", state="published", organisation=home(owner))
    amended(
        need, owner, moderator, title="Ngập <script>alert(1)</script> & <b>phố</b>", community="<ins>x</ins>"
    )
    page = client.get(f"/needs/{need.id}/changes").get_data(as_text=True).split("<main", 1)[1]
    assert "<script>alert" not in page
    assert "&lt;" in page
    assert "<b>phố" not in page
