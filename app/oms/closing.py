"""Flatten, reverse and halve a position, safe against fills that are under way.

The danger: a closing order of the size seen on the screen goes out while other orders work; both
fill, and the position is on the other side of zero.
How this prevents it: first every working order of the symbol is canceled and its end confirmed;
then what is held is read again, and an order of exactly that size closes it. A reversal opens the
other side only after the position is confirmed flat: no order ever crosses zero.
Not guaranteed: an end, if an order's end is not confirmed in time. Then nothing is sent, and it is
said which order it waits for. A closing that a restart interrupts is not taken up again.
"""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal
from typing import Final

from app.domain.enums import Closing, OrdType, Origin, Side, TimeInForce
from app.domain.errors import UserError
from app.domain.events import Notice
from app.domain.ids import ClOrdID, Symbol
from app.domain.orders import Order
from app.domain.terms import ZERO, NewOrder
from app.hub import Hub
from app.oms.engine import OmsEngine

CONFIRM_S: Final = 30.0
"""How long the end of the working orders is waited for."""
FILL_S: Final = 30.0
"""How long the closing order's end is waited for before the other side is opened."""


class Closer:
    """Carries closings out, one at a time of each symbol."""

    def __init__(self, engine: OmsEngine, hub: Hub) -> None:
        self._engine: Final = engine
        self._hub: Final = hub
        self._under_way: set[Symbol] = set()

    def is_closing(self, symbol: Symbol) -> bool:
        """Whether a closing of a symbol is under way."""
        return symbol in self._under_way

    async def close(self, symbol: Symbol, what: Closing, *, origin: Origin, actor: str) -> None:
        """Cancel what works, wait for the ends, close; say in words how it ended."""
        if symbol in self._under_way:
            self._say(f"{symbol} is being closed already")
            return
        self._under_way.add(symbol)
        try:
            text = await self._close(symbol, what, origin=origin, actor=actor)
        except UserError as error:
            text = f"{what.value} {symbol}: {error}"
        finally:
            self._under_way.discard(symbol)
        if text:
            self._say(text)

    def _open(self, symbol: Symbol) -> tuple[Order, ...]:
        """Return the orders by which the holding of a symbol may still change."""
        blotter = self._engine.blotter
        return (*blotter.working_in(symbol), *blotter.owed_in(symbol))

    async def _close(self, symbol: Symbol, what: Closing, *, origin: Origin, actor: str) -> str:
        engine = self._engine
        engine.note(what.value, f"{symbol}, {self._held(symbol)} held", actor=actor)
        engine.cancel_all(origin=origin, actor=actor, symbol=symbol)
        await engine.until(lambda: not self._open(symbol), deadline_s=CONFIRM_S)
        if unsettled := self._open(symbol):
            names = ", ".join(order.cl_ord_id for order in unsettled)
            return f"{what.value} {symbol}: the end of {names} is not confirmed; nothing was sent"
        held = self._held(symbol)
        qty = _qty_to_close(held, what)
        if not qty:
            return f"{what.value} {symbol}: {held} held, nothing to close"
        closing = self._send(symbol, _closing_side(held), qty, origin=origin, actor=actor)
        if what is not Closing.REVERSE:
            return ""
        has_ended = await engine.until(lambda: self._has_ended(closing), deadline_s=FILL_S)
        if not has_ended or self._held(symbol):
            return (
                f"reverse {symbol}: {self._held(symbol)} still held; the other side is not opened"
            )
        self._send(symbol, _closing_side(held), abs(held), origin=origin, actor=actor)
        return ""

    def _send(
        self, symbol: Symbol, side: Side, qty: Decimal, *, origin: Origin, actor: str
    ) -> ClOrdID:
        order = NewOrder(
            symbol=symbol,
            side=side,
            order_qty=qty,
            ord_type=OrdType.MARKET,
            time_in_force=TimeInForce.DAY,
        )
        return self._engine.submit(order, origin=origin, actor=actor)

    def _has_ended(self, cl_ord_id: ClOrdID) -> bool:
        order = self._engine.blotter.get(cl_ord_id)
        return order is not None and order.is_ended

    def _held(self, symbol: Symbol) -> Decimal:
        return self._engine.ledger.view.get(symbol).qty

    def _say(self, text: str) -> None:
        self._hub.publish(Notice(text=text, is_warning=True))


def _qty_to_close(held: Decimal, what: Closing) -> Decimal:
    """Return how many shares to close; of a half, whole shares where whole shares are held."""
    if what is not Closing.HALF:
        return abs(held)
    half = abs(held) / 2
    is_whole = held == held.to_integral_value()
    return half.to_integral_value(ROUND_FLOOR) if is_whole else half


def _closing_side(held: Decimal) -> Side:
    return Side.SELL if held > ZERO else Side.BUY
