"""The JSON Lines readers: tolerant of what does no harm, exact about what does."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from ppp_match.matching import Capability, InputError, Need, read_capabilities, read_needs
from ppp_match.matching.documents import document_from_json, document_to_json
from ppp_match.matching.score import evidence


def test_bom_crlf_blank_lines_and_unknown_keys(tmp_path: Path) -> None:
    file = tmp_path / "needs.jsonl"
    file.write_bytes(
        b'\xef\xbb\xbf{"id": "a", "text": "x", "whatever": {"deep": NaN}}\r\n\r\n{"id": "b", "text": ""}\r\n'
    )
    assert [need.id for need in read_needs(file)] == ["a", "b"]


def test_open_files_and_null() -> None:
    assert read_needs(io.StringIO('{"id": "a", "text": "x", "country": null}'))[0].country is None
    assert read_capabilities(io.BytesIO(b'{"id": "a", "text": "x", "countries_served": ["vn", "VN"]}')) == [
        Capability(id="a", text="x", countries_served=("VN",))
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"text": "x"}', '"id" is missing'),
        ('{"id": "a"}', '"text" is missing'),
        ('{"id": " ", "text": ""}', "empty"),
        ('{"id": 1, "text": "x"}', '"id" must be a string'),
        ('{"id": "a", "text": ["x"]}', '"text" must be a string'),
        ('{"id": "a", "text": "x", "sectors": "water"}', "list of strings"),
        ('{"id": "a", "text": "x", "budget_max_usd": "1"}', "must be a number"),
        ('{"id": "a", "text": "x", "budget_max_usd": true}', "must be a number"),
        ('{"id": "a", "text": "x", "budget_max_usd": NaN}', "finite"),
        ('{"id": "a", "text": "x", "budget_max_usd": -1}', "negative"),
        ('{"id": "a", "text": "x", "budget_max_usd": 1' + "0" * 400 + "}", "finite"),
        ('{"id": "a", "text": "x", "budget_max_usd": 1' + "0" * 5000 + "}", "cannot be read"),
        ("[1]", "expected a JSON object"),
        ("{", "not valid JSON"),
        ("[" * 100_000, "nested too deeply"),
        ('{"id": "first", "text": "again"}', "already stands in line 1"),
    ],
)
def test_a_broken_line_is_named(line: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read_needs(io.StringIO('{"id": "first", "text": "x"}\n\n' + line))
    assert caught.value.line == 3


def test_bytes_that_are_not_utf8(tmp_path: Path) -> None:
    file = tmp_path / "c.jsonl"
    file.write_bytes(b'{"id": "a", "text": "x"}\n{"id": "b", "text": "\xff"}\n')
    with pytest.raises(InputError, match=r"c\.jsonl, line 2"):
        read_capabilities(file)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_needs(tmp_path / "none.jsonl")


def test_a_lone_surrogate_can_be_written_out_again() -> None:
    need = read_needs(io.StringIO('{"id": "a", "text": "\\ud800"}'))[0]
    need.text.encode("utf-8")


def test_json_there_and_back() -> None:
    need = Need(id="n", text="t", sectors=("water",), budget_max_usd=5.0, requirements=("a", "b"))
    assert document_from_json(Need, document_to_json(need)) == need
    capability = Capability(id="c", text="t", at_capacity=False, confirmed_references=3, not_offered="x")
    assert document_from_json(Capability, document_to_json(capability)) == capability


def test_references_that_wait_count_half_and_say_nothing_where_they_are_not_named():
    def weight(**counts):
        return evidence(Capability(id="c", text="t", **counts), None)["references"]

    assert weight() is None
    assert weight(confirmed_references=2) == pytest.approx(2 / 4)
    assert weight(confirmed_references=2, pending_references=0) == weight(confirmed_references=2)
    assert weight(confirmed_references=1, pending_references=2) == weight(confirmed_references=2)
    assert weight(pending_references=1) == pytest.approx(0.5 / 2.5)
