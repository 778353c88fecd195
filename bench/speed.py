"""Speed beside its peers: `python bench/speed.py [--data FOLDER] [--size N] [--quick] [--table [SIZES]]`.

Prints the ratios of one query, all pairs, fitting, adding and removing, opening and sharing, each measured in turns
with what it is compared with, so that a busy machine slows both alike. Times are medians (p50) and 95th percentiles
of at least five turns; only the ratios mean anything on another machine. The corpus is invented with a fixed seed:
texts of 60 to 120 words whose frequencies follow Zipf's law; with `--data FOLDER` the texts of FOLDER/sbir are
measured too, repeated with words exchanged until there are as many. Every answer is compared with scikit-learn's
cosine before anything is timed.

`--table` prints time and memory at 1,000, 10,000, 100,000 and 1,000,000 texts instead, each size in a process of its
own, and how they grow. `--quick` takes 5,000 texts and few turns, to see that everything runs.
"""

from __future__ import annotations

import argparse
import gc
import json
import multiprocessing
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.feature_extraction.text import TfidfVectorizer

from ppp_match.matching import Capability, Index, Need
from ppp_match.matching.compiled import warm_up
from ppp_match.matching.postings import Postings
from ppp_match.matching.vectorise import FastTfidfVectorizer, QueryVectoriser

TOP = 10
SEED = 20261122
VOCABULARY = 60_000
SIZES = (1_000, 10_000, 100_000, 1_000_000)
Clock = Callable[[], object]


# Texts


def invented(count: int, seed: int = SEED) -> Iterator[str]:
    """Texts of 60 to 120 made-up words, the n-th word with a frequency of 1/n."""
    rng = np.random.default_rng(seed)
    chance = 1.0 / np.arange(1, VOCABULARY + 1)
    chance /= chance.sum()
    words = np.asarray([_word(number) for number in range(VOCABULARY)], dtype=object)
    for start in range(0, count, 10_000):
        sizes = rng.integers(60, 121, min(10_000, count - start))
        drawn = words[rng.choice(VOCABULARY, size=int(sizes.sum()), p=chance)]
        at = 0
        for size in sizes.tolist():
            yield " ".join(drawn[at : at + size])
            at += size


