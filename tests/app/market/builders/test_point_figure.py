"""Show which boxes are drawn, by closes and by highs and lows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.market.bars import BarColumns
from app.market.builders.point_figure import PointFigureBars
from tests.tape import DRAWN, at, give, rows, walk


def signs(columns):
    """Return columns as text: X100-103 for boxes 100 to 103."""
    return [
        f"{'X' if is_x else 'O'}{open_:g}-{close:g}"
        for is_x, open_, close in zip(columns.is_x, columns.open, columns.close, strict=True)
    ]


@pytest.mark.parametrize(
    ("prices", "expected"),
    [
        ([100.4], []),
        ([100.4, 100.9], []),
        ([100.4, 101.0], ["X101-101"]),
        ([100.4, 98.2], ["O99-99"]),
        ([100.0, 103.5], ["X101-103"]),
        ([100.0, 103.5, 100.1], ["X101-103"]),
        ([100.0, 103.5, 100.0], ["X101-103", "O102-100"]),
        ([100.0, 103.0, 99.5, 98.0], ["X101-103", "O102-98"]),
        ([100.0, 103.0, 98.0, 100.9], ["X101-103", "O102-98"]),
        ([100.0, 103.0, 98.0, 101.0], ["X101-103", "O102-98", "X99-101"]),
    ],
)
def test_columns_of_one_dollar_and_three_boxes(prices, expected):
    assert signs(at(PointFigureBars(1, 3, 99), *prices).columns(99)) == expected


def test_column_may_turn_after_one_box():
    assert signs(at(PointFigureBars(1, 1, 99), 100, 102, 101).columns(99)) == [
        "X101-102",
        "O101-101",
    ]


def test_trade_that_turns_is_counted_in_the_new_column():
    bars = PointFigureBars(1, 3, 9)
    give(bars, (0, 100.0, 1), (1, 103.0, 2), (2, 102.0, 4), (3, 100.0, 8))
    assert rows(bars.columns(9)) == [(0, 101, 103, 101, 103, 7), (3, 102, 102, 100, 100, 8)]
    assert bars.columns(9).boxes.tolist() == [3, 3]


def whole_bars(*hlc):
    high, low, close = np.array(hlc, float).T
    return BarColumns(
        start_ns=np.arange(len(high)) * 10,
        open=close,
        high=high,
        low=low,
        close=close,
        volume=np.full(len(high), 7.0),
    )


class TestBars:
    BARS = whole_bars((100, 100, 100), (104, 99, 101), (103, 100.5, 101), (102, 97, 102))

    def test_by_closes_only_closes_count(self):
        bars = PointFigureBars(1, 3, 9)
        bars.extend_bars(self.BARS)
        assert signs(bars.columns(9)) == ["X101-102"]

    def test_by_high_and_low_the_end_in_the_way_of_the_column_counts_first(self):
        bars = PointFigureBars(1, 3, 9, by_extremes=True)
        bars.extend_bars(self.BARS)
        assert signs(bars.columns(9)) == ["X101-104", "O103-97"]
        assert bars.columns(9).volume.tolist() == [21, 7]

    def test_in_a_falling_column_the_low_counts_first(self):
        bars = PointFigureBars(1, 3, 9, by_extremes=True)
        bars.extend_bars(whole_bars((100, 97, 99), (105, 96, 105), (105, 96, 105)))
        assert signs(bars.columns(9)) == ["O99-96", "X97-105"]

    @pytest.mark.parametrize("bad", [(np.nan, 1, 1), (1, 2, 1), (1, -2, 1)])
    def test_bar_that_is_none_is_left_out(self, bad):
        bars = PointFigureBars(1, 3, 9, by_extremes=True)
        bars.extend_bars(whole_bars(bad))
        assert len(bars.columns(9)) == 0

    @given(DRAWN, st.integers(1, 5))
    def test_bars_give_the_same_in_any_grouping(self, groups, size):
        trades = [t for group in walk(groups) for t in group]
        hlc = [(px + 0.2, px - 0.1, px) for _, px, _ in trades if px > 1] or [(2, 1, 1)]
        whole, parts = (PointFigureBars(0.1, 3, 999, by_extremes=True) for _ in range(2))
        bars = whole_bars(*hlc)
        whole.extend_bars(bars)
        for first in range(0, len(hlc), size):
            part = slice(first, first + size)
            fields = {name: getattr(bars, name)[part] for name in bars.__struct_fields__}
            parts.extend_bars(BarColumns(**fields))
        assert rows(whole.columns(999)) == rows(parts.columns(999))


@given(DRAWN)
def test_columns_alternate_and_begin_one_box_beside_the_last(groups):
    bars = PointFigureBars(0.1, 3, 999)
    for group in walk(groups):
        if group:
            give(bars, *group)
    seen = bars.columns(999)
    assert (np.diff(seen.is_x) != 0).all()
    way = np.where(seen.is_x > 0, 1, -1)
    np.testing.assert_allclose(seen.open[1:], seen.close[:-1] + way[1:] * 0.1)
    assert (seen.boxes[1:] >= 3).all()
    np.testing.assert_allclose((seen.close - seen.open) * way, (seen.boxes - 1) * 0.1, atol=1e-9)
