"""A text in review with both languages: side by side, terms marked, what differs named."""

from __future__ import annotations

import re

import pytest

from ppp_match.listings import operations
from ppp_match.moderation.language_review import language_pairs, marked
from tests.factories import actor_of, make_listing, make_member, make_staff
from tests.listings.test_second_language import ENGLISH


@pytest.fixture
def moderator(app):
    return make_staff(locale="en")


def submitted(texts):
    """A need in review with these English texts."""
    owner = make_member("city")
    need = make_listing("need", organisation=owner.memberships[0].organisation)
    if texts:
        operations.save_listing(need, texts, lang="en", actor=actor_of(owner))
    operations.submit_listing(need, actor=actor_of(owner))
    return need


def review(client_of, moderator, need):
    return client_of(moderator).get(f"/review/listings/{need.id}").get_data(as_text=True)


def test_both_languages_stand_side_by_side_with_marked_terms(client_of, moderator):
    need = submitted(ENGLISH)
    page = review(client_of, moderator, need)
    assert "Original and English side by side" in page
    left, right = (
        re.search(rf'<mark class="t-bridge">{words}<sup>(\d+)</sup></mark>', page)
        for words in ("triều cường", "high tide")
    )
    assert left[1] == right[1]
    assert '<mark class="t-same">212</mark>' in page
    assert "Not written; readers get the original here." in page
    assert "Numbers of the original" not in page


def test_what_differs_is_named(client_of, moderator):
    wrong = {
        **ENGLISH,
        "problem": ENGLISH["problem"].replace("212", "221"),
        "outcome": "Warning 3 hours ahead.",
    }
    need = submitted({**wrong, "title": "Giảm ngập 20 tuyến phố ven sông"})
    page = review(client_of, moderator, need)
    assert "Numbers of the original that are not here: 212" in page
    assert "Numbers that the original does not have: 221" in page
    assert "Much shorter than the original" in page
    assert "not translated yet?" in page
    assert "Still lacking: What result do you want" in page
    notes = {field.name: field.notes for field in language_pairs(need)[0].fields if field.notes}
    assert set(notes) == {"title", "problem", "outcome"}


def test_a_text_in_one_language_shows_no_comparison(client_of, moderator):
    need = submitted({})
    assert "side by side" not in review(client_of, moderator, need)
    assert language_pairs(need) == []


def test_stale_texts_are_named(client_of, moderator):
    owner = make_member("city")
    need = make_listing("need", organisation=owner.memberships[0].organisation)
    operations.save_listing(need, ENGLISH, lang="en", actor=actor_of(owner))
    operations.save_listing(need, {"title": "Giảm ngập 30 tuyến phố"}, lang="vi", actor=actor_of(owner))
    operations.submit_listing(need, actor=actor_of(owner))
    page = review(client_of, moderator, need)
    assert "The original has changed since this was written." in page


def test_texts_are_escaped(app):
    need = submitted({**ENGLISH, "title": "<script>alert(1)</script> & less flooding"})
    (pair,) = language_pairs(need)
    title = next(field for field in pair.fields if field.name == "title")
    assert "&lt;script&gt;" in title.text
    assert "<script" not in title.text
    assert marked("a<b", ()) == "a&lt;b"
