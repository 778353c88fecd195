"""Synonyms: a linter over their files, and a need that meets other words for the same thing."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from ppp_match.matching import Index, InputError
from ppp_match.matching.bilingual import LEXICON_FOLDER, Entry, Lexicon, Synonym, default_lexicon
from ppp_match.matching.documents import Capability, Need
from ppp_match.matching.text import tokenise

FOLDER = LEXICON_FOLDER / "synonyms"


def rows(language: str) -> list[tuple[str, dict[str, str]]]:
    with (FOLDER / f"{language}.csv").open(encoding="utf-8", newline="") as handle:
        return [
            (f"{language}.csv:{number}", row) for number, row in enumerate(csv.DictReader(handle), start=2)
        ]


@pytest.mark.parametrize(("language", "least"), [("vi", 350), ("en", 450)])
def test_there_are_many_in_both_languages(language: str, least: int) -> None:
    assert len(rows(language)) >= least


# What is wrong with single entries is the linter's matter, tests/matching/test_lexicon.py.


def test_english_synonyms_are_plain_letters() -> None:
    for place, row in rows("en"):
        assert (row["a"] + row["b"]).isascii(), place


def test_both_directions_by_longest_match() -> None:
    lexicon = default_lexicon()
    for one in lexicon.synonyms:
        for source in (one.a, one.b):
            words = [token.word for token in tokenise(source)]
            (found,) = lexicon.alike(words, one.language)
            assert (found.start, found.end) == (0, len(words)), source
            assert sum(target.weight for target in found.targets) == pytest.approx(1.0)
    (found,) = lexicon.alike(["garbage", "truck"], "en")
    assert ("garbage",) not in [target.words for target in found.targets]


def test_the_fingerprint_covers_them(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("vi,en,sector\nbánh mì,bread,general\n", encoding="utf-8")
    without = default_lexicon(tmp_path)
    (tmp_path / "synonyms").mkdir()
    (tmp_path / "synonyms" / "en.csv").write_text("a,b,sector\nbread,loaf,general\n", encoding="utf-8")
    having = default_lexicon(tmp_path)
    assert [one.label for one in having.synonyms] == ["bread = loaf"]
    assert without.fingerprint != having.fingerprint
    assert len(having.entries) == 1


def test_a_broken_file_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("vi,en,sector\nbánh mì,bread,general\n", encoding="utf-8")
    (tmp_path / "synonyms").mkdir()
    (tmp_path / "synonyms" / "en.csv").write_text("a,b,sector\nbread,,general\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        Lexicon.load(tmp_path)
    assert caught.value.line == 2
    assert "en.csv" in str(caught.value)


CASES = [
    ("en", "We want every street lamp on the dike road replaced.", "Streetlight retrofits.", "streetlight"),
    ("en", "The streetlight poles rust.", "Renewal of the street lamp on a quay.", "streetlight"),
    ("vi", "Phường cần chích ngừa tại nhà.", "Đội tiêm chủng lưu động.", "chích ngừa"),
]


def _index(language: str, offered: str) -> Index:
    other = {"en": "Vegetable farming in the hills.", "vi": "Trồng rau trên đồi."}[language]
    return Index.fit(
        [
            Capability(id="other", text=other, lang=language),
            Capability(id="wanted", text=offered, lang=language),
        ]
    )


@pytest.mark.parametrize(("language", "wanted", "offered", "word"), CASES)
def test_a_need_finds_other_words_for_the_same_and_says_so(
    language: str, wanted: str, offered: str, word: str
) -> None:
    index = _index(language, offered)
    need = Need(id="n", text=wanted, lang=language)
    assert index.search(wanted, lang=language).hits[0][0] == "wanted"
    explained = index.explain(need, index.documents["wanted"])
    bridges = [line["bridge"] for line in explained["terms"] if line["bridge"]]
    assert any(word in bridge and " = " in bridge for bridge in bridges), bridges
    parts = [*explained["terms"], *explained["features"]]
    assert sum(part["share"] for part in parts) == pytest.approx(explained["total"], abs=1e-6)


def test_without_the_synonym_the_same_need_finds_nothing() -> None:
    entry = Entry("bánh mì", "bread", "general", "own.csv", 2)
    offers = [Capability(id="c", text="Loaf ovens.", lang="en")]
    need = Need(id="n", text="Bread wanted", lang="en")
    bare = Index.fit(offers, lexicon=Lexicon([entry])).explain(need, offers[0])
    alike = Index.fit(offers, lexicon=Lexicon([entry], [Synonym("bread", "loaf", "en")])).explain(
        need, offers[0]
    )
    assert bare["terms"] == []
    assert [(line["source_term"], line["term"], line["bridge"]) for line in alike["terms"]] == [
        ("Bread", "Loaf", "bread = loaf")
    ]


def test_a_synonym_counts_less_than_the_word_itself() -> None:
    index = Index.fit(
        [
            Capability(id="same", text="Streetlight repair.", lang="en"),
            Capability(id="other", text="Luminaire repair.", lang="en"),
        ]
    )
    assert next(key for key, _ in index.search("streetlight", lang="en").hits) == "same"
