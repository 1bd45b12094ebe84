"""Show that the chart's menu does as it says, with real clicks on its entries."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QMenu

from tests.widgets.fake_desk import AAPL
from tests.widgets.plot.bars_made import MINUTE_NS, walk
from widgets.chart.cell import ANCHORED
from widgets.chart.menu import AXIS_WORDS, STYLE_WORDS
from widgets.palettes import Role
from widgets.plot.content import ChartContent, Plot, PlotKind, StudySeries
from widgets.plot.scale import AxisKind
from widgets.plot.styles import BarStyle

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


def test_the_button_opens_the_menu_with_what_is_chosen(qtbot, panel) -> None:
    qtbot.mouseClick(panel.menu_button, Qt.MouseButton.LeftButton)
    assert panel.menu.isVisible()
    assert panel.menu.styles[BarStyle.CANDLES].isChecked()
    assert panel.menu.kinds[AxisKind.LINEAR].isChecked()
    assert panel.menu.automatic.isChecked()
    panel.menu.close()


@pytest.mark.parametrize("style", STYLE_WORDS)
def test_every_look_can_be_chosen_and_is_kept(panel, style) -> None:
    panel.menu.styles[style].trigger()
    assert panel.stale() == (style is not BarStyle.CANDLES)
    panel.refresh()
    assert panel.view.content.style is style
    assert panel.cell.state()["style"] == style.value
    assert STYLE_WORDS[style]


@pytest.mark.parametrize("kind", AxisKind)
def test_every_axis_can_be_chosen(panel, kind) -> None:
    panel.menu.kinds[kind].trigger()
    assert panel.view.frame_now.scale.prices.kind is kind
    assert AXIS_WORDS[kind]


def test_the_core_session_can_be_had_alone_and_is_kept(panel, desk) -> None:
    count = len(panel.view.content.bars)
    panel.menu.core_only.trigger()
    panel.refresh()
    hours = desk.market.core_hours
    kept = panel.view.content.bars.start_ns.tolist()
    inside = [
        start_ns for start_ns in kept if any(a <= start_ns < b for a, b in hours(kept[0], kept[-1]))
    ]
    assert kept == inside
    assert len(kept) <= count
    assert panel.cell.state()["core"] is True
    panel.restore({"core": "yes"})
    assert panel.cell.state()["core"] is False


def test_the_axis_is_turned_and_held(panel) -> None:
    panel.menu.inverted.trigger()
    assert panel.view.frame_now.scale.prices.is_inverted
    before = panel.view.frame_now.scale.prices
    panel.menu.prepare(panel.cell)
    panel.menu.automatic.trigger()
    assert panel.view.axis.fixed == (before.low, before.high)
    panel.menu.automatic.trigger()
    assert panel.view.axis.fixed is None


def test_a_picture_goes_to_the_clipboard_and_to_a_file(panel, tmp_path) -> None:
    panel.menu.copy_picture()
    assert not QGuiApplication.clipboard().pixmap().isNull()
    name = str(tmp_path / "chart.png")
    panel.menu.save_picture(name)
    assert QImage(name).size() == panel.view.grab().size()
    panel.menu.save_picture(str(tmp_path / "no such folder" / "chart.png"))
    assert [words.split(" ")[-1] for words in panel.heard] == ["copied", name, "written"]


def test_a_picture_can_be_a_drawing(panel, tmp_path) -> None:
    name = tmp_path / "chart.svg"
    panel.menu.save_picture(str(name))
    drawn = name.read_text("utf-8")
    assert drawn.startswith("<?xml")
    assert "<rect" in drawn or "<path" in drawn
    assert "AAPL 1m" in drawn
    panel.menu.save_picture(str(tmp_path / "no such folder" / "chart.svg"))
    assert [words.split(" ")[-1] for words in panel.heard] == [str(name), "written"]


def test_bars_and_studies_are_written_as_they_are(panel, tmp_path) -> None:
    bars = walk(3)
    values = np.array([np.nan, 1.5, 2.5])
    study = StudySeries("a", "SMA 2", (Plot("", PlotKind.LINE, Role.STUDY, (values,)),))
    panel.view.show_content(ChartContent(bars, MINUTE_NS, studies=(study,)))
    name = tmp_path / "bars.csv"
    panel.menu.save_bars(str(name))
    head, first, second, _ = csv.reader(name.read_text("utf-8-sig").splitlines())
    assert head == ["time_utc", "open", "high", "low", "close", "volume", "SMA 2"]
    assert first[0] == "2026-01-02T14:30:00.000Z"
    assert (first[-1], second[-1]) == ("", "1.5")
    assert float(second[4]) == bars.close[1]
    assert panel.heard == [f"3 bars written to {name}"]


def test_bars_that_cannot_be_written_are_said(panel, tmp_path) -> None:
    panel.menu.save_bars(str(tmp_path / "no such folder" / "bars.csv"))
    [words] = panel.heard
    assert words.endswith("could not be written: No such file or directory")


def menus_of(panel):
    """Return the menus that are open beside the button's."""
    return panel.view.findChildren(QMenu)


class TestOrdersAtAPrice:
    def menu_at(self, panel, price):
        """Open the menu at a price as the right button does, and return its entries by words."""
        view = panel.view
        at = QPoint(60, round(view.frame_now.scale.y(price)))
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, view.mapToGlobal(at))
        QApplication.sendEvent(view, event)
        [menu] = menus_of(panel)
        return menu

    @pytest.mark.parametrize(
        ("price", "begins"),
        [
            (186.05, ["Buy limit @ 186.0", "Sell stop @ 186.0"]),
            (186.55, ["Sell limit @ 186.5", "Buy stop @ 186.5"]),
        ],
        ids=["below the market", "above it"],
    )
    def test_what_would_rest_there_is_offered(self, panel, desk, price, begins):
        desk.trade(AAPL, "186.30")
        panel.refresh()
        menu = self.menu_at(panel, price)
        words = [action.text() for action in menu.actions()][:2]
        assert [word[: len(begin)] for word, begin in zip(words, begins, strict=True)] == begins
        drafts = []
        panel.link.draft_wanted.connect(drafts.append)
        menu.actions()[0].trigger()
        menu.close()
        [draft] = drafts
        assert draft.words == words[0]

    @pytest.mark.parametrize("name", ANCHORED)
    def test_studies_can_begin_at_the_bar_under_the_mouse(self, panel, name):
        menu = self.menu_at(panel, 186.3)
        [action] = [it for it in menu.actions() if it.text() == ANCHORED[name]]
        start_ns = panel.view.time_at(QPoint(60, 100))
        action.trigger()
        menu.close()
        [chosen] = panel.cell.studies.chosen
        assert chosen.spec.name == name
        assert chosen.params.anchor_ns == start_ns
        panel.refresh()
        [study] = panel.view.content.studies
        assert study.fault == ""

    def test_beside_the_plot_there_is_none(self, panel):
        view = panel.view
        at = QPoint(view.width() - 5, 50)
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, view.mapToGlobal(at))
        QApplication.sendEvent(view, event)
        assert menus_of(panel) == []
