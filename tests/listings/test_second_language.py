"""A second language: what is offered to readers, what grows stale, what the index and the lists make of it."""

from __future__ import annotations

import pytest

from ppp_match.db import db
from ppp_match.lifecycle import NotPermitted, Refused
from ppp_match.listings import operations, revisions
from ppp_match.listings.documents import to_need
from ppp_match.listings.fields import carrying, least_in_second, translatable
from ppp_match.listings.filters import read_filters
from ppp_match.listings.queries import changes_since, search_listings
from ppp_match.listings.reading import Reading
from ppp_match.listings.second_language import addable, field_states, progress, proposals
from ppp_match.search import store
from tests.factories import actor_of, make_listing, make_member, make_staff

ENGLISH = {
    "title": "Less flooding in 20 riverside streets",
    "problem": (
        "Each storm above 80 mm together with a high tide floods 20 riverside streets by 30–60 cm. In 2025 there were "
        "34 floods, 212 hours in all. The city learns of a flood when residents call; four pumping stations run by "
        "the operator's experience. Three hospitals and 18 schools lie in the flooded zone."
    ),
    "outcome": "Warning at least 3 hours before a flood, and 30 % fewer hours of flooding a year.",
}


@pytest.fixture
def owner(app):
    return make_member("city", locale="vi")


@pytest.fixture
def need(owner):
    return make_listing(
        "need",
        organisation=owner.memberships[0].organisation,
        texts={"requirements": "Dữ liệu lưu trong nước\nKết nối SCADA\nAn toàn thông tin cấp độ 3"},
    )


def save(need, owner, values, **more):
    return operations.save_listing(need, values, lang="en", actor=actor_of(owner), **more)


def test_carrying_fields_are_the_title_and_the_required_long_texts():
    assert [field.name for field in carrying("need")] == ["title", "problem", "outcome"]
    assert [field.name for field in carrying("capability")] == ["title", "solves", "how"]
    assert {least_in_second(field) for field in carrying("need")} == {7, 200, 27}
    assert "scale_unit" in {field.name for field in translatable("need")}


def test_readers_are_offered_a_language_once_it_carries(need, owner):
    for name, text in ENGLISH.items():
        assert need.edited.reading_lang("en") == "vi"
        assert need.edited.langs == ["vi"]
        assert save(need, owner, {name: text}) == [name]
        assert need.edited.begun_langs == ["en"]
    assert need.edited.langs == ["vi", "en"]
    assert need.edited.reading_lang("en") == "en"
    save(need, owner, {"problem": "Too short."})
    assert need.edited.reading_lang("en") == "vi"
    assert need.edited.lacking_in("en") == ["problem"]


def test_a_text_grows_stale_when_its_original_changes_and_is_confirmed_or_written_anew(need, owner):
    save(need, owner, ENGLISH)
    assert not need.edited.is_stale("title", "en")
    operations.save_listing(need, {"title": "Giảm ngập 30 tuyến phố"}, lang="vi", actor=actor_of(owner))
    assert need.edited.is_stale("title", "en")
    assert not need.edited.is_stale("problem", "en")
    assert progress(need.edited, "en").stale == 1
    assert (
        save(need, owner, {"title": ENGLISH["title"]}) == []
    )  # saving the same says nothing about the original
    assert need.edited.is_stale("title", "en")
    assert save(need, owner, {}, confirmed=["title", "problem"]) == ["title"]  # problem was not stale
    assert not need.edited.is_stale("title", "en")
    operations.save_listing(need, {"title": "Giảm ngập 40 tuyến phố"}, lang="vi", actor=actor_of(owner))
    save(need, owner, {"title": "Less flooding in 40 riverside streets"})
    assert not need.edited.is_stale("title", "en")
    operations.save_listing(need, {"title": "Giảm ngập 50 tuyến phố"}, lang="vi", actor=actor_of(owner))
    operations.save_listing(need, {"title": "Giảm ngập 40 tuyến phố"}, lang="vi", actor=actor_of(owner))
    assert not need.edited.is_stale("title", "en")  # the original is as it was


