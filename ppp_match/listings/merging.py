"""Three texts into one: what both sides made of the text that they started from.

Works on words. Where only one side changed a stretch, that side's words stand; where both changed the same stretch
in different ways, nothing is guessed and the caller must ask a person.
"""

from __future__ import annotations

import difflib

from ppp_match.listings.differences import tokens

Change = tuple[int, int, list[str]]  # words [from, to) of the base, and what stands there now


def merged(base: str, one: str, other: str) -> str | None:
    """The text with the changes of both, or None where both changed the same place differently."""
    if one == other or other == base:
        return one
    if one == base:
        return other
    words = tokens(base)
    left, right = _changes(words, tokens(one)), _changes(words, tokens(other))
    chosen: list[Change] = []
    for change in sorted([*left, *right], key=lambda change: (change[0], change[1])):
        last = chosen[-1] if chosen else None
        if last is not None and last == change:
            continue  # both wrote the same
        if last is not None and _touch(last, change):
            return None
        chosen.append(change)
    made: list[str] = []
    place = 0
    for start, end, new in chosen:
        made += words[place:start] + new
        place = end
    return "".join(made + words[place:])


def _changes(base: list[str], text: list[str]) -> list[Change]:
    matcher = difflib.SequenceMatcher(None, base, text, autojunk=False)
    return [(a, b, text[c:d]) for action, a, b, c, d in matcher.get_opcodes() if action != "equal"]


def _touch(one: Change, other: Change) -> bool:
    """Whether two changes, in order, meet: then their order or their sense would be a guess."""
    return other[0] <= one[1]
