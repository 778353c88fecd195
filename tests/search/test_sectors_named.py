"""Sectors that a search names, by name or by a synonym that an administrator wrote."""

from __future__ import annotations

import pytest

from ppp_match.administration import vocabulary_operations as operations
from ppp_match.administration import vocabulary_queries as queries
from ppp_match.db import db
from ppp_match.listings.sectors_named import sectors_named
from tests.factories import actor_of, make_staff


def codes(words):
    return [code for code, _name in sectors_named(words)]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("vé điện tử cho bảo tàng", "tourism.visitor"),
        ("so hoa di san", "tourism.heritage"),
        ("Số hoá di sản ở Huế", "tourism.heritage"),
        ("LMS", "education.school_platform"),
        ("living lab", "economy.startup"),
    ],
)
def test_a_name_or_synonym_in_the_words_names_its_sector(app, words, code):
    with app.test_request_context("/search"):
        assert code in codes(words)


def test_letters_that_mean_something_else_name_none(app):
    with app.test_request_context("/search"):
        for words in ("về nước thải", "ve", "", "  ", "zzz", ",", "số"):
            assert "tourism.visitor" not in codes(words), words
            assert "tourism.heritage" not in codes(words), words
        assert codes("") == []
        assert len(codes("vé, cảng, chợ, LMS, living lab, 5G, 311, incubator")) == 5


def test_a_synonym_that_was_just_written_is_found_on_the_page(app, client):
    row = queries.sector("water.flood")
    texts = {name: getattr(row, name) for name in operations.SECTOR_TEXTS}
    place = [one.code for one in queries.siblings(row)].index(row.code) + 1
    page = "/search?q=h%E1%BB%91%20t%E1%BB%AD%20th%E1%BA%A7n&lang=en"
    link = "/needs?sector=water.flood"
    assert link not in client.get(page).text
    operations.edit_entry(
        row,
        {**texts, "synonyms_vi": f"{texts['synonyms_vi']}, hố tử thần"},
        place=place,
        reason="Từ của người dân.",
        version=row.version,
        actor=actor_of(make_staff("administrator")),
    )
    db.session.commit()
    shown = client.get(page).text
    assert link in shown
    assert "/capabilities?sector=water.flood" in shown
