"""Goal: every table is filtered, sorted, copied and saved by keys and clicks as it is shown."""

from __future__ import annotations

import csv
import io

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu
from pytestqt.qtbot import QtBot

from app.domain.enums import ExecType, Side
from app.domain.ids import ClOrdID
from tests.widgets.fake_desk import AAPL, MSFT, FakeDesk, limit_order
from widgets.link import LinkGroup
from widgets.panel import PanelContext
from widgets.panels.fills import FillsPanel
from widgets.panels.orders import OrdersPanel

KEY, LEFT = Qt.Key, Qt.MouseButton.LeftButton

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def desk() -> FakeDesk:
    desk = FakeDesk()
    desk.go_live()
    for number, (symbol, side, qty) in enumerate(
        [(AAPL, Side.BUY, "100"), (MSFT, Side.SELL, "20"), (AAPL, Side.SELL, "1200")]
    ):
        one = ClOrdID(f"P-{number}")
        terms = limit_order(qty, "186.68", side=side)
        desk.put_order(one, msgspec.structs.replace(terms, symbol=symbol))
        desk.report(one, ExecType.TRADE, qty="20", px="186.60")
    return desk


def make(qtbot: QtBot, desk: FakeDesk, kind):
    link = LinkGroup()
    panel = kind(PanelContext(desk, link))
    link.setParent(panel)
    qtbot.addWidget(panel)
    panel.resize(1200, 300)
    panel.show()
    panel.header.setParent(None)
    qtbot.addWidget(panel.header)
    panel.header.show()
    qtbot.waitExposed(panel)
    panel.said = []
    link.said.connect(panel.said.append)
    frame(panel)
    return panel


@pytest.fixture
def orders(qtbot: QtBot, desk: FakeDesk) -> OrdersPanel:
    return make(qtbot, desk, OrdersPanel)


@pytest.fixture
def fills(qtbot: QtBot, desk: FakeDesk) -> FillsPanel:
    return make(qtbot, desk, FillsPanel)


def frame(panel) -> None:
    while panel.stale():
        panel.refresh()


def column(panel, title: str) -> list[str]:
    number = [c.title for c in panel.model.columns].index(title)
    return [panel.model.cell(place, number)[0] for place in range(panel.model.rowCount())]


def click_title(qtbot, panel, title: str) -> None:
    number = [c.title for c in panel.model.columns].index(title)
    header = panel.table.horizontalHeader()
    at = QPoint(header.sectionViewportPosition(number) + 20, 10)
    qtbot.mouseClick(header.viewport(), LEFT, pos=at)
    frame(panel)


class TestFilter:
    def test_rows_that_fit_stay_as_one_types(self, qtbot, orders):
        qtbot.keyClicks(orders.tools.field, "working symbol:aapl")
        frame(orders)
        assert column(orders, "Symbol") == ["AAPL", "AAPL"]
        qtbot.keyClicks(orders.tools.field, " side:buy")
        frame(orders)
        assert column(orders, "Qty") == ["100"]
        orders.grab()

    def test_an_order_that_no_longer_fits_goes(self, qtbot, orders, desk):
        qtbot.keyClicks(orders.tools.field, "working")
        frame(orders)
        desk.report(ClOrdID("P-1"), ExecType.CANCELED)
        frame(orders)
        assert column(orders, "Symbol") == ["AAPL", "AAPL"]
        desk.put_order(ClOrdID("P-9"), limit_order("7", "1"))
        frame(orders)
        assert column(orders, "Qty") == ["7", "1,200", "100"]

    def test_nothing_that_fits_is_said(self, qtbot, fills):
        qtbot.keyClicks(fills.tools.field, "TSLA")
        frame(fills)
        assert fills.model.rowCount() == 0
        fills.grab()

    def test_what_is_no_filter_is_said_and_the_one_before_stays(self, qtbot, fills):
        qtbot.keyClicks(fills.tools.field, "symbol:msft")
        frame(fills)
        fills.tools.field.setText("symbol:msft colour:red")
        frame(fills)
        assert "no column is called 'colour'" in fills.said[-1]
        assert fills.tools.field.property("invalid")
        assert column(fills, "Symbol") == ["MSFT"]

    def test_esc_empties_it(self, qtbot, fills):
        qtbot.keyClicks(fills.tools.field, "symbol:msft")
        qtbot.keyClick(fills.tools.field, KEY.Key_Escape)
        frame(fills)
        assert len(column(fills, "Symbol")) == 3

    def test_what_was_opened_stays_open(self, qtbot, orders):
        orders.table.select_row(0)
        qtbot.keyClick(orders.table, KEY.Key_Right)
        rows = orders.model.rowCount()
        assert rows > 3
        qtbot.keyClicks(orders.tools.field, "qty:1,200")
        frame(orders)
        assert orders.model.rowCount() == rows - 2
        orders.tools.field.clear()
        frame(orders)
        assert orders.model.rowCount() == rows

    def test_in_a_narrow_panel_it_is_a_sign_until_somebody_uses_it(self, qtbot, fills):
        wide = fills.tools.field.width()
        fills.tools.field.clearFocus()
        fills.resize(700, 300)
        qtbot.waitUntil(lambda: fills.tools.field.width() < 40)
        fills.tools.field.setText("aapl")
        fills.resize(701, 300)
        qtbot.waitUntil(lambda: fills.tools.field.width() == wide)
        assert fills.tools.field.accessibleName() == "Filter of fills"


