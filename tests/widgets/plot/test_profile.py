"""Show that volume by price stands at its prices, from the right edge."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage, QPainter

from app.indicators.profile import Profile, profile
from tests.widgets.plot.bars_made import MINUTE_NS, walk
from widgets import theme
from widgets.palettes import Role
from widgets.plot.content import ChartContent, StudySeries
from widgets.plot.profile import WIDTH_SHARE, profile_strokes
from widgets.plot.scale import Scale, main_prices
from widgets.plot.styles import Shape
from widgets.plot.view import ChartView

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


class TestProfile:
    made = Profile(
        bottom=99.0, height=0.5, volume=np.array([10.0, 40.0, 20.0, 5.0]), poc=1, area=(1, 2)
    )

    def test_rows_stand_at_their_prices_from_the_right_edge(self):
        scale = scale_of()
        rest, area, line = profile_strokes(self.made, scale, Role.STUDY)
        assert (rest.shape, area.shape) == (Shape.GROUND, Shape.GROUND)
        assert rest.paint[1] < area.paint[1]
        rows = np.concatenate((rest.rows, area.rows))
        assert (rows[:, 0] + rows[:, 2] == scale.width).all()
        assert rows[:, 2].max() == round(scale.width * WIDTH_SHARE)
        widths = {round(float(y)): float(w) for _, y, w, _ in rows.tolist()}
        assert widths[round(scale.y(100.0))] == round(scale.width * WIDTH_SHARE)
        assert line.rows[0, 1] == pytest.approx(scale.y(99.75), abs=1)

    def test_nothing_traded_is_nothing_drawn(self):
        empty = replace_volume(self.made, np.zeros(4))
        assert list(profile_strokes(empty, scale_of(), Role.STUDY)) == []

    def test_one_price_is_one_row(self):
        one = profile(np.array([100.0]), np.array([100.0]), np.array([5.0]), 24)
        strokes = list(profile_strokes(one, scale_of(), Role.STUDY))
        assert sum(len(stroke.rows) for stroke in strokes) == 2

    def test_it_is_drawn_on_the_chart(self, qtbot):
        view = ChartView(None)
        qtbot.addWidget(view)
        view.resize(600, 400)
        view.show()
        bars = walk(60)
        made = profile(bars.high, bars.low, bars.volume, 24)
        content = ChartContent(bars, MINUTE_NS)
        view.show_content(content)
        before = view.grab().toImage()
        study = StudySeries("vp", "VP session", (), profile=made)
        view.show_content(replace(content, studies=(study,)))
        assert view.grab().toImage() != before


def replace_volume(made, volume):
    return Profile(
        bottom=made.bottom, height=made.height, volume=volume, poc=made.poc, area=made.area
    )