def test_a_copy_of_a_revision_keeps_what_is_stale(need, owner):
    save(need, owner, ENGLISH)
    operations.save_listing(need, {"title": "Giảm ngập 30 tuyến phố"}, lang="vi", actor=actor_of(owner))
    copy = revisions.copy_of(need.edited, number=9, created_by=None)
    copy.listing_id = need.id
    db.session.add(copy)
    db.session.flush()
    db.session.refresh(copy)
    assert copy.is_stale("title", "en")
    assert not copy.is_stale("problem", "en")
    assert copy.text("problem", "en") == ENGLISH["problem"]


def test_saving_says_who_may_and_names_the_language(need, owner):
    stranger = make_member("city")
    with pytest.raises(NotPermitted):
        save(need, stranger, ENGLISH)
    save(need, owner, {"title": "Less flooding", "scale_unit": "measuring points"})
    assert changes_since(need, 0)[0].fields == ("title.en", "scale_unit.en")
    operations.submit_listing(need, actor=actor_of(owner))
    with pytest.raises(Refused, match="under_review"):
        save(need, owner, ENGLISH)


def test_the_unit_is_said_in_both_languages(need, owner):
    assert need.edited.scale_unit == "điểm đo"
    save(need, owner, {"scale_unit": "measuring points"})
    assert need.edited.scale_unit == "điểm đo"
    assert need.edited.said_in("scale_unit", "en") == ("measuring points", "en")
    assert need.edited.said_in("scale_unit", "vi") == ("điểm đo", "vi")
    operations.save_listing(need, {"scale_unit": "trạm"}, lang="vi", actor=actor_of(owner))
    assert need.edited.is_stale("scale_unit", "en")


def test_a_published_text_gets_its_language_as_an_amendment(owner):
    need = make_listing("need", state="published", organisation=owner.memberships[0].organisation)
    save(need, owner, {**ENGLISH, "scale_unit": "measuring points"})
    assert need.amendment is not None
    assert need.shown.langs == ["vi"]
    assert set(revisions.differences("need", need.shown, need.amendment)) == {*ENGLISH, "scale_unit"}
    moderator = make_staff()
    operations.submit_listing(need, actor=actor_of(owner))
    operations.take_in_hand(need, actor=actor_of(moderator))
    operations.publish_listing(need, actor=actor_of(moderator))
    assert need.shown.langs == ["vi", "en"]


def test_the_first_language_cannot_become_the_second(need, owner):
    save(need, owner, {"title": "Less flooding"})
    with pytest.raises(Refused, match="language_taken"):
        operations.change_language(need, "en", actor=actor_of(owner))
    save(need, owner, {"title": ""})
    assert operations.change_language(need, "en", actor=actor_of(owner))
    assert need.edited.langs == ["en"]


def test_a_third_language_stands_beside_the_others(owner):
    need = make_listing(
        "need",
        organisation=owner.memberships[0].organisation,
        lang="id",
        texts={"title": "Mengurangi banjir di tepi sungai"},
    )
    assert [one.lang for one in addable(need)] == ["vi", "en"]
    save(need, owner, ENGLISH)
    assert need.edited.langs == ["id", "en"]
    assert need.edited.reading_lang("vi") == "id"
    assert proposals("banjir", "id", "", "en", []) == []


@pytest.mark.both_databases
def test_lists_filter_by_the_languages_that_are_offered(app, owner):
    def titles(lang):
        found = search_listings(read_filters("need", _Args(language=[lang])), str)
        return len(found.page.items), found.counted.facets["language"]

    need = make_listing("need", state="published", organisation=owner.memberships[0].organisation)
    make_listing("need", state="published", organisation=owner.memberships[0].organisation)
    need.live.set_text("title", "en", ENGLISH["title"])
    db.session.flush()
    assert titles("en") == (0, {"vi": 2})
    for name, text in ENGLISH.items():
        need.live.set_text(name, "en", text)
    db.session.flush()
    assert titles("en") == (1, {"vi": 2, "en": 1})
    assert titles("vi")[0] == 2
    need.live.set_text("outcome", "en", "x" * 26)
    db.session.flush()
    assert titles("en")[0] == 0


