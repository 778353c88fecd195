"""A document as the index reads it: its occurrences, and a bag of terms for every field and facet.

Here: `Reading`, `read`. Not here: how occurrences are found (analysis.py) or weighed by idf (fields.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from .analysis import LANGUAGES, Analysis, Occurrence, bag, by_term, char_bag
from .documents import Capability, Document
from .score import facets
from .stuffing import repetition

__all__ = ["Reading", "read"]


@dataclass(frozen=True)
class Reading:
    """What was read in one document."""

    analysis: Analysis
    bags: dict[str, dict[str, float]]
    offered: bool = False

    @cached_property
    def repetition(self) -> float:
        """How much of a capability's text is the same words again; a need has nothing to win by it."""
        if not self.offered:
            return 0.0
        return repetition([token.word for token in self.analysis.parts[0].tokens])

    @cached_property
    def terms(self) -> Mapping[tuple[str, str], Sequence[Occurrence]]:
        """The occurrences of each (language, term); made when an explanation first asks for it."""
        return by_term(self.analysis)


def read(document: Document, analysis: Analysis) -> Reading:
    """The reading of an analysed document."""
    bags = {language: bag(analysis, language) for language in LANGUAGES}
    bags["char"] = char_bag(analysis)
    bags.update({name: dict.fromkeys(sorted(codes), 1.0) for name, codes in facets(document).items()})
    return Reading(analysis, bags, isinstance(document, Capability))
