"""Show which change of a limit is looser, and that no typed value slips through.

Method: tables over parameters of every kind; a law that the tighter of two loosens neither.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import BadInput
from app.risk.checks.base import CheckParams, CheckSpec
from app.risk.limits import changed, is_looser, parse_value, rows_of, table_of, tighter_of


class Params(CheckParams, frozen=True):
    """Of every kind."""

    qty_max: Annotated[Decimal, msgspec.Meta(title="Largest order", description="shares")] = (
        Decimal(100)
    )
    count_max: Annotated[int, "not for a form"] = 10
    price_min: Decimal = Decimal(1)
    is_open: bool = False
    symbols: tuple[str, ...] = ("GME", "AMC")
    word: str = "a"


def _check(given, params):
    """Nothing is too large.

    More of it is not shown.
    """
    raise AssertionError("not run")


SPEC = CheckSpec("sample", "Sample", Params, _check, "R99")


def params(**changes) -> Params:
    return msgspec.structs.replace(Params(), **changes)


@pytest.mark.parametrize(
    ("changes", "looser"),
    [
        ({}, False),
        ({"qty_max": Decimal(101)}, True),
        ({"qty_max": Decimal(99)}, False),
        ({"qty_max": Decimal("100.0")}, False),
        ({"count_max": 11}, True),
        ({"count_max": 9}, False),
        ({"price_min": Decimal("0.5")}, True),
        ({"price_min": Decimal(2)}, False),
        ({"is_open": True}, True),
        ({"symbols": ("GME", "AMC", "IBM")}, False),
        ({"symbols": ("AMC", "GME")}, False),
        ({"symbols": ("GME",)}, True),
        ({"word": "b"}, True),
        ({"qty_max": Decimal(99), "count_max": 11}, True),
        ({"qty_max": Decimal(99), "count_max": 9}, False),
    ],
    ids=str,
)
def test_change_is_looser_if_any_part_lets_more_through_or_nobody_can_say(changes, looser):
    assert is_looser(params(), params(**changes)) is looser


def test_tighter_of_two_takes_each_part_from_the_tighter():
    one = params(qty_max=Decimal(50), count_max=20, word="x")
    other = params(qty_max=Decimal(60), count_max=15, word="y")
    assert tighter_of(one, other) == params(qty_max=Decimal(50), count_max=15, word="x")


def test_tighter_of_two_lists_of_what_is_refused_is_both_together():
    one, other = params(symbols=("GME", "AMC")), params(symbols=("IBM", "GME"))
    assert tighter_of(one, other).symbols == ("GME", "AMC", "IBM")


SYMBOLS = st.lists(st.sampled_from(["A", "B", "C"]), unique=True).map(tuple)


@given(*[st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), SYMBOLS)] * 2)
def test_tighter_of_two_loosens_neither(first, second):
    one, other = (
        params(qty_max=Decimal(a), count_max=b, price_min=Decimal(c), symbols=d)
        for a, b, c, d in (first, second)
    )
    assert not is_looser(one, tighter_of(one, other))
    assert not is_looser(other, tighter_of(one, other))


@pytest.mark.parametrize(
    ("param", "typed", "value"),
    [
        ("qty_max", " 1,000.5 ", "1000.5"),
        ("count_max", "1,000", 1000),
        ("is_open", "Yes", True),
        ("is_open", "true", True),
        ("is_open", "no", False),
        ("is_open", "false", False),
        ("symbols", '["IBM"]', ["IBM"]),
        ("word", " b ", "b"),
    ],
)
def test_typed_value_is_as_the_settings_have_it(param, typed, value):
    assert parse_value(Params(), param, typed) == value


@pytest.mark.parametrize(
    ("param", "typed", "words"),
    [
        ("count_max", "1.5", "count_max was '1.5', must be a whole number; nothing changed"),
        ("count_max", "", "count_max was '', must be a whole number; nothing changed"),
        ("is_open", "maybe", "is_open was 'maybe', must be yes or no; nothing changed"),
        ("symbols", "IBM", "symbols was no list: .*; nothing changed"),
    ],
)
def test_typed_value_that_is_none_is_refused_in_words(param, typed, words):
    with pytest.raises(BadInput, match=words):
        parse_value(Params(), param, typed)


@pytest.mark.parametrize("wrong", ["abc", "NaN", "Infinity", "-1", "1e400000"])
def test_limit_that_is_no_number_is_refused(wrong):
    if wrong == "1e400000":
        assert changed(SPEC, Params(), "qty_max", wrong).qty_max > 0
        return
    with pytest.raises(BadInput, match=r"settings \[risk.checks.sample\]"):
        changed(SPEC, Params(), "qty_max", wrong)


@pytest.mark.parametrize("wrong", [-1, "x", 1.5, True])
def test_count_that_is_none_is_refused(wrong):
    with pytest.raises(BadInput, match=r"settings \[risk.checks.sample\]"):
        changed(SPEC, Params(), "count_max", wrong)


def test_parameter_that_is_not_there_is_refused_and_the_others_are_named():
    with pytest.raises(BadInput, match="sample has no parameter 'max' .*qty_max, count_max"):
        changed(SPEC, Params(), "max", 1)


def test_change_leaves_the_other_parameters():
    assert changed(SPEC, Params(), "count_max", 3) == params(count_max=3)


def test_table_is_as_settings_have_it():
    assert table_of(Params()) == {
        "qty_max": "100",
        "count_max": 10,
        "price_min": "1",
        "is_open": False,
        "symbols": ("GME", "AMC"),
        "word": "a",
    }


def test_rows_say_what_each_parameter_is_and_was():
    first, *rest = rows_of(SPEC, params(qty_max=Decimal("7.50"), is_open=True), Params())
    assert (first.check, first.title, first.code) == ("sample", "Sample", "R99")
    assert (first.rule, first.param) == ("Nothing is too large", "qty_max")
    assert (first.param_title, first.unit) == ("Largest order", "shares")
    assert (first.value, first.default) == ("7.50", "100")
    assert [(row.param_title, row.unit, row.value, row.default) for row in rest] == [
        ("count max", "", "10", "10"),
        ("price min", "", "1", "1"),
        ("is open", "", "yes", "no"),
        ("symbols", "", '["GME","AMC"]', '["GME","AMC"]'),
        ("word", "", "a", "a"),
    ]
    assert (first.changed_by, first.changed_ns) == ("", 0)


def test_check_without_parameters_or_words_has_no_rows_or_an_empty_rule():
    def check(given, params):
        raise AssertionError("not run")

    assert rows_of(CheckSpec("a", "A", CheckParams, check), CheckParams(), CheckParams()) == []
    (row, *_) = rows_of(CheckSpec("a", "A", Params, check), Params(), Params())
    assert (row.rule, row.code) == ("", "")
