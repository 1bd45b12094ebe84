"""Show that the account's figures are conservative, and unknown where a price is.

Method: tables of marks and holdings; a law that no way of filling is beyond the worst.
"""

from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.position import Position
from app.domain.terms import ZERO
from app.portfolio.valuation import (
    AccountFigures,
    Exposure,
    LastPrice,
    Mark,
    mark_of,
    value_account,
)
from tests.samples import IBM, NOT_NUMBERS, NOW_NS, is_value, quote

CASH = Decimal(10_000)


def exposure(qty=0, mark=100, buying=0, selling=0, is_stale=False, **changes):
    position = Position(symbol=IBM, qty=Decimal(qty), cost=Decimal(qty) * 90, **changes)
    return Exposure(
        position=position,
        working_buy_qty=Decimal(buying),
        working_sell_qty=Decimal(selling),
        mark=None if mark is None else Decimal(mark),
        is_stale=is_stale,
    )


def value(*exposures, cash=CASH, leverage=2):
    return value_account(exposures, cash=cash, leverage_gross_max=Decimal(leverage))


def px_of(qty, best, last):
    """Return the price of the mark, whatever its age."""
    last = LastPrice(px=last, ts_ns=NOW_NS)
    mark = mark_of(qty, best, last, now_ns=NOW_NS, age_ns_max=500)
    return None if mark is None else mark.px


@pytest.mark.parametrize(
    ("qty", "best", "last", "mark"),
    [
        pytest.param(100, quote("9.99", "10.01"), "10", "9.99", id="long closes at the bid"),
        pytest.param(-100, quote("9.99", "10.01"), "10", "10.01", id="short closes at the ask"),
        pytest.param(0, quote("9.99", "10.01"), "10", "9.99", id="flat: the bid"),
        pytest.param(100, quote(None, "10.01"), "10", "10", id="long without a bid: last"),
        pytest.param(-100, quote("9.99", None), "10", "10", id="short without an ask: last"),
        pytest.param(100, None, "10", "10", id="no quote: last"),
        pytest.param(100, None, None, None, id="nothing"),
        pytest.param(100, quote(None, None), None, None, id="empty quote"),
        pytest.param(100, quote("0", "10.01"), "10", "10", id="bid of 0 is none"),
        pytest.param(100, quote("-1", "10.01"), None, None, id="bid below 0 is none"),
    ],
)
def test_mark_is_what_closing_would_bring_now(qty, best, last, mark):
    last = None if last is None else Decimal(last)
    expected = None if mark is None else Decimal(mark)
    assert px_of(Decimal(qty), best, last) == expected


@pytest.mark.parametrize("price", NOT_NUMBERS, ids=str)
def test_price_that_is_no_number_marks_nothing(price):
    assert px_of(Decimal(100), quote(price, price), price) is None


def last(px="10", age=0):
    return LastPrice(
        px=None if px is None else Decimal(px), ts_ns=None if age is None else NOW_NS - age
    )


def aged(best, age=0):
    return quote(*best, ts_exch_ns=NOW_NS - age, ts_recv_ns=NOW_NS)


@pytest.mark.parametrize(
    ("qty", "best", "last", "px", "is_stale"),
    [
        pytest.param(1, aged(("9", "11"), 500), None, "9", False, id="as old as the limit"),
        pytest.param(1, aged(("9", "11"), 501), None, "9", True, id="older"),
        pytest.param(-1, aged(("9", "11"), 501), None, "11", True, id="older, short"),
        pytest.param(1, aged(("9", "11"), -900), None, "9", False, id="of the future"),
        pytest.param(1, aged(("9", "11"), 501), last(), "9", True, id="old quote before new last"),
        pytest.param(1, aged(("9", "11")), last(age=900), "9", False, id="new quote, old last"),
        pytest.param(1, aged((None, "11")), last(age=501), "10", True, id="no bid, old last"),
        pytest.param(1, aged((None, "11"), 900), last(), "10", False, id="no bid, new last"),
        pytest.param(1, None, last(age=500), "10", False, id="new last"),
        pytest.param(1, None, last(age=501), "10", True, id="old last"),
        pytest.param(1, None, last(age=None), "10", True, id="last of unknown age"),
    ],
)
def test_mark_that_is_old_is_used_and_said_to_be_old(qty, best, last, px, is_stale):
    mark = mark_of(Decimal(qty), best, last, now_ns=NOW_NS, age_ns_max=500)
    assert mark == Mark(px=Decimal(px), is_stale=is_stale)


