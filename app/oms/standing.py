"""What each symbol stands at: its working orders summed up, and what it adds to the account.

Both are kept until something of the symbol changes: a decision with hundreds of working orders and
positions looks at the symbols that moved, not at all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

import msgspec

from app.clock import Clock
from app.domain.enums import Side
from app.domain.ids import Symbol
from app.domain.market import real_price
from app.domain.orders import Order
from app.domain.position import Position
from app.domain.terms import STOP_TYPES, ZERO, NewOrder
from app.domain.times import SECOND_NS
from app.market.store import MarketView
from app.oms.books import Books
from app.portfolio.valuation import Exposure, LastPrice, Mark, Worth, mark_of, worth_of

MARK_AGE_NS_MAX: Final = 60 * SECOND_NS
"""A mark that is older is used, and said to be stale."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """The orders of one symbol that may trade without our doing, summed up."""

    orders: int = 0
    in_doubt: int = 0
    buy_qty: Decimal = ZERO
    """The larger of leaves and what a replace asks for counts, as everywhere here."""
    sell_qty: Decimal = ZERO
    limit_value: Decimal = ZERO
    """Shares with a limit, each at its limit."""
    free_qty: Decimal = ZERO
    """Shares without a limit."""
    own_bid: Decimal | None = None
    """Highest limit of a buy that is no stop: one that is not set off meets nothing."""
    own_ask: Decimal | None = None
    """Lowest limit of a sell that is no stop."""
    has_market: tuple[bool, bool] = (False, False)
    """Whether a buy, and a sell, that is no stop has no limit."""


class Appraisal(msgspec.Struct, frozen=True, kw_only=True):
    """What a symbol stands at, and what it adds to the account."""

    standing: Standing
    exposure: Exposure
    worth: Worth
    group: str = ""
    """Of symbols that move together; empty where it is not known."""


class _Kept(msgspec.Struct, frozen=True):
    """An appraisal and what it was made of."""

    market_version: int
    orders_version: int
    position: Position
    stale_from_ns: int | None
    """When its mark gets stale; None if it is, or if there is none."""
    appraisal: Appraisal


class Appraiser:
    """Appraises symbols; keeps what has not changed."""

    def __init__(self, books: Books, market: MarketView, clock: Clock) -> None:
        self._books: Final = books
        self._market: Final = market
        self._clock: Final = clock
        self._kept: dict[Symbol, _Kept] = {}
        """Symbol -> its newest appraisal; as many as symbols were ever traded."""
        self._symbols: tuple[Symbol, ...] = ()
        self._symbols_of = (-1, -1)
        """Versions of ledger and blotter that the symbols are of."""

    def symbols(self) -> tuple[Symbol, ...]:
        """Return the symbols that were ever held or that have open orders, each once."""
        ledger, blotter = self._books.ledger, self._books.blotter
        if self._symbols_of != (ledger.version, blotter.version):
            held = [position.symbol for position in ledger.view.all()]
            self._symbols = tuple(dict.fromkeys((*held, *blotter.open_symbols())))
            self._symbols_of = ledger.version, blotter.version
        return self._symbols

    def all(self) -> dict[Symbol, Appraisal]:
        """Return what each of these symbols stands at now."""
        now_ns = self._clock.now_ns()
        return {symbol: self.appraise(symbol, now_ns) for symbol in self.symbols()}

    def appraise(self, symbol: Symbol, now_ns: int) -> Appraisal:
        """Return what a symbol stands at."""
        market_version = self._market.version(symbol)
        orders_version = self._books.blotter.symbol_version(symbol)
        position = self._books.ledger.view.get(symbol)
        kept = self._kept.get(symbol)
        if (
            kept is not None
            and kept.market_version == market_version
            and kept.orders_version == orders_version
            and (kept.position is position or kept.position == position)
            and (kept.stale_from_ns is None or now_ns <= kept.stale_from_ns)
        ):
            return kept.appraisal
        if kept is not None and kept.orders_version == orders_version:
            standing = kept.appraisal.standing
        else:
            blotter = self._books.blotter
            standing = standing_of(blotter.working_in(symbol), owed=blotter.owed_in(symbol))
        mark = self.mark(symbol)
        appraisal = self._make(symbol, standing, mark)
        stale_from_ns = None
        if mark is not None and not mark.is_stale:
            stale_from_ns = self._mark_ns(symbol, position) + MARK_AGE_NS_MAX
        self._kept[symbol] = _Kept(
            market_version, orders_version, position, stale_from_ns, appraisal
        )
        return appraisal

    def appraise_with(
        self, symbol: Symbol, more: Iterable[NewOrder], without: Order | None
    ) -> Appraisal:
        """Return what a symbol would stand at with more orders, and without one of its own."""
        blotter = self._books.blotter
        orders = [order for order in blotter.working_in(symbol) if order is not without]
        standing = standing_of(orders, more, blotter.owed_in(symbol))
        return self._make(symbol, standing, self.mark(symbol))

    def mark(self, symbol: Symbol) -> Mark | None:
        """Return the price at which the position of a symbol would be closed now."""
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

    def _make(self, symbol: Symbol, standing: Standing, mark: Mark | None) -> Appraisal:
        exposure = Exposure(
            position=self._books.ledger.view.get(symbol),
            working_buy_qty=standing.buy_qty,
            working_sell_qty=standing.sell_qty,
            mark=None if mark is None else mark.px,
            is_stale=mark is not None and mark.is_stale,
        )
        instrument = self._market.instrument(symbol)
        group = "" if instrument is None else instrument.group
        return Appraisal(
            standing=standing, exposure=exposure, worth=worth_of(exposure), group=group
        )

    def _mark_ns(self, symbol: Symbol, position: Position) -> int:
        """Return when the mark that is used was made, by the exchange's time, or before."""
        quote, trade = self._market.quote(symbol), self._market.trade(symbol)
        times = [event.ts_exch_ns for event in (quote, trade) if event is not None]
        return min(times)


