"""The exact top-k of one field: scikit-learn's cosine, with kernels and without."""

from __future__ import annotations

import threading

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics.pairwise import cosine_similarity

from ppp_match.matching import compiled
from ppp_match.matching.postings import Postings

WORDS = [f"{a}{b}" for a in "bdglmnst" for b in ("an", "o", "ung", "en")]
texts = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)
corpora = st.lists(texts, min_size=1, max_size=40).filter(lambda corpus: any(text.strip() for text in corpus))


@pytest.fixture(params=["kernels", "scipy"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways of working, one after the other."""
    if request.param == "kernels":
        pytest.importorskip("numba")
    else:
        monkeypatch.setattr("ppp_match.matching.postings.kernels_top", lambda: None)
    return str(request.param)


def rows_of(corpus: list[str], queries: list[str]) -> tuple[sp.csr_matrix, sp.csr_matrix]:
    vectorizer = TfidfVectorizer()
    rows = vectorizer.fit_transform(corpus)
    return rows, vectorizer.transform(queries)


def check(expected: np.ndarray, got: tuple[np.ndarray, np.ndarray], top: int) -> None:
    """The scores are the best ones, they belong to their documents, and equal ones keep the documents' order."""
    documents, scores = got
    best = np.sort(expected)[::-1][: min(top, int(np.count_nonzero(expected > 0)))]
    assert len(scores) == len(best)
    assert np.abs(scores - best).max(initial=0.0) < 1e-5
    assert np.abs(expected[documents] - scores).max(initial=0.0) < 1e-5
    same = np.flatnonzero(scores[1:] == scores[:-1])
    assert np.all(documents[same] < documents[same + 1])


@pytest.mark.parametrize(("dense", "short"), [(0, 0), (0, 5), (3, 0), (3, 8), (64, 0)])
@pytest.mark.parametrize("way", ["kernels", "scipy"], indirect=True)
def test_equals_scikit_learn(way: str, dense: int, short: int) -> None:
    @given(corpora, st.lists(texts, min_size=1, max_size=3), st.integers(1, 12), st.data())
    @settings(max_examples=25, deadline=None)
    def run(corpus: list[str], queries: list[str], top: int, data: st.DataObject) -> None:
        rows, wanted = rows_of(corpus, queries)
        gone = data.draw(st.none() | st.sets(st.integers(0, len(corpus) - 1)))
        alive = None if gone is None else np.asarray([at not in gone for at in range(len(corpus))])
        postings = Postings.of(rows, dense=dense, short=short)
        expected = cosine_similarity(wanted, rows)
        if alive is not None:
            expected = np.where(alive, expected, 0.0)
        together = postings.top_all(wanted, top, threads=2, alive=alive)
        for number, row in enumerate(expected):
            start, end = wanted.indptr[number : number + 2]
            single = postings.top(wanted.indices[start:end], wanted.data[start:end], top, alive=alive)
            check(row, single, top)
            found = together[0][number] >= 0
            check(row, (together[0][number][found], together[1][number][found]), top)

    run()


@pytest.mark.usefixtures("way")
def test_queries_of_nothing_known_and_of_nothing() -> None:
    postings = Postings.of(sp.csr_matrix(np.eye(3)))
    for columns in ([], [7], [-1]):
        documents, scores = postings.top(np.asarray(columns), np.ones(len(columns)), 2)
        assert len(documents) == len(scores) == 0
    assert postings.top(np.asarray([1, 99]), np.ones(2), 5)[0].tolist() == [1]
    assert postings.top(np.asarray([1]), np.ones(1), 0)[0].tolist() == []
    assert postings.top_all(sp.csr_matrix((2, 3)), 2)[0].tolist() == [[-1, -1], [-1, -1]]
    empty = Postings.of(sp.csr_matrix((0, 3)))
    assert len(empty) == 0
    assert empty.top(np.asarray([1]), np.ones(1))[0].tolist() == []


def test_a_negative_weight_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        Postings.of(sp.csr_matrix(np.asarray([[1.0, -0.5]])))


def corpus_of(count: int) -> tuple[sp.csr_matrix, sp.csr_matrix]:
    """More documents than one block of the kernels, words as unevenly spread as in a text."""
    random = np.random.default_rng(5)
    vocabulary = np.asarray([f"word{number}" for number in range(3000)])
    chance = 1 / np.arange(1, 3001)
    drawn = random.choice(vocabulary, size=(count + 50, 20), p=chance / chance.sum())
    corpus = [" ".join(row) for row in drawn]
    return rows_of(corpus[:count], corpus[count:])


def test_many_blocks_and_the_dense_part(way: str) -> None:
    rows, wanted = corpus_of(12_000)
    postings = Postings.of(rows)
    assert postings.dense.shape == (12_000, 64)
    expected = np.asarray((wanted @ rows.T).todense())
    documents, scores = postings.top_all(wanted, 10, threads=2)
    for number, row in enumerate(expected):
        check(row, (documents[number], scores[number]), 10)


@pytest.mark.usefixtures("way")
def test_less_than_a_step_is_found() -> None:
    """A weight that the steps round to nothing still makes a document share something."""
    rows = sp.csr_matrix(np.asarray([[1.0, 0.0], [0.001, 1.0], [0.0, 1.0]]))
    documents, scores = Postings.of(rows, dense=1).top(np.asarray([0]), np.ones(1), 3)
    assert documents.tolist() == [0, 1]
    assert scores == pytest.approx([1.0, 0.001])


def test_texts_with_near_relatives(way: str) -> None:
    """Every text stands in the corpus 24 times with a word exchanged: then the rarest terms tell the best ones apart,
    the lists of the others are not read, and documents taken out make room for the next best."""
    rows, _ = corpus_of(500)
    random = np.random.default_rng(6)
    near = sp.vstack([rows] * 24).tocsr()
    near.data *= random.uniform(0.7, 1.0, near.nnz)
    near = sp.csr_matrix(near.multiply(1 / np.sqrt(near.power(2).sum(axis=1))))
    wanted = near[::331]
    postings = Postings.of(near, dense=16, short=64)
    alive = random.random(near.shape[0]) < 0.8
    for there in (None, alive):
        expected = np.asarray((wanted @ near.T).todense())
        if there is not None:
            expected = np.where(there, expected, 0.0)
        documents, scores = postings.top_all(wanted, 10, threads=2, alive=there)
        for number, row in enumerate(expected):
            check(row, (documents[number], scores[number]), 10)


def test_arrays_there_and_back() -> None:
    rows, wanted = corpus_of(500)
    one = Postings.of(rows, dense=8, short=40)
    other = Postings.from_arrays(one.arrays())
    for got, expected in zip(other.top_all(wanted, 5), one.top_all(wanted, 5), strict=True):
        assert np.array_equal(got, expected)


def test_threads_share_one_object() -> None:
    rows, wanted = corpus_of(12_000)
    postings = Postings.of(rows)
    expected = postings.top_all(wanted, 10)
    wrong: list[int] = []

    def ask() -> None:
        for number in range(wanted.shape[0]):
            start, end = wanted.indptr[number : number + 2]
            documents, _ = postings.top(wanted.indices[start:end], wanted.data[start:end], 10)
            if not np.array_equal(documents, expected[0][number]):
                wrong.append(number)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_without_numba_there_is_one_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PPP_MATCH_KERNELS", "off")
    compiled.kernels.cache_clear()
    try:
        with pytest.warns(RuntimeWarning, match="numba is not installed"):
            assert compiled.kernels() is None
        assert compiled.kernels() is None  # and no second warning, which would be an error here
    finally:
        compiled.kernels.cache_clear()
