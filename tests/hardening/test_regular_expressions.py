"""No regular expression of the product can be made to search for long: all are found in its source and tried.

Hostile strings are made of what the expression itself looks for, repeated, with an end that does not fit. Time is the
processor's, so that a busy machine says nothing.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import pkgutil
import re
import time
import warnings
from itertools import pairwise
from pathlib import Path
from re import _constants, _parser  # the parser that `re` itself uses

import pytest

import ppp_match

# What grows by powers of two is seen among the short ones before it could take minutes.
LENGTHS = (22, 27, 300, 1200, 4000)
# Seconds of the processor for one search: what grows with the square takes longer on these lengths.
AT_MOST = 0.1
BITS = ("a", "0", " ", ".", ",", "-", "a.", "a ", "0 ", ". ", "a@", "<")
ENDS = ("!", "0x")


def _in_modules() -> dict[str, re.Pattern[str]]:
    """Expressions that stand in a name of a module or of a class."""
    found = {}
    for module in pkgutil.walk_packages(ppp_match.__path__, "ppp_match."):
        loaded = importlib.import_module(module.name)
        for name, value in vars(loaded).items():
            values = (
                value
                if isinstance(value, (list, tuple))
                else value.values()
                if isinstance(value, dict)
                else [value]
            )
            for one in values:
                if isinstance(one, re.Pattern) and isinstance(one.pattern, str):
                    found[one.pattern] = (f"{module.name}.{name}", one)
    return dict(found.values())


def _in_calls() -> dict[str, re.Pattern[str]]:
    """Expressions written where they are used: re.sub(r"...", ...)."""
    found = {}
    for module in pkgutil.walk_packages(ppp_match.__path__, "ppp_match."):
        path = importlib.util.find_spec(module.name).origin
        for node in ast.walk(ast.parse(Path(path).read_text("utf-8"))):
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args
            if called and isinstance(node.func.value, ast.Name) and node.func.value.id == "re":
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    found[f"{module.name}:{node.lineno}"] = re.compile(first.value)
    return found


def _letters(parsed) -> list[str]:
    """A character for each literal, range and class inside the expression."""
    found = []
    for kind, value in parsed:
        if kind is _constants.LITERAL:
            found.append(chr(value))
        elif kind is _constants.RANGE:
            found.append(chr(value[0]))
        elif kind is _constants.CATEGORY:
            found.append({"DIGIT": "0", "WORD": "a", "SPACE": " "}.get(str(value).rpartition("_")[2], "!"))
        elif isinstance(value, (list, tuple)):
            for inner in value if isinstance(value, tuple) else [value]:
                if isinstance(inner, _parser.SubPattern):
                    found += _letters(inner)
                elif isinstance(inner, list):
                    for one in inner:
                        found += _letters(one if isinstance(one, _parser.SubPattern) else [one])
        elif isinstance(value, _parser.SubPattern):
            found += _letters(value)
    return found


def _hostile(pattern: re.Pattern[str]) -> list[tuple[str, str, str]]:
    """(beginning, what is repeated, end) of strings made for that expression."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        letters = list(dict.fromkeys(_letters(_parser.parse(pattern.pattern, pattern.flags))))[:6]
    words = ["".join(letters), *letters, *("".join(pair) for pair in pairwise(letters))]
    start = "".join(letters[:3])
    bits = dict.fromkeys((*BITS, *words))
    return [(begin, bit, end) for bit in bits if bit for begin in ("", start) for end in ENDS]


def slowest(pattern: re.Pattern[str]) -> tuple[float, str]:
    """The longest that a search took, and with what; ends as soon as one is too slow."""
    worst = (0.0, "")
    for begin, bit, end in _hostile(pattern):
        for length in LENGTHS:
            text = begin + bit * (length // len(bit) + 1) + end
            started = time.process_time()
            pattern.search(text)
            if length <= 500:
                pattern.fullmatch(text)
            took = time.process_time() - started
            worst = max(worst, (took, f"{begin!r} + {bit!r} * {length} + {end!r}"))
            if took > AT_MOST:
                return worst
    return worst


def test_the_measure_sees_catastrophes():
    assert slowest(re.compile(r"^(a+)+$"))[0] > AT_MOST
    assert slowest(re.compile(r"(\w+\s?)*;"))[0] > AT_MOST
    assert slowest(re.compile(r"^[a-z]+@[a-z]+$"))[0] < AT_MOST


def test_no_expression_searches_for_long():
    expressions = {**_in_modules(), **_in_calls()}
    assert len(expressions) >= 50
    slow = {where: found for where, one in expressions.items() if (found := slowest(one))[0] > AT_MOST}
    assert not slow, slow


@pytest.mark.parametrize("length", [20_000])
def test_the_readers_of_long_texts_stay_quick(length):
    """What reads whole texts of people, on texts that repeat what it looks for."""
    from ppp_match.formats import markdown
    from ppp_match.listings.contact_data import find

    for bit in (
        "a@",
        "0901 ",
        "+84 ",
        "(0",
        "ông Nguyễn ",
        "zalo: ",
        "[a](",
        "![",
        "`",
        "**a",
        "> ",
        "- ",
        "<a ",
        "|a",
        "~",
        "&#",
    ):
        text = bit * (length // len(bit))
        started = time.process_time()
        find(text)
        markdown(text)
        assert time.process_time() - started < 4, bit
