"""Show that displayed depth stands where it was displayed, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage, QPainter

from app.desk import DepthHistory, Look
from tests.widgets.plot.bars_made import MINUTE_NS, START_NS
from widgets import theme
from widgets.palettes import Role
from widgets.plot.heat import HeatMap
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


class TestHeat:
    starts = START_NS + MINUTE_NS * np.arange(10, dtype=np.int64)

    def history(self, *seconds, sizes=(100.0, 5_000.0)):
        history = DepthHistory()
        for second in seconds:
            look = Look(START_NS + second * SECOND_NS, np.array([99.5, 100.5]), np.array(sizes))
            history.looks.append(look)
            history.version += 1
        return history

    def paint(self, history, scale=None, heat=None):
        scale, heat = scale or scale_of(), heat or HeatMap()
        return painted(
            scale, lambda p: heat.paint(p, scale, self.starts, MINUTE_NS, history)
        ), scale

    def test_more_shares_are_stronger_and_stand_at_their_price_and_time(self):
        image, scale = self.paint(self.history(60, 75, 90, 105))
        panel = QColor(theme.hex_of(Role.PANEL))
        x = round((1.4 - scale.left) * scale.step)
        weak, strong = (QColor(image.pixel(x, round(scale.y(price)))) for price in (99.5, 100.5))
        assert strong.blue() > weak.blue() > panel.blue()
        assert QColor(image.pixel(round(5.5 * scale.step), round(scale.y(100.5)))) == panel
        assert QColor(image.pixel(x, round(scale.y(100.0)))) == panel

    def test_a_gap_of_the_feed_stays_empty(self):
        image, scale = self.paint(self.history(0, 420))
        gap = QColor(image.pixel(round(5.5 * scale.step), round(scale.y(100.5))))
        assert gap == QColor(theme.hex_of(Role.PANEL))

    def test_without_looks_or_bars_there_is_nothing(self):
        scale = scale_of()
        bare = painted(scale, lambda p: None)
        assert self.paint(DepthHistory())[0] == bare
        empty = np.empty(0, dtype=np.int64)
        history = self.history(1)
        assert (
            painted(scale, lambda p: HeatMap().paint(p, scale, empty, MINUTE_NS, history)) == bare
        )

    def test_the_picture_is_kept_until_there_is_another_look(self):
        heat, history = HeatMap(), self.history(60, 75)
        self.paint(history, heat=heat)
        first = heat._image
        self.paint(history, heat=heat)
        assert heat._image is first
        history.looks.append(Look(START_NS + 90 * SECOND_NS, np.array([100.0]), np.array([9.0])))
        history.version += 1
        self.paint(history, heat=heat)
        assert heat._image is not first

    def test_an_empty_book_is_an_empty_column(self):
        history = DepthHistory()
        history.looks.append(Look(START_NS, np.empty(0), np.empty(0)))
        assert self.paint(history)[0] == painted(scale_of(), lambda p: None)
