"""`match` and `evaluate` as a user types them."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ppp_match.matching import Capability, Need
from ppp_match.matching.commands import matching_commands
from ppp_match.matching.documents import document_to_json


@pytest.fixture
def files(tmp_path: Path, needs: list[Need], capabilities: list[Capability]) -> Path:
    for name, documents in (("needs", needs), ("capabilities", capabilities)):
        lines = [json.dumps(document_to_json(document), ensure_ascii=False) for document in documents]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "qrels.tsv").write_text("need_id\tcap_id\tgrade\nneed-vi\tsewage-en\t3\nneed-en\tbus-en\t3\n")
    return tmp_path


def run(folder: Path, command: str, *more: str) -> Result:
    inputs = ["--needs", str(folder / "needs.jsonl"), "--capabilities", str(folder / "capabilities.jsonl")]
    return CliRunner().invoke(matching_commands, [command, *inputs, *more])


def test_jsonl(files: Path) -> None:
    result = run(files, "match", "--top", "7")
    assert result.exit_code == 0
    assert result.stderr == ""
    records = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(records) == 21
    assert list(records[0]) == ["need_id", "capability_id", "rank", "score", "blocked"]
    assert (records[0]["need_id"], records[0]["capability_id"], records[0]["rank"]) == (
        "need-vi",
        "sewage-en",
        1,
    )
    assert any(record["blocked"] for record in records)
    free = [json.loads(line) for line in run(files, "match", "--ignore-rules").stdout.splitlines()]
    assert not any(record["blocked"] for record in free)


def test_explanations(files: Path) -> None:
    record = json.loads(run(files, "match", "--explain", "--top", "1").stdout.splitlines()[0])
    assert record["explanation"]["terms"]


def test_csv_is_safe_to_open(files: Path) -> None:
    evil = {"id": "=HYPERLINK(1)", "text": "wastewater"}
    with (files / "capabilities.jsonl").open("a", encoding="utf-8") as file:
        file.write("\n" + json.dumps(evil))
    rows = list(csv.DictReader(io.StringIO(run(files, "match", "--format", "csv").stdout)))
    assert rows[0]["need_id"] == "need-vi"
    assert "'=HYPERLINK(1)" in {row["capability_id"] for row in rows}
    assert {row["blocked"] for row in rows} >= {"", "budget contract_form"}
    with_reasons = csv.DictReader(io.StringIO(run(files, "match", "--format", "csv", "--explain").stdout))
    assert json.loads(next(with_reasons)["explanation"])["total"] > 0


def test_trec_scores_fall_with_the_rank(files: Path) -> None:
    lines = [line.split(" ") for line in run(files, "match", "--format", "trec").stdout.splitlines()]
    assert all(len(line) == 6 and line[1] == "Q0" for line in lines)
    for need_id in ("need-vi", "need-en"):
        scores = [float(line[4]) for line in lines if line[0] == need_id]
        assert all(one > other for one, other in pairwise(scores))


def test_output_appears_whole_or_not_at_all(files: Path) -> None:
    target = files / "out.jsonl"
    assert run(files, "match", "-o", str(target)).exit_code == 0
    before = target.read_text(encoding="utf-8")
    assert before.count("\n") == 21
    (files / "needs.jsonl").write_text('{"id": "a", "text": "x"}\n{"id": 3}\n')
    result = run(files, "match", "-o", str(target))
    assert result.exit_code == 2
    assert "needs.jsonl, line 2" in result.stderr
    assert result.stdout == ""
    assert target.read_text(encoding="utf-8") == before
    assert not [file for file in files.iterdir() if file.name.startswith(".")]


def test_errors_have_exit_code_two(files: Path) -> None:
    assert run(files, "match", "-o", str(files / "no" / "where")).exit_code == 2
    assert run(files, "match", "--top", "0").exit_code == 2
    assert run(files, "match", "--format", "xml").exit_code == 2
    (files / "needs.jsonl").unlink()
    result = run(files, "match")
    assert result.exit_code == 2
    assert "cannot be read" in result.stderr


def test_empty_files_give_empty_results(files: Path) -> None:
    (files / "capabilities.jsonl").write_text("")
    result = run(files, "match")
    assert (result.exit_code, result.stdout) == (0, "")


def test_evaluate(files: Path) -> None:
    result = run(files, "evaluate", "--qrels", str(files / "qrels.tsv"))
    assert result.exit_code == 0
    assert "overall" in result.stdout
    assert "vi→en" in result.stdout
    found = json.loads(run(files, "evaluate", "--qrels", str(files / "qrels.tsv"), "--json").stdout)
    assert found["overall"]["needs"] == 2
    assert 0.5 < found["overall"]["ndcg@10"] <= 1.0
    assert found["by_language_pair"]["vi→en"]["mrr@10"] == 1.0
    (files / "qrels.tsv").write_text("need_id\tcap_id\tgrade\nneed-vi\tsewage-en\tbest\n")
    broken = run(files, "evaluate", "--qrels", str(files / "qrels.tsv"))
    assert broken.exit_code == 2
    assert "qrels.tsv, line 2" in broken.stderr


def test_the_library_loads_neither_flask_nor_sqlalchemy() -> None:
    code = (
        "import sys, ppp_match.matching.commands; "
        "print({'flask', 'sqlalchemy'} & {name.split('.')[0] for name in sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.strip() == "set()"
