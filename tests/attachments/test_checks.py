"""What is taken and what is not: names, kinds, disguises, bombs, macros; and random bytes, which raise nothing else."""

from __future__ import annotations

import struct
import unicodedata
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ppp_match.attachments import checks
from ppp_match.attachments.checks import BY_ENDING, clean_name, examine
from ppp_match.attachments.models import LONGEST_NAME
from ppp_match.lifecycle import Refused
from tests.attachments import samples

MEGABYTE = 1024 * 1024


def code_of(name: str, data: bytes, most: int = 10 * MEGABYTE) -> str:
    try:
        examine(name, data, most_bytes=most)
    except Refused as refused:
        return refused.code
    return ""


@pytest.mark.parametrize("ending", sorted(samples.all_kinds()))
def test_every_kind_is_taken_under_its_own_name_only(ending):
    data = samples.all_kinds()[ending]
    found = examine(f"Bản đồ ngập.{ending}", data, most_bytes=MEGABYTE)
    assert (found.name, found.kind) == (f"Bản đồ ngập.{ending}", BY_ENDING[ending])
    for other in set(BY_ENDING) - {ending, "csv", "txt"}:
        if BY_ENDING[other] != found.kind:
            assert code_of(f"a.{other}", data) in ("file_disguised", "file_broken"), other
    if found.kind not in ("csv", "txt"):
        assert code_of("a.txt", data) in ("file_disguised", "file_not_utf8")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("plan.pdf.exe", "file_kind"),
        ("plan.exe.pdf", "file_disguised"),
        ("plan.html.pdf", "file_disguised"),
        ("plan.pdf\x00.exe", "file_kind"),
        ("plan.docm", "file_kind"),
        ("plan.svg", "file_kind"),
        ("plan", "file_kind"),
        ("plan.fdp\u202etxt.exe", "file_kind"),
        (".pdf", "file_kind"),
        ("", "file_kind"),
        ("Nghị định 15.2021.pdf", ""),
        ("v1.2 cuối.PDF", ""),
    ],
)
def test_names_that_deceive(name, code):
    assert code_of(name, samples.pdf()) == code


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\Ana\\plan.txt", "plan.txt"),
        ("a\u202egnp\u2066.txt", "agnp.txt"),
        ("a\x00b\r\nSet-Cookie: x.txt", "abSet-Cookie_ x.txt"),
        (unicodedata.normalize("NFD", "Đề án thoát nước.txt"), "Đề án thoát nước.txt"),
        ("...", "file"),
        ("x" * 500 + ".txt", "x" * (LONGEST_NAME - 4) + ".txt"),
        ('a"b<c>.txt', "a_b_c_.txt"),
    ],
)
def test_names_as_they_are_shown(name, shown):
    assert clean_name(name) == shown


@given(st.text(max_size=300))
def test_any_name_becomes_harmless(name):
    shown = clean_name(name)
    assert 0 < len(shown) <= LONGEST_NAME
    assert shown == unicodedata.normalize("NFC", shown)
    assert not set(shown) & set('/\\<>:"|?*\0\r\n')
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs") for c in shown)
    assert not shown.startswith(".")
    assert clean_name(shown) == shown


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(BY_ENDING)), st.binary(max_size=600), st.data())
def test_any_bytes_are_taken_or_refused(ending, noise, data):
    whole = samples.all_kinds()[ending if ending != "jpeg" else "jpg"]
    at = data.draw(st.integers(0, len(whole)))
    for content in (
        noise,
        whole[:at],
        whole[:at] + noise + whole[at:],
        whole[:at] + noise + whole[at + len(noise) :],
    ):
        code_of(f"a.{ending}", content)  # any other error would end the test


def test_size_and_nothing():
    assert code_of("a.txt", b"x" * 101, most=100) == "file_too_large"
    assert code_of("a.txt", b"x" * 100, most=100) == ""
    assert code_of("a.txt", b"") == "file_empty"


