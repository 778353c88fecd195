"""Neither language fills a list by its number, and what moves it is shown."""

from __future__ import annotations

import numpy as np
import pytest

from ppp_match.matching import Capability, Index, Need
from ppp_match.matching.analysis import GROUPS
from ppp_match.matching.search import MIN_GROUP, balances, standardised

VI, EN, OTHER = (GROUPS.index(name) for name in ("vi", "en", "other"))


def drawn(vietnamese: int, english: int, other: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores without any relevance: normal, by language on scales of their own."""
    random = np.random.default_rng(7)
    groups = np.repeat([VI, EN, OTHER], [vietnamese, english, other]).astype(np.int8)
    scores = random.normal(0.2, 0.02, len(groups))
    scores[groups == EN] = random.normal(0.3, 0.05, english)
    return scores, groups, np.ones(len(groups), dtype=np.bool_)


def share_of_vietnamese(vietnamese: int, english: int, rounds: int = 200) -> float:
    random = np.random.default_rng(3)
    groups = np.repeat([VI, EN], [vietnamese, english]).astype(np.int8)
    alive = np.ones(len(groups), dtype=np.bool_)
    found = 0
    for _ in range(rounds):
        ordering = standardised(random.normal(0.2, 0.02, len(groups)), groups, alive)
        found += int((groups[np.argsort(-ordering)[:10]] == VI).sum())
    return found / (10 * rounds)


def test_the_shares_of_the_best_follow_the_fourth_root_of_the_sizes() -> None:
    assert share_of_vietnamese(100, 100) == pytest.approx(0.5, abs=0.03)
    assert share_of_vietnamese(60, 960) == pytest.approx(1 / 3, abs=0.05)
    assert share_of_vietnamese(960, 60) == pytest.approx(2 / 3, abs=0.05)


def test_the_smaller_language_rises_and_the_larger_falls() -> None:
    moves = balances(*drawn(40, 400))
    assert moves[VI] > 0 > moves[EN]
    assert balances(*drawn(100, 100))[VI] == pytest.approx(0.0)


def test_small_groups_and_other_languages_stay_where_they_are() -> None:
    assert not balances(*drawn(MIN_GROUP - 1, 400)).any()
    moves = balances(*drawn(40, 400, 50))
    assert moves[OTHER] == 0.0
    assert moves[VI] > 0


def test_kernels_and_numpy_move_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    scores, groups, alive = drawn(40, 400, 50)
    alive[::7] = False
    compiled = standardised(scores, groups, alive)
    monkeypatch.setattr("ppp_match.matching.search.kernels", lambda: None)
    np.testing.assert_allclose(standardised(scores, groups, alive), compiled, rtol=1e-12)


def test_the_balance_is_a_line_of_the_order_alone() -> None:
    offers = [
        Capability(
            id=f"en-{at}", lang="en", text=f"We repair pump number {at} and build wells in district {at % 7}."
        )
        for at in range(90)
    ]
    offers += [
        Capability(
            id=f"vi-{at}", lang="vi", text=f"Chúng tôi sửa máy bơm số {at} và khoan giếng ở huyện {at % 7}."
        )
        for at in range(31)
    ]
    index = Index.fit(offers)
    found = index.rank(Need(id="n", lang="en", text="Repair of pumps and wells in district 3"), 60)
    moves = {}
    for match in found:
        lines = {line["name"]: line["value"] for line in match.explanation["ordering"]}
        assert list(lines) == ["language_group", "language_balance", "tie_break"]
        moves.setdefault(match.id[:2], set()).add(lines["language_balance"])
        shares = match.explanation["terms"] + match.explanation["features"]
        assert sum(line["share"] for line in shares) == pytest.approx(match.score, abs=1e-6)
    assert {language: len(values) for language, values in moves.items()} == {"en": 1, "vi": 1}
    assert moves["vi"].pop() > 0 > moves["en"].pop()
