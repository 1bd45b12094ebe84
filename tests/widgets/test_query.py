"""Goal: a filter means what it says, and what it cannot mean is said."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.query import CHARS_MAX, PARTS_MAX, BadQuery, number_of, parse_query

TITLES = ("Time", "Symbol", "Side", "Qty", "Avg fill", "Chg %", "Status")
ROW = ("10:47:02.118", "AAPL", "Buy", "1,200", "186.65", "+1.12%", "Partially filled")


def fits(typed: str, row=ROW, extra: str = "") -> bool:
    query = parse_query(typed, TITLES)
    return query is None or query.matches(lambda column: row[column], extra)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "aapl",
        "buy partially",
        '"partially filled"',
        "symbol:aap",
        "sym:AAPL side:buy",
        "symbol=aapl",
        "qty>1000",
        "qty>=1200",
        "qty=1200",
        "qty<$1,201",
        "avg<=186.65",
        "chg>1",
        "-sell",
        "-symbol:msft",
        "-qty>5000",
        "working",
        "status:",
        'status:"ally fill"',
    ],
)
def test_it_fits(typed):
    assert fits(typed, extra="working c1f0")


@pytest.mark.parametrize(
    "typed",
    ["msft", "buy sell", "symbol=aap", "qty>1200", "qty<1,200", "-aapl", "status>5", "working",
     '"filled partially"', "time>10"],
)  # fmt: skip
def test_it_does_not_fit(typed):
    assert not fits(typed)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("colour:red", "no column is called 'colour'; there are time, symbol"),
        ("qty>many", "'many' after > must be a number"),
        ("x" * (CHARS_MAX + 1), f"{CHARS_MAX} are the most"),
        ("a " * (PARTS_MAX + 1), f"{PARTS_MAX} are the most"),
    ],
)
def test_what_it_cannot_mean_is_said(typed, words):
    with pytest.raises(BadQuery, match=words.replace("'", ".")):
        parse_query(typed, TITLES)


@pytest.mark.parametrize(
    ("cell", "number"),
    [("$1,234.50", 1234.5), ("-3.2 %", -3.2), ("+4", 4.0), ("–", None), ("AAPL", None), ("", None)],
)
def test_numbers_are_read_as_they_are_written(cell, number):
    assert number_of(cell) == number


@given(st.text(max_size=60))
def test_whatever_is_typed_is_a_filter_or_a_sentence(typed):
    with contextlib.suppress(BadQuery):
        fits(typed)


@given(st.text("abl: -", max_size=12))
def test_a_negated_word_is_the_opposite(typed):
    word = typed.replace(" ", "").replace("-", "").replace(":", "")
    if word:
        assert fits(f"-{word}") is not fits(word)
