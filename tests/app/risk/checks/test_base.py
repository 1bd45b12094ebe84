"""Show that a check's answer is complete, and that one that fails refuses.

Method: checks of one line each.
"""

from decimal import Decimal

import pytest

from app.risk.checks.base import (
    CheckParams,
    CheckSpec,
    Finding,
    RiskInput,
    closing,
    figure,
    percent,
    refuse,
    run_check,
    share,
    without_equity,
)
from tests.samples import new_order, picture

GIVEN = RiskInput(order=new_order(), instrument=None, picture=picture())


def run(check):
    return run_check(CheckSpec("mine", "Mine", CheckParams, check), CheckParams(), GIVEN)


def raising(error):
    def check(given, params):
        raise error

    return check


def test_passed_finding_has_no_words():
    found = Finding(passed=True, value="5", limit="10", text="never shown", use=0.5)
    result = run(lambda given, params: found)
    assert (result.name, result.passed, result.value, result.limit) == ("mine", True, "5", "10")
    assert (result.text, result.use) == ("", 0.5)


def test_refusal_says_what_happens_now():
    result = run(
        lambda given, params: Finding(passed=False, value="11", limit="10", text="11 > 10")
    )
    assert result.text == "11 > 10; order not sent"
    assert not result.passed


@pytest.mark.parametrize(
    "error",
    [
        ArithmeticError("a"),
        ValueError("a"),
        TypeError("a"),
        KeyError("a"),
        AttributeError("a"),
        RuntimeError("a"),
        OSError("a"),
        MemoryError("a"),
    ],
    ids=lambda e: type(e).__name__,
)
def test_check_that_raises_refuses(error):
    result = run(raising(error))
    assert not result.passed
    assert result.text == f"check mine failed: {error!r}; order not sent"


@pytest.mark.parametrize("answer", [None, True, "yes"], ids=repr)
def test_check_that_gives_no_finding_refuses(answer):
    result = run(lambda given, params: answer)
    assert not result.passed
    assert f"it gave {answer!r}" in result.text


def test_words_without_end_are_cut_and_what_happens_now_is_still_said():
    result = run(lambda given, params: refuse("v" * 999, "l" * 999, "t" * 9_999))
    assert (len(result.value), len(result.limit)) == (64, 64)
    assert result.value.endswith("…")
    assert result.text.endswith("t…; order not sent")
    assert len(result.text) < 400


def test_broken_invariant_in_a_check_is_not_hidden():
    with pytest.raises(AssertionError):
        run(raising(AssertionError("broken")))


@pytest.mark.parametrize(
    ("value", "limit", "expected"),
    [
        *[(5, 10, 0.5), (0, 10, 0.0), (-5, 10, 0.0), (Decimal("2.5"), Decimal(10), 0.25)],
        *[(5, 0, None), (5, -1, None)],
    ],
)
def test_share_of_a_limit_is_a_number_where_that_means_something(value, limit, expected):
    assert share(value, limit) == expected


@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [
        ("1234567.891", 2, "1,234,567.89"),
        ("1234567.891", None, "1,234,567.891"),
        ("100", None, "100"),
        ("-0.005", 2, "-0.00"),
        ("1e15", None, "1,000,000,000,000,000"),
        ("1e16", None, "1e+16"),
        ("1e99999999", 2, "1e+99999999"),
        ("-1e-99999999", None, "-1e-99999999"),
        ("0e-99999999", None, "0e-99999999"),
        ("0.1234567890123456789012345678", None, "0.1234567890123456789012345678"),
        ("0.12345678901234567890123456789", None, "0.123456789012"),
        ("NaN", 2, "NaN"),
        ("Infinity", None, "Infinity"),
    ],
)
def test_figure_is_short_whatever_the_number(value, places, expected):
    assert figure(Decimal(value), places) == expected


@pytest.mark.parametrize(
    ("part", "shown"),
    [
        ("0.25", "25 %"),
        ("0", "0 %"),
        ("-0.005", "-0.50 %"),
        ("0.25004", "25 %"),
        ("0.25006", "25.01 %"),
        ("20", "2,000 %"),
        ("NaN", "NaN %"),
        ("1e30", "1.00e+32 %"),
    ],
)
def test_share_is_shown_in_percent(part, shown):
    assert percent(Decimal(part)) == shown


def test_what_only_closes_passes_with_the_limit_it_need_not_keep():
    assert closing("5 %") == Finding(passed=True, value="closing", limit="5 %")


def test_account_that_is_worth_nothing_is_told_so():
    text = "equity -5.00 USD must be above 0 to open"
    expected = Finding(passed=False, value="-5.00", limit="> 0", text=text)
    assert without_equity(Decimal(-5)) == expected
