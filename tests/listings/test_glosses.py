"""Glosses: the right term at the right place, once a field, never in links or code, and always safe HTML."""

from __future__ import annotations

import re

import html5lib
import nh3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup, escape

from ppp_match.formats import ALLOWED_TAGS, markdown
from ppp_match.listings.glosses import TermBook, gloss_html, gloss_text, glossed_by, reading_terms, term_book
from ppp_match.matching.bilingual import Entry, Lexicon

BOOK = TermBook(
    Lexicon(
        [
            Entry(vi, en, sector, "test.csv", line)
            for line, (vi, en, sector) in enumerate(
                [
                    ("nước", "water", "water"),
                    ("thoát nước", "drainage", "water"),
                    ("hệ thống thoát nước", "drainage system", "water"),
                    ("đường", "sugar", "general"),
                    ("đường", "road", "transport"),
                    ("trạm bơm", "pumping station", "water"),
                    ("nước uống", "drinking water", "water"),
                    ("nhà máy", "plant", "water"),
                    ("nhà máy nước", "water plant", "water"),
                    ("nước thải", "wastewater", "water"),
                    ("thành phố", "city", "general"),
                    ("phố cổ", "old quarter", "tourism"),
                    ("AI", "artificial intelligence", "egov"),
                    ("bộ", "ministry", "egov"),
                    ("bộ điều khiển", "controller", "energy"),
                    ("toàn bộ", "entire", "general"),
                    ("cán bộ", "official", "egov"),
                    ("bộ lọc", "filter", "water"),
                    ("hồ", "lake", "water"),
                    ("PPP", "PPP", "ppp"),
                    ("vận hành", "operation & <maintenance>", "general"),
                    ("thời gian thực", "real time", "general"),
                ],
                start=2,
            )
        ]
    )
)


def glossed(text, lang="vi", sectors=("water.flood",)):
    reader = "en" if lang == "vi" else "vi"
    return glossed_by(BOOK, text, lang, reader, sectors, is_html=False)


def bare(html):
    """The HTML without its glosses."""
    html = re.sub(r'<span class="pm-gloss-t" lang="..">.*?</span></span>', "</span>", html)
    return re.sub(r'<span class="pm-gloss">(.*?)</span>', r"\1", html)


def said(html):
    return re.findall(r'pm-gloss-t" lang="..">&? ?\((.*?)\)</span>', html)


def test_the_longest_term_wins_and_each_is_glossed_once():
    html = glossed("Hệ thống thoát nước cũ; hệ thống thoát nước mới, thoát nước và nước.")
    assert said(html) == ["drainage system", "drainage", "water"]
    assert html.startswith(
        '<span class="pm-gloss">Hệ thống thoát nước<span class="pm-gloss-t" lang="en"> (drainage system)</span></span>'
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("không thoát. Nước lên", ["water"]),  # a full stop stands between
        ("thoát, nước", ["water"]),
        ("thoát\nnước", ["drainage"]),
        ("thoát-nước", ["drainage"]),
        ("thoátnước", []),
        ("nướcmắm", []),
        ("Trạm Bơm", ["pumping station"]),
        ("tra\u0323m bo\u031bm", ["pumping station"]),  # decomposed
        ("tram bom", []),  # without diacritics it may be anything
        ("PPP", []),  # the same in both
    ],
)
def test_words_have_bounds(text, expected):
    assert said(glossed(text)) == expected


def test_the_sense_of_the_listing_s_sector_comes_first_and_lone_syllables_need_it():
    assert said(glossed("đường", sectors=("transport.traffic",))) == ["road"]
    assert said(glossed("đường nước", sectors=("transport",))) == ["road"]
    assert said(glossed("đường", sectors=("health",))) == []
    senses = BOOK.terms("đường", "vi", ["transport.traffic"])[0].senses
    assert [sense.words for sense in senses] == ["road", "sugar"]


def test_a_lone_english_word_needs_its_sector_too():
    assert said(glossed("water, sugar and road", "en", ())) == []
    assert said(glossed("water, sugar and road", "en", ("water", "transport"))) == ["nước", "đường"]


