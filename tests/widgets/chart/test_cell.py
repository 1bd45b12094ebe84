"""Show that a chart asks for older bars when they are near, and tells gaps and origins."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt

from app.desk import PageState, Paging
from app.domain.enums import FeedState
from app.domain.market import FeedStatus
from tests.widgets.fake_desk import AAPL
from widgets import theme
from widgets.palettes import Role

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
LEFT = Qt.MouseButton.LeftButton


class TestOlderBars:
    def test_they_are_asked_for_while_the_oldest_is_near(self, panel, desk):
        assert panel.view.frame_now.scale.left < 0
        assert desk.older == ["AAPL 1m"]

    def test_not_while_it_is_far(self, panel, desk):
        panel.set_interval("10s")
        panel.view.stretch.set_bars(20.0)
        panel.refresh()
        desk.older.clear()
        desk.trade(AAPL, "186.30")
        panel.refresh()
        assert desk.older == []

    def test_progress_and_reasons_are_told(self, panel, desk):
        for paging, words in (
            (Paging(state=PageState.LOADING, share=0.4), "loading older bars… 40 %"),
            (
                Paging(state=PageState.ENDED, words="there are no older bars"),
                "there are no older bars",
            ),
        ):
            desk.paging_now = paging
            desk.paging_version += 1
            assert panel.stale()
            panel.refresh()
            panel.grab()
            assert panel.view.content.edge_words == words

    def test_what_failed_is_tried_again_by_a_gesture_only(self, qtbot, panel, desk):
        desk.paging_now = Paging(state=PageState.FAILED, words="the line was cut")
        panel.cell.refresh()
        desk.older.clear()
        for _ in range(3):
            panel.cell.refresh()
        assert desk.older == []
        assert panel.view.content.edge_words == "the line was cut"
        qtbot.keyClick(panel.view, Qt.Key.Key_Left)
        panel.refresh()
        assert len(desk.older) == 1

    def test_without_extended_hours_those_are_asked_for(self, panel, desk):
        panel.menu.core_only.trigger()
        panel.refresh()
        assert desk.older[-1] == "AAPL 1m core"


class TestGaps:
    def test_what_the_feed_missed_is_marked(self, panel, desk):
        desk.wait(1)
        desk.hub.publish(
            FeedStatus(
                feed="fake", state=FeedState.DOWN, text="cut", ts_recv_ns=desk.clock.now_ns()
            )
        )
        desk.wait(90)
        desk.go_live()
        desk.trade(AAPL, "186.70")
        panel.refresh()
        image = panel.view.grab().toImage()
        [gap] = panel.view.content.gaps
        assert gap.role is Role.CAUTION
        assert gap.words.startswith("nothing known from ")
        assert gap.end_ns - gap.start_ns >= 60 * 10**9
        scale = panel.view.frame_now.scale
        number = int(panel.view.content.bars.start_ns.searchsorted(gap.end_ns))
        x = round(scale.x(number) - scale.step / 2)
        column = {image.pixelColor(x, y).name() for y in range(40, scale.bottom)}
        assert theme.hex_of(Role.CAUTION) in column

    def test_bars_that_no_clock_cuts_have_none(self, panel):
        panel.set_interval("10T")
        panel.refresh()
        assert panel.view.content.gaps == ()


def test_what_older_bars_are_made_of_is_told_where_it_matters(panel, desk):
    for name, is_told in (("1m", False), ("R0.2", True), ("5T", False)):
        panel.set_interval(name)
        panel.refresh()
        rough = [part for part in series_of(panel, desk).parts if not part.is_exact]
        assert bool(panel.view.content.note) == bool(rough)
        assert not (panel.view.content.note and not is_told)


def series_of(panel, desk):
    return desk.market.series(AAPL, panel.cell.spec, 10)


def test_a_kind_of_bars_that_cannot_be_says_why(panel):
    panel.set_interval("RENKO ATR500")
    panel.refresh()
    assert len(panel.view.content.bars) == 0
    assert "range" in panel.view.content.empty_words.lower()


def test_the_crosshair_tells_when_it_points(qtbot, panel):
    heard = []
    panel.view.hovered.connect(heard.append)
    starts = panel.view.content.bars.start_ns
    frame = panel.view.frame_now
    qtbot.mouseMove(panel.view, QPoint(frame.scale.x(len(starts) - 2), 200))
    assert heard[-1] == int(starts[-2])
    qtbot.mouseMove(panel.view, QPoint(frame.geometry.width + 20, 200))
    assert heard[-1] is None