@pytest.mark.parametrize("best", [None, aged((None, None)), aged(("0", "NaN"))])
@pytest.mark.parametrize("last", [None, last(None), last("0"), last("NaN")])
@pytest.mark.parametrize("qty", [1, -1])
def test_where_there_is_no_price_there_is_no_mark_of_any_age(qty, best, last):
    assert mark_of(Decimal(qty), best, last, now_ns=NOW_NS, age_ns_max=500) is None


@pytest.mark.parametrize(
    ("qty", "buying", "selling", "worst"),
    [
        (0, 0, 0, 0),
        (100, 0, 0, 100),
        (100, 50, 0, 150),
        (100, 0, 50, 100),
        (100, 0, 250, 150),
        (-100, 50, 0, 100),
        (-100, 250, 0, 150),
        (-100, 0, 50, 150),
        (0, 50, 70, 70),
    ],
)
def test_worst_holding_counts_working_orders_as_filled_on_their_side(qty, buying, selling, worst):
    one = exposure(qty, 100, buying, selling)
    assert (one.worst_qty, one.worst_notional) == (worst, worst * 100)


def test_worst_value_without_a_mark_is_unknown_unless_there_is_nothing():
    assert exposure(100, None).worst_notional is None
    assert exposure(0, None, buying=1).worst_notional is None
    assert exposure(0, None).worst_notional == 0


def test_empty_account_is_its_cash():
    figures = value()
    assert (figures.cash, figures.equity, figures.buying_power) == (CASH, CASH, 2 * CASH)
    assert figures.gross_exposure == figures.gross_leverage == 0
    assert figures.unrealised_pnl == figures.realised_pnl == figures.fees == 0


def test_figures_are_the_sums_over_symbols():
    figures = value(
        exposure(100, 100, realised_pnl=Decimal(7), fees=Decimal(1)),
        exposure(-50, 100, realised_pnl=Decimal(-3), fees=Decimal(2)),
    )
    assert figures.equity == CASH + 100 * 100 - 50 * 100
    assert figures.unrealised_pnl == 1000 - 500
    assert (figures.realised_pnl, figures.fees) == (4, 3)
    assert figures.gross_exposure == 15_000
    assert figures.gross_leverage == 1
    assert figures.buying_power == 15_000


def test_gains_are_told_after_fees_too():
    figures = value(
        exposure(100, realised_pnl=Decimal(7), fees=Decimal(5), open_fees=Decimal(2)),
        exposure(-50, realised_pnl=Decimal(-3), fees=Decimal(2), open_fees=Decimal(1)),
    )
    assert (figures.fees, figures.open_fees) == (7, 3)
    assert figures.realised_pnl_after_fees == 4 - 4
    assert figures.unrealised_pnl_after_fees == 500 - 3
    assert figures.pnl_after_fees == 4 + 500 - 7


def test_gains_after_fees_are_unknown_where_gains_are():
    figures = value(exposure(1, None, realised_pnl=Decimal(7), fees=Decimal(5)))
    assert figures.unrealised_pnl_after_fees is figures.pnl_after_fees is None
    assert figures.realised_pnl_after_fees == 2


