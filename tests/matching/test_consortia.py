"""Pairs of partners: they complement each other, are not related, and are only offered where nobody covers all."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ppp_match.matching.consortia import Partner, pairs_that_cover
from ppp_match.matching.evidence import Asked, Passage, Row

KINDS = ("requirement", "requirement", "outcome", "standard")


def partner(
    name: str, statuses: str, *, score: float = 0.3, owner: str = "", related: set[str] = frozenset()
) -> Partner:  # type: ignore[assignment]
    """`statuses` has a letter a requirement: f(ound), n(one), c(ounter)."""
    words = {"f": "found", "n": "none", "c": "counter"}
    rows = [
        Row(
            Asked(kind, f"asked {at}"),
            words[letter],
            passage=Passage("how", "said") if letter != "n" else None,
        )
        for at, (kind, letter) in enumerate(zip(KINDS, statuses, strict=False))
    ]
    return Partner(name, rows, score, owner or name, frozenset(related))


def names(*partners: Partner) -> list[tuple[str, str]]:
    return [(two.first.id, two.second.id) for two in pairs_that_cover("need", partners)]


def test_two_that_complement_each_other() -> None:
    (two,) = pairs_that_cover("need", [partner("a", "fnfn"), partner("b", "nfnn")])
    assert (two.first.id, two.second.id) == ("a", "b")
    assert two.only_second == {1}
    assert two.open == {3}
    assert two.share == 5 / 6
    assert two.alone == 3 / 6


def test_nobody_is_needed_where_one_covers_all() -> None:
    assert names(partner("all", "ffff"), partner("a", "fnnn"), partner("b", "nfnn")) == []


def test_related_companies_are_never_put_together() -> None:
    a, b = partner("a", "fnnn"), partner("b", "nfnn")
    assert names(a, b) == [("a", "b")] or names(a, b) == [("b", "a")]
    assert names(partner("a", "fnnn", related={"b"}), b) == []
    assert names(a, partner("b", "nfnn", related={"a"})) == []
    assert names(partner("a", "fnnn", owner="same"), partner("b", "nfnn", owner="same")) == []


def test_a_partner_that_brings_next_to_nothing_is_none() -> None:
    assert names(partner("a", "ffnn"), partner("b", "nnfn")) == []  # one outcome is less than a must-have
    assert names(partner("a", "ffnn"), partner("b", "nnff")) == [("a", "b")]


def test_what_one_denies_the_other_may_cover() -> None:
    assert names(partner("a", "fcff"), partner("b", "nfnn")) == [("a", "b")]


def test_who_shows_what_the_need_rules_out_takes_no_part() -> None:
    ruled_out = Row(Asked("exclusion", "facial recognition"), "counter", passage=Passage("how", "said"))
    a = partner("a", "fnnn")
    b = partner("b", "nfnn")
    assert (
        names(Partner("a", [*a.rows, ruled_out], 0.9, "a"), Partner("b", [*b.rows, ruled_out], 0.9, "b"))
        == []
    )


def test_what_covers_most_comes_first_then_the_higher_scores() -> None:
    a = partner("a", "fnnn")
    found = names(
        a, partner("b", "nfnn", score=0.9), partner("c", "nffn", score=0.1), partner("d", "nfnn", score=0.5)
    )
    assert found == [("c", "a"), ("b", "a"), ("d", "a")]


@given(
    st.lists(st.text("fnc", min_size=4, max_size=4), min_size=2, max_size=7),
    st.permutations(range(7)),
)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine
def test_the_choice_does_not_depend_on_the_order_and_covers_more(
    statuses: list[str], order: list[int]
) -> None:
    partners = [partner(f"p{at}", letters) for at, letters in enumerate(statuses)]
    shuffled = [partners[at] for at in order if at < len(partners)]
    assert names(*partners) == names(*shuffled)
    for two in pairs_that_cover("need", partners):
        assert two.share > two.alone
        assert two.first.covered | two.second.covered | two.open == set(range(4))
        assert two.only_second