class TestSort:
    def test_a_click_on_a_title_sorts_and_two_more_undo_it(self, qtbot, orders):
        own = column(orders, "Qty")
        click_title(qtbot, orders, "Qty")
        assert column(orders, "Qty") == ["1,200", "100", "20"]
        assert orders.model.headerData(4, Qt.Orientation.Horizontal) == "Qty ▾"
        click_title(qtbot, orders, "Qty")
        assert column(orders, "Qty") == ["20", "100", "1,200"]
        click_title(qtbot, orders, "Qty")
        assert column(orders, "Qty") == own

    def test_the_selected_row_stays_selected_and_nothing_is_picked(self, qtbot, fills):
        fills.table.select_row(2)
        qty = fills.model.row(2).cl_ord_id
        picked = []
        fills.table.row_picked.connect(picked.append)
        click_title(qtbot, fills, "Symbol")
        assert fills.model.row(fills.table.selected_row()).cl_ord_id == qty
        qtbot.keyClicks(fills.tools.field, "aapl")
        frame(fills)
        assert fills.model.row(fills.table.selected_row()).cl_ord_id == qty
        assert picked == []


class TestCopy:
    def test_a_row_is_copied_with_tabs(self, qtbot, fills):
        fills.table.select_row(1)
        qtbot.keyClick(fills.table, KEY.Key_C, Qt.KeyboardModifier.ControlModifier)
        cells = QGuiApplication.clipboard().text().split("\t")
        assert "MSFT" in cells
        assert fills.said[-1] == "Copied a row"

    def test_what_is_shown_is_saved(self, qtbot, fills, tmp_path):
        qtbot.keyClicks(fills.tools.field, "aapl")
        frame(fills)
        fills.table.hide_columns(["Order id", "Fill id"])
        menu = QMenu(fills)
        fills.tools.add_to(menu)
        texts = [action.text() for action in menu.actions()]
        assert texts[0].startswith("Copy this row")
        fills.tools.save()
        (dialog,) = fills.findChildren(QFileDialog)
        dialog.fileSelected.emit(str(tmp_path / "f.csv"))
        dialog.close()
        rows = list(csv.reader(io.StringIO((tmp_path / "f.csv").read_text("utf-8-sig"))))
        assert "Order id" not in rows[0]
        assert [row[1] for row in rows[1:]] == ["AAPL", "AAPL"]
        assert fills.said[-1] == "Saved as f.csv: 2 rows"
        dialog.fileSelected.emit(str(tmp_path / "f.csv" / "no"))
        assert "is not written" in fills.said[-1]
        fills.tools.copy_all()
        assert QGuiApplication.clipboard().text().count("\n") == 3

    def test_no_cell_is_a_formula(self, fills, desk):
        order = ClOrdID("P-8")
        desk.put_order(order, limit_order("5", "1"))
        desk.report(order, ExecType.TRADE, qty="5", px="1", text="=cmd()")
        frame(fills)
        assert ",=cmd" not in fills.tools.csv()


class TestColumns:
    def test_columns_are_chosen(self, fills):
        menu = QMenu(fills)
        fills.tools.add_to(menu)
        columns = next(a.menu() for a in menu.actions() if a.text() == "Columns")
        venue = next(a for a in columns.actions() if a.text() == "Venue")
        venue.trigger()
        assert fills.table.hidden == {"Venue"}
        assert fills.table.isColumnHidden(8)
        venue.trigger()
        assert not fills.table.isColumnHidden(8)

    def test_a_layout_keeps_it_all(self, qtbot, desk, fills):
        qtbot.keyClicks(fills.tools.field, "aapl")
        fills.table.sort(3, descending=True)
        fills.table.hide_columns(["Venue"])
        other = make(qtbot, desk, FillsPanel)
        other.restore(fills.state())
        frame(other)
        assert column(other, "Symbol") == ["AAPL", "AAPL"]
        assert other.model.sorted_by == (3, True)
        assert other.table.hidden == {"Venue"}

    @pytest.mark.parametrize(
        "state",
        [
            None,
            {"table": 5},
            {"table": {"sort": [99, True]}},
            {"table": {"hidden": [1], "sort": 1}},
        ],
    )
    def test_what_is_broken_in_it_is_left_out(self, fills, state):
        fills.restore(state or {})
        frame(fills)
        assert len(column(fills, "Symbol")) == 3
