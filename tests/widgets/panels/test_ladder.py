"""Show the book in rows, and that a gesture there is one order, one move or one cancel."""

from __future__ import annotations

from decimal import Decimal as D  # noqa: N817  Short, in tables.

import msgspec
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.domain.decision import CheckResult
from app.domain.enums import ExecType, OrdType, Side
from app.domain.ids import ClOrdID
from app.domain.market import Depth
from tests.widgets.fake_desk import AAPL, MSFT, FakeDesk, limit_order
from widgets.ladder.view import PNL_FROM_PX, ROW_PX
from widgets.link import LinkGroup
from widgets.panel import PanelContext
from widgets.panels.ladder import LadderPanel
from widgets.quick_orders import ARMED_NS

KEY = Qt.Key
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
SHIFT = Qt.KeyboardModifier.ShiftModifier
ONE = ClOrdID("P-1")

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


def book(desk, bids, asks, symbol=AAPL):
    sides = [tuple((D(px), size) for px, size in side.items()) for side in (bids, asks)]
    desk.hub.publish(
        Depth(
            symbol=symbol,
            bids=sides[0],
            asks=sides[1],
            is_whole=True,
            ts_exch_ns=desk.now_ns(),
            ts_recv_ns=desk.now_ns(),
        )
    )


@pytest.fixture
def desk() -> FakeDesk:
    desk = FakeDesk()
    desk.go_live()
    desk.trade(AAPL, "186.65")
    book(desk, {"186.64": 300, "186.63": 500}, {"186.66": 200, "186.68": 900})
    return desk


@pytest.fixture
def panel(qtbot: QtBot, desk: FakeDesk) -> LadderPanel:
    link = LinkGroup()
    made = LadderPanel(PanelContext(desk, link))  # type: ignore[arg-type]
    link.setParent(made)
    qtbot.addWidget(made)
    made.resize(220, 480)
    made.show()
    qtbot.waitExposed(made)
    link.pick_symbol(AAPL)
    made.refresh()
    made.heard, made.drafts = [], []
    link.said.connect(made.heard.append)
    link.draft_wanted.connect(made.drafts.append)
    return made


def cell(panel, price, column):
    return panel.view.rect_of(D(price), column).center()


def click(qtbot, panel, price, column, modifier=Qt.KeyboardModifier.NoModifier):
    qtbot.mouseClick(panel.view, LEFT, modifier, cell(panel, price, column))


def rest(desk, price="186.63", side=Side.BUY):
    terms = msgspec.structs.replace(limit_order(), limit_px=D(price), side=side)
    desk.put_order(ONE, terms)
    desk.report(ONE, ExecType.NEW)


