"""What a text says it does not do.

Here: `negated`, which marks the tokens of negated clauses in Vietnamese and English. A capability's plain
"we do not ..." counts; a need describes problems in the negative ("nobody knows when the bus comes"), so
only what it clearly rules out counts there. Not here: the words of the cues (cues.py), how such words weigh
(analysis.py, conflict.py).

A clause is read three times: what only looks like a negation ("not only", "no later than", "không chỉ") is
blanked out; then every cue that is left opens a scope, forward ("we do not ..."), over the clause ("... is
excluded") or backward alone ("..., not included"); then a scope ends where its sentence takes a new turn.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import islice

from .cues import BARE, WRITTEN, Cues
from .text import Token, fold, tokenise

__all__ = ["EXCEPTION", "REFUSAL", "negated"]

# How much a word counts against, where the same word said of what is done counts one for.
REFUSAL = 0.5  # "we do not ...", "X is excluded"
EXCEPTION = 0.05  # "all of X except Y": hardly more than no evidence
_RELATIVE = ("that", "which", "who", "those")
_NEAR = 8  # words before a verb among which its subject is looked for
_REACH = 24  # words that a negation reaches at most, where no full stop ends it
_LISTED = 4  # words between two commas that still go on with a list


def _lasting(clause: str, comma: int, cues: Cues) -> int:
    """Where a list that goes on after the comma at `comma` ends: "cameras, wearables or drones"."""
    while comma >= 0:
        after = clause.find(",", comma + 1)
        piece = clause[comma + 1 : after if after >= 0 else len(clause)]
        if len(piece.split()) > _LISTED or cues.verb.search(piece):
            return comma
        comma = after
    return len(clause)


def _since(clause: str, comma: int, cues: Cues) -> int:
    """Where a list begins that ends after the comma at `comma`."""
    while comma >= 0:
        before = clause.rfind(",", 0, comma)
        piece = clause[before + 1 : comma]
        if len(piece.split()) > _LISTED or cues.verb.search(piece):
            return comma + 1
        comma = before
    return 0


def _after(clause: str, at: int, words: int) -> int:
    """Where the next so many words end."""
    for match in islice(re.finditer(r"\S+", clause[at:]), words - 1, words):
        return at + match.end()
    return len(clause)


def _scope(
    clause: str, cue: re.Match[str], role: str, cues: Cues, *, whole: bool, weak: bool
) -> tuple[int, int]:
    """Where the negation begins and ends in the clause: what stands in brackets stays there, an exception and
    what a need rules out ends with its list at a comma, and a new subject ends it anyway."""
    start, ends = (0 if whole else cue.start()), [len(clause)]
    if clause.count("(", 0, cue.start()) > clause.count(")", 0, cue.start()):
        start = max(start, clause.rfind("(", 0, cue.start()))
        ends.append(clause.find(")", cue.end()))
    if role == "need" or weak:
        comma = clause.find(",", cue.end())
        ends.append(comma if whole or weak else _lasting(clause, comma, cues))
        if whole:
            start = max(start, _since(clause, clause.rfind(",", 0, cue.start()), cues))
    ends.append(_after(clause, cue.end(), _REACH))
    if subject := cues.new_subject.search(clause, cue.end()):
        ends.append(subject.start())
    return start, min(end for end in ends if end >= 0)


def _of_others(before: str, cue: str, cues: Cues) -> bool:
    """Whether a plain "do not" has a subject that is not the company or what it offers."""
    words = re.findall(r"\w+", before)
    if not words or not cues.stated.match(cue):
        return False
    return words[-1] in _RELATIVE or not cues.own_subject.search(" ".join(words[-_NEAR:]))


def _blank(match: re.Match[str]) -> str:
    return "·" * len(match.group())


def _scopes(clause: str, role: str, cues: Cues, *, first: bool) -> Iterator[tuple[int, int, float]]:
    """(from, to, strength) of what one clause negates; `first`: it opens the text, where titles stand.

    The cue itself comes after its scope, as an exception: "excluded" is neither offered nor denied, and what follows
    "is excluded" says by whom or why.
    """
    clause = cues.harmless.sub(_blank, clause)
    if (whole := cues.whole[role].search(clause)) is not None:
        start, stop = _scope(clause, whole, role, cues, whole=True, weak=False)
        yield start, whole.start(), REFUSAL
        yield whole.start(), stop, EXCEPTION
        return
    if cues.condition.search(clause):
        return
    if not first and (stark := cues.stark.match(clause)):
        yield stark.start("what"), stark.end("what"), REFUSAL
        return
    at = 0
    while cue := cues.forward[role].search(clause, at):
        weak = cues.weak[role].match(cue.group()) is not None
        if role == "capability" and _of_others(clause[: cue.start()], cue.group(), cues):
            if cues.vietnamese.match(cue.group()):  # "nước thải chưa xử lý": a state of things
                yield cue.start(), cue.end(), EXCEPTION
            at = cue.end()
            continue
        start, stop = _scope(clause, cue, role, cues, whole=False, weak=weak)
        action = cues.action.search(cue.group())  # "không xử lý": the verb says what is not done
        said = cue.start() + action.start() if action else cue.end()
        yield start, min(said, stop), EXCEPTION
        yield said, stop, EXCEPTION if weak else REFUSAL
        at = max(stop, cue.end())


def negated(text: str, tokens: Sequence[Token], role: str, *, bare: bool = False) -> list[float]:
    """For each token how much it counts against, 0 where it is not negated; `role` is "capability" or
    "need". `bare`: it is Vietnamese typed without diacritics, whatever was put back in the tokens."""
    cues = BARE if bare else WRITTEN
    flags = [0.0] * len(tokens)
    if not unicodedata.is_normalized("NFC", text):  # the same tokens, so the same flags
        text = unicodedata.normalize("NFC", text)
        tokens = tokenise(text)
        if len(tokens) != len(flags):
            return flags
    if bare:
        text = "".join(fold(letter) or letter for letter in text)
    if not cues.quick.search(text.lower()):
        return flags
    starts = [token.start for token in tokens]
    begin = 0
    listing = False  # after a heading like "Not included:"
    bounds = [match.start() for match in cues.clause_end.finditer(text)] + [len(text)]
    for end in bounds:
        first, last = bisect_left(starts, begin), bisect_left(starts, end)
        before, after = text[begin : begin + 1], text[end : end + 1]
        clause = re.sub(r"\s+", " ", text[begin:end]).lower()
        begin = end
        if first == last or after == "?":  # a question rules nothing out
            continue
        if after == ":" and cues.heading.match(clause):
            listing, flags[first:last] = True, [EXCEPTION] * (last - first)
            continue
        listing = listing and (before in ":;" or cues.bullet.match(clause) is not None)
        if listing:
            flags[first:last] = [REFUSAL] * (last - first)
            continue
        for start, stop, strength in _scopes(clause, role, cues, first=first == 0):
            at, until = (min(last, first + len(tokenise(clause[:place]))) for place in (start, stop))
            flags[at:until] = [max(flag, strength) for flag in flags[at:until]]
    return flags
