"""Show that each look of bars stands where the prices are, and that odd bars break none."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.desk import KagiColumns, PointFigureColumns
from tests.widgets.plot.bars_made import columns, part, walk
from widgets.palettes import Role
from widgets.plot.bars import BarTower
from widgets.plot.scale import Scale, main_prices
from widgets.plot.styles import (
    DOWN,
    UP,
    BarStyle,
    Shape,
    fill_between,
    lead_of,
    strokes_of,
    volume_strokes,
)

PRICES = main_prices(0, 300, 90.0, 110.0)


def seen_of(bars, scale, lead=0):
    tower = BarTower()
    tower.follow(bars)
    return tower.seen(scale, 0, lead)


def strokes(style, bars, in_view, width=600, base=100.0):
    scale = Scale(width, 300, 0.0, float(in_view), PRICES)
    return strokes_of(style, seen_of(bars, scale, lead_of(style)), scale, base), scale


def rows(made, paint=None):
    found = [stroke.rows for stroke in made if paint is None or stroke.paint == paint]
    return np.concatenate(found) if found else np.empty((0, 4))


@pytest.mark.parametrize("style", BarStyle)
@pytest.mark.parametrize(
    "bars",
    [
        columns([], [], [], []),
        columns([100], [100], [100], [100]),
        columns([math.nan], [math.nan], [math.nan], [math.nan]),
        columns([100, math.nan, 101], [101, math.nan, 102], [99, 1, 100], [100.5, 1, 101]),
        columns([math.inf, 100], [math.inf, 101], [100, 99], [100, 100]),
        columns([1e-8] * 3, [1e-8] * 3, [1e-8] * 3, [1e-8] * 3),
        columns([1e9] * 3, [1e9] * 3, [1e9] * 3, [1e9] * 3),
    ],
    ids=["none", "flat", "nan", "a gap", "infinite", "tiny", "huge"],
)
def test_odd_bars_are_drawn_or_left_out(style, bars):
    made, _ = strokes(style, bars, 10)
    assert all(np.isfinite(stroke.rows).all() for stroke in made)
    assert all(stroke.rows.shape[1] == 4 for stroke in made)


@pytest.mark.parametrize("style", [BarStyle.CANDLES, BarStyle.HIGH_LOW, BarStyle.OHLC])
def test_far_out_no_spike_is_lost_and_a_column_is_drawn_once(style):
    bars = walk(50_000)
    bars.high[12_345] = 109.0
    scale = Scale(600, 300, 0.0, 50_000.0, main_prices(0, 300, 0.0, 200.0))
    made = rows(strokes_of(style, seen_of(bars, scale), scale, 100.0))
    assert len(made) <= 601
    assert made[:, 1].min() == scale.ys(np.array([109.0]))[0]


def test_two_bars_a_pixel_are_all_drawn():
    made, _ = strokes(BarStyle.CANDLES, walk(1_200), 1_200)
    assert len(rows(made)) == 1_200


def test_hollow_candles_tell_the_close_before_by_colour_and_the_open_by_filling():
    # Opens high, falls, but closes above the bar before: red body would lie.
    bars = columns([100, 104], [101, 105], [99, 101], [100, 102])
    made, _ = strokes(BarStyle.HOLLOW, bars, 10)
    assert [stroke.shape for stroke in made if stroke.paint == DOWN] == []
    full = [s for s in made if s.shape is Shape.RECTS and s.paint == UP and s.rows[0, 2] > 1]
    assert len(full) == 1


def test_heikin_ashi_is_the_same_wherever_the_view_begins():
    bars = walk(400)
    tower = BarTower()
    tower.follow(bars)
    far = Scale(600, 300, 0.0, 60.0, PRICES)
    near = Scale(600, 300, 200.0, 60.0, PRICES)
    lead = lead_of(BarStyle.HEIKIN_ASHI)
    shown = rows(strokes_of(BarStyle.HEIKIN_ASHI, tower.seen(near, 0, lead), near, 100.0))
    from_first = rows(strokes_of(BarStyle.HEIKIN_ASHI, tower.seen(near, 0, 10**6), near, 100.0))
    in_view = from_first[from_first[:, 0] >= 0]
    ours = shown[shown[:, 0] >= 0]
    assert len(ours) == len(in_view) > 0
    np.testing.assert_array_equal(np.sort(ours, axis=0), np.sort(in_view, axis=0))
    assert far.step == near.step


def test_a_baseline_has_gains_above_and_losses_below():
    bars = columns([100, 95, 105], [100, 95, 105], [100, 95, 105], [100, 95, 105])
    made, scale = strokes(BarStyle.BASELINE, bars, 4)
    middle = scale.y(100.0)
    assert (rows(made, UP)[:, [1, 3]] <= middle + 0.5).all()
    assert (rows(made, DOWN)[:, [1, 3]] >= middle - 0.5).all()


def test_volume_stands_on_the_bottom_line():
    bars = walk(50)
    scale = Scale(600, 300, 0.0, 60.0, PRICES, pane_top=40)
    seen = seen_of(bars, scale)
    made = rows(volume_strokes(seen, scale, float(seen.volume.max())))
    assert (made[:, 1] + made[:, 3] == scale.bottom).all()
    assert volume_strokes(seen, scale, 0.0) == ()
    assert volume_strokes(seen, scale, math.nan) == ()


@given(
    values=st.lists(st.floats(0, 200) | st.just(math.nan), min_size=2, max_size=30),
    step=st.integers(1, 9),
)
def test_an_area_is_filled_pixel_by_pixel_and_open_at_gaps(values, step):
    x = np.arange(len(values), dtype=float) * step
    upper = np.array(values)
    rects = fill_between(x, upper, np.full(len(values), 250.0))
    assert len(np.unique(rects[:, 0])) == len(rects)
    gaps = np.flatnonzero(np.isnan(upper))
    for gap in gaps:
        inside = (rects[:, 0] > x[gap] - step) & (rects[:, 0] < x[gap] + step)
        assert not inside.any()


class TestTower:
    def test_it_finds_how_much_is_as_it_was(self):
        bars, tower = walk(300), BarTower()
        assert tower.follow(part(bars, 0, 200)) == 0
        assert tower.follow(part(bars, 0, 200)) == 199
        assert tower.follow(part(bars, 0, 260)) == 199
        assert tower.follow(part(bars, 0, 260), identity=1) == 0
        assert tower.follow(part(bars, 10, 260), identity=1) == 0
        assert tower.follow(part(bars, 10, 100), identity=1) == 0

    def test_bars_that_are_not_merged_are_never_written_to(self):
        bars, tower = walk(300), BarTower()
        for name in ("open", "high", "low", "close", "volume"):
            getattr(bars, name).flags.writeable = False
        scale = Scale(600, 300, 0.0, 300.0, PRICES)
        for _ in range(3):
            tower.follow(bars)
            tower.seen(scale)


class TestKagi:
    def strokes(self, lines, in_view=10):
        """Return what is drawn of lines (open, close, ends thick, turned at)."""
        opens, closes, thick, turns = (np.array(it, dtype=float) for it in zip(*lines, strict=True))
        bars = KagiColumns(
            start_ns=np.arange(len(lines), dtype=np.int64),
            open=opens,
            high=np.maximum(opens, closes),
            low=np.minimum(opens, closes),
            close=closes,
            volume=np.ones(len(lines)),
            is_yang=thick,
            turn_px=turns,
        )
        return strokes(BarStyle.KAGI, bars, in_view)

    def test_thick_lines_are_wide_and_thin_ones_a_pixel(self):
        made, scale = self.strokes([(95, 105, 1, math.nan), (105, 98, 0, math.nan)])
        [up] = rows(made, UP)
        [down] = rows(made, DOWN)
        assert (up[2], down[2]) == (3, 1)
        assert up[1] == round(scale.y(105))
        assert up[1] + up[3] == round(scale.y(95))

    def test_a_line_that_turns_thick_is_thin_below_its_shoulder(self):
        made, scale = self.strokes([(95, 105, 1, 100.0)])
        [up] = rows(made, UP)
        [down] = rows(made, DOWN)
        assert up[1] + up[3] == round(scale.y(100)) == down[1]
        assert down[1] + down[3] == round(scale.y(95))

    def test_a_line_that_turns_thin_is_thick_above_its_waist(self):
        made, scale = self.strokes([(105, 95, 0, 100.0)])
        [up] = rows(made, UP)
        [down] = rows(made, DOWN)
        assert up[1] == round(scale.y(105))
        assert down[1] + down[3] == round(scale.y(95))

    def test_lines_are_joined_where_they_turn(self):
        made, scale = self.strokes([(95, 105, 1, math.nan), (105, 98, 1, math.nan)])
        [joint] = rows(made, (Role.DIM, 1.0))
        assert joint[0] == scale.x(0)
        assert joint[0] + joint[2] - 1 == scale.x(1)
        assert joint[1] == round(scale.y(105))


class TestPointFigure:
    def made(self, columns_, in_view=10, box=1.0):
        """Return what is drawn of columns (first box, last box, is X)."""
        opens, closes, signs = (np.array(it, dtype=float) for it in zip(*columns_, strict=True))
        bars = PointFigureColumns(
            start_ns=np.arange(len(opens), dtype=np.int64),
            open=opens,
            high=np.maximum(opens, closes),
            low=np.minimum(opens, closes),
            close=closes,
            volume=np.ones(len(opens)),
            is_x=signs,
            boxes=np.abs(closes - opens) / box + 1,
        )
        return strokes(BarStyle.POINT_FIGURE, bars, in_view)

    def test_a_box_is_a_cross_or_a_ring_at_its_price(self):
        made, scale = self.made([(95, 99, 1), (98, 96, 0)])
        crosses, rings = rows(made, UP), rows(made, DOWN)
        assert len(crosses) == 2 * 5
        assert len(rings) == 12 * 3
        middles = {round((y1 + y2) / 2) for _, y1, _, y2 in crosses.tolist()}
        assert len(middles) == 5
        for price in range(95, 100):
            assert min(abs(scale.y(price) - middle) for middle in middles) <= 1
        assert abs(rings[:, 0].mean() - scale.x(1)) < 1

    def test_boxes_too_small_for_signs_are_squares(self):
        made, _ = self.made([(95.0, 95.4, 1)] * 40, in_view=200, box=0.1)
        assert all(stroke.shape is Shape.RECTS for stroke in made)

    def test_a_column_of_one_box_is_one_sign(self):
        made, _ = self.made([(95, 95, 1), (95, 97, 1)])
        assert len(rows(made, UP)) == 2 * 4
