"""With compiled kernels and without: one order, one score. Mapped files and memory: the same answers."""

from __future__ import annotations

import dataclasses
import os
import random
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from ppp_match.matching import Capability, Index, IndexUnusable, Need, store
from ppp_match.matching.search import Scores, order, tie_break
from ppp_match.matching.stored import Numbers, StoredRestorer, number_arrays

WORDS = ["water", "bus", "lamp", "sensor", "camera", "waste", "road", "air", "the", "of"]
WORDS += ["nước", "xe", "đèn", "cảm", "biến", "rác", "đường", "không", "khí", "và", "của"]


def corpus(count: int) -> list[Capability]:
    """Texts with equal ones among them, in both languages and neither, some without a word or a sector."""
    chance = random.Random(3)  # noqa: S311 - the same texts every time
    found = []
    for number in range(count):
        text = " ".join(chance.choices(WORDS, k=chance.randrange(12)))
        lang = chance.choice(["vi", "en", "th", None])
        sectors = tuple(chance.sample(["water", "transport", "water.wastewater"], chance.randrange(3)))
        found.append(Capability(id=f"c{number}", text=text, lang=lang, sectors=sectors))
        if number % 9 == 0:
            found.append(dataclasses.replace(found[-1], id=f"twin{number}"))
    return found


@pytest.fixture(scope="module")
def capabilities() -> list[Capability]:
    return corpus(150)


NEEDS = [
    Need(id="a", text="water sensor for the road", lang="en", sectors=("water",)),
    Need(id="b", text="cảm biến nước và đèn đường", lang="vi", sectors=("transport", "water.wastewater")),
    Need(id="c", text="zzz", lang="en"),
    Need(id="d", text="", sectors=("water",)),
]


def answers(index: Index) -> list[object]:
    return [index.rank(need, 200) for need in NEEDS] + [
        index.search("xe bus nuoc", 50),
        index.shortlist(NEEDS[0], 5),
    ]


def changed(capabilities: list[Capability]) -> Index:
    """An index with all three segments and documents taken out of each."""
    index = Index.fit(capabilities[:60])
    for capability in capabilities[60:]:
        index.add(capability)
    for gone in ("c3", "twin9", capabilities[-1].id):
        index.remove(gone)
    return index


