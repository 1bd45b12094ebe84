"""Show that an armed chart sends what a click means, once, and a disarmed one nothing."""

from __future__ import annotations

from decimal import Decimal

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication

from app.domain.decision import CheckResult
from app.domain.enums import OrderClass, OrdType, Side
from tests.widgets.fake_desk import AAPL, MSFT, limit_order
from widgets.chart.place_layer import PlaceLayer
from widgets.chart.placing import Placing
from widgets.quick_orders import ARMED_NS

LEFT = Qt.MouseButton.LeftButton

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def armed(panel, desk):
    desk.trade(AAPL, "186.30")
    panel.cell.set_trading(on=True)
    panel.trade_button.setChecked(True)
    QApplication.processEvents()
    panel.refresh()
    panel.grab()
    panel.cell.trader.arm(Placing(Side.BUY, "100", Decimal(2)))
    return panel


def at(panel, price, x=200):
    return QPoint(x, round(panel.view.frame_now.scale.y(price)))


class TestClicks:
    def test_below_the_market_it_buys_by_limit_and_above_by_stop(self, qtbot, armed, desk):
        qtbot.mouseClick(armed.view, LEFT, pos=at(armed, 186.10))
        qtbot.mouseClick(armed.view, LEFT, pos=at(armed, 186.50))
        low, high = desk.submitted
        assert (low.side, low.ord_type, low.order_qty) == (Side.BUY, OrdType.LIMIT, 100)
        assert abs(low.limit_px - Decimal("186.10")) < Decimal("0.02")
        assert high.ord_type is OrdType.STOP
        assert abs(high.stop_px - Decimal("186.50")) < Decimal("0.02")

    def test_a_sale_is_a_sale(self, qtbot, armed, desk):
        armed.cell.trader.arm(Placing(Side.SELL, "7"))
        qtbot.mouseClick(armed.view, LEFT, pos=at(armed, 186.50))
        [order] = desk.submitted
        assert (order.side, order.ord_type, order.order_qty) == (Side.SELL, OrdType.LIMIT, 7)

    def test_a_click_while_disarmed_sends_nothing(self, qtbot, armed, desk):
        armed.cell.trader.disarm()
        qtbot.mouseClick(armed.view, LEFT, pos=at(armed, 186.10))
        assert desk.submitted == []

    def test_beside_the_bars_pane_it_sends_nothing(self, qtbot, armed, desk):
        geometry = armed.view.frame_now.geometry
        for place in (
            QPoint(geometry.width + 10, 100),
            QPoint(200, geometry.height + 5),
        ):
            qtbot.mouseClick(armed.view, LEFT, pos=place)
        assert desk.submitted == []

    def test_the_other_button_sends_nothing(self, qtbot, armed, desk):
        qtbot.mouseClick(armed.view, Qt.MouseButton.RightButton, pos=at(armed, 186.10))
        qtbot.mouseClick(armed.view, Qt.MouseButton.MiddleButton, pos=at(armed, 186.10))
        assert desk.submitted == []

    def test_a_quantity_that_is_none_is_said_and_nothing_is_sent(self, qtbot, armed, desk):
        armed.cell.trader.arm(Placing(Side.BUY, "lots"))
        qtbot.mouseClick(armed.view, LEFT, pos=at(armed, 186.10))
        assert desk.submitted == []
        [said] = armed.heard
        assert said.startswith("Quantity")

    def test_where_the_gate_asks_the_ticket_gets_the_draft(self, qtbot, armed, desk):
        drafts = []
        armed.link.draft_wanted.connect(drafts.append)
        desk.checks = (asked("the order is 12x the usual; order not sent"),)
        qtbot.mouseClick(armed.view, LEFT, pos=at(armed, 186.10))
        assert desk.submitted == []
        assert [draft.side for draft in drafts] == [Side.BUY]
        assert "waits in the ticket" in armed.heard[0]

    def test_an_order_line_can_be_taken_while_it_is_armed(self, qtbot, armed, desk):
        desk.put_order("P000001-1", limit_order("100", "186.10"))
        armed.refresh()
        armed.grab()
        start, end = at(armed, 186.10, 60), at(armed, 186.20, 60)
        qtbot.mousePress(armed.view, LEFT, pos=start)
        qtbot.mouseMove(armed.view, end)
        qtbot.mouseRelease(armed.view, LEFT, pos=end)
        assert desk.submitted == []
        assert len(desk.replaced) == 1


