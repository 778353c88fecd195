"""The index: documents in, ranked and explained pairs out. The public face of the matcher.

Here: `Index` (fit, add, remove, rank, rank_all, shortlist, search, explain) and `RankedMatch`. Not here:
files on disk (store.py), the arithmetic (fields.py, search.py, score.py), the words of an explanation
(explain.py).

An index holds one kind: capabilities, and then it ranks them for a need, or needs, and then for a
capability. Its segments are immutable: a large base, what came later, and the last few documents; adding or removing
swaps the whole state in one assignment, so that readers in other threads see the old one or the new one, never half
of each. Terms keep their idf until what came later is merged into the base; then idf is refreshed from the kept
counts.
"""

from __future__ import annotations

import copy
import gc
import threading
from collections.abc import Container, Iterable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .analysis import GROUPS, LANGUAGES, Analyser, Analysis
from .bilingual import Lexicon, default_lexicon
from .calibration import probability_of
from .conflict import against
from .counting import count
from .documents import Capability, Document, InputError, Need
from .evidence import Asked, Passage, Row, grid
from .explain import Side, explain_pair
from .fields import Prepared, Rows, Segment, Vocabulary, lengths
from .language import Restorer, detect, lacks_diacritics, plainly_bare
from .likeness import Likeness, compare
from .reading import read
from .rules import blocked as blocking_rules
from .rules import check
from .score import DEFAULT_WEIGHTS, FACETS, KEPT, Weights, combine, evidence
from .search import Query, Scores, balances, order, score_all, standardised, tie_break
from .semantic import Directions, Embedder, fused, grown, joined, of_documents, row_at, with_meaning
from .state import State, appended, empty_segment, fresh_vocabularies, merged
from .text import tokenise

__all__ = ["MATCHER_VERSION", "Index", "RankedMatch", "SearchResult", "explain"]

MATCHER_VERSION = "4"  # the analyser and the arithmetic; indexes of another version are not opened
_KEPT_SIDES = _KEPT_READINGS = 512  # each a few hundred kilobytes
_MERGE_AT = 64  # documents beside the base, at least, before they are merged into it
_LAST = 64  # documents in the last segment, which every addition builds anew


