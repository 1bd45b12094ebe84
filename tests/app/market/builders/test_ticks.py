"""Show that a tick bar has its number of trades, whatever their size."""

import pytest

from app.market.builders.ticks import TickBars
from tests.tape import give, rows


@pytest.mark.parametrize("size", [1, 1_000_000])
def test_bar_is_a_number_of_trades(size):
    bars = TickBars(3, 9)
    give(bars, *((second, 10.0 + second, size) for second in range(7)))
    assert rows(bars.columns(9)) == [
        (0, 10, 12, 10, 12, 3 * size),
        (3, 13, 15, 13, 15, 3 * size),
        (6, 16, 16, 16, 16, size),
    ]


def test_each_trade_may_be_a_bar():
    bars = TickBars(1, 9)
    give(bars, (0, 10.0, 5), (0, 11.0, 6))
    assert rows(bars.columns(9)) == [(0, 10, 10, 10, 10, 5), (0, 11, 11, 11, 11, 6)]