def test_no_term_is_cut_in_two():
    assert said(glossed("nhà máy nước")) == ["water plant"]
    assert said(glossed("nhà máy nước thải")) == ["plant", "wastewater"]
    assert said(glossed("nhà máy nước, thải ra")) == ["water plant"]
    assert said(glossed("thành phố cổ")) == ["city"]  # no shorter term begins there


def test_a_syllable_that_means_something_else_in_longer_terms_says_nothing_alone():
    assert said(glossed("nước của bộ", sectors=("water", "egov"))) == ["water"]


def test_a_word_is_no_abbreviation_and_a_name_no_word():
    assert said(glossed("không rõ ai dùng AI", sectors=("egov",))) == ["artificial intelligence"]
    assert said(glossed("Hồ Chí Minh; phố Hồ Tây")) == []
    assert said(glossed("Hồ cạn, ven hồ")) == ["lake"]


def test_english_is_glossed_for_vietnamese_readers_plural_or_not():
    html = glossed("Pumping stations in real-time", "en", ())
    assert said(html) == ["trạm bơm", "thời gian thực"]
    assert 'lang="vi"' in html


def test_what_the_lexicon_says_is_escaped_too():
    assert "(operation &amp; &lt;maintenance&gt;)" in glossed("Vận hành tốt")


def test_links_and_code_stay_bare():
    html = markdown("[thoát nước](https://a.example/?x=1&y=2) `trạm bơm` **trạm bơm**, thoát nước")
    done = glossed_by(BOOK, html, "vi", "en", (), is_html=True)
    assert '<a href="https://a.example/?x=1&amp;y=2"' in done
    assert ">thoát nước</a>" in done
    assert "<code>trạm bơm</code>" in done
    assert said(done) == ["pumping station", "drainage"]
    assert bare(done) == html


def test_no_pair_of_languages_no_gloss():
    text = "thoát nước <b>"
    for lang, reader in (("vi", "vi"), ("id", "en"), ("vi", "th"), ("", "en")):
        assert gloss_text(text, lang, reader) == escape(text)
        assert gloss_html(Markup("<p>thoát nước</p>"), lang, reader) == "<p>thoát nước</p>"


def test_the_lexicon_of_the_forum_is_in_use():
    assert "drainage system" in said(gloss_text("Nâng cấp hệ thống thoát nước", "vi", "en"))
    assert ("trạm bơm", "pumping station") in reading_terms("Ba trạm bơm", "vi")
    assert reading_terms("nhà máy nước thải ở TP. Hồ Chí Minh", "vi", ("water",)) == [
        ("nhà máy", "factory"),
        ("nước thải", "wastewater"),
    ]
    assert (
        reading_terms("Cars circle for free space, a problem that we face", "en", ("water", "transport"))
        == []
    )
    assert term_book() is term_book()


FRAGMENTS = (
    "thoát nước", "nước", "trạm bơm", "Trạm Bơm", "đường", "&", "<script>", "</p>", "**", "`", "](javascript:x)",
    "[", "](http://a)", "\n\n", " ", "# ", "|", '"', "'", "&amp;", "&#x3c;b>", "\u00a0", "\u200b", "1. ", "- ",
)  # fmt: skip
PIECES = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=6), max_size=25)


def words_in(html):
    return "".join(html5lib.parse(str(html), namespaceHTMLElements=False).itertext())


@given(PIECES)
def test_any_markdown_stays_safe_and_says_the_same(pieces):
    html = markdown("".join(pieces))
    done = glossed_by(BOOK, html, "vi", "en", ("water",), is_html=True)
    clean = nh3.clean(
        done,
        tags=ALLOWED_TAGS | {"span"},
        attributes={"a": {"href"}, "span": {"class", "lang"}},
        url_schemes={"http", "https"},
    )
    assert words_in(clean) == words_in(done)  # nothing that the cleaner would take away
    assert words_in(bare(done)) == words_in(html)  # nothing lost, nothing added but glosses
    assert done.count("<") == html.count("<") + 4 * done.count('class="pm-gloss"')


@given(PIECES)
def test_any_plain_text_stays_safe_and_says_the_same(pieces):
    text = "".join(pieces)
    done = glossed_by(BOOK, text, "vi", "en", ("water",), is_html=False)
    assert bare(done) == escape(text)
