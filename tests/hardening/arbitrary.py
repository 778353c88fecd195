"""Arbitrary input as hypothesis draws it: characters, numbers and dates of any kind, bytes that are no text."""

from __future__ import annotations

from urllib.parse import quote

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

SPECIAL = (
    "", " ", "\x00", "a\x00b", "\r\n", "\r\nSet-Cookie: a=b", "\x1b[31m", "\x7f", "\u0085", "\u2028", "\u202e\u2066abc",
    "\ufeff", "\uffff", "\U0010ffff", "e\u0301" * 40, "\u0300" * 500, "👩‍👩‍👧‍👦🏳️‍🌈", "ﷺ" * 50, "ＡＢＣ", "＝1+1", "=1+1",
    "0", "-0", "-1", "1e309", "NaN", "Infinity", "-Infinity", "inf", "0x10", "1_000", "١٢٣", "²", "½", "٣.١٤",
    str(2**31), str(2**63), str(-(2**63) - 1), str(2**64), "9" * 5000, "0." + "0" * 400 + "1", "1" + ".000" * 60,
    "0000-00-00", "9999-12-31", "10000-01-01", "-0001-01-01", "2026-02-30", "31/12/99999", "00/00/0000",
    "2026-01-01T00:00:00+99:99", "00000000-0000-0000-0000-000000000000", "{" * 2000, "[" * 2000, "%", "%s%n", "%(x)s",
    "{0}", "{{7*7}}", "../" * 20, "..%2f..%2f", "//else.example", "javascript:alert(1)", "' OR 1=1 --", "\\", "*", "(",
    "\\u0000", "null", "true", "undefined", "a" * 10_000, "á" * 4000, "page", "vi", "en", "all", "need", "capability",
)  # fmt: skip
any_text = st.one_of(
    st.sampled_from(SPECIAL), st.text(max_size=60), st.integers().map(str), st.floats().map(str)
)


def as_bytes(text: str) -> bytes:
    """The text as UTF-8, where a lone surrogate becomes bytes that are not."""
    return text.encode("utf-8", "surrogatepass")


# Bytes that a client may send for a text: mostly UTF-8, sometimes not.
any_bytes = st.one_of(
    any_text.map(as_bytes),
    st.binary(max_size=30),
    st.sampled_from([b"\xed\xa0\x80", b"\xff\xfe", b"\xc0\x80"]),
)


def encoded(pairs: list[tuple[bytes, bytes]]) -> bytes:
    return b"&".join(quote(name).encode() + b"=" + quote(value).encode() for name, value in pairs)


def bounded(examples: int) -> settings:
    """So many examples, the same ones in every run."""
    return settings(
        max_examples=examples, derandomize=True, deadline=None, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
