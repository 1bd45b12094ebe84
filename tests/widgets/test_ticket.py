"""Goal: keys and clicks write an order that is understood, sent once, or refused in words."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from app.domain.decision import CheckResult
from app.domain.enums import (
    OrderClass,
    OrdType,
    PegOffsetType,
    Side,
    TimeInForce,
    TriggerMethod,
)
from app.domain.errors import Overloaded, RefusedOrder
from tests.widgets.fake_desk import AAPL, MSFT, FakeDesk, passing, refusing
from widgets.dialogs import Reason
from widgets.link import LinkGroup
from widgets.order_terms import Draft, Kind
from widgets.panel import PanelContext
from widgets.panels.ticket import STAGE_FAULT, TicketPanel
from widgets.ticket_form import HELD_WORDS, KINDS, TIFS

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
    qtbot.mouseClick(ticket.form.sell, Qt.MouseButton.LeftButton)
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
    assert not ticket.limit.isVisible()
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


class TestQuestions:
    """A check that asks lets an order go with a typed reason, and with nothing less."""

    ASKED = "the order is 12x the usual; order not sent"

    def asked(self, ticket: TicketPanel, desk: FakeDesk, *more: CheckResult) -> None:
        asking = CheckResult(
            name="habit", passed=False, value="12x", limit="10x", text=self.ASKED, can_confirm=True
        )
        desk.checks = (passing("order_qty", 0.1), asking, *more)
        ticket._edited()

    def test_reason_is_asked_for_and_goes_with_the_order(
        self, qtbot: QtBot, ticket: TicketPanel, desk: FakeDesk
    ) -> None:
        self.asked(ticket, desk)
        assert ticket.send.text().startswith("Confirm: Buy 100 AAPL")
        assert ticket.checks.heading == "Risk  1 of 2 pass, 1 asks"
        ticket.send.click()
        (dialog,) = ticket.window().findChildren(Reason)
        assert "the order is 12x the usual" in dialog.words.text()
        assert "not sent" not in dialog.words.text()
        qtbot.keyClicks(dialog.field, " ok ")
        assert not dialog.confirm.isEnabled()
        assert desk.submitted == []
        qtbot.keyClicks(dialog.field, "ay, my plan")
        qtbot.mouseClick(dialog.confirm, Qt.MouseButton.LeftButton)
        assert len(desk.submitted) == 1
        assert desk.overrides == ["ok ay, my plan"]

    def test_escape_sends_nothing(self, qtbot: QtBot, ticket: TicketPanel, desk: FakeDesk) -> None:
        self.asked(ticket, desk)
        ticket.send.click()
        (dialog,) = ticket.window().findChildren(Reason)
        qtbot.keyClicks(dialog.field, "because")
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
        assert desk.submitted == []

    def test_refusal_beside_a_question_is_no_question(
        self, ticket: TicketPanel, desk: FakeDesk
    ) -> None:
        self.asked(ticket, desk, refusing("order_value", "too much; order not sent"))
        assert not ticket.send.isEnabled()
        assert ticket.send.text() == "too much; order not sent"
        assert ticket.checks.heading == "Risk  1 of 3 pass, 1 asks, 1 refuses"

    def test_order_that_passes_needs_no_reason(self, ticket: TicketPanel, desk: FakeDesk) -> None:
        ticket.send.click()
        assert desk.overrides == [""]


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


def choose(combo: QComboBox, words: str) -> None:
    combo.setCurrentIndex(combo.findText(words))
    assert combo.currentText() == words


def reason_of(combo: QComboBox, words: str) -> str | None:
    """Return why a choice is grey; None if it is not."""
    model = combo.model()
    assert isinstance(model, QStandardItemModel)
    item = model.item(combo.findText(words))
    return None if item.isEnabled() else item.toolTip()


def test_type_brings_its_fields(ticket: TicketPanel) -> None:
    form = ticket.form
    parts = {
        "limit": form.limit,
        "stop": form.stop,
        "offset": form.offset,
        "beyond": form.limit_offset,
        "trigger": form.trigger,
    }
    shown = {
        Kind.LIMIT: {"limit"},
        Kind.MARKET: set(),
        Kind.STOP: {"stop", "trigger"},
        Kind.STOP_LIMIT: {"stop", "limit", "trigger"},
        Kind.TRAIL: {"offset", "trigger"},
        Kind.TRAIL_LIMIT: {"offset", "beyond", "trigger"},
    }
    for kind, names in shown.items():
        choose(form.type, kind.value)
        assert {name for name, part in parts.items() if part.isVisible()} == names, kind


def test_stop_is_held_here_and_says_so(qtbot: QtBot, ticket: TicketPanel, desk: FakeDesk) -> None:
    form = ticket.form
    assert not form.held.isVisible()
    qtbot.mouseClick(form.sell, Qt.MouseButton.LeftButton)
    choose(form.type, "Stop")
    qtbot.keyClicks(form.stop.line, "180")
    choose(form.trigger, "Double last")
    assert form.held.isVisible()
    assert form.held.text() == HELD_WORDS
    assert ticket.send.text() == "Sell 100 AAPL stop 180.00"
    qtbot.mouseClick(ticket.send, Qt.MouseButton.LeftButton)
    (order,) = desk.submitted
    assert (order.ord_type, order.stop_px) == (OrdType.STOP, Decimal(180))
    assert order.trigger is TriggerMethod.DOUBLE_LAST


def test_stop_that_the_broker_holds_says_nothing(ticket: TicketPanel, desk: FakeDesk) -> None:
    desk.capabilities = msgspec.structs.replace(
        desk.capabilities, ord_types=frozenset(OrdType), has_trailing=True
    )
    choose(ticket.form.type, "Stop")
    ticket.form.stop.line.setText("180")
    assert not ticket.form.held.isVisible()


def test_keys_write_a_trailing_stop_limit(
    qtbot: QtBot, ticket: TicketPanel, desk: FakeDesk
) -> None:
    form = ticket.form
    form.choose_side(Side.SELL)
    choose(form.type, "Trailing stop limit")
    choose(form.unit, "%")
    qtbot.keyClicks(form.offset.line, "1.4")
    qtbot.keyClick(form.offset.line, KEY.Key_Up)
    qtbot.keyClicks(form.limit_offset.line, "0.10")
    choose(form.tif, "GTD")
    form.expiry.line.selectAll()
    qtbot.keyClicks(form.expiry.line, "2026-01-30")
    qtbot.keyClick(form.expiry.line, KEY.Key_Up)
    words = "Sell 100 AAPL trailing by 1.5 %, limit $0.10 beyond GTD 31 Jan 2026"
    assert ticket.send.text() == words
    qtbot.keyClick(form.expiry.line, KEY.Key_Return)
    qtbot.keyClick(ticket.send, KEY.Key_Return)
    (order,) = desk.submitted
    assert (order.peg_offset, order.peg_offset_type) == (Decimal("1.5"), PegOffsetType.PERCENTAGE)
    assert (order.limit_offset, order.limit_px) == (Decimal("0.10"), None)
    assert order.time_in_force is TimeInForce.GTD


def test_exits_make_a_bracket_and_the_button_says_all_of_it(
    qtbot: QtBot, ticket: TicketPanel, desk: FakeDesk
) -> None:
    form = ticket.form
    assert not form.target.isVisible()
    form.exits.setFocus()
    qtbot.keyClick(form.exits, KEY.Key_Space)
    assert form.target.caption.text() == "Target is missing: a number of dollars, like 186.68"
    assert not ticket.send.isEnabled()
    qtbot.keyClicks(form.target.line, "190")
    qtbot.keyClicks(form.stop_loss.line, "176.00")
    assert ticket.send.text() == "Buy 100 AAPL @ 186.67, target 190.00, stop 176.00"
    qtbot.mouseClick(ticket.send, Qt.MouseButton.LeftButton)
    ((order_class, orders),) = desk.lists
    assert order_class is OrderClass.BRACKET
    assert [order.ord_type for order in orders] == [OrdType.LIMIT, OrdType.LIMIT, OrdType.STOP]
    assert (orders[1].limit_px, orders[2].stop_px) == (Decimal(190), Decimal("176.00"))
    assert desk.submitted == []


@pytest.mark.parametrize(
    ("target", "stop", "field", "sentence"),
    [
        ("180", "176", "target", "Target was 180, must be above the entry 186.67"),
        ("190", "188", "stop_loss", "Stop loss was 188, must be below the entry 186.67"),
    ],
)
def test_crossed_exits_are_said_at_their_field(
    ticket: TicketPanel, desk: FakeDesk, target: str, stop: str, field: str, sentence: str
) -> None:
    form = ticket.form
    form.exits.click()
    form.target.line.setText(target)
    form.stop_loss.line.setText(stop)
    assert getattr(form, field).caption.text() == sentence
    assert ticket.send.text() == sentence
    ticket.send.click()
    assert desk.lists == []


def test_bracket_that_the_desk_refuses_is_said(ticket: TicketPanel, desk: FakeDesk) -> None:
    form = ticket.form
    form.exits.click()
    form.target.line.setText("190")
    form.stop_loss.line.setText("176")
    desk.refuses = RefusedOrder("paper takes no short sales; order not sent")
    ticket.send.click()
    assert ticket.send.text() == "paper takes no short sales; order not sent"


def test_what_the_broker_does_not_take_is_grey_with_the_reason(ticket: TicketPanel) -> None:
    form = ticket.form
    assert form.tif.count() == len(TIFS)
    assert [form.type.itemText(place) for place in range(form.type.count())] == list(KINDS)
    for words in ("OPG", "CLS"):
        assert reason_of(form.tif, words) == f"Built-in exchange takes no {words} orders"
    assert all(reason_of(form.tif, words) is None for words in ("DAY", "GTC", "IOC", "GTD"))
    assert all(reason_of(form.type, kind) is None for kind in KINDS)
    assert not form.hours.isEnabled()
    assert form.hours.toolTip() == "Built-in exchange takes no orders outside regular hours"


def test_time_in_force_that_a_stop_cannot_have_is_left(ticket: TicketPanel) -> None:
    form = ticket.form
    choose(form.tif, "IOC")
    choose(form.type, "Stop")
    assert reason_of(form.tif, "IOC") == "a stop waits: IOC does not fit it"
    assert form.tif.currentText() == "DAY"
    choose(form.type, "Limit")
    assert reason_of(form.tif, "IOC") is None


def test_extended_hours_go_with_limit_orders_only(ticket: TicketPanel, desk: FakeDesk) -> None:
    desk.capabilities = msgspec.structs.replace(desk.capabilities, has_extended_hours=True)
    form = ticket.form
    choose(form.tif, "GTC")
    form.hours.click()
    assert ticket.send.text() == "Buy 100 AAPL @ 186.67 GTC outside hours too"
    choose(form.type, "Market")
    assert not form.hours.isEnabled()
    ticket.send.click()
    assert desk.submitted[0].extended_hours is False


def test_a_draft_from_the_chart_is_put_in_and_not_sent(ticket: TicketPanel, desk: FakeDesk) -> None:
    ticket.link.draft_wanted.emit(Draft(Side.SELL, Kind.LIMIT, "187.10"))
    assert ticket.send.text() == "Sell 100 AAPL @ 187.10"
    ticket.link.draft_wanted.emit(Draft(Side.BUY, Kind.STOP, "188.00"))
    assert ticket.form.stop.line.text() == "188.00"
    assert ticket.form.kind is Kind.STOP
    assert ticket.side is Side.BUY
    assert ticket.qty.line.hasFocus() or ticket.qty.line.selectedText() == "100"
    assert desk.submitted == []


def test_a_reserve_goes_with_limit_orders_that_rest(
    qtbot: QtBot, ticket: TicketPanel, desk: FakeDesk
) -> None:
    form = ticket.form
    assert not form.reserve.isEnabled()
    assert form.reserve.toolTip().endswith("takes no reserve orders")
    desk.capabilities = msgspec.structs.replace(desk.capabilities, has_reserve=True)
    choose(form.tif, "GTC")
    assert form.display.isHidden()
    form.reserve.click()
    assert not form.display.isHidden()
    qtbot.keyClicks(form.display.line, "20")
    assert ticket.send.text() == "Buy 100 AAPL @ 186.67 GTC showing 20"
    choose(form.tif, "IOC")
    assert form.display.isHidden()
    assert form.reserve.toolTip() == "only a limit order that rests can hide a part of itself"
    choose(form.tif, "GTC")
    ticket.send.click()
    assert desk.submitted[0].display_qty == 20


def test_stage_keeps_an_order_here(qtbot: QtBot, ticket: TicketPanel, desk: FakeDesk) -> None:
    desk.checks = (refusing("order_value", "too much; order not sent"),)
    ticket.form.choose_side(Side.BUY)
    assert not ticket.send.isEnabled()
    assert ticket.stage.isEnabled()  # The gate is asked when it is sent.
    qtbot.mouseClick(ticket.stage, Qt.MouseButton.LeftButton)
    assert [order.order_qty for order in desk.staged] == [Decimal(100)]
    assert desk.submitted == []
    ticket.form.exits.click()
    ticket.form.target.line.setText("190")
    ticket.form.stop_loss.line.setText("176")
    assert not ticket.stage.isEnabled()
    assert ticket.stage.toolTip() == STAGE_FAULT
    ticket.form.exits.click()
    retype(qtbot, ticket.qty.line, "ten")
    assert not ticket.stage.isEnabled()


def test_stage_that_is_refused_is_said(ticket: TicketPanel, desk: FakeDesk) -> None:
    desk.refuses = Overloaded("4096 orders are waiting, limit 4096; order not taken")
    ticket.stage.click()
    assert ticket.send.text() == "4096 orders are waiting, limit 4096; order not taken"


def test_other_symbol_clears_every_price(ticket: TicketPanel) -> None:
    form = ticket.form
    form.exits.click()
    form.target.line.setText("190")
    form.stop_loss.line.setText("176")
    form.stop.line.setText("180")
    ticket.link.pick_symbol(MSFT)
    texts = [part.line.text() for part in (form.limit, form.stop, form.target, form.stop_loss)]
    assert texts == [""] * 4


@pytest.mark.parametrize(
    ("unit", "key", "moved"),
    [("$", KEY.Key_Up, "2.01"), ("%", KEY.Key_Down, "1.9"), ("ticks", KEY.Key_Up, "3")],
)
def test_arrows_step_an_offset_in_its_unit(
    qtbot: QtBot, ticket: TicketPanel, unit: str, key: Qt.Key, moved: str
) -> None:
    form = ticket.form
    choose(form.type, "Trailing stop")
    choose(form.unit, unit)
    form.offset.line.setText("2")
    qtbot.keyClick(form.offset.line, key)
    assert form.offset.line.text() == moved


def test_longest_sentence_is_whole_on_the_button(ticket: TicketPanel) -> None:
    form = ticket.form
    form.qty.line.setText("1000")
    choose(form.type, "Stop limit")
    form.stop.line.setText("187.00")
    form.limit.line.setText("187.50")
    choose(form.tif, "GTC")
    form.exits.click()
    form.target.line.setText("190")
    form.stop_loss.line.setText("176")
    words = "Buy 1,000 AAPL stop 187.00 limit 187.50 GTC, target 190.00, stop 176.00"
    assert ticket.send.text() == words
    assert ticket.send.height() >= ticket.send.words_height() + 4


@pytest.mark.parametrize("with_exits", [False, True])
def test_ticket_fits_the_small_window(ticket: TicketPanel, with_exits: bool) -> None:
    ticket.resize(282, 690)  # Its dock in a window of 1280 x 800.
    if with_exits:
        ticket.form.exits.click()
        ticket.form.target.line.setText("190")
        ticket.form.stop_loss.line.setText("176")
    seen = ticket.page.parentWidget()
    assert seen is not None
    assert ticket.page.minimumSizeHint().height() <= seen.height()
    assert ticket.page.width() <= seen.width()
