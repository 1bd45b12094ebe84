"""Goal: keys and clicks write an order that is understood, sent once, or refused in words."""

from __future__ import annotations

from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.domain.enums import OrdType, Side, TimeInForce
from app.domain.errors import Overloaded
from tests.widgets.fake_desk import AAPL, MSFT, FakeDesk, passing, refusing
from widgets.link import LinkGroup
from widgets.panel import PanelContext
from widgets.panels.ticket import TicketPanel

KEY = Qt.Key
# What the off-screen platform says of every window with a smallest size.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def desk() -> FakeDesk:
    desk = FakeDesk()
    desk.go_live()
    desk.quote(AAPL, "186.67", "186.69")
    desk.trade(AAPL, "186.68")
    return desk


@pytest.fixture
def ticket(qtbot: QtBot, desk: FakeDesk) -> TicketPanel:
    link = LinkGroup()
    panel = TicketPanel(PanelContext(desk, link))  # type: ignore[arg-type]
    link.setParent(panel)
    qtbot.addWidget(panel)
    panel.resize(300, 760)
    panel.show()
    qtbot.waitExposed(panel)
    link.pick_symbol(AAPL)
    panel.refresh()
    return panel


def retype(qtbot: QtBot, line: object, words: str) -> None:
    qtbot.mouseDClick(line, Qt.MouseButton.LeftButton)
    line.selectAll()  # type: ignore[attr-defined]
    qtbot.keyClicks(line, words) if words else qtbot.keyClick(line, KEY.Key_Delete)


def test_button_says_the_whole_order(qtbot: QtBot, ticket: TicketPanel) -> None:
    assert ticket.send.text() == "Buy 100 AAPL @ 186.67"  # Joins the bid.
    qtbot.mouseClick(ticket.sell, Qt.MouseButton.LeftButton)
    retype(qtbot, ticket.limit.line, "186.9")
    retype(qtbot, ticket.qty.line, "25")
    ticket.tif.setCurrentIndex(1)
    ticket.refresh()
    assert ticket.send.text() == "Sell 25 AAPL @ 186.90 GTC"


