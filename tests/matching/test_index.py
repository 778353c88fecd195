"""Ranking: the bridge, the order, rules last, adding and removing, search, odd corpora."""

from __future__ import annotations

import dataclasses
import random
import threading
import unicodedata
from typing import Any

import pytest

from ppp_match.matching import Capability, Index, InputError, Need
from ppp_match.matching import index as index_module
from ppp_match.matching.index import RankedMatch


def ids(matches: list[RankedMatch]) -> list[str]:
    return [match.id for match in matches]


def test_vietnamese_finds_english_and_the_other_way_round(index: Index, needs: list[Need]) -> None:
    assert set(ids(index.rank(needs[0], 2, rules=False))) == {"sewage-en", "sewage-vi"}
    english = Need(id="q", lang="en", text="treatment of wastewater from villages")
    assert "sewage-vi" in ids(index.rank(english, 2))


def test_blocked_pairs_come_last_and_say_why(index: Index, needs: list[Need]) -> None:
    ranking = index.rank(needs[0], 10)
    blocked = {match.id: match.blocked for match in ranking}
    assert blocked["sewage-vi"] == ("budget", "contract_form")
    flags = [bool(match.blocked) for match in ranking]
    assert flags == sorted(flags)
    assert not any(match.blocked for match in index.rank(needs[0], 10, rules=False))


def test_shortlist_keeps_the_blocked_that_would_have_ranked(index: Index, needs: list[Need]) -> None:
    shortlist = index.shortlist(needs[0], 2)
    assert "sewage-vi" in ids(shortlist)
    assert shortlist[-1].blocked
    assert all(match.score > 0 for match in shortlist)


def test_scores_lie_between_zero_and_one_and_zero_means_nothing_shared(index: Index) -> None:
    scores = [match.score for match in index.rank(Need(id="q", text="zyxwv qwrtz", lang="en"), 10)]
    assert set(scores) == {0.0}
    assert all(0 < match.score <= 1 for match in index.rank(Need(id="q", text="retail", lang="en"), 1))


def test_a_generalist_does_not_win(index: Index, needs: list[Need]) -> None:
    for need in needs:
        assert index.rank(need, 1)[0].id != "all-en"


def test_ai_is_not_in_retail(index: Index) -> None:
    match = next(
        m for m in index.rank(Need(id="q", text="AI for cities", lang="en"), 10) if m.id == "retail-en"
    )
    assert match.explanation["terms"] == []


def test_an_index_of_needs_ranks_for_a_capability(needs: list[Need], capabilities: list[Capability]) -> None:
    reverse = Index.fit(needs)
    ranking = reverse.rank(capabilities[2], 3)
    assert ranking[0].id == "need-en"
    assert {rule["rule"]: rule["state"] for rule in ranking[0].explanation["rules"]}["country"] == "yes"
    with pytest.raises(TypeError):
        reverse.rank(needs[0])


def test_rank_all_is_rank_in_order(index: Index, needs: list[Need]) -> None:
    everything = list(index.rank_all(needs, 3))
    assert [need_id for need_id, _ in everything] == [need.id for need in needs]
    assert everything[0][1] == index.rank(needs[0], 3)


def test_order_does_not_depend_on_insertion(capabilities: list[Capability], needs: list[Need]) -> None:
    twins = [dataclasses.replace(capabilities[0], id=f"twin-{n}") for n in range(5)] + capabilities
    expected = ids(Index.fit(twins).rank(needs[0], 12))
    shuffled = list(twins)
    random.Random(7).shuffle(shuffled)  # noqa: S311 - a fixed order, not a secret
    assert ids(Index.fit(shuffled).rank(needs[0], 12)) == expected


def test_unicode_form_changes_nothing(index: Index, needs: list[Need]) -> None:
    decomposed = dataclasses.replace(
        needs[0],
        title=unicodedata.normalize("NFD", needs[0].title),
        text=unicodedata.normalize("NFD", needs[0].text),
    )
    one, other = index.rank(needs[0], 7, explain=False), index.rank(decomposed, 7, explain=False)
    assert one == other


def test_without_diacritics_the_same_is_found(index: Index) -> None:
    assert index.rank(Need(id="q", text="xu ly nuoc thai", lang="vi"), 1)[0].id.startswith("sewage")
    found = index.search("xu ly nuoc thai")
    assert found.restored == "xử lí nước thải"
    assert {hit for hit, _ in found.hits[:2]} == {"sewage-en", "sewage-vi"}


def test_search_tells_what_else_it_searched(index: Index) -> None:
    found = index.search("bus")
    assert {hit for hit, _ in found.hits[:2]} == {"bus-en", "bus-vi"}
    assert found.expansion[0][0] == "bus"
    assert "xe buýt" in found.expansion[0][1]
    assert index.search("zyxwv").hits == []
    assert index.search("", 5).hits == []


def test_what_is_not_offered_counts_against() -> None:
    plain = Capability(id="a", text="Video analytics for street cameras.", lang="en")
    refusing = dataclasses.replace(plain, id="b", not_offered="facial recognition")
    index = Index.fit([plain, refusing, Capability(id="c", text="Facial recognition at gates.", lang="en")])
    ranking = index.rank(Need(id="q", text="Street cameras with facial recognition", lang="en"), 3)
    scores = {match.id: match.score for match in ranking}
    assert scores["b"] < scores["a"]
    terms = next(match for match in ranking if match.id == "b").explanation["terms"]
    assert any(term["share"] < 0 and term["negated"] == "capability" for term in terms)