@pytest.mark.parametrize(
    ("exposures", "is_stale"),
    [
        pytest.param([], False, id="empty"),
        pytest.param([exposure(1), exposure(1)], False, id="all new"),
        pytest.param([exposure(1, is_stale=True), exposure(1)], True, id="first old"),
        pytest.param([exposure(1), exposure(-1, is_stale=True)], True, id="last old"),
        pytest.param([exposure(0, buying=1, is_stale=True)], True, id="old, working"),
        pytest.param([exposure(0, is_stale=True)], False, id="old, of nothing"),
    ],
)
def test_figures_that_needed_an_old_mark_are_stale(exposures, is_stale):
    assert value(*exposures).is_stale is is_stale


def test_working_orders_use_buying_power_and_not_equity():
    figures = value(exposure(0, 100, buying=30))
    assert (figures.equity, figures.gross_exposure, figures.buying_power) == (CASH, 3000, 17_000)


@pytest.mark.parametrize("unmarked", [exposure(100, None), exposure(-100, None)])
@pytest.mark.parametrize("position", [0, 1, 2])
def test_held_symbol_without_a_mark_makes_what_needs_it_unknown(unmarked, position):
    exposures = [exposure(10), exposure(20)]
    exposures.insert(position, unmarked)
    figures = value(*exposures)
    assert figures.equity is figures.unrealised_pnl is figures.gross_exposure is None
    assert figures.gross_leverage is figures.buying_power is None
    assert figures.cash == CASH


def test_working_symbol_without_a_mark_leaves_equity_known():
    figures = value(exposure(0, None, buying=5))
    assert figures.equity == CASH
    assert figures.gross_exposure is figures.gross_leverage is figures.buying_power is None


@pytest.mark.parametrize("cash", [-10_000, -20_000])
def test_leverage_of_no_equity_means_nothing_and_buys_nothing(cash):
    figures = value(exposure(100), cash=Decimal(cash))
    assert figures.equity == cash + 10_000
    assert figures.gross_leverage is None
    assert figures.buying_power == 0


def test_account_over_its_leverage_has_no_buying_power():
    assert value(exposure(1000), cash=Decimal(-90_000)).buying_power == 0


@pytest.mark.parametrize(("cash", "leverage"), [("-9999.5", 20_000), ("-9999", 10_000)])
def test_leverage_of_little_equity_is_great(cash, leverage):
    assert value(exposure(100), cash=Decimal(cash)).gross_leverage == leverage


def test_nothing_is_stale_unless_it_is_said_to_be():
    one = exposure(1)
    plain = Exposure(
        position=one.position, working_buy_qty=ZERO, working_sell_qty=ZERO, mark=one.mark
    )
    assert plain.is_stale is False
    fields = dict.fromkeys(name for name in AccountFigures.__struct_fields__[:8])
    assert AccountFigures(**fields).is_stale is False
    assert AccountFigures(**fields).open_fees == 0


@pytest.mark.parametrize("kind", [AccountFigures, Exposure, LastPrice, Mark])
def test_figures_cannot_be_changed_and_name_their_fields(kind):
    assert is_value(kind)


@given(st.integers(-300, 300), st.integers(0, 300), st.integers(0, 300))
def test_no_way_of_filling_is_beyond_the_worst(qty, buying, selling):
    ends = [qty + b - s for b, s in product((0, buying), (0, selling))]
    assert exposure(qty, 1, buying, selling).worst_qty == max(map(abs, ends))


@given(
    st.lists(
        st.builds(exposure, st.integers(-300, 300), st.none() | st.integers(1, 500)), max_size=5
    )
)
def test_equity_is_cash_and_holdings_or_unknown(exposures):
    held = [one for one in exposures if one.position.qty]
    figures = value(*exposures)
    if any(one.mark is None for one in held):
        assert figures.equity is None
    else:
        assert figures.equity == CASH + sum((o.position.qty * o.mark for o in held), ZERO)
        cost = sum((one.position.cost for one in held), ZERO)
        assert figures.equity == CASH + cost + figures.unrealised_pnl
