"""Show from where on what is kept of a symbol can be used without a share counted twice."""

import numpy as np

from app.domain.times import MINUTE_NS, SECOND_NS
from app.market.bars import BarSeries
from app.market.days import DayBars
from app.market.ring import Ring
from app.market.seeds import cuts, path_of
from tests.tape import columns

NEVER = 2**63 - 1


class Kept:
    """What a store keeps of a symbol, small."""

    def __init__(self, trades=4, seconds=4):
        self.trades, self.seconds = Ring(trades, 2), BarSeries(SECOND_NS, seconds)
        self.minutes, self.days = BarSeries(MINUTE_NS, 9), DayBars()

    def add(self, *times):
        for ts_ns in times:
            self.trades.append(ts_ns, 1.0, 1.0)
            self.seconds.add_bar(ts_ns, 1, 1, 1, 1, 1)


def test_path_goes_by_the_end_away_from_the_close():
    times, prices, sizes = path_of(columns((7, 10, 15, 8, 12, 100), (9, 10, 15, 8, 9, 50)))
    assert times.tolist() == [7] * 4 + [9] * 4
    assert prices.tolist() == [10, 8, 15, 12, 10, 15, 8, 9]
    assert sizes.tolist() == [0, 0, 0, 100, 0, 0, 0, 50]


def test_of_nothing_there_is_nothing_to_cut():
    assert cuts(Kept()) == (NEVER, NEVER)
    assert len(path_of(columns())[0]) == 0


def test_all_trades_are_used_while_none_is_forgotten():
    kept = Kept()
    kept.add(61 * SECOND_NS + 5, 62 * SECOND_NS)
    assert cuts(kept) == (61 * SECOND_NS, MINUTE_NS)


def test_second_of_which_trades_are_forgotten_is_taken_from_its_bar():
    kept = Kept(trades=2)
    kept.add(*(61 * SECOND_NS + n for n in range(3)), 62 * SECOND_NS)
    assert cuts(kept) == (62 * SECOND_NS, MINUTE_NS)


def test_minute_of_which_seconds_are_forgotten_is_taken_from_its_bar():
    kept = Kept(seconds=2)
    kept.add(*(second * SECOND_NS for second in (61, 62, 63)))
    assert cuts(kept) == (61 * SECOND_NS, 2 * MINUTE_NS)
    assert np.diff(kept.trades.times(9)).min() > 0
