"""Saving and opening: the same answers, and no answer from what cannot be trusted."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path

import pytest

from ppp_match.matching import Capability, Index, IndexUnusable, Need
from ppp_match.matching.bilingual import Lexicon


@pytest.fixture
def saved(tmp_path: Path, capabilities: list[Capability]) -> Path:
    index = Index.fit(capabilities[:-1])
    index.add(capabilities[-1])
    index.remove("bus-vi")
    index.save(tmp_path / "index")
    return tmp_path / "index"


def test_there_and_back_is_identical(
    tmp_path: Path, capabilities: list[Capability], needs: list[Need]
) -> None:
    index = Index.fit(capabilities[:-1])
    index.add(dataclasses.replace(capabilities[-1], published="2026-01-01", confirmed_references=2))
    index.remove("bus-vi")
    index.save(tmp_path / "index")
    opened = Index.open(tmp_path / "index")
    assert len(opened) == len(index)
    assert opened.version == index.version
    assert opened.search("nuoc thai") == index.search("nuoc thai")
    for need in needs:
        assert opened.rank(need, 10) == index.rank(need, 10)
    opened.add(capabilities[3])
    assert "bus-vi" in opened


def test_saving_again_replaces_and_leaves_nothing_behind(saved: Path, capabilities: list[Capability]) -> None:
    Index.fit(capabilities[:2]).save(saved)
    assert len(Index.open(saved)) == 2
    assert [entry.name for entry in saved.parent.iterdir()] == ["index"]


def test_an_empty_index_can_be_saved(tmp_path: Path, needs: list[Need]) -> None:
    Index.fit([]).save(tmp_path / "empty")
    assert Index.open(tmp_path / "empty").rank(needs[0]) == []


def test_what_another_process_is_writing_stays_and_what_it_left_goes(
    saved: Path, capabilities: list[Capability]
) -> None:
    (first,) = saved.glob("v-*")
    writing, left = saved / "v-writing", saved / "v-left"
    for folder in (writing, left):
        folder.mkdir()
        (folder / "documents.jsonl").write_text("{}")
    os.utime(left, (0, 0))
    Index.fit(capabilities[:2]).save(saved)
    kept = set(saved.glob("v-*"))
    assert writing in kept
    assert not {first, left} & kept
    assert len(kept) == 2


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(FileExistsError):
        Index.fit([]).save(tmp_path)
    assert (tmp_path / "letter.txt").exists()


@pytest.mark.parametrize("name", ["arrays.bin", "documents.jsonl"])
@pytest.mark.parametrize("harm", ["flip", "cut", "delete"])
def test_damage_is_noticed(saved: Path, name: str, harm: str) -> None:
    file = next(saved.glob(f"v-*/{name}"))
    content = bytearray(file.read_bytes())
    if harm == "delete":
        file.unlink()
    elif harm == "cut":
        file.write_bytes(content[: len(content) // 2])
    else:
        content[len(content) // 2] ^= 0xFF
        file.write_bytes(content)
    with pytest.raises(IndexUnusable):
        Index.open(saved)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("matcher", "0", "version"),
        ("format", "other", "no index of this program"),
        ("lexicon", "x", "lexicon"),
        ("files", None, "damaged"),
        ("weights", {"nonsense": 1}, "damaged"),
    ],
)
def test_foreign_indexes_are_refused(saved: Path, key: str, value: object, message: str) -> None:
    manifest = json.loads((saved / "manifest.json").read_text(encoding="utf-8"))
    manifest[key] = value
    (saved / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(IndexUnusable, match=message):
        Index.open(saved)


@pytest.mark.parametrize("content", ["", "[]", "null", "{", "[" * 5000])
def test_a_broken_manifest_is_refused(saved: Path, content: str) -> None:
    (saved / "manifest.json").write_text(content, encoding="utf-8")
    with pytest.raises(IndexUnusable):
        Index.open(saved)


def test_no_folder_and_another_lexicon(saved: Path, tmp_path: Path) -> None:
    with pytest.raises(IndexUnusable, match="no index"):
        Index.open(tmp_path / "nowhere")
    (tmp_path / "own.csv").write_text("vi,en,sector\nnước,water,water\n", encoding="utf-8")
    with pytest.raises(IndexUnusable, match="another lexicon"):
        Index.open(saved, lexicon=Lexicon.load(tmp_path))