def _huge_png() -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack("!I", len(content)) + kind + content + struct.pack("!I", zlib.crc32(kind + content))
        )

    head = struct.pack("!IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def test_pictures_with_too_many_pixels():
    assert code_of("a.png", _huge_png()) == "file_pixels"
    assert code_of("a.png", samples.picture(size=(8000, 5001))) == "file_pixels"
    assert code_of("a.png", samples.picture(size=(800, 500))) == ""


def test_bombs():
    zeros = b"\0" * (60 * MEGABYTE)
    assert code_of("a.docx", samples.office(more={"a": zeros})) == "file_bomb"
    assert code_of("a.docx", samples.office(more={"a": zeros, "b": zeros})) == "file_bomb"
    many = {f"p{n}": "" for n in range(checks.MOST_ENTRIES + 1)}
    assert code_of("a.xlsx", samples.office("xlsx", more=many)) == "file_bomb"


def test_what_lies_about_its_size_is_read_to_the_end():
    honest = samples.office(more={"a": b"\0" * 9 * MEGABYTE})
    assert code_of("a.docx", honest) == "file_bomb"
    lying = honest.replace(struct.pack("<I", 9 * MEGABYTE), struct.pack("<I", 900))
    assert lying != honest
    assert code_of("a.docx", lying) == "file_broken"


def test_what_runs():
    for name in (
        "word/vbaProject.bin",
        "xl/macrosheets/sheet1.xml",
        "word/embeddings/oleObject1.bin",
        "x.exe",
    ):
        assert code_of("a.docx", samples.office(more={name: b"x"})) == "file_runs", name
    enabled = samples.office(
        types='<Override ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/>'
    )
    assert code_of("a.docx", enabled) == "file_runs"
    template = (
        '<Relationship Type="x/attachedTemplate" Target="https://evil.example/t.dotm" TargetMode="External"/>'
    )
    assert code_of("a.docx", samples.office(more={"word/_rels/settings.xml.rels": template})) == "file_runs"
    assert code_of("a.odt", samples.open_document(more={"Basic/Standard/Module1.xml": "<x/>"})) == "file_runs"
    assert (
        code_of("a.pdf", samples.pdf(b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >>")) == "file_runs"
    )
    assert code_of("a.pdf", samples.pdf(b"/OpenAction << /S /Launch >>")) == "file_runs"


def test_what_runs_is_found_in_a_pdf_that_hides_its_words():
    runs = b"<< /OpenAction << /S /JavaScript /JS (app.alert(1)) >> >>"
    assert code_of("a.pdf", samples.pdf(b"/OpenAction << /S /Java#53cr#69pt /JS (x) >>")) == "file_runs"
    assert code_of("a.pdf", samples.with_packed_objects(runs)) == "file_runs"
    assert code_of("a.pdf", samples.with_packed_objects(runs.replace(b"/Java", b"/#4aava"))) == "file_runs"
    assert code_of("a.pdf", samples.with_packed_objects(runs, said=b"")) == "file_runs"
    harmless = b"<< /Type /Outlines /Title (JavaScript in the city #1) >>"
    assert code_of("a.pdf", samples.with_packed_objects(harmless)) == ""
    assert (
        code_of("a.pdf", samples.with_packed_objects(harmless, said=b"/Filter /LZWDecode")) == "file_broken"
    )
    assert code_of("a.pdf", samples.with_packed_objects(b" " * (5 * 1024 * 1024))) == "file_bomb"


def test_what_is_locked():
    assert code_of("a.pdf", samples.pdf(b"/Encrypt 9 0 R")) == "file_locked"
    assert code_of("a.docx", checks.COMPOUND + b"\0" * 600) == "file_locked"
    manifest = "<manifest:encryption-data/>"
    assert code_of("a.odt", samples.open_document(more={"META-INF/manifest.xml": manifest})) == "file_locked"
    locked = bytearray(samples.office())
    central = locked.index(b"PK\x01\x02")
    locked[central + 8] |= 1
    assert code_of("a.docx", bytes(locked)) == "file_locked"


def test_two_kinds_in_one():
    hidden = samples.packed({"evil.js": "x"})
    for ending, data in samples.all_kinds().items():
        if ending in ("txt", "csv"):
            continue
        assert code_of(f"a.{ending}", data + hidden) in ("file_disguised", "file_broken"), ending
    assert code_of("a.docx", b"MZ" + samples.office()) == "file_disguised"
    assert code_of("a.jpg", samples.picture("jpeg", comment=b"%PDF-1.4")) == "file_disguised"
    assert code_of("a.jpg", samples.picture("jpeg") + b"<?php echo 1 ?>") == "file_disguised"
    assert code_of("a.jpg", samples.picture("jpeg") + b"MotionPhoto\0\0") == "", "phones put things there"
    assert code_of("a.txt", b"<!DOCTYPE html><script>alert(1)</script>") == "file_disguised"
    assert code_of("a.txt", b"a\x00b") == "file_disguised"
    assert code_of("a.csv", b"\xff\xfe\x00") == "file_not_utf8"


@pytest.mark.parametrize("name", ["../evil.xml", "/etc/passwd", "C:/x", "a/../../b"])
def test_parts_that_lead_out(name):
    assert code_of("a.docx", samples.office(more={name: "x"})) == "file_disguised"
