"""Show that a group of symbols beyond its share of the account needs a person's word.

Method: a table around the limit; figures that are not known.
"""

import pytest

from app.domain.enums import Side
from app.risk.checks.group_share import CHECK, Params
from app.risk.exposure import RiskInput
from tests.samples import NOT_NUMBERS, instrument, new_order, picture

BUY, SELL = Side.BUY, Side.SELL
EVEN = {"bid": "100", "ask": "100", "last_px": "100", "equity": "10000"}
TECH = instrument(group="Technology")


def find(order, known=TECH, **changes):
    seen = picture(**{**EVEN, **changes})
    return CHECK.check(RiskInput(order=order, instrument=known, picture=seen), Params())


@pytest.mark.parametrize(
    ("order", "changes", "passed", "value"),
    [
        pytest.param(new_order(BUY, 49, "100"), {}, True, "49 %", id="inside"),
        pytest.param(new_order(BUY, 50, "100"), {}, True, "50 %", id="at the limit"),
        pytest.param(new_order(BUY, 51, "100"), {}, False, "51 %", id="over"),
        pytest.param(new_order(SELL, 51), {}, False, "51 %", id="short over"),
        pytest.param(
            new_order(BUY, 10, "100"), {"group_exposure": "4000"}, True, "50 %", id="others"
        ),
        pytest.param(
            new_order(BUY, 11, "100"), {"group_exposure": "4000"}, False, "51 %", id="others, over"
        ),
        pytest.param(
            new_order(BUY, 10, "100"),
            {"group_exposure": "4000", "symbol_exposure": "1000", "position_qty": "10"},
            True,
            "50 %",
            id="own holding is counted once",
        ),
        pytest.param(
            new_order(BUY, 11, "100"),
            {"group_exposure": "4000", "symbol_exposure": "1000", "working_buy_qty": "10"},
            False,
            "51 %",
            id="working orders count",
        ),
    ],
)
def test_person_is_asked_beyond_the_share(order, changes, passed, value):
    found = find(order, **changes)
    assert (found.passed, found.value, found.limit) == (passed, value, "50 %")
    assert found.can_confirm is not passed
    assert found.text == ("" if passed else f"Technology could be {value} of equity, limit 50 %")


@pytest.mark.parametrize("known", [None, instrument()], ids=["unlisted", "no group"])
def test_symbol_of_no_group_passes(known):
    found = find(new_order(BUY, 9_000), known)
    assert (found.passed, found.value) == (True, "no group")


@pytest.mark.parametrize("name", ["equity", "group_exposure", "symbol_exposure"])
def test_figure_that_is_missing_passes_and_one_that_is_no_number_is_asked_about(name):
    found = find(new_order(BUY, 9_000), **{name: None})
    assert (found.passed, found.value) == (True, "unknown")
    for number in NOT_NUMBERS:
        found = find(new_order(BUY, 9_000), **{name: number})
        assert (found.passed, found.can_confirm, found.value) == (False, True, "unknown")
        assert found.text == "the share of Technology is not known: a figure is no number"


@pytest.mark.parametrize("equity", ["0", "-5"])
def test_account_without_equity_asks(equity):
    found = find(new_order(BUY, 1), equity=equity)
    assert (found.passed, found.can_confirm, found.limit) == (False, True, "> 0")
    assert found.text == f"equity {equity}.00 USD must be above 0 to open"


def test_closing_passes_however_large_the_group_is():
    found = find(new_order(SELL, 100), position_qty="100", group_exposure="1e9")
    assert (found.passed, found.value) == (True, "closing")


def test_smallest_equity_opens_what_it_may():
    assert find(new_order(BUY, "0.001", "100"), equity="0.5").passed


def test_use_is_the_share_of_the_limit():
    assert find(new_order(BUY, 25, "100")).use == 0.5
    assert find(new_order(BUY, 99, "100")).use == 1.0
