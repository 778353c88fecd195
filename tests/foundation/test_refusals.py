"""Whoever is refused is told what happened: every code has words, and the page of error 409 shows them."""

from __future__ import annotations

import ast
import html

import pytest

from ppp_match.config import ROOT
from ppp_match.refusals import WORDS
from tests.factories import make_listing, make_member, make_staff

OWN_WORDS = {"stale", "not_permitted"}  # told by the pages of 409 and 403 themselves
EXCEPTIONS = {"Refused", "NotDrawn", "NotPermitted", "ReasonMissing"}


def _codes() -> set[str]:
    """Codes that the program raises, and those that guards return."""
    found = set()
    for path in (ROOT / "ppp_match").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in EXCEPTIONS and node.args:
                found |= {n.value for n in ast.walk(node.args[0]) if isinstance(n, ast.Constant)}
            if isinstance(node, ast.FunctionDef) and node.name.startswith("refuse_"):
                for answer in (n for n in ast.walk(node) if isinstance(n, ast.Return) and n.value):
                    found |= {
                        n.value
                        for n in ast.walk(answer.value)
                        if isinstance(n, ast.Constant) and isinstance(n.value, str)
                    }
    return found


def test_every_code_has_words_and_no_words_lie_idle():
    codes = _codes() - OWN_WORDS
    assert codes - set(WORDS) == set()
    assert set(WORDS) - codes <= {"decided_already"}  # raised through super().__init__


@pytest.mark.parametrize(
    ("lang", "said"),
    [("en", "This step is not possible from the state"), ("vi", "Không thể làm bước này")],
)
def test_the_page_says_what_happened(client_of, lang, said):
    owner = make_member("city")
    listing = make_listing("need", state="published", organisation=owner.memberships[0].organisation)
    response = client_of(owner).post(f"/needs/{listing.id}/recall?lang={lang}")
    assert response.status_code == 409
    assert said in html.unescape(response.get_data(as_text=True))


def test_a_text_in_other_hands_is_told_in_words(client_of):
    listing = make_listing("need", state="submitted")
    first, second = client_of(make_staff()), client_of(make_staff())
    assert first.post(f"/review/listings/{listing.id}", data={"do": "take"}).status_code == 303
    refused = second.post(f"/review/listings/{listing.id}?lang=en", data={"do": "take"})
    assert refused.status_code == 409
    assert "Another moderator has this text in hand." in refused.get_data(as_text=True)
