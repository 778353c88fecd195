"""What reads and writes texts, given any text at all: Markdown, spreadsheets, mail, amounts, numbers, days."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ppp_match.accounts.sign_in_forms import is_local_path
from ppp_match.accounts.text_fields import one_line, paragraphs
from ppp_match.formats import ALLOWED_TAGS, markdown
from ppp_match.listings import amounts, contact_data
from ppp_match.listings.entry import clean_text
from ppp_match.listings.numbers import LARGEST, parse_number
from ppp_match.matching import files
from ppp_match.recommendations.grid import safe_cell
from tests.hardening.arbitrary import any_text, bounded
from tests.hardening.payloads import PAYLOADS
from tests.hardening.traces import traces

BLANKS = ("", " ", "\t", "\r", "\n", "\u00a0", "\u3000")
FORMULA = ("=", "+", "-", "@")
languages = st.sampled_from(["vi", "en"])
begun = st.tuples(st.sampled_from(BLANKS), st.sampled_from("=+-@＝＋－＠﹦﹢﹣﹫"), any_text).map("".join)
led = st.tuples(
    st.sampled_from(["/", "//", "/\\", "\\\\", "\t//", "/\t/", "https:", "/ok?a=b"]), any_text
).map("".join)
marked_up = st.lists(st.one_of(st.sampled_from(PAYLOADS), any_text), min_size=1, max_size=4).map("\n".join)


@bounded(150)
@given(marked_up)
def test_markdown_gives_only_the_elements_that_are_allowed(text):
    html = str(markdown(text))
    assert not traces(html)
    assert set(re.findall(r"<([a-zA-Z][\w-]*)", html)) <= ALLOWED_TAGS


@pytest.mark.parametrize("safe", [safe_cell, files.safe_cell])
@bounded(200)
@given(text=st.one_of(any_text, begun))
def test_no_cell_is_a_formula(safe, text):
    cell = safe(text)
    assert cell in (text, f"'{text}") or safe is safe_cell
    seen = unicodedata.normalize("NFKC", cell.lstrip())[:1]
    assert seen not in FORMULA
    assert not cell.startswith(("\t", "\r", "\n"))
    out = io.StringIO()
    csv.writer(out).writerow([cell])
    assert next(csv.reader(io.StringIO(out.getvalue(), newline="")))[0] == cell or "\x00" in cell


@bounded(150)
@given(any_text, languages)
def test_an_amount_is_read_or_refused_and_written_so_that_it_is_read_again(text, lang):
    try:
        found = amounts.read(text, lang, default="VND")
    except amounts.Unreadable:
        return
    for end in (found.low, found.high):
        assert end is None or (end.is_finite() and 0 <= end < LARGEST)
    if line := amounts.write(found, lang):
        again = amounts.read(line, lang)
        assert again.currency == found.currency
        for one, other in zip((again.low, again.high), (found.low, found.high), strict=True):
            assert one is None or abs(one - other) <= abs(other) * Decimal("0.01") + 1


@bounded(150)
@given(any_text, languages, st.booleans())
def test_a_number_is_finite_or_refused(text, lang, whole):
    try:
        found = parse_number(text, lang, whole=whole)
    except ValueError:
        return
    assert found.is_finite()
    assert abs(found) < LARGEST
    assert not whole or found == int(found)


@bounded(150)
@given(any_text)
def test_what_is_kept_of_a_text_can_be_stored_and_shown(text):
    for kept in (clean_text(text, lines=False), one_line(text)):
        assert not re.search(r"[\x00-\x1f\x7f]", kept)
    for kept in (clean_text(text, lines=True), paragraphs(text)):
        assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", kept)
        assert kept.encode("utf-8").decode("utf-8") == kept
    assert clean_text(clean_text(text, lines=True), lines=True) == clean_text(text, lines=True)
    for finding in contact_data.find(text):
        assert 0 <= finding.start <= len(text)


@bounded(150)
@given(st.one_of(any_text, led))
def test_only_a_path_of_ours_is_a_local_path(text):
    if is_local_path(text):
        assert text.startswith("/")
        assert not text.startswith(("//", "/\\"))
        assert not re.search(r"[\x00-\x20\\]", text[:3])
