"""Show what holds for every kind of bar: the same however trades are grouped, nothing lost.

Method: laws over drawn trades, for each builder.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.market.builders.base import line_px, steps_above, steps_below
from app.market.builders.dollar import DollarBars
from app.market.builders.kagi import KagiBars
from app.market.builders.line_break import LineBreakBars
from app.market.builders.point_figure import PointFigureBars
from app.market.builders.range_bars import RangeBars
from app.market.builders.renko import RenkoBars
from app.market.builders.ticks import TickBars
from app.market.builders.volume import VolumeBars
from tests.tape import DRAWN, FIELDS, give, rows, walk

MOST = 400
MAKERS = {
    "ticks": lambda capacity=MOST: TickBars(7, capacity),
    "volume": lambda capacity=MOST: VolumeBars(1_500, capacity),
    "dollar": lambda capacity=MOST: DollarBars(123_456.7, capacity),
    "range": lambda capacity=MOST: RangeBars(0.25, capacity),
    "renko": lambda capacity=MOST: RenkoBars(0.1, capacity),
    "kagi": lambda capacity=MOST: KagiBars(0.3, capacity),
    "kagi %": lambda capacity=MOST: KagiBars(0.2, capacity, is_percent=True),
    "point and figure": lambda capacity=MOST: PointFigureBars(0.1, 3, capacity),
    "line break": lambda capacity=MOST: LineBreakBars(3, capacity),
}
every = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)


def built(make, groups):
    builder = make()
    for group in groups:
        if group:
            give(builder, *group)
    return builder


def all_of(columns):
    return [getattr(columns, name).tolist() for name in columns.__struct_fields__]


@every
@given(DRAWN, st.booleans())
def test_bars_do_not_depend_on_how_trades_are_grouped_or_looked_at(make, groups, looks):
    groups = walk(groups)
    whole = built(make, [[trade for group in groups for trade in group]])
    parts = make()
    for group in groups:
        if group:
            give(parts, *group)
        if looks:
            parts.columns(3)
    np.testing.assert_equal(all_of(parts.columns(MOST)), all_of(whole.columns(MOST)))


@every
@given(DRAWN)
def test_every_share_is_in_one_bar(make, groups):
    groups = walk(groups)
    volume = built(make, groups).columns(MOST).volume
    traded = sum(size for group in groups for _, _, size in group)
    # Point and figure has no column before the price has left its first box.
    assert volume.sum() == traded or (not len(volume) and make is MAKERS["point and figure"])


@every
@given(DRAWN)
def test_bars_are_whole_and_in_order(make, groups):
    bars = built(make, walk(groups)).columns(MOST)
    assert (np.diff(bars.start_ns) >= 0).all()
    assert (bars.low <= np.minimum(bars.open, bars.close)).all()
    assert (bars.high >= np.maximum(bars.open, bars.close)).all()
    assert all(np.isfinite(getattr(bars, field)).all() for field in FIELDS)


@every
@given(DRAWN, st.integers(1, 4))
def test_only_the_newest_bars_are_kept(make, groups, capacity):
    groups = walk(groups)
    few = built(lambda: make(capacity), groups).columns(MOST)
    assert rows(few) == rows(built(make, groups).columns(capacity))


@every
def test_nothing_is_nothing(make):
    builder = make()
    assert len(builder.columns(5)) == 0
    builder.extend(np.array([], dtype=np.int64), np.array([]), np.array([]))
    assert len(builder.columns(5)) == 0


@every
@pytest.mark.parametrize(
    ("price", "size"),
    [(np.nan, 5), (np.inf, 5), (0.0, 5), (-3.0, 5), (100.0, np.nan), (100.0, np.inf), (100.0, -1)],
)
def test_what_is_no_trade_is_left_out(make, price, size):
    good = [(0, 100.0, 10), (1, 101.0, 10), (2, 99.0, 10)]
    clean, fouled = make(), make()
    give(clean, *good)
    give(fouled, good[0], (0.5, price, size), *good[1:])
    give(fouled, (3, price, size))
    assert rows(fouled.columns(9)) == rows(clean.columns(9))


@every
def test_late_trade_counts_when_it_came(make):
    builder = make()
    give(builder, (10, 100.0, 5), (3, 130.0, 5))
    give(builder, (2, 90.0, 5))
    assert min(builder.columns(MOST).start_ns) == 10_000_000_000


@every
def test_capacity_is_told(make):
    assert make(17).capacity == 17


@pytest.mark.parametrize(
    ("price", "below", "above"),
    [(100.0, 1000, 1000), (100.05, 1000, 1001), (0.3, 3, 3), (0.1 + 0.2, 3, 3), (0.7, 7, 7)],
)
def test_price_on_a_line_touches_it_whatever_floats_do(price, below, above):
    assert (steps_below(price, 0.1), steps_above(price, 0.1)) == (below, above)


def test_line_has_a_clean_price():
    assert line_px(3, 0.1) == 0.3
