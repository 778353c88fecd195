"""Quality beside scikit-learn's own baselines: `python bench/quality.py --data FOLDER [--sets a,b]`.

FOLDER (else EVAL_DIR) holds one folder a set with needs.jsonl, capabilities.jsonl and qrels.tsv. Prints
nDCG@10 of ours, with and without rules, beside four rankings by the cosine of a plain TfidfVectorizer over
title and text: its default, tuned words (1-2-grams, sublinear), characters (3-5 within words), and the mean
of words and characters.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer

from ppp_match.matching import Index, evaluate, read_capabilities, read_needs
from ppp_match.matching.documents import Document
from ppp_match.matching.evaluate import measure, read_qrels

SETTINGS = {
    "default": {},
    "words": {"ngram_range": (1, 2), "sublinear_tf": True},
    "chars": {"analyzer": "char_wb", "ngram_range": (3, 5), "sublinear_tf": True},
}


def _texts(documents: Sequence[Document]) -> list[str]:
    return [f"{document.title}\n{document.text}" for document in documents]


def _baselines(needs: Sequence[Document], offers: Sequence[Document]) -> dict[str, npt.NDArray[np.float64]]:
    scores = {}
    for name, settings in SETTINGS.items():
        vectorizer = TfidfVectorizer(**settings)
        rows = vectorizer.fit_transform(_texts(offers))
        scores[name] = np.asarray((vectorizer.transform(_texts(needs)) @ rows.T).todense())
    scores["union"] = (scores["words"] + scores["chars"]) / 2
    return scores


def main() -> None:
    """Print one line a set."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data", type=Path, default=os.environ.get("EVAL_DIR"), required="EVAL_DIR" not in os.environ
    )
    parser.add_argument("--sets", default="")
    options = parser.parse_args()
    wanted = [name for name in options.sets.split(",") if name]
    columns = [*SETTINGS, "union", "ours", "no rules", "fit s"]
    print(f"{'nDCG@10':<14}" + "".join(f"{name:>10}" for name in columns))
    for folder in sorted(path.parent for path in Path(options.data).glob("*/qrels.tsv")):
        if wanted and folder.name not in wanted:
            continue
        needs, offers = read_needs(folder / "needs.jsonl"), read_capabilities(folder / "capabilities.jsonl")
        qrels = read_qrels(folder / "qrels.tsv")
        row = []
        for scores in _baselines(needs, offers).values():
            rows = []
            for need, line in zip(needs, scores, strict=True):
                best = [at for at in np.argsort(-line, kind="stable")[:10] if line[at] > 0]
                rows.append(measure([offers[at].id for at in best], qrels.get(need.id, {})))
            row.append(float(np.mean([got[0] for got in rows if got is not None])))
        start = time.perf_counter()
        index = Index.fit(offers)
        seconds = time.perf_counter() - start
        row += [
            evaluate(needs, offers, qrels, rules=rules, index=index)["overall"].ndcg
            for rules in (True, False)
        ]
        print(
            f"{folder.name:<14}" + "".join(f"{value:>10.3f}" for value in row) + f"{seconds:>10.1f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
