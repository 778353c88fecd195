"""The lexicon: a linter over its files, and the bridge in both directions."""

from __future__ import annotations

import csv
import unicodedata
from collections import Counter
from functools import lru_cache
from pathlib import Path

import pytest

from ppp_match.matching import InputError
from ppp_match.matching.bilingual import LEXICON_FOLDER, Change, Lexicon, default_lexicon
from ppp_match.matching.lexicon_lint import SECTORS, Linter, findings_of
from ppp_match.matching.text import tokenise


def rows() -> list[tuple[str, dict[str, str]]]:
    found = []
    for file in sorted(LEXICON_FOLDER.glob("*.csv")):
        with file.open(encoding="utf-8-sig", newline="") as handle:
            found += [
                (f"{file.name}:{number}", row) for number, row in enumerate(csv.DictReader(handle), start=2)
            ]
    return found


def test_the_lexicon_is_broad_and_covers_every_sector() -> None:
    counts = Counter(row["sector"] for _, row in rows())
    assert sum(counts.values()) >= 1800
    assert set(counts) == set(SECTORS)


# Longer than what is looked up: they serve in the direction of their shorter side. The last one is read as its
# neighbour is, and does no harm.
KNOWN = {
    ("Master Plan on ASEAN Connectivity 2025", "too_long"),
    ("build-transfer-lease contract", "too_long"),
    ("build-lease-transfer contract", "too_long"),
    ("smart city operations centre", "too_long"),
    ("operation centre", "duplicate"),
}


def test_the_linter_finds_nothing_in_what_is_shipped() -> None:
    """The same linter that the editor asks before an entry enters a draft."""
    found = findings_of(default_lexicon())
    assert {(entry.other, finding.code) for entry, finding in found} == KNOWN, found


@pytest.mark.parametrize(
    ("kind", "one", "other", "wrong"),
    [
        ("pair", "mưa bão lạ kỳ", "zorblax", []),
        ("pair", "trạm café", "café", []),
        ("pair", "", "zorblax", [("one", "empty", "")]),
        ("pair", "mưa", " - ", [("other", "empty", "")]),
        ("pair", unicodedata.normalize("NFD", "mưa lạ"), "zorblax", [("one", "not_nfc", "")]),
        ("pair", " mưa  lạ", "zorblax", [("one", "untrimmed", "")]),
        ("pair", "một hai ba bốn năm sáu bảy tám chín", "zorblax", [("one", "too_long", "")]),
        ("pair", "nuoc thai", "zorblax", [("one", "diacritics", "nước thải")]),
        ("pair", "can ho la lung", "zorblax", [("one", "diacritics", "")]),
        ("pair", "zorblax", "nước thải", [("one", "not_vietnamese", ""), ("other", "not_english", "")]),
        ("pair", "sewage treatment", "zorblax", [("one", "not_vietnamese", "")]),
        ("pair", "Nước thải", "wastewaters", [("other", "duplicate", "nước thải ≈ wastewater")]),
        ("pair", "không ổn định", "steady", [("one", "contradiction", "ổn định ≈ steady")]),
        ("pair", "ổn định", "not steady", [("other", "contradiction", "ổn định ≈ steady")]),
        ("pair", "không lạ kỳ", "not zorblax", []),
        ("vi", "không lạ kỳ", "lạ kỳ", [("one", "contradiction", "lạ kỳ")]),
        ("vi", "sewage treatment", "nước lạ", [("one", "not_vietnamese", "")]),
        ("en", "of the", "zorblax", [("one", "only_function_words", "")]),
        ("en", "zorblaxes", "Zorblax", [("other", "itself", "")]),
        ("en", "street lamp", "streetlight", [("other", "duplicate", "streetlight = street lamp")]),
    ],
)
def test_the_linter_names_what_is_wrong_and_where(kind: str, one: str, other: str, wrong: list) -> None:
    found = _linter().findings(Change("add", kind, one, other, "water"))
    assert [tuple(finding) for finding in found] == wrong


def test_an_unknown_sector_is_named() -> None:
    (found,) = _linter().findings(Change("add", "pair", "mưa lạ", "zorblax", "cheese"))
    assert found == ("sector", "unknown_sector", "")


def test_the_linter_follows_changes_and_the_first_one_stays_as_it_was() -> None:
    linter = _linter()
    known, new = Change("add", "pair", "nước thải", "wastewater"), Change("add", "pair", "mưa lạ", "zorblax")
    changed = linter.after([known._replace(action="remove"), new])
    assert [linter.stands(known), linter.stands(new)] == [True, False]
    assert [changed.stands(known), changed.stands(new)] == [False, True]


@lru_cache
def _linter() -> Linter:
    return Linter(default_lexicon().as_changes())


def test_both_directions_and_weights() -> None:
    lexicon = default_lexicon()
    for source in ("vi", "en"):
        for entry in lexicon.entries[:300]:
            text = entry.vi if source == "vi" else entry.en
            words = [token.word for token in tokenise(text)]
            if len(words) > 8:
                continue
            expansions = lexicon.expand(words, source)
            assert expansions[0].start == 0, entry
            assert all(abs(sum(target.weight for target in one.targets) - 1) < 1e-9 for one in expansions)


def test_longest_match_and_its_parts() -> None:
    words = [token.word for token in tokenise("trạm xử lý nước thải")]
    expansions = default_lexicon().expand(words, "vi")
    whole = [one for one in expansions if not one.part]
    assert any(("wastewater", "treatment") in [target.words for target in one.targets] for one in whole)
    assert any(one.part and ("wastewater",) in [target.words for target in one.targets] for one in expansions)


def test_a_folder_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own.csv").write_text("vi,en,sector\nbánh mì,bread,general\n", encoding="utf-8")
    assert [entry.label for entry in Lexicon.load(tmp_path).entries] == ["bánh mì ≈ bread"]
    monkeypatch.setenv("PPP_MATCH_LEXICON", str(tmp_path))
    assert len(default_lexicon().entries) == 1


@pytest.mark.parametrize(("content", "line"), [("vi,en\na,b\n", 1), ("vi,en,sector\nnước,water,\n,x,\n", 3)])
def test_a_broken_file_is_named_with_its_line(tmp_path: Path, content: str, line: int) -> None:
    (tmp_path / "bad.csv").write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        Lexicon.load(tmp_path)
    assert caught.value.line == line
    assert "bad.csv" in str(caught.value)


def test_no_lexicon_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no lexicon"):
        Lexicon.load(tmp_path)