class TestDrags:
    def drag(self, qtbot, panel, *prices):
        places = [at(panel, price) for price in prices]
        qtbot.mousePress(panel.view, LEFT, pos=places[0])
        for place in places[1:]:
            qtbot.mouseMove(panel.view, place)
        return places[-1]

    def test_a_drag_to_the_stop_loss_sends_a_bracket(self, qtbot, armed, desk):
        end = self.drag(qtbot, armed, 186.20, 186.15, 186.10)
        armed.grab()
        assert desk.lists == []
        qtbot.mouseRelease(armed.view, LEFT, pos=end)
        [(order_class, orders)] = desk.lists
        assert order_class is OrderClass.BRACKET
        entry, *exits = orders
        assert entry.limit_px is not None
        prices = sorted(order.limit_px or order.stop_px for order in exits)
        risk = entry.limit_px - prices[0]
        assert risk > 0
        assert abs(prices[1] - entry.limit_px - 2 * risk) < Decimal("0.02")
        assert {order.side for order in exits} == {Side.SELL}

    def test_a_drag_to_where_it_would_gain_sends_nothing(self, qtbot, armed, desk):
        end = self.drag(qtbot, armed, 186.10, 186.20)
        qtbot.mouseRelease(armed.view, LEFT, pos=end)
        assert (desk.lists, desk.submitted) == ([], [])

    def test_escape_lets_go_and_the_next_escape_disarms(self, qtbot, armed, desk):
        end = self.drag(qtbot, armed, 186.20, 186.10)
        qtbot.keyClick(armed.view, Qt.Key.Key_Escape)
        qtbot.mouseRelease(armed.view, LEFT, pos=end)
        assert (desk.lists, desk.submitted) == ([], [])
        assert armed.cell.trader.placing is not None
        qtbot.keyClick(armed.view, Qt.Key.Key_Escape)
        assert armed.cell.trader.placing is None

    def test_disarmed_in_the_middle_of_a_drag_nothing_is_sent(self, qtbot, armed, desk):
        end = self.drag(qtbot, armed, 186.20, 186.10)
        armed.cell.trader.disarm()
        qtbot.mouseRelease(armed.view, LEFT, pos=end)
        assert (desk.lists, desk.submitted) == ([], [])


class TestArming:
    def test_another_symbol_or_kind_of_bars_disarms(self, armed):
        armed.set_interval("5m")
        assert armed.cell.trader.placing is None
        armed.cell.trader.arm(Placing(Side.BUY, "100"))
        armed.link.pick_symbol(MSFT)
        assert armed.cell.trader.placing is None

    def test_after_a_while_without_a_click_it_disarms_itself(self, armed, desk):
        desk.wait(ARMED_NS // 10**9)
        armed.stale()
        assert armed.cell.trader.placing is not None
        desk.wait(1)
        armed.stale()
        assert armed.cell.trader.placing is None

    def test_every_click_begins_the_while_anew(self, qtbot, armed, desk):
        desk.wait(50)
        qtbot.mouseClick(armed.view, LEFT, pos=at(armed, 186.10))
        desk.wait(50)
        armed.stale()
        assert armed.cell.trader.placing is not None

    def test_buttons_tell_and_arm(self, qtbot, armed):
        bar = armed.cell.trade_bar
        assert bar.sides[Side.BUY].isChecked()
        assert "ARMED" in bar.words.text()
        qtbot.mouseClick(bar.sides[Side.SELL], LEFT)
        assert armed.cell.trader.placing == Placing(Side.SELL, "100", Decimal("2.0"))
        bar.qty.setFocus()
        bar.qty.selectAll()
        qtbot.keyClicks(bar.qty, "25")
        bar.ratio.setValue(3.0)
        assert armed.cell.trader.placing == Placing(Side.SELL, "25", Decimal("3.0"))
        qtbot.mouseClick(bar.sides[Side.SELL], LEFT)
        assert armed.cell.trader.placing is None
        assert "press a side" in bar.words.text()

    def test_closing_the_strip_disarms(self, qtbot, armed):
        assert armed.trade_button.isChecked()
        qtbot.mouseClick(armed.cell.trade_bar.close_button, LEFT)
        assert armed.cell.trader.placing is None
        assert armed.cell.trade_bar.isHidden()
        assert not armed.trade_button.isChecked()


def test_what_a_click_would_send_is_drawn(qtbot, armed):
    def picture():
        return armed.view.grab().toImage()

    qtbot.mouseMove(armed.view, at(armed, 186.10))
    with_line = picture()
    layer = next(it for it in armed.view.layers if isinstance(it, PlaceLayer))
    layer.placing = None
    assert picture() != with_line


def asked(words):
    return CheckResult(
        name="habit", passed=False, value="12x", limit="10x", text=words, can_confirm=True
    )
