"""An administrator adds a term to the lexicon, sees what it would do, saves it, lets it rank, and goes back.

The term leads from a need of the demonstration to a capability that nothing else leads to.
"""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Setting
from tests.journeys.pages import Reader

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser 1")]
NEED = "Cảnh báo sạt lở trên bốn đèo lên cao nguyên"
CAPABILITY = "Street-level flood forecasting"
TERM = ("đèo lên cao nguyên", "street-level flood forecasting")
PATIENCE = 120  # seconds for the worker, which has other jobs too


def test_from_a_term_to_another_ranking(new_page) -> None:
    setting = Setting("desktop", "vi", True)  # once: every need is ranked anew, twice
    chief = Reader(new_page(setting), setting)
    page, words, main = chief.page, chief.words, chief.main
    one, other = TERM
    chief.sign_in("admin@demo.example")
    assert not finds(chief, one)
    before = place(chief)
    chief.go("/review/lexicon")
    ranks = main.get_by_role("link", name=words("Version %(number)s", number="")).get_attribute("href")

    # looked up without diacritics, and seen in what is published
    page.get_by_role("searchbox").fill("nuoc thai")
    chief.press("Look up")
    main.get_by_role("link", name="nước thải ≈ wastewater", exact=True).click()
    chief.look()
    chief.reads("In how many published texts")

    # a mistake is named beside its field, and what was typed stays
    chief.go("/review/lexicon/add")
    chief.fill("In Vietnamese", "nuoc thai")
    chief.fill("In English", other)
    chief.press("Put it into my draft")
    expect(chief.field("In Vietnamese")).to_have_attribute("aria-invalid", "true")
    chief.reads("The diacritics are missing. Do you mean “%(known)s”?", known="nước thải")
    expect(chief.field("In English")).to_have_value(other)
    chief.fill("In Vietnamese", one)
    chief.press("Put it into my draft")
    chief.heading("Your draft of the lexicon")

    # nothing ranks otherwise yet; the worker says what would
    chief.press("Compare the rankings")
    deadline = time.monotonic() + PATIENCE
    while main.get_by_role("heading", name=words("Being compared")).count():
        assert time.monotonic() < deadline, "the worker did not compare the rankings"
        time.sleep(1)
        chief.link("Look again")
    chief.look()
    changed = main.get_by_role("region", name=NEED)
    row = changed.get_by_role("row").filter(has_text=CAPABILITY)
    expect(row).to_have_count(1)
    assert not finds(chief, one)

    # saved, it is an offer like any other
    chief.go("/review/lexicon/draft")
    chief.fill("Name", f"Từ mới: {one}")
    chief.press("Save as a version")
    chief.reads("Compared before it was saved:")
    assert not finds(chief, one)
    chief.go("/review/lexicon/draft")
    chief.reads("The draft is empty")
    chief.go("/review/versions")
    main.get_by_role("row").filter(has_text=one).get_by_role("link").first.click()
    chief.look()

    # it ranks, at once in the search and soon in the stored list of the need
    chief.fill("Reason", "Đã so sánh.")
    chief.press("Let this version rank")
    assert finds(chief, one)
    chief.go(f"/review/lexicon?q={one}")
    main.get_by_role("link", name=f"{one} ≈ {other}").click()
    chief.look()
    chief.reads("added by the forum")
    deadline = time.monotonic() + PATIENCE
    while place(chief) >= before:
        assert time.monotonic() < deadline, "the worker did not match the need anew"
        time.sleep(1)

    # and back, so that the forum is as it was
    chief.go(str(ranks))
    chief.fill("Reason", "Quay lại.")
    chief.press("Go back to this version")
    assert not finds(chief, one)


def finds(chief: Reader, term: str) -> bool:
    """Whether a search for the term leads to the capability."""
    chief.go(f"/capabilities?q={term}")
    return chief.main.get_by_role("link", name=CAPABILITY, exact=True).count() > 0


def place(chief: Reader) -> int:
    """Where the capability stands among the candidates of the need; behind all where it is none."""
    chief.open_bench(NEED)
    titles = chief.page.locator(".pm-cands a").all_inner_texts()
    return next((at for at, title in enumerate(titles) if CAPABILITY in title), len(titles) + 1)
