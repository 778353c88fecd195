"""Normal forms, tokens with their places, languages and lost diacritics."""

from __future__ import annotations

import unicodedata

import pytest

from ppp_match.matching.bilingual import default_lexicon
from ppp_match.matching.language import Restorer, detect, lacks_diacritics, primary
from ppp_match.matching.negation import negated
from ppp_match.matching.text import char_ngrams, fold, normalise, tokenise


def words(text: str) -> list[str]:
    return [token.word for token in tokenise(text)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("hoà bình", "hòa bình"),
        ("thuỷ lợi", "thủy lợi"),
        ("khoẻ", "khỏe"),
        ("kĩ thuật", "kỹ thuật"),
        ("lí do", "lý do"),
        ("quí", "quý"),
        ("quy hoạch", "qui hoạch"),
        ("NƯỚC THẢI", "nước thải"),
        ("ＡＩ", "ai"),
        ("ﬁbre", "fibre"),
    ],
)
def test_spellings_of_one_word_are_one_word(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize("word", ["toán", "khuỷu", "my", "quý", "hoàn", "thuyền", "voice"])
def test_other_words_keep_their_tone(word: str) -> None:
    assert normalise(word) in (word, "quí")


def test_decomposed_text_has_the_same_words_and_its_own_places() -> None:
    text = "Xử lý nước thải ở Đà Nẵng"
    decomposed = unicodedata.normalize("NFD", text)
    assert words(decomposed) == words(text)
    for token in tokenise(decomposed):
        assert normalise(decomposed[token.start : token.end]) == token.word


@pytest.mark.parametrize(
    ("plural", "singular"),
    [
        ("buses", "bus"),
        ("cities", "city"),
        ("sensors", "sensor"),
        ("switches", "switch"),
        ("classes", "class"),
        ("houses", "house"),
        ("centre", "center"),
        ("digitisation", "digitization"),
        ("people", "person"),
    ],
)
def test_english_forms_meet(plural: str, singular: str) -> None:
    assert words(plural) == words(singular)


@pytest.mark.parametrize("word", ["bus", "gas", "news", "analysis", "campus", "glass"])
def test_what_only_looks_like_a_plural_stays(word: str) -> None:
    assert words(word) == [word]


def test_fold_knows_the_letter_that_unicode_does_not_decompose() -> None:
    assert fold("đường") == "duong"


@pytest.mark.parametrize("text", ["ระบบบำบัดน้ำเสีย", "ប្រព័ន្ធទឹក", "ລະບົບນ້ຳ", "ရေစနစ်", "污水处理"])
def test_scripts_without_blanks_give_trigrams_with_places(text: str) -> None:
    tokens = tokenise(text)
    assert tokens
    assert all(0 <= token.start < token.end <= len(text) for token in tokens)


def test_char_ngrams_are_those_of_scikit_learn() -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer

    analyse = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5)).build_analyzer()
    for word in ("water", "ai", "a", "nước", "sensor"):
        assert sorted(char_ngrams(word)) == sorted(analyse(word))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Xử lý nước thải", "vi"),
        ("xu ly nuoc thai cho khu dan cu", "vi"),
        ("ngap lut", "vi"),
        ("wastewater treatment for small towns", "en"),
        ("flood", "en"),
        ("the man can go to the inn", "en"),
        ("ระบบบำบัดน้ำเสีย", "und"),
        ("", "und"),
    ],
)
def test_language_is_detected(text: str, language: str) -> None:
    assert detect(tokenise(text)) == language


def test_a_declared_language_stands_unless_the_writing_says_otherwise() -> None:
    assert detect(tokenise("pengolahan air limbah"), "id") == "id"
    assert detect(tokenise("Chúng tôi cần xử lý nước thải ở phường"), "en") == "vi"
    assert primary("vi-VN") == "vi"
    assert primary("") is None


def test_diacritics_are_put_back_by_the_longest_match() -> None:
    restorer = Restorer()
    default_lexicon().teach(restorer)
    tokens = tokenise("xu ly nuoc thai phan tan")
    assert lacks_diacritics(tokens)
    restored = restorer.restore(tokens)
    assert [token.word for token in restored] == words("xử lý nước thải phân tán")
    assert [(token.start, token.end) for token in restored] == [(token.start, token.end) for token in tokens]


def flagged(text: str, role: str) -> list[str]:
    tokens = tokenise(text)
    return [token.word for token, flag in zip(tokens, negated(text, tokens, role), strict=True) if flag]


@pytest.mark.parametrize(
    ("text", "word", "is_negated"),
    [
        ("We treat water. We do not operate car parks.", "park", True),
        ("We do not operate car parks, but we sell sensors.", "sensor", False),
        ("We not only sell sensors but also install them.", "sensor", False),
        ("Mixed refuse is not suitable for our plant.", "refuse", True),
        ("Chúng tôi không cung cấp dịch vụ thu gom rác.", "rác", True),
        ("Chúng tôi không chỉ thu gom rác mà còn tái chế.", "rác", False),
        ("Growing grain (except wheat) and rice", "wheat", True),
        ("Growing grain (except wheat) and rice", "rice", False),
    ],
)
def test_what_a_capability_says_it_does_not_do(text: str, word: str, is_negated: bool) -> None:
    assert (word in flagged(text, "capability")) is is_negated


@pytest.mark.parametrize(
    ("text", "word", "is_negated"),
    [
        ("Nobody knows when the bus will come.", "bus", False),
        ("We do not have enough sensors.", "sensor", False),
        ("Facial recognition is excluded and every alert is checked.", "facial", True),
        ("Facial recognition is excluded and every alert is checked.", "alert", False),
        ("Người dân không biết xe buýt khi nào đến.", "buýt", False),
        ("Không bao gồm xây dựng công trình.", "công", True),
    ],
)
def test_a_need_rules_out_only_what_it_clearly_excludes(text: str, word: str, is_negated: bool) -> None:
    assert (word in flagged(text, "need")) is is_negated


def test_negation_does_not_depend_on_the_unicode_form() -> None:
    text = "Chúng tôi không cung cấp dịch vụ thu gom rác, nhưng có tái chế."
    assert flagged(unicodedata.normalize("NFD", text), "capability") == flagged(text, "capability")
