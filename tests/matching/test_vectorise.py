"""The fast vectorisers and scikit-learn's: one vocabulary, one matrix, one vector."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from ppp_match.matching.vectorise import FastTfidfVectorizer, QueryVectoriser

ODD = [
    "Nước thải",
    "ΟΔΟΣ οδος ΣΑΣ",
    "İstanbul",
    "ß_x 42 a",
    "ระบบบำบัด",
    "污水处理 系统",
    "o\u0301o e\u0301",
    "🙂 ok ok",
    "\ud800 xx",
]
texts = st.lists(st.sampled_from(ODD) | st.text(max_size=20), max_size=8).map(" ".join)


def assert_same(one: TfidfVectorizer, other: TfidfVectorizer, corpus: list[str]) -> None:
    try:
        expected = one.fit_transform(corpus)
    except ValueError as error:
        with pytest.raises(ValueError, match=str(error).split(";")[0]):
            other.fit_transform(corpus)
        return
    got = other.fit_transform(corpus)
    assert list(other.vocabulary_.items()) == list(one.vocabulary_.items())
    for name in ("data", "indices", "indptr"):
        assert getattr(got, name).dtype == getattr(expected, name).dtype
        assert np.array_equal(getattr(got, name), getattr(expected, name))
    if one.use_idf:
        assert np.array_equal(other.idf_, one.idf_)
    assert (other.transform(corpus) != one.transform(corpus)).nnz == 0


@given(st.lists(texts, min_size=1, max_size=15))
@settings(max_examples=40, deadline=None)
def test_fit_is_scikit_learns(corpus: list[str]) -> None:
    assert_same(TfidfVectorizer(), FastTfidfVectorizer(), corpus)


@pytest.mark.parametrize(
    "options",
    [
        {"sublinear_tf": True},
        {"min_df": 2, "max_df": 0.9},
        {"max_features": 5},
        {"lowercase": False},
        {"ngram_range": (1, 2)},
        {"analyzer": "char_wb", "ngram_range": (3, 5)},
        {"stop_words": ["the"]},
        {"binary": True, "norm": None},
        {"use_idf": False, "norm": "l1"},
        {"dtype": np.float32},
    ],
)
def test_options(options: dict[str, Any]) -> None:
    corpus = [
        "The water of the city",
        "Water pumps, water pipes",
        "the Bus and the bus lane",
        "city bus ở Huế",
    ]
    assert_same(TfidfVectorizer(**options), FastTfidfVectorizer(**options), corpus)


def test_many_new_words_and_chunks() -> None:
    corpus = [
        f"shared word{number} " + " ".join(f"x{number}y{at}" for at in range(30)) for number in range(2500)
    ]
    corpus[7] = "long" * 200_000 + " đường"
    assert_same(TfidfVectorizer(), FastTfidfVectorizer(), corpus)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"sublinear_tf": True, "ngram_range": (1, 2)},
        {"use_idf": False, "norm": "l1"},
        {"binary": True, "norm": None},
        {"analyzer": "char_wb", "ngram_range": (3, 5)},
    ],
)
def test_one_query(options: dict[str, Any]) -> None:
    corpus = [
        "The water of the city",
        "Water pumps, water pipes",
        "the Bus and the bus lane",
        "Nước thải ở Huế",
    ]
    vectorizer = TfidfVectorizer(**options).fit(corpus)
    vectorise = QueryVectoriser(vectorizer)
    for text in [*corpus, "water water unknown", "", "zzz"]:
        expected = vectorizer.transform([text])
        expected.sort_indices()
        columns, weights = vectorise(text)
        assert np.array_equal(columns, expected.indices)
        assert np.allclose(weights, expected.data, rtol=0, atol=1e-15)