def test_both_languages_of_one_text_are_read() -> None:
    capability = Capability(
        id="a",
        lang="vi",
        title="Đèn đường",
        text="Chiếu sáng công cộng.",
        alt_lang="en",
        alt_title="Zebrafish lamps",
        alt_text="Public lighting.",
    )
    index = Index.fit([capability, Capability(id="b", text="Something else", lang="en")])
    match = index.rank(Need(id="q", text="zebrafish", lang="en"), 1)[0]
    assert match.id == "a"
    start, end = match.explanation["terms"][0]["capability_alt_spans"][0]
    assert f"{capability.alt_title}\n{capability.alt_text}"[start:end] == "Zebrafish"


def test_adding_and_removing_come_close_to_a_refit(capabilities: list[Capability], needs: list[Need]) -> None:
    index = Index.fit(capabilities[:4])
    for capability in capabilities[4:]:
        index.add(capability)
    index.add(dataclasses.replace(capabilities[0], text="Something else entirely."))
    index.add(capabilities[0])
    index.add(dataclasses.replace(capabilities[0], id="passing"))
    assert index.remove("passing")
    assert not index.remove("passing")
    assert len(index) == len(capabilities)
    assert "bus-en" in index
    assert "passing" not in index
    refit = Index.fit(capabilities)
    for need in needs:
        assert ids(index.rank(need, 1)) == ids(refit.rank(need, 1))
    index.merge()
    for need in needs:
        got = {match.id: match.score for match in index.rank(need, 10)}
        assert got == pytest.approx({match.id: match.score for match in refit.rank(need, 10)}, abs=1e-9)


def test_many_additions_merge_by_themselves(capabilities: list[Capability]) -> None:
    index = Index.fit([])
    for number in range(70):
        index.add(dataclasses.replace(capabilities[number % 7], id=f"x{number}"))
    assert len(index.state.segments[1]) < 10
    assert index.rank(Need(id="q", text="wastewater", lang="en"), 1)[0].score > 0


def test_what_comes_in_during_a_merge_is_kept(
    capabilities: list[Capability], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A document comes in and another leaves while a merge is under way, twice: nothing is lost, nothing comes back."""
    index = Index.fit(capabilities)
    coming = [dataclasses.replace(capabilities[0], id=f"late-{number}") for number in range(2)]
    leaving = [capabilities[1].id, capabilities[2].id]
    at_once = index_module.merged

    def slowly(*parts: Any) -> Any:
        if coming:
            index.add(coming.pop(), merge=False)
            index.remove(leaving.pop())
        return at_once(*parts)

    monkeypatch.setattr(index_module, "merged", slowly)
    index.merge()
    assert not coming
    held = {capability.id for capability in capabilities[3:]} | {capabilities[0].id, "late-0", "late-1"}
    assert set(index.documents) == set(index.positions) == held
    assert len(index.state.segments[0]) == len(held)
    assert len(index.state.segments[1]) == len(index.state.segments[2]) == 0
    refit = Index.fit([index.documents[document_id] for document_id in index.positions])
    need = Need(id="q", text="wastewater bus traffic lights", lang="en")
    got = {match.id: match.score for match in index.rank(need, 20)}
    assert got == pytest.approx({match.id: match.score for match in refit.rank(need, 20)}, abs=1e-9)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_tiny_corpora(count: int, capabilities: list[Capability], needs: list[Need]) -> None:
    index = Index.fit(capabilities[:count])
    assert len(index.rank(needs[0], 10)) == count
    assert index.search("wastewater").hits == [] or count
    assert list(index.rank_all([], 10)) == []
    assert index.rank(needs[0], 0) == []


@pytest.mark.parametrize(
    "text", ["", " \n", "ระบบบำบัดน้ำเสีย", "ប្រព័ន្ធប្រព្រឹត្តកម្មទឹក", "污水", "🙂", "\x00", "a" * 50_000]
)
def test_odd_texts_do_not_crash(text: str, index: Index) -> None:
    index.rank(Need(id="q", text=text), 3)
    index.search(text)
    other = Index.fit([Capability(id="a", text=text), Capability(id="b", text="water")])
    assert len(other.rank(Need(id="q", text=text), 2)) == 2


def test_thai_meets_thai() -> None:
    index = Index.fit([Capability(id="a", text="ระบบบำบัดน้ำเสีย"), Capability(id="b", text="รถโดยสารไฟฟ้า")])
    assert index.rank(Need(id="q", text="บำบัดน้ำเสียชุมชน"), 2)[0].id == "a"


def test_double_ids_and_mixed_kinds_are_refused(capabilities: list[Capability], needs: list[Need]) -> None:
    with pytest.raises(InputError, match="twice"):
        Index.fit([capabilities[0], capabilities[0]])
    with pytest.raises(TypeError):
        Index.fit([capabilities[0], needs[0]])


def test_readers_are_not_disturbed_by_a_writer(capabilities: list[Capability], needs: list[Need]) -> None:
    index = Index.fit(capabilities)
    errors: list[Exception] = []

    def read() -> None:
        try:
            for _ in range(30):
                assert index.rank(needs[0], 3)[0].score > 0
        except Exception as error:
            errors.append(error)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for number in range(30):
        index.add(dataclasses.replace(capabilities[1], id=f"new-{number}", text=f"Nước thải số {number}"))
        index.remove(f"new-{number - 3}")
    for reader in readers:
        reader.join()
    assert errors == []
