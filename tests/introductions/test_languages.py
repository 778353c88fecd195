"""An offer speaks its reader's language throughout, the rules of the matcher too."""

from __future__ import annotations

import html

import pytest

from tests.introductions.pairs import make_pair, offer_of
from tests.listings.test_second_language import ENGLISH

SAID = {
    "vi": ("Có trụ sở tại Việt Nam.", "Doanh nghiệp không nói", "Giới thiệu không phải là trao thầu"),
    "en": ("Is at home in Viet Nam.", "The company does not say", "An introduction is not an award"),
}


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_rules_on_an_offer_are_told_in_the_readers_language(app, client_of, lang):
    pair = make_pair()
    offer = offer_of(pair)
    page = html.unescape(client_of(pair.vendor).get(f"/offers/{offer.id}?lang={lang}").get_data(as_text=True))
    for words in SAID[lang]:
        assert words in page
    assert ("Free capacity is not stated." in page) is False


def test_a_requirement_that_is_not_translated_stands_as_it_was_written(app, client_of):
    pair = make_pair()
    offer = offer_of(pair)
    said = offer.match.need.live
    said.set_text("requirements", "vi", "Dữ liệu lưu trong nước\nKết nối SCADA")
    for name, text in ENGLISH.items():
        said.set_text(name, "en", text)
    said.set_text("requirements", "en", "Data kept in the country")
    page = client_of(pair.vendor).get(f"/offers/{offer.id}?lang=en&gloss=0").get_data(as_text=True)
    assert "Data kept in the country" in page
    assert '<span lang="vi">Kết nối SCADA</span>' in page


def test_a_side_without_the_language_reads_terms_of_the_lexicon_beside_it(app, client_of):
    pair = make_pair()
    place = f"/offers/{offer_of(pair).id}"
    vendor = client_of(pair.vendor)
    page = vendor.get(f"{place}?lang=en").get_data(as_text=True)
    assert '<span class="pm-gloss-t" lang="en"> (pumping station)</span>' in page
    assert "Hide the brackets" in page
    assert "pm-gloss-t" not in vendor.get(f"{place}?lang=en&gloss=0").get_data(as_text=True)
    assert "(pumping station)" not in vendor.get(f"{place}?lang=vi&gloss=1").get_data(as_text=True)
