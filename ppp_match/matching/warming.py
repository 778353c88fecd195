"""A small run through every compiled kernel, with the types of real ones.

Here: `run_everything`, called by `compiled.warm_up`. Not here: when that happens (whoever serves or indexes).
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from .documents import Capability, Need
from .index import Index
from .postings import Postings
from .vectorise import FastTfidfVectorizer

__all__ = ["run_everything"]


def run_everything() -> None:
    """Compile or load all kernels: seconds the first time on a machine, a part of one later."""
    offers = [
        Capability(id=str(number), text=text, lang=lang, sectors=("water",))
        for number, (text, lang) in enumerate(
            (("Clean water", "en"), ("Nước sạch", "vi"), ("Bus lanes", "en"))
        )
    ]
    index = Index.fit(offers)
    index.rank(Need(id="need", text="water", lang="en", sectors=("water",)), 2, explain=False)
    FastTfidfVectorizer().fit(["clean water", "water"])
    FastTfidfVectorizer().fit(["nước sạch", "nước"])
    FastTfidfVectorizer().fit(["water " * 30_000])  # more than its tables hold at first
    rows = sp.csr_matrix(np.asarray([[0.6, 0.8, 0.0], [1.0, 0.0, 0.0]]))
    for dense in (0, 1):
        postings = Postings.of(rows, dense=dense, short=1)
        postings.top(np.asarray([0, 1]), np.asarray([0.6, 0.8]), 1)
        postings.top_all(rows, 1, alive=np.ones(2, dtype=np.bool_))
