"""The engines that examine pages: axe-core, HTML_CodeSniffer, the Nu checker and Lighthouse.

The last three come from the npm registry into `node_modules` beside this file (package-lock.json; `make test` brings
them where Node.js is), and the Nu checker runs on Java. Each function returns what the engine complains of.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

HERE = Path(__file__).resolve().parent
MODULES = HERE / "node_modules"
SNIFFER = MODULES / "html_codesniffer/build/HTMLCS.js"
NU = MODULES / "vnu-jar/build/dist/vnu.jar"
AXE_OPTIONS = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}

FOR_ALL, IN_PUBLIC = ["performance", "accessibility", "best-practices"], "seo"  # Lighthouse's categories
AT_LEAST = 95
MOST_BYTES = 150_000  # of a first visit, over the wire


def lacking_part(*, java: bool = False) -> str | None:
    """Which part the engines of npm need that is not here, by its name in tests/conftest.py."""
    if not (SNIFFER.exists() and NU.exists() and (MODULES / "lighthouse").exists() and shutil.which("node")):
        return "Node.js"
    return "Java" if java and shutil.which("java") is None else None


@dataclass(frozen=True)
class Complaint:
    """What an engine says of one page."""

    page: str
    engine: str
    rule: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}\n    {self.engine} {self.rule}: {self.text}"


@cache
def _axe() -> Axe:
    return Axe()


def axe(page: Page, name: str) -> list[Complaint]:
    """What axe-core finds on the page that is open: WCAG 2.2 A and AA, and its best practices."""
    # A bar that sticks to the window's foot may cover half a link there; at the end of the page it stands in its own
    # place, so that every target is measured whole.
    place = page.evaluate("[scrollX, scrollY]")
    page.evaluate("scrollTo({top: document.documentElement.scrollHeight, behavior: 'instant'})")
    found = _axe().run(page, options=AXE_OPTIONS).response["violations"]
    page.evaluate("([left, top]) => scrollTo({left, top, behavior: 'instant'})", place)
    return [
        Complaint(name, "axe", one["id"], f"{node['html'][:200]} {node.get('failureSummary', '')}")
        for one in found
        for node in one["nodes"]
    ]


# Its words for some rules are missing; the name of the rule stands for them.
SNIFF = """() => new Promise((done, failed) => {
    const words = HTMLCS.getTranslation;
    HTMLCS.getTranslation = key => words.call(HTMLCS, key) ?? key;
    HTMLCS.process('WCAG2AA', document,
    () => done(HTMLCS.getMessages().filter(m => m.type === HTMLCS.ERROR).map(m => [m.code, m.msg,
        m.element && m.element.outerHTML ? m.element.outerHTML.slice(0, 200) : ''])),
    error => failed(String(error)))})"""


def sniff(page: Page, name: str) -> list[Complaint]:
    """What HTML_CodeSniffer calls an error on the page that is open: WCAG 2.1 AA."""
    page.evaluate(_sniffer())
    return [Complaint(name, "HTMLCS", code, f"{text} {html}") for code, text, html in page.evaluate(SNIFF)]


@cache
def _sniffer() -> str:
    # It is a module where a page has `exports`; run as an expression it leaves its names on the window.
    return f"(() => {{ {SNIFFER.read_text('utf-8')}; window.HTMLCS = window.HTMLCS || HTMLCS; }})()"


def nu(folder: Path) -> list[Complaint]:
    """What the Nu checker says of the pages and style sheets saved in a folder, in one run."""
    command = ["java", "-Xss2m", "-jar", str(NU), "--format", "json", "--stdout", "--exit-zero-always"]
    done = subprocess.run(  # noqa: S603  our own words
        [*command, "--also-check-css", "--also-check-svg", str(folder)],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr or done.stdout
    return [
        Complaint(
            Path(one["url"]).name,
            "Nu",
            one.get("subType") or one["type"],
            f"{one['message']} [{one.get('lastLine', '')}] {one.get('extract', '')!r}",
        )
        for one in json.loads(done.stdout)["messages"]
    ]


def lighthouse(pages: list[dict[str, Any]], chromium: str, runs: int = 3) -> list[dict[str, Any]]:
    """Lighthouse's scores of pages on a phone; of up to `runs` runs the best of each, since a machine may be busy.

    A page is {"name", "url", "cookie", "categories"}; its answer adds the scores in per cent, what lost points, bytes
    over the wire, layout shift and the other hosts that were asked.
    """
    asked = json.dumps({"pages": pages, "chromium": chromium, "runs": runs})
    done = subprocess.run(  # noqa: S603  our own words
        [shutil.which("node") or "node", str(HERE / "lighthouse.mjs")],
        input=asked, capture_output=True, text=True, timeout=1200, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return answers


def too_weak(answer: dict[str, Any]) -> dict[str, int]:
    """The categories in which a page did not reach what is asked of every page."""
    return {name: score for name, score in answer["scores"].items() if score < AT_LEAST}
