"""A sentence model for tests that need none: a text means the topics whose words it has, in either language."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ppp_match.matching.documents import Document
from ppp_match.matching.semantic import texts_of

TOPICS = (
    ("wastewater", "sewage", "effluent", "nước thải"),
    ("bus", "passenger", "commuter", "xe buýt"),
    ("camera", "crash", "collision"),
    ("shop", "retail"),
)


class TopicModel:
    """Counts the topics; `asked` holds the ids of the documents that were read, in their order."""

    version = "topics.1"
    dimensions = len(TOPICS)

    def __init__(self) -> None:
        self.asked: list[str] = []

    def vectors(self, documents: Sequence[Document]) -> np.ndarray:
        self.asked.extend(document.id for document in documents)
        rows = np.zeros((len(documents), self.dimensions), dtype=np.int8)
        for at, document in enumerate(documents):
            said = " ".join(text for _language, text in texts_of(document)).lower()
            rows[at] = [20 * sum(said.count(word) for word in words) for words in TOPICS]
        return rows
