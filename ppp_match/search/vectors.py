"""The vectors that the worker made, as an index asks for them: looked up by listing, never made here.

What lives here: `stored_vectors`, which a request may use, and whether meaning takes part at all. What does not: making
vectors (`embeddings.py`), what they do to a score (`matching/semantic.py`).
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from flask import Flask, current_app
from sqlalchemy import select

from ppp_match.config import Settings
from ppp_match.db import READ_AT_ONCE, db
from ppp_match.matching.documents import Document
from ppp_match.matching.semantic import digest_of, model_version
from ppp_match.search.models import TextVector

DIMENSIONS = 384
REMEMBERED = 2048  # vectors in memory, under a megabyte
Int8s = npt.NDArray[np.int8]


@dataclass
class StoredVectors:
    """The `Embedder` of the forum's indexes: a text that the worker has not read yet has no vector, and is ranked by
    its words alone. One that is damaged counts as none."""

    version: str
    dimensions: int = DIMENSIONS
    _known: dict[str, Int8s] = field(default_factory=dict)

    def vectors(self, documents: Sequence[Document]) -> Int8s:
        """See `matching.Embedder`."""
        found = np.zeros((len(documents), self.dimensions), dtype=np.int8)
        keys = [digest_of(document, self.version) for document in documents]
        asked: dict[uuid.UUID, int] = {}
        for at, (document, key) in enumerate(zip(documents, keys, strict=True)):
            known = self._known.get(key)
            if known is not None:
                found[at] = known
            else:
                asked[uuid.UUID(document.id)] = at
        for listing_id, (digest, row) in rows_of(list(asked), self.dimensions).items():
            at = asked[listing_id]
            if digest == keys[at]:
                found[at] = row
                self._remember(digest, row)
        return found

    def _remember(self, digest: str, row: Int8s) -> None:
        if len(self._known) >= REMEMBERED:
            self._known = {}
        self._known[digest] = row


def rows_of(ids: Sequence[uuid.UUID], dimensions: int) -> dict[uuid.UUID, tuple[str, Int8s]]:
    """{listing: (digest, vector)} of those of the listings that have a whole one."""
    found: dict[uuid.UUID, tuple[str, Int8s]] = {}
    for start in range(0, len(ids), READ_AT_ONCE):
        query = select(TextVector.listing_id, TextVector.digest, TextVector.vector)
        for listing_id, digest, vector in db.session.execute(
            query.where(TextVector.listing_id.in_(ids[start : start + READ_AT_ONCE]))
        ):
            if len(vector) == dimensions:
                found[listing_id] = (digest, np.frombuffer(vector, dtype=np.int8))
    return found


def register_vectors(app: Flask, settings: Settings) -> None:
    """Let meaning take part where the settings say so; the model itself is not loaded."""
    app.extensions["vectors"] = StoredVectors(model_version()) if settings.semantic else None


def stored_vectors() -> StoredVectors | None:
    """The vectors of this application; None where meaning takes no part."""
    found: StoredVectors | None = current_app.extensions["vectors"]
    return found


def semantic_is_on() -> bool:
    """Whether closeness of meaning takes part in the scores."""
    return stored_vectors() is not None
