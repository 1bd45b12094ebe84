"""The strip over a chart that arms it: a side, a quantity, and how far the target of a drag is."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from app.domain.enums import Side
from widgets import theme
from widgets.chart.placing import RATIO_DEFAULT, RATIO_MAX, Placing
from widgets.chart.trader import ChartTrader
from widgets.palettes import Role

QTY_DEFAULT: Final = "100"
_QTY_CHARS_MAX: Final = 12
HINT: Final = "press a side to arm: every click is then an order"
ARMED_WORDS: Final = "ARMED: a click sends at once, Esc disarms"


class TradeBar(QWidget):
    """Shown while somebody wants to trade by clicks; the side is armed only while it is pressed."""

    closed = Signal()

    def __init__(self, trader: ChartTrader, parent: QWidget, *, is_live: bool) -> None:
        """Make it.

        Args:
            trader: is armed by it.
            parent: the chart.
            is_live: whether orders are of real money: red, else amber.
        """
        super().__init__(parent)
        self.setObjectName("tradeBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._trader: Final = trader
        self._role: Final = Role.DOWN if is_live else Role.CAUTION
        self.sides: Final = {side: self._make_side(side) for side in (Side.BUY, Side.SELL)}
        self.qty: Final = QLineEdit(QTY_DEFAULT, self)
        self.qty.setAccessibleName("Quantity of a click")
        self.qty.setMaxLength(_QTY_CHARS_MAX)
        self.qty.setMaximumWidth(80)
        self.qty.textEdited.connect(self._change)
        self.ratio: Final = QDoubleSpinBox(self)
        self.ratio.setAccessibleName("Target in distances of the stop loss")
        self.ratio.setRange(0.1, float(RATIO_MAX))
        self.ratio.setDecimals(1)
        self.ratio.setSingleStep(0.5)
        self.ratio.setValue(float(RATIO_DEFAULT))
        self.ratio.setSuffix(" R")
        self.ratio.valueChanged.connect(self._change)
        self.words: Final = QLabel(HINT, self)
        self.close_button: Final = QToolButton(self)
        self.close_button.setText("✕")
        self.close_button.setAutoRaise(True)
        self.close_button.setAccessibleName("Disarm and close")
        self.close_button.clicked.connect(self._close)
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 2, 6, 2)
        row.setSpacing(6)
        for button in self.sides.values():
            row.addWidget(button)
        row.addWidget(QLabel("Qty", self))
        row.addWidget(self.qty)
        row.addWidget(QLabel("Target", self))
        row.addWidget(self.ratio)
        row.addWidget(self.words, 1)
        row.addWidget(self.close_button)
        trader.armed_changed.connect(self._show_armed)
        self._show_armed()

    def _make_side(self, side: Side) -> QPushButton:
        button = QPushButton("Buy" if side is Side.BUY else "Sell", self)
        button.setCheckable(True)
        button.setAccessibleName(f"Arm: a click {button.text().lower()}s")
        fill, words = theme.hex_of(theme.side_role(side)), theme.hex_of(Role.BACKGROUND)
        button.setStyleSheet(f"QPushButton:checked {{ background: {fill}; color: {words}; }}")
        button.clicked.connect(lambda on: self._press(side, on=on))
        return button

    def _press(self, side: Side, *, on: bool) -> None:
        if on:
            self._trader.arm(self._placing(side))
        else:
            self._trader.disarm()

    def _placing(self, side: Side) -> Placing:
        return Placing(side, self.qty.text().strip(), Decimal(f"{self.ratio.value():.1f}"))

    def _change(self) -> None:
        armed = self._trader.placing
        if armed is not None:
            self._trader.arm(self._placing(armed.side))

    def _close(self) -> None:
        self._trader.disarm()
        self.closed.emit()

    def _show_armed(self) -> None:
        armed = self._trader.placing
        for side, button in self.sides.items():
            button.setChecked(armed is not None and armed.side is side)
        self.words.setText(HINT if armed is None else ARMED_WORDS)
        color = theme.hex_of(Role.DIM) if armed is None else theme.hex_of(self._role)
        edge = theme.hex_of(Role.LINE) if armed is None else theme.hex_of(self._role)
        self.words.setStyleSheet(f"color: {color}")
        self.setStyleSheet(f"#tradeBar {{ border: 1px solid {edge}; }}")
