"""`rank-all`: the same bytes on one process, on several and on a cluster that loses a worker; restartable."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ppp_match.matching import Capability, Need
from ppp_match.matching import blocks as blocks_module
from ppp_match.matching.blocks import Layout, rank_all_files
from ppp_match.matching.commands import matching_commands
from ppp_match.matching.documents import document_to_json

# dask.distributed closes its sockets and event loops in the background, after what opened them is gone.
pytestmark = pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)


@pytest.fixture
def folder(tmp_path: Path, needs: list[Need], capabilities: list[Capability]) -> Path:
    """Thirty needs and the capabilities of the suite, as files."""
    rows = [document_to_json(need) | {"id": f"{need.id}-{n}"} for n in range(10) for need in needs]
    offered = [document_to_json(capability) for capability in capabilities]
    for name, lines in (("needs", rows), ("capabilities", offered)):
        text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
        (tmp_path / f"{name}.jsonl").write_text(text, encoding="utf-8")
    return tmp_path


def run(folder: Path, command: str, *more: str) -> Result:
    inputs = ["--needs", str(folder / "needs.jsonl"), "--capabilities", str(folder / "capabilities.jsonl")]
    return CliRunner().invoke(matching_commands, [command, *inputs, *more])


def ranked(folder: Path, layout: Layout, name: str = "out", **how: object) -> bytes:
    rank_all_files(folder / "needs.jsonl", folder / "capabilities.jsonl", folder / name, layout, **how)  # type: ignore[arg-type]
    return (folder / name).read_bytes()


@pytest.mark.parametrize("form", ["jsonl", "csv", "trec"])
@pytest.mark.parametrize("explain", [False, True])
def test_the_bytes_are_those_of_match(folder: Path, form: str, explain: bool) -> None:
    more = ["--format", form, "--top", "4", *(["--explain"] if explain else [])]
    assert run(folder, "match", *more, "-o", str(folder / "one")).exit_code == 0
    result = run(folder, "rank-all", *more, "--block", "7", "-o", str(folder / "two"))
    assert result.exit_code == 0, result.stderr
    assert "5 blocks ranked; written to" in result.stderr
    assert (folder / "one").read_bytes() == (folder / "two").read_bytes()
    assert not (folder / "two.parts").exists()


def test_an_interrupted_run_goes_on(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    layout = Layout(block=5)
    whole = ranked(folder, layout, "whole")
    asked: list[int] = []
    work = blocks_module.rank_block

    def stopping(parts: str, number: int, layout: Layout) -> int:
        if len(asked) == 2:
            raise KeyboardInterrupt
        asked.append(number)
        return work(parts, number, layout)

    monkeypatch.setattr(blocks_module, "rank_block", stopping)
    result = run(folder, "rank-all", "--block", "5", "-o", str(folder / "out"))
    assert result.exit_code == 130
    assert "the same command goes on from here" in result.stderr
    assert not (folder / "out").exists()
    assert sorted(one.name for one in (folder / "out.parts").glob("block-*")) == [
        "block-00000",
        "block-00001",
    ]

    asked.clear()
    monkeypatch.setattr(blocks_module, "rank_block", lambda *a: asked.append(a[1]) or work(*a))
    result = run(folder, "rank-all", "--block", "5", "-o", str(folder / "out"))
    assert "6 blocks ranked, 2 of them from an earlier run" in result.stderr
    assert asked == [2, 3, 4, 5]
    assert (folder / "out").read_bytes() == whole


def test_blocks_of_other_inputs_are_not_taken(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work = blocks_module.rank_block

    def stopping(parts: str, number: int, layout: Layout) -> int:
        if number == 2:
            raise OSError(28, "No space left on device")
        return work(parts, number, layout)

    monkeypatch.setattr(blocks_module, "rank_block", stopping)
    result = run(folder, "rank-all", "--block", "5", "-o", str(folder / "out"))
    assert result.exit_code == 2
    assert "No space left" in result.stderr
    monkeypatch.setattr(blocks_module, "rank_block", work)
    with (folder / "capabilities.jsonl").open("a", encoding="utf-8") as file:
        file.write('\n{"id": "newcomer", "text": "wastewater treatment plants for small cities"}')
    assert b'"newcomer"' in ranked(folder, Layout(block=5))
    assert ranked(folder, Layout(block=5)) == ranked(folder, Layout(block=30), "other")


def test_a_folder_that_is_no_run_is_left_alone(folder: Path) -> None:
    (folder / "out.parts").mkdir()
    (folder / "out.parts" / "letter.txt").write_text("mine")
    result = run(folder, "rank-all", "-o", str(folder / "out"))
    assert result.exit_code == 2
    assert "left alone" in result.stderr
    assert (folder / "out.parts" / "letter.txt").read_text() == "mine"


def test_a_broken_input_writes_nothing(folder: Path) -> None:
    (folder / "needs.jsonl").write_text('{"id": "a", "text": "x"}\n{')
    result = run(folder, "rank-all", "-o", str(folder / "out"))
    assert result.exit_code == 2
    assert "line 2" in result.stderr
    assert sorted(one.name for one in folder.iterdir()) == ["capabilities.jsonl", "needs.jsonl"]


def test_without_the_extra_the_message_names_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    result = run(folder, "rank-all", "--workers", "2", "-o", str(folder / "out"))
    assert result.exit_code == 2
    assert "ppp-match[cluster]" in result.stderr


def test_two_processes_give_the_same_bytes(folder: Path) -> None:
    assert ranked(folder, Layout(block=4), "two", workers=2) == ranked(folder, Layout(block=4), "one")


def start(*arguments: str) -> subprocess.Popen[bytes]:
    """A process of dask.distributed that finds the same modules as this one."""
    return subprocess.Popen(  # noqa: S603  our own Python
        [sys.executable, "-W", "ignore", "-m", *arguments, "--host", "127.0.0.1", "--no-dashboard"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler and two workers as processes of their own, on loopback."""
    note = tmp_path / "scheduler.json"
    processes = [start("distributed.cli.dask_scheduler", "--port", "0", "--scheduler-file", str(note))]
    try:
        until = time.monotonic() + 60
        while not note.exists() or not note.read_text():
            assert time.monotonic() < until, "the scheduler did not start"
            time.sleep(0.1)
        address = json.loads(note.read_text())["address"]
        processes.extend(
            start(
                *("distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny"),
                *("--local-directory", str(tmp_path / f"worker{number}")),
            )
            for number in (1, 2)
        )
        yield address, processes[1:]
    finally:
        for process in processes:
            process.kill()
            process.wait()


def test_a_cluster_loses_a_worker_midway(
    folder: Path, cluster: tuple[str, list[subprocess.Popen[bytes]]]
) -> None:
    address, workers = cluster
    layout = Layout(block=1, explain=True)
    killed: list[int] = []

    def kill_one(done: int, count: int) -> None:
        if not killed:
            workers[0].send_signal(signal.SIGKILL)
            killed.append(done)

    from distributed import Client

    with Client(address) as client:
        client.wait_for_workers(2, timeout=60)
    assert ranked(folder, layout, scheduler=address, progress=kill_one) == ranked(folder, layout, "alone")
    assert killed
    assert killed[0] < 30
    assert workers[0].wait(timeout=10) == -signal.SIGKILL
    assert workers[1].poll() is None
