"""What is known at a moment: the account's figures, and the picture that decides an order."""

from __future__ import annotations

from decimal import Decimal
from typing import Final, Protocol

from app.clock import Clock
from app.domain.decision import Picture
from app.domain.enums import Side, TradingState
from app.domain.ids import Symbol
from app.domain.orders import Order
from app.domain.terms import ZERO, NewOrder
from app.domain.times import SECOND_NS
from app.market.store import MarketView
from app.oms.books import Books
from app.portfolio.valuation import (
    AccountFigures,
    Exposure,
    LastPrice,
    Mark,
    mark_of,
    value_account,
)

MARK_AGE_NS_MAX: Final = 60 * SECOND_NS
"""A mark that is older is used, and said to be stale."""


class TradingStates(Protocol):
    """What is let through."""

    def state_of(self, symbol: Symbol) -> TradingState:
        """Return the trading state that holds for a symbol."""
        ...


class Pictures:
    """Makes pictures from books and market; holds nothing but the reservations of a batch."""

    def __init__(
        self, *, books: Books, market: MarketView, clock: Clock, leverage_max: Decimal
    ) -> None:
        self._books = books
        self._market = market
        self._clock = clock
        self._leverage_max = leverage_max
        self.reserved: Final[list[NewOrder]] = []
        """Passed and not yet in the blotter: they count, so that no room is used twice."""

    def mark(self, symbol: Symbol) -> Decimal | None:
        """Return the price at which the position of a symbol would be closed now."""
        mark = self._mark(symbol)
        return None if mark is None else mark.px

    def account(self) -> AccountFigures:
        """Return the account's figures at the present marks."""
        return self._value(self._exposures())

    def picture(
        self, order: NewOrder, states: TradingStates, *, without: Order | None = None
    ) -> Picture:
        """Return what is known now of the order's symbol and of the account.

        Args:
            order: the terms to be decided.
            states: what is let through of which symbol.
            without: the order that these terms are to replace; it is not counted.
        """
        symbol = order.symbol
        quote = self._market.quote(symbol)
        exposures = self._exposures(without)
        own = exposures.get(symbol) or self._exposure(symbol, ZERO, ZERO)
        figures = self._value(exposures)
        return Picture(
            ts_ns=self._clock.now_ns(),
            trading_state=states.state_of(symbol),
            bid=quote.bid if quote else None,
            bid_size=quote.bid_size if quote else 0,
            ask=quote.ask if quote else None,
            ask_size=quote.ask_size if quote else 0,
            last_px=self._market.last_px(symbol),
            feed_age_ns=self._market.feed_age_ns,
            position_qty=own.position.qty,
            working_buy_qty=own.working_buy_qty,
            working_sell_qty=own.working_sell_qty,
            equity=figures.equity,
            gross_exposure=figures.gross_exposure,
            symbol_exposure=own.worst_notional,
            in_doubt=sum(o.is_in_doubt for o in self._books.blotter.working_in(symbol)),
            replaced_qty=ZERO if without is None else without.leaves_qty,
            replaced_px=None if without is None else without.terms.limit_px,
        )

    def _value(self, exposures: dict[Symbol, Exposure]) -> AccountFigures:
        return value_account(
            exposures.values(),
            cash=self._books.ledger.cash,
            leverage_gross_max=self._leverage_max,
        )

    def _exposures(self, without: Order | None = None) -> dict[Symbol, Exposure]:
        """Return every symbol that is held or could come to be held.

        What waits on this machine does not count: it passes the gate when it goes out.
        """
        working: dict[Symbol, list[Decimal]] = {}
        for order in self._books.blotter.working():
            if order is not without and not order.is_here:
                _count(working, order.order, order.exposed_qty)
        for terms in self.reserved:
            _count(working, terms, terms.order_qty)
        for position in self._books.ledger.view.all():
            working.setdefault(position.symbol, [ZERO, ZERO])
        return {
            symbol: self._exposure(symbol, buys, sells) for symbol, (buys, sells) in working.items()
        }

    def _exposure(self, symbol: Symbol, buys: Decimal, sells: Decimal) -> Exposure:
        mark = self._mark(symbol)
        return Exposure(
            position=self._books.ledger.view.get(symbol),
            working_buy_qty=buys,
            working_sell_qty=sells,
            mark=None if mark is None else mark.px,
            is_stale=mark is not None and mark.is_stale,
        )

    def _mark(self, symbol: Symbol) -> Mark | None:
        trade = self._market.trade(symbol)
        ts_ns = None if trade is None else trade.ts_exch_ns
        last = LastPrice(px=self._market.last_px(symbol), ts_ns=ts_ns)
        return mark_of(
            self._books.ledger.view.get(symbol).qty,
            self._market.quote(symbol),
            last,
            now_ns=self._clock.now_ns(),
            age_ns_max=MARK_AGE_NS_MAX,
        )


def _count(working: dict[Symbol, list[Decimal]], order: NewOrder, qty: Decimal) -> None:
    sides = working.setdefault(order.symbol, [ZERO, ZERO])
    sides[0 if order.side is Side.BUY else 1] += qty