def standing_of(
    orders: Iterable[Order], more: Iterable[NewOrder] = (), owed: Iterable[Order] = ()
) -> Standing:
    """Return the sum of orders, and of terms that are about to be orders.

    What waits on this machine does not count: it passes the gate when it goes out. What an ended
    order has executed counts as if it were still to come, until its executions are heard of.
    """
    counted: list[tuple[NewOrder, Decimal]] = []
    in_doubt = 0
    for order in orders:
        if not order.is_here:
            in_doubt += order.is_in_doubt
            counted.append((order.terms, order.exposed_qty))
    counted += [(terms, terms.order_qty) for terms in more]
    n = len(counted)
    counted += [(order.terms, order.missing_qty) for order in owed]
    qtys = {Side.BUY: ZERO, Side.SELL: ZERO}
    limits: dict[Side, list[Decimal | None]] = {Side.BUY: [], Side.SELL: []}
    limit_value = free_qty = ZERO
    for place, (terms, qty) in enumerate(counted):
        px = real_price(terms.limit_px)
        qtys[terms.side] += qty
        if px is None:
            free_qty += qty
        else:
            limit_value += qty * px
        if place < n and terms.ord_type not in STOP_TYPES:
            limits[terms.side].append(px)
    buys, sells = limits[Side.BUY], limits[Side.SELL]
    return Standing(
        orders=n,
        in_doubt=in_doubt,
        buy_qty=qtys[Side.BUY],
        sell_qty=qtys[Side.SELL],
        limit_value=limit_value,
        free_qty=free_qty,
        own_bid=max([px for px in buys if px is not None], default=None),
        own_ask=min([px for px in sells if px is not None], default=None),
        has_market=(None in buys, None in sells),
    )


def open_value(appraisals: Iterable[Appraisal]) -> Decimal | None:
    """Return the value of all working orders: at their limits, else at the mark."""
    total = ZERO
    for appraisal in appraisals:
        standing, mark = appraisal.standing, appraisal.exposure.mark
        total += standing.limit_value
        if standing.free_qty:
            if mark is None:
                return None
            total += standing.free_qty * mark
    return total
