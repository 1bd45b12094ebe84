"""Goal: a change is typed, checked at its field, sent once, and a refusal is read in place."""

from __future__ import annotations

from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.domain.enums import ExecType, OrdType, Side
from app.domain.errors import RefusedOrder
from app.domain.ids import ClOrdID
from app.domain.terms import Hold, NewOrder
from tests.widgets.fake_desk import AAPL, FakeDesk, limit_order
from widgets.order_terms import Field
from widgets.replace_dialog import ReplaceDialog, ask_replace

D = Decimal
KEY = Qt.Key
ONE = ClOrdID("P-1")
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.show()
    return made


def opened(qtbot: QtBot, desk: FakeDesk, parent: QWidget) -> ReplaceDialog:
    order = desk.orders.get(ONE)
    assert order is not None
    dialog = ask_replace(parent, desk, order)  # type: ignore[arg-type]
    qtbot.waitExposed(dialog)
    return dialog


def retype(qtbot: QtBot, dialog: ReplaceDialog, field: Field, words: str) -> None:
    line = dialog.fields[field].line
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, words)


def test_keys_alone_change_an_order(qtbot: QtBot, desk: FakeDesk, parent: QWidget) -> None:
    desk.put_order(ONE, limit_order())
    desk.report(ONE, ExecType.TRADE, qty="60", px="186.60")
    dialog = opened(qtbot, desk, parent)
    assert dialog.words.text() == "Buy 100 AAPL @ 186.68"
    assert dialog.hint.text() == "The quantity is the total, the 60 filled included."
    assert list(dialog.fields) == [Field.QTY, Field.LIMIT]
    quantity = dialog.fields[Field.QTY].line
    assert quantity.selectedText() == "100"  # Typing replaces it.
    qtbot.keyClicks(quantity, "120")
    qtbot.keyClick(dialog.fields[Field.LIMIT].line, KEY.Key_Up)
    with qtbot.waitSignal(dialog.accepted):
        qtbot.keyClick(quantity, KEY.Key_Return)
    assert desk.replaced == [(ONE, D(120), D("186.69"), None)]


def test_stop_has_its_own_price(qtbot: QtBot, desk: FakeDesk, parent: QWidget) -> None:
    terms = NewOrder(
        symbol=AAPL,
        side=Side.SELL,
        order_qty=D(100),
        ord_type=OrdType.STOP_LIMIT,
        limit_px=D("179.90"),
        stop_px=D("180.00"),
    )
    desk.put_order(ONE, terms, hold=Hold())
    dialog = opened(qtbot, desk, parent)
    retype(qtbot, dialog, Field.STOP, "181")
    qtbot.keyClick(dialog.fields[Field.QTY].line, KEY.Key_Down)
    qtbot.mouseClick(dialog.confirm, Qt.MouseButton.LeftButton)
    assert desk.replaced == [(ONE, D(99), D("179.90"), D(181))]


def test_refusal_is_read_in_place_and_mended(qtbot: QtBot, desk: FakeDesk, parent: QWidget) -> None:
    desk.put_order(ONE, limit_order())
    dialog = opened(qtbot, desk, parent)
    desk.refuses = RefusedOrder("quantity 50 must be above the 60 executed; nothing was sent")
    qtbot.mouseClick(dialog.confirm, Qt.MouseButton.LeftButton)
    assert dialog.isVisible()
    assert dialog.problem.isVisible()
    assert dialog.problem.text() == "quantity 50 must be above the 60 executed; nothing was sent"
    desk.refuses = None
    with qtbot.waitSignal(dialog.accepted):
        qtbot.mouseClick(dialog.confirm, Qt.MouseButton.LeftButton)
    assert desk.replaced == [(ONE, D(100), D("186.68"), None)]


@pytest.mark.parametrize(
    ("field", "words", "sentence"),
    [
        (Field.QTY, "ten", "Quantity was “ten”, must be a number of shares, like 100"),
        (Field.QTY, "0", "Quantity was 0, must be above 0"),
        (Field.LIMIT, "186.685", "Limit price was 186.685, must be a multiple of 0.01"),
    ],
)
def test_bad_number_is_said_at_its_field_and_not_sent(
    qtbot: QtBot, desk: FakeDesk, parent: QWidget, field: Field, words: str, sentence: str
) -> None:
    desk.put_order(ONE, limit_order())
    dialog = opened(qtbot, desk, parent)
    retype(qtbot, dialog, field, words)
    qtbot.mouseClick(dialog.confirm, Qt.MouseButton.LeftButton)
    caption = dialog.fields[field].caption
    assert caption.text().startswith(sentence)
    assert desk.replaced == []
    retype(qtbot, dialog, field, "1")
    assert caption.text() == field.value
    dialog.reject()


def test_escape_leaves_the_order_as_it_is(qtbot: QtBot, desk: FakeDesk, parent: QWidget) -> None:
    desk.put_order(ONE, limit_order())
    dialog = opened(qtbot, desk, parent)
    with qtbot.waitSignal(dialog.rejected):
        qtbot.keyClick(dialog, KEY.Key_Escape)
    assert desk.replaced == []
