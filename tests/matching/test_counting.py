"""Fitting counts terms without keeping their places; nothing in the index may tell the difference."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest

from ppp_match.matching import Capability, Index, Need
from ppp_match.matching import index as module
from ppp_match.matching.analysis import Analyser
from ppp_match.matching.bilingual import default_lexicon
from ppp_match.matching.counting import count
from ppp_match.matching.language import Restorer, detect, lacks_diacritics, plainly_bare
from ppp_match.matching.reading import read
from ppp_match.matching.text import tokenise

from . import adversarial
from .conftest import CAPABILITIES

VIETNAMESE = "Chúng tôi xử lý nước thải làng nghề, không thu gom rác thải nguy hại. Vận hành trạm 10 năm."
SPECIAL = [
    Capability(
        id="both", lang="en", title="Street lamps", text="We do not dig.", alt_lang="vi", alt_text=VIETNAMESE
    ),
    Capability(
        id="bare", lang="vi", text="xu ly nuoc thai lang nghe, khong thu gom rac thai 24 gio moi ngay"
    ),
    Capability(id="undeclared", text="bai do xe thong minh cho thanh pho"),
    Capability(id="decomposed", lang="vi", text=unicodedata.normalize("NFD", VIETNAMESE)),
    Capability(id="said-english", lang="en", text=VIETNAMESE),
    Capability(id="other", lang="fr", title="Eau", text="Traitement des eaux usées, drones et bus."),
    Capability(id="thai", text="ระบบบำบัดน้ำเสียชุมชน smart city"),
    Capability(id="numbers", text="24 7 365"),
    Capability(id="codes", lang="vi", text="H2S PM2 5G 4G"),
    Capability(id="again", lang="en", text="smart water " * 40, sdgs=("SDG6", "SDG11"), stage="pilot"),
    Capability(id="empty", text=""),
    Capability(
        id="except",
        lang="en",
        text="All kinds of waste except hospital waste. Not included: transport; storage.",
        not_offered="drones; thu gom rác",
    ),
    Need(
        id="need",
        lang="en",
        title="Street lamps that report faults",
        text="Nobody knows when a street lamp fails. We do not want new poles.",
        requirements=("LED street lamp", "đèn đường chiếu sáng"),
        exclusions=("facial recognition", "camera nhận diện khuôn mặt"),
    ),
    Need(id="need-bare", lang="vi", title="den duong", text="khong can camera, can den duong tiet kiem dien"),
]
ALL = [*CAPABILITIES, *adversarial.CAPABILITIES, *adversarial.NEEDS, *SPECIAL]


@pytest.fixture(scope="module")
def analyser():
    lexicon, restorer = default_lexicon(), Restorer()
    lexicon.teach(restorer)
    restorer.learn([token.word for token in tokenise(VIETNAMESE)])
    return Analyser(lexicon, restorer)


@pytest.mark.parametrize("document", ALL, ids=lambda document: document.id)
def test_what_is_counted_is_what_is_read(analyser, document):
    wanted, found = read(document, analyser.analyse(document)), count(analyser, document)
    assert found.group == wanted.analysis.group
    assert found.repetition == wanted.repetition
    assert list(found.bags) == list(wanted.bags)
    for name, bag in wanted.bags.items():
        assert list(found.bags[name].items()) == list(bag.items()), name


def test_the_special_cases_are_special(analyser):
    """The comparison above would say little of documents without negations, exceptions, synonyms and both languages."""
    readings = {document.id: read(document, analyser.analyse(document)) for document in SPECIAL}
    flags = {
        flag for reading in readings.values() for part in reading.analysis.parts for flag in part.negated
    }
    assert len(flags) == 3
    assert {reading.analysis.group for reading in readings.values()} == {"vi", "en", "other", "both"}
    assert any(value < 0 for reading in readings.values() for value in reading.bags["char"].values())
    assert any(" = " in (one.bridge or "") for one in readings["need"].analysis.occurrences)
    assert readings["bare"].analysis.parts[0].restored
    assert readings["again"].repetition > 0


def test_an_index_fitted_either_way_is_the_same(monkeypatch):
    capabilities = list({each.id: each for each in ALL if isinstance(each, Capability)}.values())
    slow = Index.fit(capabilities)
    monkeypatch.setattr(module, "_KEPT_READINGS", 0)
    monkeypatch.setattr(module, "read", None)  # nothing is read in full while fitting
    quick = Index.fit(capabilities)
    one, other = slow.state, quick.state
    for name, vocabulary in one.vocabularies.items():
        assert list(vocabulary.columns) == list(other.vocabularies[name].columns)
        assert np.array_equal(vocabulary.idf, other.vocabularies[name].idf)
    for first, second in zip(one.segments, other.segments, strict=True):
        assert np.array_equal(first.groups, second.groups)
        for name, values in first.evidence.items():
            assert np.array_equal(values, second.evidence[name], equal_nan=True)
        for name, lists in first.lists.items():
            for part in ("indptr", "documents", "values"):
                assert np.array_equal(getattr(lists, part), getattr(second.lists[name], part))
            assert np.array_equal(first.lengths[name], second.lengths[name])


@pytest.mark.parametrize("lang", [None, "vi", "en", "fr"])
def test_texts_that_are_plainly_bare_teach_nothing(lang):
    bare = [document.text for document in ALL if plainly_bare(document.text)]
    assert len(bare) > 20
    for text in bare:
        tokens = tokenise(text)
        assert detect(tokens, lang) != "vi" or lacks_diacritics(tokens)
    assert not plainly_bare("H2S PM2 5G 4G")
    assert not plainly_bare("24 7 365")
    assert not plainly_bare(VIETNAMESE)


def test_an_unknown_first_word_hides_no_longer_match():
    """Restoring skips words that nothing learnt begins with; numbers alone are learnt only inside n-grams."""
    restorer = Restorer()
    restorer.learn(["24", "giờ", "mỗi", "ngày"], longest=4)
    words = ["xyz", "24", "gio", "moi", "ngay", "qqq", "gio"]
    restored = restorer.restore(tokenise(" ".join(words)))
    assert [token.word for token in restored] == ["xyz", "24", "giờ", "mỗi", "ngày", "qqq", "giờ"]
    again = Restorer()
    again.start_from(restorer.state())
    assert again.restore(tokenise(" ".join(words))) == restored
