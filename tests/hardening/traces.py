"""What a hostile text leaves behind in a page when it gets through."""

from __future__ import annotations

import re

import html5lib

ADDRESSES = (
    "href",
    "src",
    "action",
    "formaction",
    "data",
    "xlink:href",
    "{http://www.w3.org/1999/xlink}href",
)
OURS = ("script", "style", "iframe", "base", "object", "embed", "meta", "link")


def traces(html: str) -> list[str]:
    """Elements that a payload brought, handlers, addresses that are scripts, style, templates that were worked out."""
    found = []
    for element in html5lib.parse(html, namespaceHTMLElements=False).iter():
        tag = str(element.tag)
        if element.get("hit") is not None or "x-hit" in tag:
            found.append(f"an element: {tag} {element.attrib}")
        for name, value in element.attrib.items():
            plain = re.sub(r"[\x00-\x20]", "", value).lower()
            if re.match(r"on[a-z]", str(name)) or name in ("style", "srcdoc", "hit"):
                found.append(f"{tag} has {name}={value[:60]!r}")
            elif tag == "img" and plain.startswith("data:image/"):
                continue  # a picture of ours, in which no script runs
            elif name in ADDRESSES and plain.startswith(("javascript:", "vbscript:", "data:", "//")):
                found.append(f"{tag} leads to {value[:60]!r}")
    if "133700021" in html:
        found.append("a template in a text was worked out")
    return found