def _word(number: int) -> str:
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number, 80)
        letters += "bcdfghklmnprstvz"[rest % 16] + "aeiou"[rest // 16]
    return letters


def varied(folder: Path, count: int) -> tuple[list[str], list[str]]:
    """(texts, queries) of a judged set: its texts repeated, every fifth word exchanged for one of another text."""
    texts, queries = (
        [json.loads(line)["text"] for line in (folder / name).read_text("utf-8").splitlines()]
        for name in ("capabilities.jsonl", "needs.jsonl")
    )
    chance = random.Random(SEED)  # noqa: S311  the same texts every time
    found = [" ".join(text.split()[:120]) for text in texts[:count]]
    while len(found) < count:
        words = found[len(found) % len(texts)].split()
        other = texts[chance.randrange(len(texts))].split()
        for at in range(0, len(words), 5):
            words[at] = other[chance.randrange(len(other))]
        found.append(" ".join(words))
    return found, queries


# Measuring


def timed(work: Clock) -> float:
    """Seconds of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def in_turns(works: dict[str, Clock], turns: int) -> dict[str, list[float]]:
    """Seconds of each, measured one after the other, `turns` times."""
    found: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(turns):
        for name, work in works.items():
            found[name].append(timed(work))
    return found


def median(values: Sequence[float]) -> float:
    """The 50th percentile."""
    return float(np.median(values))


def line(what: str, ratio: float, bar: float | None, detail: str, *, least: bool = False) -> None:
    """One row of the table; `bar` is what the ratio may be at most, or with `least` at least."""
    met = "" if bar is None else "met" if (ratio >= bar if least else ratio <= bar) else "NOT MET"
    limit = "" if bar is None else f"{'≥' if least else '≤'} {bar:g}"
    print(f"| {what} | {ratio:.3g} | {limit} | {met} | {detail} |", flush=True)


def _must(holds: object, otherwise: str) -> None:
    if not holds:
        sys.exit(f"Not the same as scikit-learn: {otherwise}")


def heading(title: str) -> None:
    """The head of a table."""
    print(f"\n{title}\n\n| what | ratio | bar | | measured |\n|---|---|---|---|---|", flush=True)


# Peers


class NumpyLists:
    """Posting lists in plain numpy: one slice a term, then the best by argpartition."""

    def __init__(self, rows: Any) -> None:
        lists = rows.tocsc()
        self.ends, self.documents, self.values = lists.indptr, lists.indices, lists.data
        self.count = rows.shape[0]

    def top(self, columns: Any, weights: Any) -> Any:
        """The best ten."""
        sums = np.zeros(self.count)
        for column, weight in zip(columns.tolist(), weights.tolist(), strict=True):
            start, end = self.ends[column], self.ends[column + 1]
            sums[self.documents[start:end]] += weight * self.values[start:end]
        best = np.argpartition(sums, -TOP)[-TOP:]
        return best[np.argsort(-sums[best])]


def bm25(rows: Any, names: list[str]) -> Any:
    """bm25s with numba over the same words."""
    import bm25s

    found = bm25s.BM25(backend="numba")
    tokens = [names_of.tolist() for names_of in np.split(rows.indices, rows.indptr[1:-1])]
    found.index((tokens, {name: at for at, name in enumerate(names)}), show_progress=False)
    return found


# The bars


def queries_and_pairs(title: str, texts: list[str], queries: list[str], turns: int, quick: bool) -> None:
    """One query and all pairs."""
    from sparse_dot_topn import sp_matmul_topn

    heading(f"{title}: {len(texts):,} texts, {len(queries)} queries")
    vectorizer = TfidfVectorizer()
    rows = vectorizer.fit_transform(texts)
    wanted = vectorizer.transform(queries)
    vectors = [
        (row.indices.astype(np.int64), row.data) for row in (wanted[at] for at in range(wanted.shape[0]))
    ]
    postings, plain = Postings.of(rows), NumpyLists(rows)
    vectorise = QueryVectoriser(vectorizer)
    assert_exact(postings, rows, wanted)
    retriever = bm25(rows, list(vectorizer.get_feature_names_out()))

    def ask_bm25(columns: Any) -> object:
        return retriever.retrieve([columns.tolist()], k=TOP, show_progress=False, n_threads=1)

    ask_bm25(vectors[0][0])
    seconds: dict[str, list[float]] = {}
    for at, text in enumerate(queries):
        columns, weights = vectors[at]
        works: dict[str, Clock] = {
            "ours": lambda c=columns, w=weights: postings.top(c, w, TOP),
            "numpy": lambda c=columns, w=weights: plain.top(c, w),
            "bm25s": lambda c=columns: ask_bm25(c),
            "ours, text": lambda t=text: postings.top(*vectorise(t), TOP),
            "sklearn + numpy": lambda t=text: _transformed(vectorizer, plain, t),
        }
        for name, values in in_turns(works, turns).items():
            seconds.setdefault(name, []).append(median(values))
    for name, percent in (("p50", 50), ("p95", 95)):
        value = {key: float(np.percentile(values, percent)) * 1e3 for key, values in seconds.items()}
        shown = ", ".join(f"{key} {number:.3f}" for key, number in value.items())
        line(f"one query, {name}: / numpy posting lists", value["ours"] / value["numpy"], 0.2, f"ms: {shown}")
        line(f"one query, {name}: / bm25s with numba", value["ours"] / value["bm25s"], 0.6, "")
        both = value["ours, text"] / value["sklearn + numpy"]
        line(f"text to top 10, {name}: / (transform + numpy)", both, 0.5, "")
    some = rows[: min(rows.shape[0], 1_000 if quick else 2_000)]
    narrow, turned = some.astype(np.float32), rows.T.tocsr().astype(np.float32)
    pairs = in_turns(
        {
            "ours": lambda: postings.top_all(some, TOP, threads=2),
            "sparse_dot_topn": lambda: sp_matmul_topn(narrow, turned, TOP, sort=True, n_threads=2),
        },
        5,
    )
    detail = ", ".join(f"{name} {median(values):.2f}" for name, values in pairs.items())
    line(
        "all pairs, two threads: / sparse_dot_topn",
        median(pairs["ours"]) / median(pairs["sparse_dot_topn"]),
        0.25,
        f"s for {some.shape[0]:,} rows: {detail}",
    )


def _transformed(vectorizer: Any, plain: NumpyLists, text: str) -> Any:
    row = vectorizer.transform([text])
    return plain.top(row.indices, row.data)


def assert_exact(postings: Postings, rows: Any, wanted: Any) -> None:
    """The top ten of every query are scikit-learn's, to 1e-5 (its cosine of rows of length one is their product)."""
    documents, scores = postings.top_all(wanted, TOP, threads=2)
    for at in range(wanted.shape[0]):
        cosine = np.asarray((wanted[at] @ rows.T).todense()).ravel()
        best = np.sort(cosine)[::-1][:TOP]
        found = documents[at] >= 0
        _must(np.abs(scores[at] - best).max() < 1e-5, "the scores are not the best ones")
        _must(np.abs(cosine[documents[at][found]] - scores[at][found]).max() < 1e-5, "wrong documents")
        columns, weights = wanted[at].indices, wanted[at].data
        single = postings.top(columns, weights, TOP)[1]
        _must(np.abs(single - scores[at][: len(single)]).max(initial=0) < 1e-5, "one query is not as all")


def fitting(texts: list[str]) -> None:
    """FastTfidfVectorizer and its base."""
    heading(f"Fitting a plain TF-IDF field: {len(texts):,} texts")
    one, other = TfidfVectorizer(), FastTfidfVectorizer()
    expected, got = one.fit_transform(texts), other.fit_transform(texts)
    _must(list(one.vocabulary_.items()) == list(other.vocabulary_.items()), "another vocabulary")
    for name in ("indptr", "indices", "data"):
        _must(np.array_equal(getattr(expected, name), getattr(got, name)), "another matrix")
    seconds = in_turns(
        {
            "TfidfVectorizer": lambda: TfidfVectorizer().fit_transform(texts),
            "ours": lambda: FastTfidfVectorizer().fit_transform(texts),
        },
        5,
    )
    base, ours = median(seconds["TfidfVectorizer"]), median(seconds["ours"])
    detail = f"texts/s: TfidfVectorizer {len(texts) / base:,.0f}, ours {len(texts) / ours:,.0f}; identical"
    line("fitting: TfidfVectorizer / ours", base / ours, 2.0, detail, least=True)


SECTORS = (
    "water",
    "transport",
    "energy",
    "waste",
    "safety",
    "health",
    "water.wastewater",
    "transport.public",
)


def capability(number: int, text: str) -> Capability:
    """An invented capability, half of them said to be Vietnamese."""
    return Capability(
        id=f"c{number:07d}",
        title=text[:40],
        text=text,
        lang=("en", "vi")[number % 2],
        sectors=(SECTORS[number % len(SECTORS)],),
        countries_served=(("VN",), ("TH",), ("VN", "LA"), ())[number % 4],
    )


def the_index(texts: list[str], turns: int) -> None:
    """The forum's own index: fit, rank, add, remove, refresh, save, open, share."""
    heading(f"The index of the forum (three text fields, facets, rules): {len(texts):,} capabilities")
    documents = [capability(number, text) for number, text in enumerate(texts)]
    later = documents[-max(1, len(documents) // 21) :]
    start = time.perf_counter()
    index = Index.fit(documents[: -len(later)])
    fit = time.perf_counter() - start
    print(f"| fit | | | | {len(index) / fit:,.0f} capabilities/s, {fit:.1f} s |")
    needs = [
        Need(id=f"n{at}", text=text, lang="en", sectors=("water",), country="VN")
        for at, text in enumerate(invented(30, SEED + 2))
    ]
    ranked = [
        median([timed(lambda n=need: index.rank(n, TOP, explain=False)) for _ in range(3)]) for need in needs
    ]
    explained = [timed(lambda n=need: index.rank(n, TOP)) for need in needs]
    print(
        f"| rank a need, p50, p95 | | | | {median(ranked) * 1e3:.1f}, {np.percentile(ranked, 95) * 1e3:.1f} ms; "
        f"with ten explanations {median(explained) * 1e3:.1f} |"
    )
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "index"
        index.save(kept)
        opening(kept)
        sharing(kept)
    changes = min(len(later), 20 * turns)
    added = [timed(lambda d=document: index.add(d)) for document in later]
    removed = [timed(lambda d=document: index.remove(d.id)) for document in later[-changes:]]
    for document in later[-changes:]:
        index.add(document)
    line("adding one: mean / refit", float(np.mean(added)) / fit, 0.001, f"p50 {median(added) * 1e3:.2f} ms")
    line(
        "removing one: mean / refit",
        float(np.mean(removed)) / fit,
        0.001,
        f"p50 {median(removed) * 1e3:.2f} ms",
    )
    before = [{match.id for match in index.rank(need, TOP, explain=False)} for need in needs]
    refreshing = timed(index.merge)
    line("idf refreshed from kept counts / refit", refreshing / fit, None, f"{refreshing * 1e3:.0f} ms")
    # A merge has the very counts of a refit (tests/matching/test_index.py), so it stands for one here.
    after = [{match.id for match in index.rank(need, TOP, explain=False)} for need in needs]
    overlap = float(np.mean([len(a & b) / max(1, len(b)) for a, b in zip(before, after, strict=True)]))
    line(f"overlap@{TOP} after 5 % additions", overlap, 0.98, "before and after the refresh", least=True)


def opening(folder: Path) -> None:
    """How long `Index.open` takes, and what it takes to look up the first words."""
    Index.open(folder)
    seconds = [timed(lambda: Index.open(folder)) for _ in range(15)]
    line("opening, ms", median(seconds) * 1e3, 20, "the vocabulary stays in the file")


def sharing(folder: Path) -> None:
    """Proportional memory of processes forked after the index was opened, all of them asked."""
    found = {count: _proportional(folder, count) for count in (2, 4)}
    base = {count: _proportional(None, count) for count in (2, 4)}
    detail = "MB: " + ", ".join(f"{count} workers {found[count]:.0f}" for count in (2, 4))
    line("memory (PSS) of four workers / of two", found[4] / found[2], 1.2, detail)
    own = {count: found[count] - base[count] for count in (2, 4)}
    line("the index's part of it", own[4] / max(own[2], 1e-9), None, f"MB: {own[2]:.0f}, {own[4]:.0f}")


def _proportional(folder: Path | None, count: int) -> float:
    """MB of `count` workers and their parent, in a fresh process."""
    command = [sys.executable, __file__, "--child", str(folder or ""), "--workers", str(count)]
    out = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ)  # noqa: S603
    return float(out.stdout.split()[-1])


def child(folder: str, workers: int) -> None:
    """Open, fork, ask in every worker, and print the memory of all in MB."""
    warm_up()
    needs = [
        Need(id=f"n{at}", text=text, lang="en", sectors=("water",)) for at, text in enumerate(invented(20))
    ]
    # Without a folder: all that a worker has beside an index worth the name.
    index = Index.open(folder) if folder else Index.fit([capability(0, needs[0].text)])
    gc.collect()
    gc.freeze()
    context = multiprocessing.get_context("fork")
    ready, done = context.Barrier(workers + 1), context.Event()

    def work() -> None:
        for need in needs:
            index.rank(need, TOP, explain=False)
        ready.wait()
        done.wait()

    processes = [context.Process(target=work) for _ in range(workers)]
    for process in processes:
        process.start()
    ready.wait()
    total = sum(_pss(process.pid) for process in processes) + _pss(os.getpid())
    done.set()
    for process in processes:
        process.join()
    print(total / 1024)


def _pss(pid: int | None) -> int:
    for row in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if row.startswith("Pss:"):
            return int(row.split()[1])
    return 0


# Growth


def table(sizes: Sequence[int]) -> None:
    """Time and memory by size, each in a process of its own."""
    print(
        "\n| texts | fit, s | build lists, s | one query p50, ms | 1,000 queries, s | lists, MB | peak, MB |"
    )
    print("|---|---|---|---|---|---|---|", flush=True)
    rows = []
    for size in sizes:
        command = [sys.executable, __file__, "--row", str(size)]
        out = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
        values = json.loads(out.stdout.splitlines()[-1])
        rows.append(values)
        print(f"| {size:,} | " + " | ".join(f"{value:.3g}" for value in values) + " |", flush=True)
    if len(rows) > 1:
        growth = [
            float(np.log(last / first) / np.log(sizes[-1] / sizes[-2]))
            for first, last in zip(rows[-2], rows[-1], strict=True)
        ]
        print(
            "| growth, exponent of the last step | " + " | ".join(f"{value:.2f}" for value in growth) + " |"
        )


def row(size: int) -> None:
    """One row of the table, as JSON."""
    warm_up()
    texts, queries = list(invented(size)), list(invented(1_000, SEED + 1))
    vectorizer = FastTfidfVectorizer()
    start = time.perf_counter()
    rows = vectorizer.fit_transform(texts)
    fitted = time.perf_counter()
    del texts
    postings = Postings.of(rows)
    built = time.perf_counter()
    wanted = sp.csr_matrix(vectorizer.transform(queries))
    vectors = [(each.indices, each.data) for each in (wanted[at] for at in range(100))]
    singles = [median([timed(lambda c=c, w=w: postings.top(c, w)) for _ in range(5)]) for c, w in vectors]
    many = median([timed(lambda: postings.top_all(wanted, TOP, threads=2)) for _ in range(5)])
    memory = sum(values.nbytes for values in postings.arrays().values()) / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(json.dumps([fitted - start, built - fitted, median(singles) * 1e3, many, memory, peak]))


def main() -> None:
    """Measure what the options ask for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, help="folder with judged sets; its sbir is used")
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument(
        "--index-size", type=int, help="capabilities of the forum's own index (default: --size)"
    )
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--table", nargs="?", const=",".join(map(str, SIZES)), help="sizes, with commas")
    parser.add_argument("--only", default="queries,fitting,index", help="parts, with commas")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--workers", type=int, default=2, help=argparse.SUPPRESS)
    parser.add_argument("--row", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child is not None:
        child(options.child, options.workers)
    elif options.row:
        row(options.row)
    elif options.table:
        table([int(size) for size in options.table.split(",")])
    else:
        bars(options)


def bars(options: argparse.Namespace) -> None:
    """The parts that the options name."""
    size, turns, count = (5_000, 5, 40) if options.quick else (options.size, 5, 200)
    parts = options.only.split(",")
    warm_up()
    texts = list(invented(size))
    if "queries" in parts:
        queries_and_pairs("Invented texts", texts, list(invented(count, SEED + 1)), turns, options.quick)
        if options.data:
            real, asked = varied(options.data / "sbir", size)
            queries_and_pairs("sbir, repeated with variation", real, asked[:count], turns, options.quick)
    if "fitting" in parts:
        fitting(texts)
    if "index" in parts:
        the_index(texts[: 2_000 if options.quick else options.index_size or size], turns)


if __name__ == "__main__":
    main()
