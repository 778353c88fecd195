"""What glosses cost a reader: `python bench/glosses.py`, on the demonstration in a folder of its own.

Renders pages of published needs and capabilities in the language that their text lacks, with glosses and without,
and prints the median of the ratios; beside it the work on one field that nothing remembers yet.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROUNDS = 3
PAGES = 20  # as many as tell the ratio


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    """Load the demonstration, ask the pages, print the table."""
    os.environ.setdefault("PPP_MATCH_MODE", "demo")
    from flask_migrate import upgrade
    from sqlalchemy import select

    from ppp_match.app import create_app
    from ppp_match.config import Settings
    from ppp_match.db import db, writing
    from ppp_match.formats import markdown
    from ppp_match.listings import glosses
    from ppp_match.listings.models import Listing
    from ppp_match.seeding.demo import load_demo
    from ppp_match.seeding.reference import load_reference

    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(mode="demo", instance=Path(folder), rate_limits=False))
        with app.app_context():
            writing.set(True)
            upgrade()
            load_reference()
            load_demo()
            db.session.commit()
            pages, fields = [], []
            for row in db.session.scalars(select(Listing).where(Listing.state == "published")):
                wanted = "en" if row.shown.lang == "vi" else "vi"
                if not row.shown.has_text(wanted):
                    pages.append(f"/{row.path_kind}/{row.id}?lang={wanted}&gloss=")
                    name = "problem" if row.kind == "need" else "solves"
                    fields.append((row.shown.text(name), row.shown.lang, wanted, row.shown.codes("sector")))
        client = app.test_client()
        client.get(f"{pages[0]}1")
        first, ratios = [], []
        for page in pages[:PAGES]:
            glosses._remembered.cache_clear()
            plain = statistics.median(_seconds(lambda: client.get(f"{page}0")) for _ in range(ROUNDS))  # noqa: B023
            first.append(_seconds(lambda: client.get(f"{page}1")) / plain)  # noqa: B023
            again = statistics.median(_seconds(lambda: client.get(f"{page}1")) for _ in range(ROUNDS))  # noqa: B023
            ratios.append(again / plain)
        book = glosses.term_book()
        work = [
            _seconds(lambda: glosses.glossed_by(book, str(markdown(text)), lang, wanted, codes, is_html=True))  # noqa: B023
            / max(_seconds(lambda: markdown(text)), 1e-9)  # noqa: B023
            for text, lang, wanted, codes in fields[:PAGES]
        ]
        print(f"{min(len(pages), PAGES)} pages, glossed : bare, median of the ratios")
        print(f"first reader   {statistics.median(first):.2f}")
        print(f"later readers  {statistics.median(ratios):.2f}")
        print(f"one field, glossing : rendering its Markdown  {statistics.median(work):.1f}")


if __name__ == "__main__":
    main()