class _Args(dict):
    def getlist(self, name):
        return self.get(name, [])


def test_the_matcher_reads_both_once_both_are_offered(need, owner):
    save(need, owner, {"title": ENGLISH["title"]})
    assert to_need(need).alt_title == ""
    save(need, owner, ENGLISH)
    document = to_need(need)
    assert (document.alt_lang, document.alt_title) == ("en", ENGLISH["title"])
    assert "high tide floods 20 riverside streets" in document.alt_text


def test_words_of_a_published_second_language_find_the_need(owner):
    """The word is in no lexicon, so only the English text can answer."""
    for number in range(8):
        make_listing(
            "need",
            state="published",
            organisation=owner.memberships[0].organisation,
            texts={"title": f"Cảnh báo sạt lở số {number}"},
        )
    need = make_listing("need", state="published", organisation=owner.memberships[0].organisation)
    english = {
        **ENGLISH,
        "problem": ENGLISH["problem"] + " Residents call the flooded stretch the Zygomorph bend.",
    }

    def found():
        return [hit for hit, _score in store.search("need", "zygomorph bend").hits]

    assert need.id not in found()
    save(need, owner, english)
    assert need.id not in found()  # written, not published
    moderator = make_staff()
    operations.submit_listing(need, actor=actor_of(owner))
    operations.take_in_hand(need, actor=actor_of(moderator))
    operations.publish_listing(need, actor=actor_of(moderator))
    assert found()[0] == need.id


# --- what a reader gets ------------------------------------------------------------------------------------------


def test_what_is_not_translated_stands_as_it_was_written(need, owner):
    save(need, owner, {**ENGLISH, "requirements": "Data kept in the country\n\nInformation security level 3"})
    reading = Reading(need.edited, "en", "en", glossed=False)
    assert (reading.text("title"), reading.lang_of("title")) == (ENGLISH["title"], "en")
    assert reading.lang_of("local_specifics") == "vi"
    assert reading.items("requirements") == [
        ("Data kept in the country", "en"),
        ("Kết nối SCADA", "vi"),
        ("Information security level 3", "en"),
    ]


def test_glosses_only_where_the_text_is_not_in_the_reader_s_language(need, owner):
    save(need, owner, ENGLISH)
    reading = Reading(need.edited, "en", "en", glossed=True)
    assert "pm-gloss" not in reading.prose("problem")
    assert "(motorbike)" in reading.words("local_specifics")
    assert reading.can_be_glossed
    assert not Reading(need.edited, "vi", "vi", glossed=True).can_be_glossed
    assert ("ngập", "flooding") in Reading(need.edited, "vi", "en", glossed=True).title_terms()


def test_states_of_fields_pair_items_and_name_what_is_missing(need, owner):
    save(need, owner, {"requirements": "Data kept in the country\n\nInformation security level 3"})
    states = {state.name: state for state in field_states(need.edited, "en")}
    assert states["requirements"].items[1] == ("Kết nối SCADA", "")
    assert states["requirements"].missing
    assert [check.code for check in states["requirements"].checks("vi", "en")] == ["items"]
    assert states["title"].missing
    assert "tried" not in states  # nothing to translate
    assert progress(need.edited, "en").done == 0


def test_proposals_name_all_senses_and_what_is_used(need):
    found = {
        one.words: one
        for one in proposals("Ba trạm bơm, nước thải", "vi", "Three pumping stations", "en", [])
    }
    assert found["trạm bơm"].used
    assert found["nước thải"].senses[:2] == ["wastewater", "sewage"]
    assert not found["nước thải"].used
