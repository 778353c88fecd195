"""A preview of one file: an image made small and anew, or the first page of a PDF. Run as a process of its own.

    python -m ppp_match.attachments.render KIND < file > preview.webp

Decoders of images and PDFs are where files bite, so they run here, with little memory and time and without the forum's
environment; whoever asks (`previews.py`) waits a while and then kills the process. The result holds
pixels alone: no EXIF, no place, no colour profile.
"""

from __future__ import annotations

import io
import resource
import sys

from PIL import Image, ImageOps

LONGEST_SIDE = 640
MOST_PIXELS = 40_000_000
MEMORY = 1024**3
CPU_SECONDS = 20


def limit() -> None:
    """Bind this process before it looks at anything."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 8 * 1024**2),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def of_image(data: bytes, kind: str) -> Image.Image:
    """The picture, upright, on white where it is transparent."""
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    with Image.open(io.BytesIO(data), formats=[kind.upper()]) as image:
        if image.width * image.height > MOST_PIXELS:
            raise ValueError("too many pixels")
        image.draft("RGB", (LONGEST_SIDE * 2, LONGEST_SIDE * 2))
        image.load()
        upright = ImageOps.exif_transpose(image).convert("RGBA")
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    page = Image.new("RGB", upright.size, "white")
    page.paste(upright, mask=upright.getchannel("A"))
    return page


def of_pdf(data: bytes) -> Image.Image:
    """The first page on white."""
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    page = document[0]
    width, height = page.get_size()
    picture = page.render(scale=min(LONGEST_SIDE / max(width, height, 1), 4), may_draw_forms=False).to_pil()
    made: Image.Image = picture.convert("RGB")
    return made


def main() -> None:
    limit()
    kind, data = sys.argv[1], sys.stdin.buffer.read()
    made = of_pdf(data) if kind == "pdf" else of_image(data, kind)
    out = io.BytesIO()
    made.save(out, "WEBP", quality=72, method=4)
    sys.stdout.buffer.write(out.getvalue())


if __name__ == "__main__":
    main()
