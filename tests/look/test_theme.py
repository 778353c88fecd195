"""The look holds together: tokens, icons and the promise that no page carries inline style or script.

What lives here: checks on files alone, no application. Pages as rendered are walked in tests of their own.
"""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).resolve().parents[2]
THEME = (ROOT / "static/css/theme.css").read_text("utf-8")
SPRITE = ROOT / "static/img/sprite.svg"
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
PAGES = [path for path in TEMPLATES if "mail" not in path.relative_to(ROOT).parts]


def declarations(selector: str) -> dict[str, str]:
    """Names and values inside the first block of the style sheet that this selector opens."""
    start = THEME.index(selector + " {")
    block = THEME[THEME.index("{", start) + 1 : THEME.index("}", start)]
    pairs = (line.split(":", 1) for line in block.split(";") if line.strip())
    return {name.strip(): value.strip() for name, value in pairs}


def symbols() -> set[str]:
    """Names of the icons that the sprite draws."""
    root = ElementTree.parse(SPRITE).getroot()  # noqa: S314  our own file
    return {element.attrib["id"] for element in root if "id" in element.attrib}


def icons_named_in(text: str) -> set[str]:
    """Icon names written out in a template: i("x"), ui.i('x'), chip(…, "x"), icon="x"."""
    names = set(re.findall(r"""\bi\(["']([a-z]+)["']\)""", text))
    names |= set(re.findall(r"""\bicon=["']([a-z]+)["']""", text))
    names |= set(re.findall(r"""\bchip\((?:_\([^()]*\)|[^,()]+),\s*["']([a-z]+)["']""", text))
    return names


def linear(channel: int) -> float:
    share = channel / 255
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4


def contrast(one: str, other: str) -> float:
    """Contrast of two hexadecimal colours, 1 to 21 (WCAG 2.2, relative luminance)."""

    def luminance(colour: str) -> float:
        digits = colour.lstrip("#")
        if len(digits) == 3:
            digits = "".join(digit * 2 for digit in digits)
        red, green, blue = (linear(int(digits[place : place + 2], 16)) for place in (0, 2, 4))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


LIGHT = declarations(':root, [data-bs-theme="light"]')
DARK = declarations('[data-bs-theme="dark"]')


def test_dark_by_choice_and_dark_by_device_are_the_same() -> None:
    by_device = declarations(":root:not([data-bs-theme])")
    assert by_device == DARK
    assert by_device["color-scheme"] == "dark"


def test_dark_sets_every_colour_that_light_sets() -> None:
    colours = {name for name, value in LIGHT.items() if value.startswith("#")}
    assert colours - set(DARK) == set()


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
def test_text_stands_out_from_every_ground_it_is_set_on(tokens: dict[str, str]) -> None:
    grounds = ["paper", "surface", "sunken"]
    pairs = [(text, ground) for text in ("ink", "ink-2", "cham", "nghe", "la", "son") for ground in grounds]
    pairs += [(dye, f"{dye}-tint") for dye in ("cham", "nghe", "la", "son")]
    pairs += [("ink", f"{dye}-tint") for dye in ("cham", "nghe", "la", "son")]
    pairs += [
        ("on-act", "act"),
        ("on-act", "act-hover"),
        ("on-band", "band"),
        ("on-band-2", "band"),
        ("on-band", "band-2"),
    ]
    weak = [
        (text, ground)
        for text, ground in pairs
        if contrast(tokens[f"--pm-{text}"], tokens[f"--pm-{ground}"]) < 4.5
    ]
    assert weak == []


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
def test_borders_of_fields_can_be_seen(tokens: dict[str, str]) -> None:
    for ground in ("paper", "surface"):
        assert contrast(tokens["--pm-line-strong"], tokens[f"--pm-{ground}"]) >= 3


def test_every_token_in_use_is_defined() -> None:
    assert set(re.findall(r"var\((--pm-[\w-]+)", THEME)) - set(LIGHT) == set()


def test_the_style_sheet_asks_for_nothing_else() -> None:
    assert "url(" not in THEME
    assert "@import" not in THEME


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_every_icon_that_a_template_names_is_drawn(path: Path) -> None:
    assert icons_named_in(path.read_text("utf-8")) - symbols() == set()


def test_icons_are_found_in_templates_at_all() -> None:
    assert {"menu", "bell", "out", "warn"} <= icons_named_in(
        "".join(path.read_text("utf-8") for path in TEMPLATES)
    )


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_no_page_carries_inline_style_or_script(path: Path) -> None:
    text = re.sub(r"\{#.*?#\}", "", path.read_text("utf-8"), flags=re.DOTALL)
    assert not re.search(r"\sstyle\s*=", text)
    assert "<style" not in text
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text)


@pytest.mark.parametrize("slug", ["matching", "conduct", "privacy", "accessibility"])
def test_pages_about_the_forum_say_as_much_in_both_languages(slug: str) -> None:
    texts = [(ROOT / "templates/about" / lang / f"{slug}.html").read_text("utf-8") for lang in ("vi", "en")]
    counts = [{tag: text.count(f"<{tag}") for tag in ("h2", "li", "p", "tr")} for text in texts]
    assert counts[0] == counts[1]
