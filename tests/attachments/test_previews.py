"""Previews: small pictures of our own making; what cannot be drawn is said, and the next one is made."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from sqlalchemy import select

from ppp_match.attachments import limits, operations, previews
from ppp_match.attachments.models import Attachment
from ppp_match.db import db
from ppp_match.jobs import perform
from tests.attachments import samples
from tests.factories import actor_of, make_listing, make_member


def _opened(data: bytes | None) -> Image.Image:
    assert data is not None
    return Image.open(io.BytesIO(data), formats=["WEBP"])


def test_an_image_becomes_small_and_loses_what_it_tells_of_its_maker():
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Camera of Ana"  # turned by 90 degrees, made by
    data = samples.picture("jpeg", (2000, 1000), exif=exif)
    assert b"Camera of Ana" in data
    made = previews.render("jpeg", data)
    image = _opened(made)
    assert image.size == (320, 640)
    assert not image.getexif()
    assert b"Camera" not in made


def test_a_pdf_shows_its_first_page():
    image = _opened(previews.render("pdf", samples.pdf())).convert("RGB")
    assert max(image.size) == 640
    colours = {image.getpixel((x, y)) for x in range(0, image.width, 20) for y in range(0, image.height, 20)}
    assert any(blue > 150 > red for red, _green, blue in colours)
    assert any(min(colour) > 240 for colour in colours)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("pdf", b"%PDF-1.4\nnothing of a document\n%%EOF\n"),
        ("pdf", samples.pdf()[:150] + b"%%EOF"),
        ("png", samples.picture()[:60]),
        ("webp", b"RIFF\x10\x00\x00\x00WEBPVP8 "),
        ("nonsense", b"x"),
    ],
)
def test_of_what_is_corrupt_there_is_none(kind, data):
    assert previews.render(kind, data) is None


def test_a_decoder_that_hangs_or_swells_is_ended(monkeypatch, tmp_path):
    (tmp_path / "ppp_match" / "attachments").mkdir(parents=True)
    for name in ("ppp_match/__init__.py", "ppp_match/attachments/__init__.py"):
        (tmp_path / name).touch()
    program = tmp_path / "ppp_match/attachments/render.py"
    monkeypatch.setattr(previews, "ROOT", tmp_path)
    program.write_text("import time\ntime.sleep(60)\n")
    monkeypatch.setattr(previews, "SECONDS", 0.5)
    assert previews.render("png", b"x") is None


def test_memory_is_bounded():
    import subprocess
    import sys

    from ppp_match.config import ROOT

    swell = "from ppp_match.attachments import render\nrender.limit()\nx = bytearray(3 * 1024**3)\n"
    done = subprocess.run([sys.executable, "-c", swell], cwd=ROOT, capture_output=True, check=False)  # noqa: S603
    assert done.returncode != 0
    assert b"MemoryError" in done.stderr


@pytest.mark.both_databases
def test_the_job_goes_on_after_a_corrupt_file(app):
    owner = make_member("city")
    need = make_listing("need", organisation=owner.memberships[0].organisation)
    corrupt = samples.pdf().replace(b"/Pages", b"/Wages").replace(b"startxref", b"startnoxr")
    for name, data in (("a.pdf", corrupt), ("b.png", samples.picture()), ("c.txt", b"text")):
        checked = operations.check(name, data, description=name, lang="en")
        operations.add("listing", need, checked, organisation_id=need.organisation_id, actor=actor_of(owner))
    db.session.commit()
    assert perform(app, "make_previews") == 2
    db.session.expire_all()
    found = {one.name: one for one in db.session.scalars(select(Attachment))}
    assert {name: one.preview for name, one in found.items()} == {
        "a.pdf": "failed",
        "b.png": "made",
        "c.txt": "none",
    }
    made = found["b.png"]
    assert (made.preview_width, made.preview_height) == (60, 40)
    assert limits.store().path(made.preview_digest).is_file()
    db.session.rollback()
    assert perform(app, "make_previews") == 0