def test_keys_alone_send_an_order(qtbot: QtBot, ticket: TicketPanel, desk: FakeDesk) -> None:
    ticket.link.want_side(Side.SELL)
    assert ticket.qty.line.hasFocus()
    qtbot.keyClicks(ticket.qty.line, "50")
    qtbot.keyClick(ticket.qty.line, KEY.Key_Tab)
    qtbot.keyClick(ticket.limit.line, KEY.Key_Up)
    qtbot.keyClick(ticket.limit.line, KEY.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(ticket.limit.line, KEY.Key_Return)
    assert desk.submitted == []  # The first Enter shows, the second sends.
    assert ticket.send.hasFocus()
    qtbot.keyClick(ticket.send, KEY.Key_Return)
    (order,) = desk.submitted
    assert (order.side, order.order_qty, order.limit_px) == (
        Side.SELL,
        Decimal(50),
        Decimal("186.78"),
    )
    assert order.time_in_force is TimeInForce.DAY


def test_one_gesture_sends_one_order(qtbot: QtBot, ticket: TicketPanel, desk: FakeDesk) -> None:
    ticket.send.setFocus()
    qtbot.keyClick(ticket.send, KEY.Key_Return)
    assert not ticket.send.hasFocus()
    assert len(desk.submitted) == 1


def test_market_order_has_no_limit(qtbot: QtBot, ticket: TicketPanel, desk: FakeDesk) -> None:
    ticket.type.setCurrentIndex(1)
    ticket.refresh()
    assert ticket.send.text() == "Buy 100 AAPL at market"
    assert not ticket.limit.isEnabled()
    qtbot.mouseClick(ticket.send, Qt.MouseButton.LeftButton)
    assert desk.submitted[0].ord_type is OrdType.MARKET
    assert desk.submitted[0].limit_px is None


@pytest.mark.parametrize(
    ("field", "words", "sentence"),
    [
        ("qty", "ten", "Quantity was “ten”, must be a number of shares, like 100"),
        ("qty", "", "Quantity is missing: a number of shares, like 100"),
        ("limit", "186.685", "Limit price was 186.685, must be a multiple of 0.01"),
    ],
)
def test_bad_input_says_field_value_and_what_is_allowed(
    qtbot: QtBot, ticket: TicketPanel, desk: FakeDesk, field: str, words: str, sentence: str
) -> None:
    part = getattr(ticket, field)
    retype(qtbot, part.line, words)
    ticket.refresh()
    assert part.caption.text().startswith(sentence)
    assert ticket.send.text().startswith(sentence)
    assert not ticket.send.isEnabled()
    qtbot.mouseClick(ticket.send, Qt.MouseButton.LeftButton)
    assert desk.submitted == []
    retype(qtbot, part.line, "100")
    ticket.refresh()
    assert part.caption.text() in ("Quantity", "Limit price")
    assert ticket.send.isEnabled()


def test_refusal_of_the_gate_is_on_the_grey_button(
    qtbot: QtBot, ticket: TicketPanel, desk: FakeDesk
) -> None:
    reason = "order value 300,000 is over the limit 200,000; order not sent"
    desk.checks = (passing("order_qty", 0.1), refusing("order_value", reason))
    ticket.choose_side(Side.BUY)
    ticket.refresh()
    assert ticket.send.text() == reason
    assert not ticket.send.isEnabled()
    assert ticket.orders == ()
    assert [check.passed for check in ticket.checks.checks] == [True, False]


def test_refusal_at_the_desk_is_shown_until_something_changes(
    qtbot: QtBot, ticket: TicketPanel, desk: FakeDesk
) -> None:
    desk.refuses = Overloaded("4096 orders are waiting, limit 4096; order not taken")
    said: list[str] = []
    ticket.link.said.connect(said.append)
    qtbot.mouseClick(ticket.send, Qt.MouseButton.LeftButton)
    assert ticket.send.text() == "4096 orders are waiting, limit 4096; order not taken"
    assert said == ["4096 orders are waiting, limit 4096; order not taken"]
    desk.refuses = None
    qtbot.mouseClick(ticket.qty.buttons["50"], Qt.MouseButton.LeftButton)
    ticket.refresh()
    assert ticket.send.text() == "Buy 50 AAPL @ 186.67"


def test_facts_before_sending(ticket: TicketPanel) -> None:
    assert ticket.facts.values == {
        "Est. value": "$18,667.00",
        "Est. fees": "$0.00",
        "Buying power after": "$181,333.00",
        "Spread now": "2.0 ¢  1.07 bp",
    }


@pytest.mark.parametrize(
    ("which", "price"), [("bid", "186.67"), ("mid", "186.68"), ("ask", "186.69")]
)
def test_quote_buttons_set_the_price(
    qtbot: QtBot, ticket: TicketPanel, which: str, price: str
) -> None:
    retype(qtbot, ticket.limit.line, "1")
    qtbot.mouseClick(ticket.limit.buttons[which], Qt.MouseButton.LeftButton)
    assert ticket.limit.line.text() == price


def test_other_symbol_never_keeps_the_old_price(ticket: TicketPanel, desk: FakeDesk) -> None:
    ticket.link.pick_symbol(MSFT)
    ticket.refresh()
    assert ticket.limit.line.text() == ""
    assert not ticket.send.isEnabled()
    desk.quote(MSFT, "421.10", "421.20")
    assert ticket.stale()
    ticket.refresh()
    assert ticket.send.text() == "Buy 100 MSFT @ 421.10"


def test_typed_price_is_not_overwritten_by_quotes(
    qtbot: QtBot, ticket: TicketPanel, desk: FakeDesk
) -> None:
    retype(qtbot, ticket.limit.line, "180")
    desk.quote(AAPL, "187.00", "187.02")
    ticket.refresh()
    assert ticket.limit.line.text() == "180"


def test_preview_is_asked_only_when_something_changed(ticket: TicketPanel, desk: FakeDesk) -> None:
    asked = desk.previews
    assert not ticket.stale()
    desk.wait(1.0)
    assert ticket.stale()  # Quotes grow old.
    assert desk.previews == asked


def test_escape_leaves_the_field(qtbot: QtBot, ticket: TicketPanel) -> None:
    ticket.link.want_side(Side.BUY)
    qtbot.keyClick(ticket.qty.line, KEY.Key_Escape)
    assert not ticket.qty.line.hasFocus()


def test_click_right_after_typing_sends_what_was_typed(
    qtbot: QtBot, ticket: TicketPanel, desk: FakeDesk
) -> None:
    ticket.qty.line.selectAll()
    qtbot.keyClicks(ticket.qty.line, "20")
    qtbot.mouseClick(ticket.send, Qt.MouseButton.LeftButton)  # No frame has passed.
    assert [order.order_qty for order in desk.submitted] == [Decimal(20)]


def test_click_right_after_another_symbol_never_sends_the_symbol_before(
    qtbot: QtBot, ticket: TicketPanel, desk: FakeDesk
) -> None:
    ticket.link.pick_symbol(MSFT)
    qtbot.mouseClick(ticket.send, Qt.MouseButton.LeftButton)
    assert all(order.symbol == MSFT for order in desk.submitted)