@dataclass(frozen=True, slots=True)
class RankedMatch:
    """One answer: `score` in [0, 1], the rules that block it, the explanation as JSON (empty if not asked for), and
    with it how likely the pair is a good answer (calibration.py; None where a rule says no)."""

    id: str
    score: float
    blocked: tuple[str, ...] = ()
    explanation: dict[str, Any] = field(default_factory=dict)
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What the search box found: (id, score), best first; which words were also searched as which; the
    query with its diacritics put back, where it came without."""

    hits: list[tuple[str, float]]
    expansion: list[tuple[str, tuple[str, ...]]]
    restored: str | None
    language: str


class Index:
    """Ranks the documents it holds for a document of the other kind. Safe to read from many threads."""

    def __init__(
        self,
        lexicon: Lexicon | None = None,
        weights: Weights | None = None,
        *,
        restorer: Restorer | None = None,
        semantic: Embedder | None = None,
    ) -> None:
        self.lexicon = lexicon or default_lexicon()
        self.weights = weights or DEFAULT_WEIGHTS
        self.restorer = restorer or Restorer()
        self.semantic = semantic
        if restorer is None:
            self.lexicon.teach(self.restorer)
        else:  # it has learnt already
            self.lexicon.protect(self.restorer)
        self.newest: str | None = None
        self.kind: type[Document] | None = None
        self.documents: MutableMapping[str, Document] = {}
        self.positions: MutableMapping[str, int] = {}
        self._lock = threading.RLock()
        self._analyser = analyser = Analyser(self.lexicon, self.restorer)
        analyse = analyser.analyse
        self._read_text = lru_cache(maxsize=4096)(analyser.analyse_text)
        self._read = lru_cache(maxsize=_KEPT_READINGS)(lambda document: read(document, analyse(document)))
        self._sides: tuple[object, dict[str, Side]] = (
            None,
            {},
        )  # of documents held, for one set of vocabularies
        self.state = _state(fresh_vocabularies(), empty_segment(), of_documents(semantic, []))

    # Building

    @classmethod
    def fit(
        cls,
        items: Iterable[Document],
        *,
        lexicon: Lexicon | None = None,
        weights: Weights | None = None,
        semantic: Embedder | None = None,
    ) -> Index:
        """An index of needs or of capabilities; with `semantic`, closeness of meaning takes part in every score (but
        not in `search`). Raises InputError on a double id, TypeError on a mixture of kinds."""
        index = cls(lexicon, weights, semantic=semantic)
        documents = list(items)
        for document in documents:
            if document.id in index.documents:
                raise InputError(f'the id "{document.id}" comes twice')
            index._admit(document)
            index._learn(document)
        index.newest = max((document.published for document in documents if document.published), default=None)
        vocabularies = fresh_vocabularies()
        # Few documents are read in full, since their readings are kept; more would only push each other out.
        prepare = index._prepare if len(documents) <= _KEPT_READINGS else index._prepare_quickly
        with _without_collecting():
            prepared = (prepare(each) for each in documents)
            base = index._segment(prepared, vocabularies, len(documents))
        index.positions = {document.id: at for at, document in enumerate(documents)}
        index.state = _state(vocabularies, base, of_documents(semantic, documents))
        return index

    def add(self, item: Document, *, merge: bool = True) -> None:
        """Add a document, or replace the one of the same id. Without `merge`, who adds sees to `merge` where
        `needs_merge` says so."""
        with self._lock:
            self._check_kind(item)
            prepared = self._prepare(item)
            if self.semantic is not None:
                vector = self.semantic.vectors([item])
            self.remove(item.id)
            self._admit(item)
            state = self.state
            base, later, last = state.segments
            single = self._segment([prepared], state.vocabularies, len(self.documents))
            last = appended(last, single)
            full = len(last) > _LAST
            if full:
                later, last = appended(later, last), empty_segment()
            meaning = state.meaning
            if self.semantic is not None:
                meaning = grown(meaning, vector, full=full)
            self.positions[item.id] = len(state.alive)
            self.state = State(state.vocabularies, (base, later, last), np.append(state.alive, True), meaning)
            if merge and self.needs_merge:
                self.merge()

    def remove(self, document_id: str) -> bool:
        """Take a document out; False where it was not in."""
        with self._lock:
            position = self.positions.pop(document_id, None)
            if position is None:
                return False
            state = self.state
            bags = self._read(self.documents.pop(document_id)).bags
            for name, vocabulary in state.vocabularies.items():
                vocabulary.shrink(bags[name])
            alive = state.alive.copy()
            alive[position] = False
            self.state = State(state.vocabularies, state.segments, alive, state.meaning)
            return True

    @property
    def needs_merge(self) -> bool:
        """Whether so much came in beside the base that it should be brought into it."""
        base, later, last = self.state.segments
        return len(later) + len(last) > max(_MERGE_AT, len(base) // 20)

    def merge(self) -> None:
        """Bring base and delta together without the removed documents, and refresh idf from the kept counts.

        Others read and write meanwhile. What they write makes a merge worthless, so it begins anew; the third one
        keeps writers waiting.
        """
        if not (self._merged_meanwhile() or self._merged_meanwhile()):
            with self._lock:
                self._merged_meanwhile()

    def _merged_meanwhile(self) -> bool:
        with self._lock:
            state, documents = self.state, len(self.documents)
            vocabularies = {name: vocabulary.copy() for name, vocabulary in state.vocabularies.items()}
        for vocabulary in vocabularies.values():
            vocabulary.refresh(documents)
        base, later, last = state.segments
        whole = merged(base, appended(later, last), vocabularies, state.alive)
        meaning = joined(state.meaning, state.alive)
        positions = {document_id: at for at, document_id in enumerate(whole.ids)}
        with self._lock:
            if self.state is not state:
                return False
            self.positions, self.state = positions, _state(vocabularies, whole, meaning)
            return True

    def _check_kind(self, document: Document) -> None:
        if not isinstance(document, (Need, Capability)):
            raise TypeError(f"an index holds needs or capabilities, not {type(document).__name__}")
        if self.kind is not None and not isinstance(document, self.kind):
            raise TypeError(f"this index holds {self.kind.__name__}, not {type(document).__name__}")

    def _admit(self, document: Document) -> None:
        self._check_kind(document)
        self.kind = self.kind or type(document)
        self.documents[document.id] = document

    def _learn(self, document: Document) -> None:
        for title, text, lang in (
            (document.title, document.text, document.lang),
            (document.alt_title, document.alt_text, document.alt_lang),
        ):
            whole = f"{title}\n{text}"
            if plainly_bare(whole):
                continue
            tokens = tokenise(whole)
            if tokens and detect(tokens, lang) == "vi" and not lacks_diacritics(tokens):
                self.restorer.learn([token.word for token in tokens])

    def _prepare(self, document: Document) -> Prepared:
        reading = self._read(document)
        return self._prepared(document, reading.analysis.group, reading.bags, reading.repetition)

    def _prepare_quickly(self, document: Document) -> Prepared:
        """The same where nothing but the row is wanted: many documents at once."""
        counted = count(self._analyser, document)
        return self._prepared(document, counted.group, counted.bags, counted.repetition)

    def _prepared(
        self, document: Document, group: str, bags: Mapping[str, Mapping[str, float]], again: float
    ) -> Prepared:
        return Prepared(document.id, group, bags, {**evidence(document, self.newest), "repetition": again})

    def _segment(
        self, prepared: Iterable[Prepared], vocabularies: Mapping[str, Vocabulary], documents: int
    ) -> Segment:
        """A segment of new documents, whose terms the vocabularies count; the corpus has `documents` with them."""
        ids: list[str] = []
        groups: list[int] = []
        known: dict[str, list[float]] = {name: [] for name in KEPT}
        rows = {name: Rows() for name in vocabularies}
        for one in prepared:
            ids.append(one.id)
            groups.append(GROUPS.index(one.group))
            for name, values in known.items():
                values.append(np.nan if (value := one.evidence[name]) is None else value)
            for name, vocabulary in vocabularies.items():
                rows[name].append(one.bags[name], vocabulary)
        lists, sizes = {}, {}
        for name, vocabulary in vocabularies.items():
            vocabulary.grow(rows[name].counted(), documents)
            lists[name] = rows[name].lists(len(vocabulary.columns))
            sizes[name] = lengths(lists[name], vocabulary.idf, len(ids))
        return Segment(
            tuple(ids),
            np.asarray(groups, dtype=np.int8),
            {name: np.asarray(values, dtype=np.float64) for name, values in known.items()},
            lists,
            sizes,
        )

    def reweigh(self, weights: Weights) -> None:
        """Rank by these weights from now on. Nothing is fitted anew: weights only combine what the index holds."""
        self.weights = weights

    def reweighed(self, weights: Weights) -> Index:
        """A second reader of the same documents that ranks by other weights, to compare the two; not to be written to."""
        other = copy.copy(self)
        other.weights = weights
        return other

    # Reading

    def __len__(self) -> int:
        return len(self.documents)

    def __contains__(self, document_id: object) -> bool:
        return document_id in self.documents

    @property
    def version(self) -> str:
        """Names what decides a ranking: matcher, weights, lexicon, the model. Store it beside every match."""
        model = f"+semantic.{self.semantic.version}" if self.semantic is not None else ""
        return f"{MATCHER_VERSION}+weights.{self.weights.version}+lexicon.{self.lexicon.fingerprint}{model}"

    def rank(
        self, query: Document, top: int = 10, *, rules: bool = True, explain: bool = True
    ) -> list[RankedMatch]:
        """The best `top` documents for one document of the other kind, best first; with `rules`, the
        blocked ones after all others. Without `explain` the explanations are empty, which is much
        faster."""
        return self._answers(query, top, rules=rules, explained=explain)

    def rank_all(
        self, queries: Iterable[Document], top: int = 10, *, rules: bool = True, explain: bool = True
    ) -> Iterator[tuple[str, list[RankedMatch]]]:
        """(id of the query, its ranking), in the order of the queries."""
        for query in queries:
            yield query.id, self.rank(query, top, rules=rules, explain=explain)

    def shortlist(
        self, query: Document, top: int = 20, *, explain: bool | Container[str] = True
    ) -> list[RankedMatch]:
        """What the forum stores: the best `top` that no rule blocks and that share something, then the blocked
        documents that would have ranked among them, the best `top` of these too, so that a need that most rules
        stand against stays readable. `explain` may name the ids to explain."""
        return self._answers(query, top, rules=True, explained=explain, among=True)

    def _answers(
        self,
        query: Document,
        top: int,
        *,
        rules: bool,
        explained: bool | Container[str],
        among: bool = False,
    ) -> list[RankedMatch]:
        if top < 1 or not self.documents:
            return []
        self._check_query(query)
        state = self.state
        side = self._side(query, state)
        asked = self.semantic.vectors([query])[0] if self.semantic is not None else None
        scores = self._scores(side, state)
        if asked is not None:
            scores = _with_meaning(scores, asked, state)
        groups = np.concatenate([segment.groups for segment in state.segments])
        moves = balances(scores.score, groups, scores.alive) if explained else np.zeros(len(GROUPS) + 1)
        free: list[tuple[int, tuple[str, ...]]] = []
        held: list[tuple[int, tuple[str, ...]]] = []
        for position in order(scores, query.id, state.id_at):
            document = self.documents.get(state.id_at(position))
            if document is None or (among and scores.score[position] <= 0.0):
                continue
            reasons = blocking_rules(*_roles(query, document)) if rules else ()
            (held if reasons else free).append((position, reasons))
            if len(free) == top:
                break
        chosen = free + held[:top] if among else (free + held)[:top]
        return [
            self._answer(
                side, state, scores, position, reasons, explained, asked, float(moves[groups[position]])
            )
            for position, reasons in chosen
        ]

    def _answer(
        self,
        side: Side,
        state: State,
        scores: Scores,
        position: int,
        reasons: tuple[str, ...],
        explained: bool | Container[str],
        asked: npt.NDArray[np.int8] | None,
        move: float,
    ) -> RankedMatch:
        document_id = state.id_at(position)
        score = round(float(scores.score[position]), 9)
        document = self.documents.get(document_id)
        wanted = explained if isinstance(explained, bool) else document_id in explained
        if not wanted or document is None:
            return RankedMatch(document_id, score, reasons)
        shift = float(scores.ordering[position] - scores.score[position])
        ordering = [
            {"name": "language_group", "value": round(shift - move, 9)},
            {"name": "language_balance", "value": round(move, 9)},
            {"name": "tie_break", "value": round(tie_break(side.document.id, document_id), 6)},
        ]
        explanation = self._explained(side, document, state, ordering, asked)
        chance = None if reasons else probability_of(explanation)
        return RankedMatch(document_id, score, reasons, explanation, chance)

    def _scores(self, side: Side, state: State, *, with_features: bool = True) -> Scores:
        query = Query(
            side.document.id,
            side.analysis.group,
            side.vectors,
            side.against,
            side.repetition,
            isinstance(side.document, Need),
        )
        return score_all(
            query, state.segments, state.alive, state.vocabularies, self.weights, with_features=with_features
        )

    def _check_query(self, query: Document) -> None:
        wanted = Need if self.kind is Capability else Capability
        if not isinstance(query, wanted):
            raise TypeError(f"this index ranks for {wanted.__name__}, not {type(query).__name__}")

    def _side(
        self, document: Document, state: State, also: Mapping[str, Mapping[str, float]] | None = None
    ) -> Side:
        reading = self._read(document)
        vectors = {
            name: vocabulary.vector(
                reading.bags[name], reading.bags[name] if name in FACETS else (also or {}).get(name, ())
            )
            for name, vocabulary in state.vocabularies.items()
        }
        denied = against(reading.bags, vectors, state.vocabularies)
        return Side(document, reading.analysis, vectors, reading.terms, denied, reading.repetition)

    def _held_side(self, document: Document, state: State) -> Side:
        owner, sides = self._sides
        if owner is not state.vocabularies:
            sides = {}
            self._sides = (state.vocabularies, sides)
        side = sides.get(document.id)
        if side is None or side.document is not document:
            side = self._side(document, state, also=self._read(document).bags)
            if self.documents.get(document.id) is document:
                if len(sides) >= _KEPT_SIDES:
                    sides.clear()
                sides[document.id] = side
        return side

    def explain(self, need: Need, capability: Capability) -> dict[str, Any]:
        """The explanation of any pair, whether this index holds one of them or not, with this index's
        weights."""
        state = self.state
        held, query = (need, capability) if self.kind is Need else (capability, need)
        return self._explained(self._side(query, state, also=self._read(held).bags), held, state, [])

    def likeness(self, one: Document, other: Document) -> Likeness:
        """How alike two documents of one kind are, whether this index holds them or not, with this index's idf."""
        state = self.state
        first, second = (self._side(each, state, also=self._read(each).bags) for each in (one, other))
        return compare(first, second, self.weights)

    def _explained(
        self,
        side: Side,
        document: Document,
        state: State,
        ordering: list[dict[str, Any]],
        asked: npt.NDArray[np.int8] | None = None,
    ) -> dict[str, Any]:
        other = self._held_side(document, state)
        need, capability = _roles(side, other)
        values: dict[str, float | None] = {}
        for name in FACETS:
            one, two = side.vectors[name], other.vectors[name]
            values[name] = (
                sum(value * two.get(code, 0.0) for code, value in one.items()) if one and two else None
            )
        values.update(evidence(document, self.newest))
        results = check(need.document, capability.document)
        found = explain_pair(need, capability, values, self.weights, ordering, results, combine)
        if self.semantic is None:
            return found
        if asked is None:
            asked = self.semantic.vectors([side.document])[0]
        losses = {**self.weights.conflict, "repetition": self.weights.repetition}
        return with_meaning(found, asked, self._direction(self.semantic, document, state), losses)

    def _direction(self, semantic: Embedder, document: Document, state: State) -> npt.NDArray[np.int8]:
        """The vector of a document, of this index or not."""
        position = self.positions.get(document.id, -1)
        held = self.documents.get(document.id) is document and 0 <= position < len(state.alive)
        if held and state.id_at(position) == document.id:  # else the positions are those of a later state
            return row_at(state.meaning, position)
        found: npt.NDArray[np.int8] = semantic.vectors([document])[0]
        return found

    def evidence(self, asked: Sequence[Asked], passages: Sequence[Passage]) -> list[Row]:
        """Each requirement beside the best passage, in the order of the requirements; see evidence.py."""
        return grid(asked, passages, self)

    def analyse_text(self, text: str, lang: str | None, role: str) -> Analysis:
        """One text as this index reads it."""
        return self._read_text(text, lang, role)

    def rarity(self, language: str, term: str) -> tuple[int, int]:
        """(documents of this index that have the term, documents in all)."""
        vocabulary = self.state.vocabularies[language]
        column = vocabulary.columns.get(term)
        having = (
            int(vocabulary.counts[column]) if column is not None and column < len(vocabulary.counts) else 0
        )
        return max(having, 0), len(self.documents)

    def search(self, text: str, top: int = 20, *, lang: str | None = None) -> SearchResult:
        """Free text of the search box, in either language, with or without diacritics; only documents that
        share something are found.

        A few words without diacritics do not tell their language ("bai do xe"): where `lang` is not given they
        are read both ways, and the reading whose best document scores higher is taken.
        """
        readings = [self._search_as(text, top, lang)]
        if lang is None and text.isascii() and readings[0].language != "vi":
            readings.append(self._search_as(text, top, "vi"))
        return max(readings, key=lambda reading: reading.hits[0][1] if reading.hits else 0.0)

    def _search_as(self, text: str, top: int, lang: str | None) -> SearchResult:
        query = Need(id="", text=text[:2000], lang=lang)
        state = self.state
        side = self._side(query, state)
        part = side.analysis.parts[0]
        hits: list[tuple[str, float]] = []
        if self.documents and top > 0:
            scores = self._scores(side, state, with_features=False)
            for position in order(scores, "", state.id_at):
                if len(hits) == top or scores.score[position] <= 0.0:
                    break
                hits.append((state.id_at(position), round(float(scores.score[position]), 9)))
        expansion = []
        if part.language in LANGUAGES:
            target = 1 if part.language == "vi" else 0
            for start, end, targets, _ in self.lexicon.expand(
                [token.word for token in part.tokens], part.language
            ):
                names = dict.fromkeys(label.split(" ≈ ")[target] for _, _, label in targets)
                expansion.append((part.phrase(start, end - 1), tuple(names)))
        restored = " ".join(token.word for token in part.tokens) if part.restored else None
        return SearchResult(hits, expansion, restored, part.language)

    # Files

    def save(self, folder: str | Path) -> None:
        """Write the index into `folder`, whole or not at all; an older index there is replaced."""
        from .store import save

        with self._lock:
            save(self, Path(folder))

    @classmethod
    def open(
        cls, folder: str | Path, *, lexicon: Lexicon | None = None, semantic: Embedder | None = None
    ) -> Index:
        """The index saved in `folder`. Raises IndexUnusable where it is missing, damaged, foreign or of
        another version, lexicon or model than `semantic`: then fit a new one."""
        from .store import load

        return load(Path(folder), lexicon, semantic)

    @staticmethod
    def check(folder: str | Path) -> None:
        """Compare every byte of a saved index with its checksums, which `open` does for small files alone. Raises
        IndexUnusable where one differs."""
        from .store import check

        check(Path(folder))


def explain(need: Need, capability: Capability, index: Index | None = None) -> dict[str, Any]:
    """The explanation of one pair; without an index every term counts the same."""
    return (index if index is not None else Index.fit([capability])).explain(need, capability)


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Many small objects are made and none in a circle: looking for circles would take a third of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _state(
    vocabularies: Mapping[str, Vocabulary], base: Segment, meaning: tuple[Directions, ...] = ()
) -> State:
    segments = (base, empty_segment(), empty_segment())
    return State(vocabularies, segments, np.ones(len(base), dtype=np.bool_), meaning)


def _with_meaning(scores: Scores, asked: npt.NDArray[np.int8], state: State) -> Scores:
    score = fused(scores.score, scores.kept, state.meaning, asked)
    groups = np.concatenate([segment.groups for segment in state.segments])
    return Scores(score, standardised(score, groups, scores.alive), scores.alive, scores.kept)


def _roles(one: Any, other: Any) -> tuple[Any, Any]:
    """(need, capability) of two documents or sides."""
    first = one.document if isinstance(one, Side) else one
    return (one, other) if isinstance(first, Need) else (other, one)
