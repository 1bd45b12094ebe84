"""Show that footprints tell what was sold and bought where, if there is room."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage, QPainter

from app.desk import cells_of
from widgets import theme
from widgets.palettes import Role
from widgets.plot.footprint import imbalances, paint_footprint, row_height
from widgets.plot.scale import Scale, main_prices

pytestmark = [
    pytest.mark.qt_log_ignore("This plugin does not support"),
    pytest.mark.usefixtures("qapp"),
]
SECOND_NS = 10**9


def scale_of(bars=10.0, low=99.0, high=101.0, width=800, height=400):
    return Scale(width, height, 0.0, bars, main_prices(0, height, low, high))


def painted(scale, act):
    image = QImage(scale.width, scale.height, QImage.Format.Format_RGB32)
    image.fill(QColor(theme.hex_of(Role.PANEL)))
    with QPainter(image) as painter:
        act(painter)
    return image


def cells(*rows, height=0.01, low=100.0):
    """Return a footprint of rows of (sold, bought), lowest first."""
    prices, sizes, sides = [], [], []
    for number, (sold, bought) in enumerate(rows):
        for size, side in ((sold, -1.0), (bought, 1.0)):
            if size:
                prices.append(low + number * height)
                sizes.append(float(size))
                sides.append(side)
    return cells_of(np.array(prices), np.array(sizes), np.array(sides), height, height)


class TestFootprint:
    def test_cells_have_the_colour_of_what_was_more(self):
        scale = scale_of(bars=8.0, low=99.98, high=100.06)
        image = painted(scale, lambda p: paint_footprint(p, scale, {2: cells((5, 90), (80, 3))}))
        x = scale.x(2) - int(scale.step / 2) + 8
        low = QColor(image.pixel(x, round(scale.y(100.0)) + 2))
        high = QColor(image.pixel(x, round(scale.y(100.01)) + 2))
        assert low.green() > low.red()
        assert high.red() > high.green()

    def test_narrow_bars_have_none(self):
        scale = scale_of(bars=200.0)
        bare = painted(scale, lambda p: None)
        assert painted(scale, lambda p: paint_footprint(p, scale, {2: cells((5, 9))})) == bare

    def test_out_of_view_there_is_nothing(self):
        scale = scale_of()
        bare = painted(scale, lambda p: None)
        for number, low in ((50, 100.0), (2, 500.0), (-9, 100.0)):
            found = {number: cells((5, 9), low=low)}
            assert painted(scale, lambda p, it=found: paint_footprint(p, scale, it)) == bare

    def test_one_side_many_times_the_other_across_stands_out(self):
        sold, bought = imbalances(cells((30, 1), (10, 90), (100, 20), (1, 30)))
        assert bought == [False, True, False, False]
        assert sold == [False, False, True, False]

    @pytest.mark.parametrize(("tick", "low", "high"), [(0.01, 99, 101), (0.01, 1, 2_000)])
    def test_rows_are_high_enough_and_whole_ticks(self, tick, low, high):
        for bars in (5.0, 50.0):
            scale = scale_of(bars=bars, low=float(low), high=float(high))
            height = row_height(scale, tick)
            assert height / tick == pytest.approx(round(height / tick))
            assert abs(scale.y(100.0) - scale.y(100.0 + height)) >= 3 - 1e-6
