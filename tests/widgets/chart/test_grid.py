"""Show that several charts stand beside each other, share what they are told to, and are kept."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtWidgets import QApplication

from tests.widgets.fake_desk import AAPL, MSFT
from widgets.chart.grid import GRIDS
from widgets.plot.styles import BarStyle

LEFT = Qt.MouseButton.LeftButton

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


def count(name):
    rows, columns = GRIDS[name]
    return rows * columns


@pytest.fixture
def four(panel):
    panel.grid_menu.grids["4"].trigger()
    QApplication.processEvents()
    panel.refresh()
    panel.grab()
    return panel


@pytest.mark.parametrize("name", GRIDS)
def test_each_grid_has_its_charts_and_can_be_left(qtbot, panel, name):
    panel.grid_menu.grids[name].trigger()
    QApplication.processEvents()
    panel.refresh()
    panel.grab()
    cells = panel.grid.cells
    assert len(cells) == count(name) <= 16
    places = {(cell.x(), cell.y()) for cell in cells}
    assert len(places) == count(name)
    widths = [cell.width() for cell in cells]
    heights = [cell.height() for cell in cells]
    assert max(widths) - min(widths) <= 4
    assert max(heights) - min(heights) <= 4
    assert all(cell.view.content is not None for cell in cells)
    panel.grid_menu.grids["1"].trigger()
    assert panel.grid.cells == [panel.cell]
    QApplication.processEvents()
    panel.refresh()
    panel.grab()
    assert panel.cell.view.width() >= panel.grid.width() - 2


def test_new_charts_are_set_as_the_active_one(panel):
    panel.set_style(BarStyle.OHLC)
    panel.set_interval("5m")
    panel.cell.studies.add("sma")
    panel.grid.set_grid("4")
    for cell in panel.grid.cells:
        assert (cell.spec.text, cell.style_chosen, len(cell.studies)) == ("5m", BarStyle.OHLC, 1)


def test_a_press_makes_a_chart_the_active_one_and_menus_act_on_it(qtbot, four):
    second = four.grid.cells[1]
    qtbot.mouseClick(second.view, LEFT, pos=QPoint(30, 60))
    assert four.cell is second
    four.set_interval("1h")
    four.menu.styles[BarStyle.LINE].trigger()
    assert [cell.spec.text for cell in four.grid.cells] == ["1m", "1h", "1m", "1m"]
    assert second.style_chosen is BarStyle.LINE
    assert four.grid.cells[0].style_chosen is BarStyle.CANDLES
    assert four._chips["1h"].isChecked()


class TestTogether:
    def test_all_follow_the_symbol_until_they_are_told_not_to(self, four):
        four.link.pick_symbol(MSFT)
        assert {cell.symbol for cell in four.grid.cells} == {MSFT}
        four.grid_menu.shared["symbol"].trigger()
        four.link.pick_symbol(AAPL)
        assert [cell.symbol for cell in four.grid.cells] == [AAPL, MSFT, MSFT, MSFT]
        assert four.headline().startswith("AAPL")
        four.grid_menu.shared["symbol"].trigger()
        assert {cell.symbol for cell in four.grid.cells} == {AAPL}

    def test_the_interval_is_shared_when_wanted(self, four):
        four.set_interval("5m")
        assert [cell.spec.text for cell in four.grid.cells].count("5m") == 1
        four.grid_menu.shared["interval"].trigger()
        assert {cell.spec.text for cell in four.grid.cells} == {"5m"}
        four.set_interval("10s")
        assert {cell.spec.text for cell in four.grid.cells} == {"10s"}

    def test_the_crosshair_points_at_the_same_time_in_all(self, qtbot, four):
        first, *others = four.grid.cells
        before = [cell.view.grab().toImage() for cell in others]
        qtbot.mouseMove(first.view, QPoint(150, 100))
        marked = {cell.view._marked_ns for cell in others}
        assert len(marked) == 1
        assert marked != {None}
        assert all(a != c.view.grab().toImage() for a, c in zip(before, others, strict=True))
        QApplication.sendEvent(first.view, QEvent(QEvent.Type.Leave))
        assert {cell.view._marked_ns for cell in others} == {None}

    def test_time_goes_together_when_wanted(self, qtbot, four):
        first, *others = four.grid.cells
        for cell in four.grid.cells:
            cell.view.stretch.set_bars(6.0)
        four.grid_menu.shared["time"].trigger()
        four.refresh()
        qtbot.mousePress(first.view, LEFT, pos=QPoint(100, 100))
        qtbot.mouseMove(first.view, QPoint(260, 100))
        qtbot.mouseRelease(first.view, LEFT, pos=QPoint(260, 100))
        assert first.view.right_ns() is not None
        assert {cell.view.right_ns() for cell in others} == {first.view.right_ns()}
        qtbot.keyClick(first.view, Qt.Key.Key_End)
        assert {cell.view.right_ns() for cell in others} == {None}


def test_a_layout_brings_all_back(four, desk, qtbot):
    first, second, *_ = four.grid.cells
    second.studies.add("rsi")
    second.set_style(BarStyle.AREA)
    four.grid_menu.shared["symbol"].trigger()
    four.grid._activate(second)
    four.link.pick_symbol(MSFT)
    kept = four.state()
    four.grid.set_grid("1")
    four.restore(kept)
    assert four.state() == kept
    assert [cell.symbol for cell in four.grid.cells] == [AAPL, MSFT, AAPL, AAPL]
    assert four.cell is four.grid.cells[1]


@pytest.mark.parametrize(
    "junk",
    [
        {"grid": "a thousand"},
        {"grid": 7, "cells": "none", "active": 99, "together": "all"},
        {"grid": "4", "cells": [1, None], "active": -1, "together": {"symbol": "x", "z": True}},
    ],
)
def test_a_broken_layout_gives_charts_nevertheless(panel, junk):
    panel.restore(junk)
    QApplication.processEvents()
    panel.refresh()
    panel.grab()
    assert len(panel.grid.cells) in (1, 4)


def test_a_layout_of_a_single_chart_of_before_is_taken(panel):
    panel.restore({"interval": "15m", "style": "ohlc", "bars": 50.0})
    assert (panel.cell.spec.text, panel.cell.style_chosen) == ("15m", BarStyle.OHLC)