class TestShown:
    def test_the_book_stands_around_the_middle(self, panel):
        shown = {r.price: (r.bid, r.ask) for r in panel.view._rungs}
        assert shown[D("186.64")] == (300, 0)
        assert shown[D("186.68")] == (0, 900)
        assert shown[D("186.65")] == (0, 0)
        places = [r.price for r in panel.view._rungs]
        assert abs(places.index(D("186.65")) - len(places) // 2) <= 1

    def test_without_depth_the_quote_is_all_there_is(self, panel, desk):
        desk.quote(MSFT, "421.10", "421.20")
        panel.link.pick_symbol(MSFT)
        assert panel.stale()
        panel.refresh()
        assert {r.price for r in panel.view._rungs if r.bid} == {D("421.10")}
        assert panel._level.text() == "L1"

    def test_of_nothing_it_says_so(self, qtbot, panel):
        panel.link.pick_symbol(MSFT)
        panel.refresh()
        assert panel.view._rungs == ()
        assert panel.view.empty_words == "No price of MSFT yet"
        panel.grab()

    def test_it_follows_the_market_unless_somebody_looks_elsewhere(self, panel, desk):
        top = panel._top
        book(desk, {"187.64": 300}, {"187.66": 200})
        panel.refresh()
        assert panel._top > top
        wheel(panel, 1)
        assert not panel.centre.isChecked()
        panel.refresh()
        top = panel._top
        book(desk, {"180.64": 300}, {"180.66": 200})
        panel.refresh()
        assert panel._top == top
        panel.centre.click()
        panel.refresh()
        assert panel._top < D("182")

    def test_own_orders_with_the_most_that_is_ahead(self, panel, desk):
        rest(desk)
        panel.refresh()
        [own] = next(r.own for r in panel.view._rungs if r.price == D("186.63"))
        assert (own.side, own.ahead) == (Side.BUY, 500)
        book(desk, {"186.63": 120}, {"186.66": 200})
        panel.refresh()
        [own] = next(r.own for r in panel.view._rungs if r.price == D("186.63"))
        assert own.ahead == 120
        panel.grab()

    def test_gains_and_volume_where_there_is_room(self, panel, desk):
        desk.put_order(ONE, limit_order())
        desk.report(ONE, ExecType.TRADE, qty="10", px="186.60")
        panel.resize(PNL_FROM_PX + 20, 480)
        panel.every_second()
        panel.refresh()
        rung = next(r for r in panel.view._rungs if r.price == D("186.65"))
        assert rung.pnl == D("0.50")
        assert rung.traded > 0
        assert panel.view.rect_of(D("186.65"), "pnl").width() > 0
        panel.grab()

    def test_a_silent_feed_is_grey(self, panel, desk):
        desk.wait(60)
        assert panel.stale()
        panel.refresh()
        assert panel.view.is_stale


def wheel(panel, steps):
    at = QPointF(50, 100)
    event = QWheelEvent(
        at, panel.view.mapToGlobal(at), QPoint(), QPoint(0, 120 * steps), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(panel.view, event)


class TestClicks:
    def test_disarmed_it_is_a_draft_in_the_ticket(self, qtbot, panel, desk):
        click(qtbot, panel, "186.63", "bid")
        assert desk.submitted == []
        assert [draft.words for draft in panel.drafts] == ["Buy limit @ 186.63"]
        assert "arm the ladder" in panel.heard[-1]

    @pytest.mark.parametrize(
        ("column", "modifier", "side", "ord_type"),
        [
            ("bid", Qt.KeyboardModifier.NoModifier, Side.BUY, OrdType.LIMIT),
            ("ask", Qt.KeyboardModifier.NoModifier, Side.SELL, OrdType.LIMIT),
            ("bid", SHIFT, Side.BUY, OrdType.STOP),
            ("ask", SHIFT, Side.SELL, OrdType.STOP),
        ],
    )
    def test_armed_it_is_one_order(self, qtbot, panel, desk, column, modifier, side, ord_type):
        panel.arm.click()
        panel.qty.setText("40")
        click(qtbot, panel, "186.67", column, modifier)
        [order] = desk.submitted
        assert (order.side, order.ord_type, order.order_qty) == (side, ord_type, 40)
        assert D("186.67") in (order.limit_px, order.stop_px)

    def test_on_the_price_it_is_none(self, qtbot, panel, desk):
        panel.arm.click()
        click(qtbot, panel, "186.67", "price")
        assert desk.submitted == []

    def test_a_press_that_slips_to_another_price_is_none(self, qtbot, panel, desk):
        panel.arm.click()
        qtbot.mousePress(panel.view, LEFT, pos=cell(panel, "186.67", "bid"))
        qtbot.mouseRelease(panel.view, LEFT, pos=cell(panel, "186.66", "bid"))
        assert desk.submitted == []

    def test_a_quantity_that_is_none_is_said(self, qtbot, panel, desk):
        panel.arm.click()
        panel.qty.setText("ten")
        click(qtbot, panel, "186.67", "bid")
        assert desk.submitted == []
        assert "ten" in panel.heard[-1]

    def test_where_the_gate_asks_it_goes_to_the_ticket(self, qtbot, panel, desk):
        desk.checks = (_asks(),)
        panel.arm.click()
        click(qtbot, panel, "186.67", "bid")
        assert desk.submitted == []
        assert [draft.words for draft in panel.drafts] == ["Buy limit @ 186.67"]

    def test_another_symbol_or_a_minute_without_use_disarms(self, panel, desk):
        panel.arm.click()
        desk.wait(ARMED_NS // 1_000_000_000 + 1)
        panel.stale()
        assert not panel.arm.isChecked()
        panel.arm.click()
        panel.link.pick_symbol(MSFT)
        assert not panel.arm.isChecked()
        assert panel.view.armed_role is None


class TestOwnOrders:
    def test_a_right_click_cancels(self, qtbot, panel, desk):
        rest(desk)
        panel.refresh()
        at = panel.view._badge(cell(panel, "186.63", "bid").y() // ROW_PX * ROW_PX, Side.BUY)
        qtbot.mouseClick(panel.view, RIGHT, pos=at.center())
        assert desk.cancelled == [ONE]

    def test_a_drag_moves_it_and_orders_nothing(self, qtbot, panel, desk):
        rest(desk)
        panel.refresh()
        panel.arm.click()
        at = panel.view._badge(cell(panel, "186.63", "bid").y() // ROW_PX * ROW_PX, Side.BUY)
        to = QPoint(at.center().x(), cell(panel, "186.60", "bid").y())
        qtbot.mousePress(panel.view, LEFT, pos=at.center())
        qtbot.mouseMove(panel.view, to)
        panel.grab()
        qtbot.mouseRelease(panel.view, LEFT, pos=to)
        assert [(one, px) for one, _, px, _ in desk.replaced] == [(ONE, D("186.60"))]
        assert desk.submitted == []

    def test_esc_lets_it_go(self, qtbot, panel, desk):
        rest(desk)
        panel.refresh()
        at = panel.view._badge(cell(panel, "186.63", "bid").y() // ROW_PX * ROW_PX, Side.BUY)
        qtbot.mousePress(panel.view, LEFT, pos=at.center())
        qtbot.keyClick(panel.view, KEY.Key_Escape)
        qtbot.mouseRelease(panel.view, LEFT, pos=cell(panel, "186.60", "price"))
        assert desk.replaced == []

    def test_what_is_under_the_mouse_is_said(self, qtbot, panel, desk):
        rest(desk)
        panel.refresh()
        at = panel.view._badge(cell(panel, "186.63", "bid").y() // ROW_PX * ROW_PX, Side.BUY)
        qtbot.mouseMove(panel.view, at.center())
        assert "at most 500 shares ahead" in panel.view.toolTip()


class TestKeys:
    def test_up_and_down_choose_and_b_and_s_order_there(self, qtbot, panel, desk):
        panel.arm.click()
        qtbot.keyClick(panel.view, KEY.Key_Up)
        assert panel.view.cursor_px == D("186.65")
        qtbot.keyClick(panel.view, KEY.Key_Down)
        qtbot.keyClick(panel.view, KEY.Key_B)
        qtbot.keyClick(panel.view, KEY.Key_Up)
        qtbot.keyClick(panel.view, KEY.Key_Up)
        qtbot.keyClick(panel.view, KEY.Key_S, SHIFT)
        buy, sell = desk.submitted
        assert (buy.side, buy.limit_px) == (Side.BUY, D("186.64"))
        assert (sell.side, sell.stop_px) == (Side.SELL, D("186.66"))

    def test_beyond_the_rows_the_ladder_moves_on(self, qtbot, panel):
        panel.view.cursor_px = panel.view._rungs[0].price
        top = panel._top
        qtbot.keyClick(panel.view, KEY.Key_Up)
        assert panel._top == top + D("0.01")

    def test_delete_cancels_what_is_there_and_c_centres(self, qtbot, panel, desk):
        rest(desk)
        panel.refresh()
        panel.view.cursor_px = D("186.63")
        qtbot.keyClick(panel.view, KEY.Key_Delete)
        assert desk.cancelled == [ONE]
        wheel(panel, 3)
        qtbot.keyClick(panel.view, KEY.Key_C)
        assert panel.centre.isChecked()

    def test_esc_disarms(self, qtbot, panel):
        panel.arm.click()
        qtbot.keyClick(panel.view, KEY.Key_Escape)
        assert not panel.arm.isChecked()
        assert panel.headline() == "Ladder"


def test_a_layout_keeps_the_quantity_and_never_that_it_was_armed(panel):
    panel.qty.setText("250")
    panel.arm.click()
    state = panel.state()
    panel.arm.click()
    panel.qty.setText("1")
    panel.restore(state)
    assert panel.qty.text() == "250"
    assert not panel.arm.isChecked()
    panel.restore({"qty": 7, "centre": "no"})
    assert panel.qty.text() == "250"


def _asks() -> CheckResult:
    return CheckResult(
        name="price_collar",
        passed=False,
        value="1",
        limit="1",
        text="far from the market",
        can_confirm=True,
    )
