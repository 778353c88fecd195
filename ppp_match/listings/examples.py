"""Short examples of good answers by sector, for the form of a need: `seeds/reference/examples.yaml`.

They are invented and marked as such where they are shown. A forum may replace the file by its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from ppp_match.config import ROOT
from ppp_match.vocabularies import sector_name, sectors

FILE = ROOT / "seeds" / "reference" / "examples.yaml"
FIELDS = {
    "problem": ("problem", "outcome"),
    "place": ("scale",),
    "conditions": ("requirements",),
    "all": ("problem", "outcome", "scale", "requirements"),
}


@dataclass(frozen=True)
class Example:
    """The examples of one sector: [(field of the form, text)]. `open`: the writer chose this sector."""

    sector: str
    name: str
    open: bool
    texts: tuple[tuple[str, str], ...]


@lru_cache(maxsize=4)
def read_examples(path: Path = FILE) -> dict[str, dict[str, dict[str, str]]]:
    """{sector: {field: {language: text}}}."""
    return dict(yaml.safe_load(path.read_text(encoding="utf-8")))


def examples_for(kind: str, form: Any, listing: Any, lang: str) -> list[Example]:
    """Those of the chosen sectors, or of all eleven while none is chosen; none for steps without examples."""
    wanted = FIELDS.get(form.step, ()) if kind == "need" else ()
    if not wanted:
        return []
    codes = form.sector.data if "sector" in form else listing.edited.codes("sector") if listing else []
    chosen = list(dict.fromkeys(str(code).split(".")[0] for code in codes or []))
    every = read_examples()
    shown = [code for code in chosen if code in every] or [s.code for s in sectors() if s.code in every]
    return [
        Example(
            code,
            sector_name(code, lang),
            code in chosen,
            tuple(("scale_value" if name == "scale" else name, every[code][name][lang]) for name in wanted),
        )
        for code in shown
    ]
