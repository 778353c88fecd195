"""The lexicon: a linter over its files, and the bridge in both directions."""

from __future__ import annotations

import csv
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

from ppp_match.matching import InputError
from ppp_match.matching.bilingual import LEXICON_FOLDER, Lexicon, default_lexicon
from ppp_match.matching.text import tokenise

SECTORS = {
    "general",
    "ppp",
    "education",
    "health",
    "transport",
    "construction",
    "environment",
    "water",
    "energy",
    "safety",
    "egov",
    "tourism",
    "economy",
}


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
    assert set(counts) == SECTORS


def test_entries_are_nfc_trimmed_and_not_empty() -> None:
    for place, row in rows():
        for side in ("vi", "en"):
            cell = row[side]
            assert cell, place
            assert cell == cell.strip(), place
            assert unicodedata.is_normalized("NFC", cell), place
            assert tokenise(cell), place


def test_no_pair_comes_twice() -> None:
    counts = Counter((row["vi"].casefold(), row["en"].casefold()) for _, row in rows())
    assert [pair for pair, count in counts.items() if count > 1] == []


def test_no_vietnamese_entry_lost_its_diacritics() -> None:
    # A Vietnamese entry in plain ASCII is a loan word or a name, then its English side is written alike.
    known = {
        "camera",
        "internet",
        "video",
        "container",
        "logistics",
        "ai",
        "iot",
        "gis",
        "bim",
        "ioc",
        "cctv",
        "camera an ninh",
    }
    for place, row in rows():
        vi = row["vi"]
        if vi.isascii() and vi.casefold() not in known and vi.casefold() != row["en"].casefold():
            syllables = vi.split()
            assert len(syllables) <= 2, (place, vi)


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
