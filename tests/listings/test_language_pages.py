"""The page of a second language, glosses on the page of a listing, and what pages say of languages."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import event

from ppp_match.db import db
from ppp_match.listings import operations
from ppp_match.listings.models import Listing
from tests.factories import CAPABILITY_TEXT, actor_of, add_reference, make_listing, make_member, make_staff
from tests.listings.test_second_language import ENGLISH


@pytest.fixture
def owner(app):
    return make_member("city", locale="en")


def need_of(owner, **more):
    return make_listing("need", organisation=owner.memberships[0].organisation, **more)


def address(listing, code="en"):
    return f"/{listing.path_kind}/{listing.id}/languages/{code}"


def opened(client, page):
    """(page, version token)"""
    html = client.get(page).get_data(as_text=True)
    return html, re.search(r'name="version" value="([^"]*)"', html)[1]


def fresh(listing):
    db.session.expire_all()
    return db.session.get(Listing, listing.id)


def test_original_left_empty_right_and_the_terms_of_the_lexicon(client_of, owner):
    need = need_of(owner, texts={"requirements": "Kết nối trạm bơm\nDữ liệu lưu trong nước"})
    html, _token = opened(client_of(owner), address(need) + "?lang=en")
    assert f'<p class="pm-asis" lang="vi">{need.edited.text("title")}</p>' in html
    assert re.search(r'<textarea[^>]*id="problem"[^>]*lang="en"[^>]*>\s*</textarea>', html)
    assert '<span lang="vi">triều cường</span> → <b lang="en">high tide' in html
    assert 'name="requirements_0"' in html
    assert 'name="requirements_1"' in html
    assert 'name="requirements_2"' not in html
    assert "tried" not in re.findall(r'name="(\w+)"', html)


def test_both_ways_and_other_pages_lead_there(client_of, owner):
    need, published = need_of(owner), need_of(owner, state="published")
    client = client_of(owner)
    for page in (f"/needs/{need.id}", f"/needs/{published.id}", "/mine"):
        html = client.get(f"{page}?lang=vi").get_data(as_text=True)
        assert "Thêm tiếng Anh" in html
        assert f"/needs/{need.id if page != f'/needs/{published.id}' else published.id}/languages/en" in html
    vendor = make_member("vendor", locale="vi")
    capability = make_listing("capability", organisation=vendor.memberships[0].organisation)
    assert "Thêm tiếng Việt" in client_of(vendor).get(f"/capabilities/{capability.id}").get_data(as_text=True)
    html, _token = opened(client_of(vendor), address(capability, "vi"))
    assert '<span lang="en">dashboard</span>' in html


def test_what_is_typed_is_stored_composed_and_what_is_empty_stays_empty(client_of, owner):
    need = need_of(owner, texts={"requirements": "Một\nHai\nBa"})
    client = client_of(owner)
    _html, token = opened(client, address(need))
    data = {
        **ENGLISH,
        "title": "  Cafe\u0301 by the river, less flooding ",
        "requirements_0": "One",
        "requirements_2": "Three",
        "version": token,
        "then": "save",
    }
    answer = client.post(address(need), data=data)
    assert answer.status_code == 303
    said = fresh(need).edited
    assert said.text("title", "en") == "Café by the river, less flooding"
    assert said.text("requirements", "en") == "One\n\nThree"
    assert said.text("local_specifics", "en") == ""
    assert said.text("title") == "Giảm ngập 20 tuyến phố ven sông"
    html = client.get(address(need) + "?lang=en").get_data(as_text=True)
    assert 'value="One"' in html
    assert "3 of 8 fields" in html
    assert "Readers of this language get this text" in html


def test_limits_hold_in_both_languages_and_keep_what_was_typed(client_of, owner):
    need = need_of(owner, texts={"requirements": "Một\nHai"})
    client = client_of(owner)
    _html, token = opened(client, address(need))
    long = "flood " * 30
    answer = client.post(address(need), data={"title": long, "outcome": "Typed <b>", "version": token})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert long.strip() in page
    assert "Typed &lt;b&gt;" in page
    assert 'href="#title"' in page
    lines = {f"requirements_{n}": "x" * 1000 for n in range(2)}
    answer = client.post(address(need), data={**lines, "version": token})
    assert answer.status_code == 422
    assert 'href="#requirements_0"' in answer.get_data(as_text=True)
    assert fresh(need).edited.begun_langs == []


def test_a_stale_save_loses_nothing_and_names_the_other(client_of, owner):
    colleague = make_member(
        "city", organisation=owner.memberships[0].organisation, name="Lê Thị Hoa", locale="en"
    )
    need = need_of(owner)
    mine, hers = client_of(owner), client_of(colleague)
    _html, token = opened(mine, address(need))
    _html, her_token = opened(hers, address(need))
    assert (
        hers.post(address(need), data={"title": "Hers, of the colleague", "version": her_token}).status_code
        == 303
    )
    answer = mine.post(address(need), data={"title": "Mine, typed at length", "version": token})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Mine, typed at length" in page
    assert "Lê Thị Hoa" in page
    assert "Title of the need (EN)" in page
    assert fresh(need).edited.text("title", "en") == "Hers, of the colleague"
    again = re.search(r'name="version" value="([^"]*)"', page)[1]
    answer = mine.post(address(need), data={"title": "Mine, typed at length", "version": again})
    assert answer.status_code == 303
    assert fresh(need).edited.text("title", "en") == "Mine, typed at length"


def test_a_published_listing_gets_an_amendment_that_moderators_review(client, client_of, owner):
    need = need_of(owner, state="published")
    mine = client_of(owner)
    _html, token = opened(mine, address(need))
    answer = mine.post(address(need), data={**ENGLISH, "version": token, "then": "submit"})
    assert answer.status_code == 303
    assert fresh(need).amendment.state == "submitted"
    assert ENGLISH["title"] not in client.get(f"/needs/{need.id}?lang=en").get_data(as_text=True)
    assert mine.get(address(need)).status_code == 303  # waits for review: nothing to edit
    moderator = make_staff(locale="en")
    review = client_of(moderator).get(f"/review/listings/{need.id}").get_data(as_text=True)
    assert ENGLISH["title"] in review
    operations.take_in_hand(fresh(need), actor=actor_of(moderator))
    operations.publish_listing(fresh(need), actor=actor_of(moderator))
    page = client.get(f"/needs/{need.id}?lang=en").get_data(as_text=True)
    assert f"<h1>{ENGLISH['title']}</h1>" in page


def test_sending_an_unfinished_draft_saves_and_leads_to_the_form(client_of, owner):
    need = need_of(owner, texts={"conflicts": ""})
    mine = client_of(owner)
    _html, token = opened(mine, address(need))
    answer = mine.post(address(need), data={"title": "Less flooding", "version": token, "then": "submit"})
    assert answer.status_code == 303
    assert answer.location.endswith(f"/needs/{need.id}/edit")
    assert fresh(need).state == "draft"
    assert fresh(need).edited.text("title", "en") == "Less flooding"


def test_stale_texts_are_shown_and_confirmed(client_of, owner):
    need = need_of(owner, state="published")
    need.live.set_text("title", "en", ENGLISH["title"])
    operations.save_listing(need, {"title": "Giảm ngập 30 tuyến phố"}, lang="vi", actor=actor_of(owner))
    mine = client_of(owner)
    html, token = opened(mine, address(need) + "?lang=en")
    assert "The original has changed since this was written." in html
    assert "Giảm ngập 20 tuyến phố ven sông" in html  # what the original said then
    assert "Numbers of the original that are not here: 30" in html
    assert "1 out of date" in mine.get("/mine").get_data(as_text=True)
    answer = mine.post(
        address(need), data={"title": ENGLISH["title"], "still_title": "y", "version": token, "then": "save"}
    )
    assert answer.status_code == 303
    assert not fresh(need).edited.is_stale("title", "en")
    assert "out of date" not in mine.get(address(need)).get_data(as_text=True)


def test_the_original_s_own_language_and_unknown_ones(client_of, owner):
    need = need_of(owner)
    client = client_of(owner)
    assert client.get(address(need, "vi")).location.endswith(f"/needs/{need.id}/edit")
    assert client.get(address(need, "xx")).status_code == 404
    assert client.get(address(need, "id")).status_code == 404


def test_a_draft_without_a_word_has_nothing_to_translate(client_of, owner):
    organisation = owner.memberships[0].organisation
    blank = operations.create_listing("need", organisation=organisation, lang="vi", actor=actor_of(owner))
    page = client_of(owner).get(address(blank) + "?lang=en").get_data(as_text=True)
    assert "Write the original first" in page
    assert "<textarea" not in page


def test_the_form_cannot_make_the_second_language_the_first(client_of, owner):
    need = need_of(owner)
    need.edited.set_text("title", "en", "Less flooding")
    client = client_of(owner)
    html = client.get(f"/needs/{need.id}/edit").get_data(as_text=True)
    assert re.search(r'name="lang"[^>]*value="vi"', html)
    assert not re.search(r'name="lang"[^>]*value="en"', html)


# --- readers -----------------------------------------------------------------------------------------------------


def main(client, page):
    return client.get(page).get_data(as_text=True).split("<main", 1)[1].split("</main>", 1)[0]


def test_a_reader_without_the_language_sees_the_original_glossed(client, owner):
    need = need_of(owner, state="published")
    page = main(client, f"/needs/{need.id}?lang=en")
    assert (
        '<span class="pm-gloss">triều cường<span class="pm-gloss-t" lang="en"> (high tide)</span></span>'
        in page
    )
    assert "In the title:" in page
    assert f'<h1 lang="vi">{need.shown.text("title")}</h1>' in page
    assert "pm-gloss" not in main(client, f"/needs/{need.id}?lang=vi")
    assert "(high tide)" in main(client, "/needs?lang=en")


def test_glosses_can_be_switched_off_and_the_choice_is_kept(client, owner):
    need = need_of(owner, state="published")
    page = main(client, f"/needs/{need.id}?lang=en&gloss=0")
    assert 'class="pm-gloss"' not in page
    assert "gloss=1" in page
    assert 'class="pm-gloss"' not in main(client, f"/needs/{need.id}?lang=en")  # the cookie remembers
    assert "(high tide)" not in main(client, "/needs?lang=en")
    assert 'class="pm-gloss"' in main(client, f"/needs/{need.id}?lang=en&gloss=1")


def test_glosses_of_a_capability_with_its_references(client):
    capability = make_listing(
        "capability", state="published", texts={"how": CAPABILITY_TEXT["how"] + " `pump`"}
    )
    add_reference(capability, scope="Early warning for pumping stations")
    page = main(client, f"/capabilities/{capability.id}?lang=vi")
    assert '<span class="pm-gloss-t" lang="vi"> (cảnh báo sớm)</span>' in page
    assert '<span class="pm-gloss">pumping stations<span class="pm-gloss-t" lang="vi"> (trạm bơm)' in page


def test_untranslated_fields_keep_their_language(client, owner):
    need = need_of(owner, state="published")
    for name, text in ENGLISH.items():
        need.live.set_text(name, "en", text)
    page = main(client, f"/needs/{need.id}?lang=en")
    assert ENGLISH["title"] in page
    assert '<span lang="vi">Ven ' in page
    assert "(motorbike)" in page
    assert "Parts that are not translated" in page
    other = main(client, f"/needs/{need.id}?lang=en&text=vi")
    assert f'<h1 lang="vi">{need.shown.text("title")}</h1>' in other


def test_marks_of_languages_and_alternate_addresses(client, owner):
    need = need_of(owner, state="published")
    html = client.get(f"/needs/{need.id}?lang=en").get_data(as_text=True)
    assert 'rel="alternate"' not in html
    for name, text in ENGLISH.items():
        need.live.set_text(name, "en", text)
    html = client.get(f"/needs/{need.id}?lang=en").get_data(as_text=True)
    links = dict(re.findall(r'<link rel="alternate" hreflang="([^"]+)" href="([^"]+)"', html))
    assert set(links) == {"vi", "en", "x-default"}
    assert links["en"] == f"http://localhost/needs/{need.id}?lang=en"
    for page in (html, client.get("/needs?lang=en").get_data(as_text=True)):
        assert re.search(
            r'Written in English">EN</abbr>\s*<abbr class="pm-l" title="Written in Vietnamese">VI', page
        )


def test_lists_ask_the_database_no_more_for_more_languages(app, client, client_of, owner):
    statements = []

    def note(_connection, _cursor, statement, *_rest):
        statements.append(statement)

    def asked(browser, page):
        browser.get(page)
        statements.clear()
        assert browser.get(page).status_code == 200
        return len(statements)

    mine = client_of(owner)
    event.listen(db.engine, "before_cursor_execute", note)
    try:
        counts = []
        for _round in range(3):
            for state in ("draft", "published"):
                need = need_of(owner, state=state)
                for name, text in ENGLISH.items():
                    need.edited.set_text(name, "en", text)
            counts.append((asked(mine, "/mine"), asked(client, "/needs?lang=en")))
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert counts[1] == counts[2]
