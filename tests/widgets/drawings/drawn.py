"""A view with bars and a layer of drawings, for tests."""

from __future__ import annotations

from PySide6.QtCore import QPoint

from tests.widgets.fake_desk import AAPL
from tests.widgets.plot.bars_made import MINUTE_NS, walk
from widgets.drawings.book import DrawingBook
from widgets.drawings.ground import ChartGround
from widgets.drawings.layer import DrawingLayer, Hands
from widgets.drawings.model import Drawing
from widgets.drawings.toolbox import TOOLS
from widgets.plot.content import ChartContent
from widgets.plot.view import ChartView


class Board:
    """The view, its layer, and what the layer asked for."""

    def __init__(self, qtbot, bars=None) -> None:
        self.view = ChartView(None)
        qtbot.addWidget(self.view)
        self.view.resize(700, 500)
        self.book = DrawingBook()
        self.said: list[str] = []
        self.asked: list[Drawing] = []
        self.menus: list[Drawing] = []
        hands = Hands(
            changed=self.view.update,
            say=self.said.append,
            ask_text=self.asked.append,
            open_menu=lambda drawing, at: self.menus.append(drawing),
        )
        self.layer = DrawingLayer(self.book, lambda: AAPL, hands)
        self.view.layers.insert(0, self.layer)
        self.view.stretch.set_bars(100.0)
        self.view.show()
        qtbot.waitExposed(self.view)
        self.show(walk(120) if bars is None else bars)

    def show(self, bars, interval_ns=MINUTE_NS) -> None:
        self.view.show_content(ChartContent(bars, interval_ns))
        self.view.grab()

    @property
    def ground(self) -> ChartGround:
        return ChartGround(self.view.frame_now)

    def at(self, x: float, y: float) -> QPoint:
        """Return a pixel by shares of the pane with the bars."""
        ground = self.ground
        return QPoint(round(x * ground.width), round(ground.top + y * (ground.bottom - ground.top)))

    def drawing(self, name: str, key: str = "") -> Drawing:
        """Return a drawing of a tool in the middle of the view."""
        tool, ground = TOOLS[name], self.ground
        anchors = []
        for x, y in tool.sample:
            place = self.at(0.25 + x / 2, 0.25 + y / 2)
            anchors.append(ground.anchor(place.x(), place.y()))
        made = tuple(anchors)
        if tool.finish is not None:
            made = tool.finish(made[: tool.clicks])
        return Drawing(key=key or name, tool=name, anchors=made, text="a thought")

    def pixel(self, anchor) -> QPoint:
        x, y = self.ground.point(anchor)
        return QPoint(round(x), round(y))