def test_without_kernels_the_same(capabilities: list[Capability], monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba")
    expected = answers(changed(capabilities))
    for module in ("fields", "search"):
        monkeypatch.setattr(f"ppp_match.matching.{module}.kernels", lambda: None)
    index = changed(capabilities)
    assert answers(index) == expected
    index.merge()
    merged = answers(index)
    monkeypatch.undo()
    assert answers(index) == merged


def test_mapped_is_as_in_memory(capabilities: list[Capability], tmp_path: Path) -> None:
    index = changed(capabilities)
    index.save(tmp_path / "one")
    opened = Index.open(tmp_path / "one")
    assert answers(opened) == answers(index)
    assert list(opened.documents) == list(index.documents)
    assert list(opened.documents.values()) == list(index.documents.values())
    for each in (index, opened):
        each.add(dataclasses.replace(capabilities[5], id="later", text="Cửa hàng zebra water"))
        each.add(dataclasses.replace(capabilities[6], text="đèn"))
        each.remove("c7")
    assert answers(opened) == answers(index)
    assert ("later" in opened, "c7" in opened, len(opened)) == (True, False, len(index))
    opened.save(tmp_path / "two")
    assert answers(Index.open(tmp_path / "two")) == answers(index)
    opened.merge()
    index.merge()
    assert answers(opened) == answers(index)
    assert opened.state.alive.all()
    assert opened.restorer.state() == index.restorer.state()


def test_what_is_open_outlives_a_save(capabilities: list[Capability], tmp_path: Path) -> None:
    index = Index.fit(capabilities)
    index.save(tmp_path / "index")
    opened = Index.open(tmp_path / "index")
    Index.fit(capabilities[:3]).save(tmp_path / "index")
    assert answers(opened) == answers(index)
    assert len(Index.open(tmp_path / "index")) == 3


def test_saving_while_others_open(capabilities: list[Capability], tmp_path: Path) -> None:
    indexes = [Index.fit(capabilities[:count]) for count in (2, 4)]
    indexes[0].save(tmp_path / "index")
    wrong: list[object] = []

    def read() -> None:
        try:
            found = {len(Index.open(tmp_path / "index")) for _ in range(25)}
            wrong.extend(found - {2, 4})
        except Exception as error:
            wrong.append(error)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for turn in range(20):
        indexes[turn % 2].save(tmp_path / "index")
    for reader in readers:
        reader.join()
    assert wrong == []


def test_large_files_are_checked_at_both_ends_and_by_check(
    capabilities: list[Capability], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_SMALL", 0)
    monkeypatch.setattr(store, "_ENDS", 64)
    Index.fit(capabilities).save(tmp_path / "index")
    Index.check(tmp_path / "index")
    file = next((tmp_path / "index").glob("v-*/arrays.bin"))
    whole = file.read_bytes()
    for place, noticed in ((3, True), (len(whole) - 3, True), (len(whole) // 2, False)):
        harmed = bytearray(whole)
        harmed[place] ^= 0xFF
        file.unlink()
        file.write_bytes(harmed)
        if noticed:
            with pytest.raises(IndexUnusable):
                Index.open(tmp_path / "index")
        with pytest.raises(IndexUnusable, match="checksum"):
            Index.check(tmp_path / "index")
    file.unlink()
    file.write_bytes(whole[:-100])
    with pytest.raises(IndexUnusable):
        Index.open(tmp_path / "index")


def test_order_is_a_full_sort() -> None:
    random_numbers = np.random.default_rng(1)
    ordering = random_numbers.integers(0, 400, 3000) / 400
    score = np.where(random_numbers.random(3000) < 0.1, 0.0, ordering)
    alive = random_numbers.random(3000) < 0.9
    keys = np.where(score > 0, ordering, -np.inf)
    expected = sorted(np.flatnonzero(alive), key=lambda at: (-keys[at], tie_break("q", str(at)), str(at)))
    assert list(order(Scores(score, ordering, alive, np.ones(3000)), "q", str)) == [
        int(at) for at in expected
    ]


def test_numbers_of_strings() -> None:
    # Two strings of one CRC-32 are told apart.
    strings = ["plumless", "buckeroo", "", "đường", "a"]
    numbers = Numbers(number_arrays(strings))
    assert dict(numbers) == {string: at for at, string in enumerate(strings)}
    assert numbers.get("nothing") is None
    numbers["b"] = 5
    numbers["a"] = 7
    del numbers["plumless"]
    assert dict(numbers) == {"buckeroo": 1, "": 2, "đường": 3, "b": 5, "a": 7}
    assert len(numbers) == 5
    numbers["plumless"] = 9
    assert (numbers["plumless"], len(numbers)) == (9, 6)
    del numbers["b"]
    with pytest.raises(KeyError):
        numbers["b"]
    with pytest.raises(KeyError):
        del numbers["b"]


def test_a_restorer_goes_on_learning(capabilities: list[Capability], tmp_path: Path) -> None:
    index = Index.fit(
        [*capabilities, Capability(id="x", text="Đường sắt cảm biến rác thải ở Huế", lang="vi")]
    )
    index.save(tmp_path / "index")
    opened = Index.open(tmp_path / "index")
    assert isinstance(opened.restorer, StoredRestorer)
    for restorer in (index.restorer, opened.restorer):
        restorer.learn(["đường", "tàu"], weight=50)
    assert opened.restorer.state() == index.restorer.state()
    assert opened.search("duong tau").restored == index.search("duong tau").restored == "đường tàu"


_AFTER_WARMING = """
import sys
import numpy as np
import scipy.sparse as sp
from ppp_match.matching import Capability, Index, Need, compiled, kernels, kernels_top
from ppp_match.matching.postings import Postings
from ppp_match.matching.vectorise import FastTfidfVectorizer, QueryVectoriser

compiled.warm_up()
before = {
    name: list(getattr(module, name).signatures)
    for module in (kernels, kernels_top)
    for name in module.__all__
    if hasattr(getattr(module, name), "signatures")
}
offers = [Capability(id=str(n), text=f"Nước sạch water {n}", lang=("vi", "en")[n % 2]) for n in range(80)]
Index.fit(offers[:40]).save(sys.argv[1])
index = Index.open(sys.argv[1])
for offer in offers[40:]:
    index.add(offer)
index.remove("3")
index.rank(Need(id="q", text="water", sectors=("water",)), 5)
index.search("nuoc")
index.merge()
index.rank(Need(id="q", text="water", sectors=("water",)), 5)
vectorizer = FastTfidfVectorizer()
rows = vectorizer.fit_transform(["clean water", "water pipes"])
made = [Postings.of(rows), Postings.of(rows, dense=2, short=2)]
for postings in (*made, Postings.from_arrays(made[1].arrays())):
    postings.top(*QueryVectoriser(vectorizer)("water"))
    postings.top_all(rows, threads=2)
after = {
    name: list(getattr(module, name).signatures)
    for module in (kernels, kernels_top)
    for name in module.__all__
    if hasattr(getattr(module, name), "signatures")
}
assert all(before.values()), [name for name, known in before.items() if not known]
assert after == before, {name: (before[name], after[name]) for name in after if after[name] != before[name]}
"""


def test_nothing_is_left_to_compile_after_warming_up(tmp_path: Path) -> None:
    pytest.importorskip("numba")
    command = [sys.executable, "-c", _AFTER_WARMING, str(tmp_path / "index")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    assert done.returncode == 0, done.stderr


def test_a_package_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """numba then keeps the kernels in the user's cache folder, and where that fails too, in memory."""
    pytest.importorskip("numba")
    copy = tmp_path / "package" / "ppp_match" / "matching"
    copy.mkdir(parents=True)
    source = Path(store.__file__).with_name("kernels.py")
    (copy / "kernels.py").write_bytes(source.read_bytes())
    (copy / "__pycache__").write_text("in the way of a folder")
    code = "import kernels, numpy as np; kernels.rescale.py_func; kernels.add_squares"
    for home in (tmp_path, Path("/dev/null")):
        environment = {**os.environ, "HOME": str(home), "XDG_CACHE_HOME": str(home), "PYTHONPATH": str(copy)}
        environment.pop("NUMBA_CACHE_DIR", None)
        done = subprocess.run(  # noqa: S603 - our own words
            [sys.executable, "-B", "-c", code], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


# Two processes that compile one function for different types at the same time, each pausing where numba does not look
# after the other: between reading its index of compiled code and writing it, and again before it writes the code.
AT_ONCE = """
import sys, time
import numpy as np
from numba.core.caching import IndexDataCacheFile as Files
from ppp_match.matching.kernels import compiled

def total(values):
    found = 0
    for value in values:
        found += value
    return found

total, floats = compiled(total), sys.argv[1] == "floats"
save_index, save_code = Files._save_index, Files._save_data

def slow_index(self, entries):
    time.sleep(0.5)
    save_index(self, entries)

def slow_code(self, name, code):
    time.sleep(1 if floats else 0.2)
    save_code(self, name, code)

Files._save_index, Files._save_data = slow_index, slow_code
for kind in (np.float64, np.int32) if sys.argv[1] == "both" else (np.float64,) if floats else (np.int32,):
    assert total(np.array([1, 2, 3], dtype=kind)) == 6
"""


def test_processes_that_compile_at_once_do_not_mix_their_code(tmp_path):
    script = tmp_path / "kernel.py"
    script.write_text(AT_ONCE)
    environment = {
        **os.environ,
        "NUMBA_CACHE_DIR": str(tmp_path),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }

    def begin(what: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, str(script), what], env=environment)  # noqa: S603  our own words

    both_at_once = [begin("floats"), begin("whole numbers")]
    assert [one.wait(timeout=60) for one in both_at_once] == [0, 0]
    assert begin("both").wait(timeout=60) == 0
