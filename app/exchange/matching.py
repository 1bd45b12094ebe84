"""What a paper order gets from a quote, a print or a bar of somebody else's market. Pure.

The danger: paper fills that flatter. A whole order filled at the touch whatever its size, a resting
limit filled because its price was seen, the same displayed shares taken twice: each makes a losing
strategy look sound. Here no share is filled that the market did not show:
  on arrival     a marketable order takes the far quote at its price, up to its displayed size;
  market orders  what is left waits for the next quote or print; with a missing side, or a locked or
                 crossed quote, all of it waits. A print never gives a better price than the quote;
  resting limits fill at their own limit, when a far quote or a print is at or through it, up to the
                 displayed or printed size;
  displayed size is gone once taken, until that side's price or size changes;
  one event's size is shared among own orders by price, then by time of entry;
  prints only    (no quote ever seen of the symbol): the next prints are the market;
  bars only      the open of the next bar that begins after entry, or the limit if the bar reaches
                 it, up to the bar's volume.
  a halt         nothing trades, whatever is quoted; what comes in waits.
  the queue      a limit that waits at the price of a print stands where the model says: behind what
                 was displayed when it came (prints and a shrinking quote work that off), behind all
                 (only a print beyond its price fills it), or in front. The fill says what was
                 assumed.
Not guaranteed: that it would have stood there. Own orders do not move the market, and two own
orders never meet.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

import msgspec

from app.domain.enums import ExecType, Liquidity, QueueModel, Side, TimeInForce
from app.domain.ids import ClOrdID, Symbol
from app.domain.market import Bar, Quote, SymbolStatus, Trade
from app.exchange.line import NEVER_NS, Ending, Match

_AT_ONCE: Final = frozenset({TimeInForce.IOC, TimeInForce.FOK})
_LIFE: Final = {TimeInForce.DAY: "day order: its day", TimeInForce.GTD: "good till date: its time"}
_MARKET_RANK: Final = Decimal("-Infinity")


class Working(msgspec.Struct, kw_only=True):
    """An order in the matcher, and how far it has come. Written by the matcher only."""

    cl_ord_id: ClOrdID
    symbol: Symbol
    side: Side
    leaves: int
    """Shares that may still trade."""
    limit_px: Decimal | None = None
    """None for a market order."""
    time_in_force: TimeInForce = TimeInForce.DAY
    entered_ns: int = 0
    expires_ns: int = NEVER_NS
    """The first event at or after this time ends it."""
    is_resting: bool = False
    """Whether it has met a market that did not fill it; from then on it trades at its limit."""
    ahead: int | None = None
    """Shares of others at its price that trade before it; None: not known yet."""
    waited_for: int = 0
    """Shares of others that traded there before it."""

    @property
    def rank(self) -> Decimal:
        """Price priority: the smaller comes first. Equal ranks go by time of entry."""
        if self.limit_px is None:
            return _MARKET_RANK
        return -self.limit_px if self.side is Side.BUY else self.limit_px

    def reaches(self, px: Decimal) -> bool:
        """Whether the order may trade at a price."""
        if self.limit_px is None:
            return True
        return px <= self.limit_px if self.side is Side.BUY else px >= self.limit_px


Outcome = Match | Ending


class _Book:
    """The outside market and own orders of one symbol."""

    __slots__ = ("ask_taken", "bid_taken", "buys", "has_prints", "quote", "sells")

    def __init__(self) -> None:
        self.quote: Quote | None = None
        self.bid_taken = 0
        """Shares of the standing bid that own orders have taken."""
        self.ask_taken = 0
        self.has_prints = False
        self.buys: list[Working] = []
        """By price, then time."""
        self.sells: list[Working] = []

    def stand(self, quote: Quote) -> None:
        """Let a quote replace the standing one; a side that changed has all of its size again."""
        prior, self.quote = self.quote, quote
        if not self.ask_taken and not self.bid_taken:
            return
        assert prior is not None
        if (quote.ask, quote.ask_size) != (prior.ask, prior.ask_size):
            self.ask_taken = 0
        if (quote.bid, quote.bid_size) != (prior.bid, prior.bid_size):
            self.bid_taken = 0

    def orders(self) -> Iterator[Working]:
        """Give all orders, each side in priority."""
        yield from self.buys
        yield from self.sells

    def side(self, side: Side) -> list[Working]:
        """Return the orders of one side."""
        return self.buys if side is Side.BUY else self.sells

    def far(self, order: Working) -> tuple[Decimal, int]:
        """Return price and untaken size of the quote an order could take; (0, 0) if none."""
        quote = self.quote
        if quote is None:
            return _NOTHING
        if order.side is Side.BUY:
            px, left = quote.ask, quote.ask_size - self.ask_taken
        else:
            px, left = quote.bid, quote.bid_size - self.bid_taken
        if px is None or left <= 0 or not order.reaches(px):
            return _NOTHING
        if order.limit_px is None and not quote.is_two_sided:
            return _NOTHING
        return px, left

    def take(self, side: Side, qty: int) -> None:
        """Count displayed shares as taken by an own order of a side."""
        if side is Side.BUY:
            self.ask_taken += qty
        else:
            self.bid_taken += qty


_NOTHING: Final = (Decimal(0), 0)


class Matcher:
    """Own orders of all symbols against what is seen of the market."""

    def __init__(self, queue: QueueModel = QueueModel.FRONT) -> None:
        self._queue: Final = queue
        self._books: dict[Symbol, _Book] = {}
        self._orders: dict[ClOrdID, Working] = {}
        self._halted: set[Symbol] = set()
        """What does not trade; the empty symbol is the whole market."""
        self._next_expiry_ns = NEVER_NS

    @property
    def is_empty(self) -> bool:
        """Whether no order is here."""
        return not self._orders

    @property
    def working(self) -> frozenset[ClOrdID]:
        """Ids of the orders that may still trade."""
        return frozenset(self._orders)

    def enter(self, order: Working) -> list[Outcome]:
        """Take a new order in, and return what it gets or how it ends at once."""
        assert order.leaves > 0, order
        book = self._book(order.symbol)
        px, left = _NOTHING if self._is_halted(order.symbol) else book.far(order)
        now_ns = order.entered_ns
        if order.time_in_force is TimeInForce.FOK and left < order.leaves:
            text = f"fill or kill: {left:,} of {order.leaves:,} shares could be had at once"
            return [_canceled(order, now_ns, text)]
        outcomes: list[Outcome] = []
        if left:
            qty = min(left, order.leaves)
            book.take(order.side, qty)
            outcomes.append(_match(order, qty, px, now_ns))
        if order.leaves and order.time_in_force in _AT_ONCE:
            text = f"immediate or cancel: {order.leaves:,} shares could not be had at once"
            outcomes.append(_canceled(order, now_ns, text))
        elif order.leaves:
            order.is_resting = order.limit_px is not None and book.quote is not None
            order.ahead, order.waited_for = None, 0
            self._queue_up(book, order)
            self._insert(book, order)
        return outcomes

    def put_back(self, order: Working) -> None:
        """Take in an order that was working before a restart, behind those already put back."""
        assert order.leaves > 0, order
        order.is_resting = order.limit_px is not None
        self._insert(self._book(order.symbol), order)

    def cancel(self, cl_ord_id: ClOrdID, now_ns: int) -> Ending | None:
        """Take a working order out; None if it is not working."""
        order = self._orders.get(cl_ord_id)
        if order is None:
            return None
        self._remove(order)
        return _canceled(order, now_ns, "canceled on request")

    def clear(self) -> list[ClOrdID]:
        """Take every order out; return them in order of entry."""
        ended = list(self._orders)
        self._orders.clear()
        for book in self._books.values():
            book.buys.clear()
            book.sells.clear()
        return ended

    def replace(
        self,
        cl_ord_id: ClOrdID,
        new_id: ClOrdID,
        *,
        leaves: int,
        limit_px: Decimal | None,
        now_ns: int,
    ) -> Sequence[Outcome] | None:
        """Change a working order; None if it is not working.

        It keeps its place among own orders if it only gets smaller; else it comes in anew.
        """
        order = self._orders.get(cl_ord_id)
        if order is None:
            return None
        assert leaves > 0, leaves
        keeps_place = limit_px == order.limit_px and leaves <= order.leaves
        if keeps_place:
            del self._orders[cl_ord_id]
            order.cl_ord_id, order.leaves = new_id, leaves
            self._orders[new_id] = order
            return []
        self._remove(order)
        order.cl_ord_id, order.leaves, order.limit_px = new_id, leaves, limit_px
        order.entered_ns, order.is_resting = now_ns, False
        return self.enter(order)

    def leaves_of(self, cl_ord_id: ClOrdID) -> int:
        """Return the shares of an order that may still trade; 0 if it does not work."""
        order = self._orders.get(cl_ord_id)
        return 0 if order is None else order.leaves

    def quote(self, symbol: Symbol) -> Quote | None:
        """Return the standing quote of a symbol; None if there was none."""
        book = self._books.get(symbol)
        return None if book is None else book.quote

    def on_quote(self, quote: Quote) -> Sequence[Outcome]:
        """Return what a quote does to the orders."""
        ended = self._expire(quote.ts_exch_ns)
        book = self._books.get(quote.symbol) or self._book(quote.symbol)
        book.stand(quote)
        if (not book.buys and not book.sells) or self._is_halted(quote.symbol):
            return ended
        return [*ended, *self._match_quote(book, quote.ts_exch_ns)]

    def on_trade(self, trade: Trade) -> Sequence[Outcome]:
        """Return what a print does to the orders."""
        ended = self._expire(trade.ts_exch_ns)
        book = self._books.get(trade.symbol) or self._book(trade.symbol)
        book.has_prints = True
        if (not book.buys and not book.sells) or self._is_halted(trade.symbol):
            return ended
        return [*ended, *self._match_print(book, trade)]

    def has_traded(self, symbol: Symbol) -> None:
        """Hear that prints are seen of a symbol."""
        self._book(symbol).has_prints = True

    def on_bar(self, bar: Bar) -> Sequence[Outcome]:
        """Return what a bar does to the orders; nothing where quotes or prints are seen."""
        ended = self._expire(bar.start_ns)
        book = self._book(bar.symbol)
        if book.quote is not None or book.has_prints or self._is_halted(bar.symbol):
            return ended
        return [*ended, *self._match_bar(book, bar)]

    def on_status(self, status: SymbolStatus) -> Sequence[Outcome]:
        """Let a symbol, or the whole market, trade no more, or again from its next event on."""
        if status.halt:
            self._halted.add(status.symbol)
        else:
            self._halted.discard(status.symbol)
        return ()

    def _is_halted(self, symbol: Symbol) -> bool:
        return bool(self._halted) and (symbol in self._halted or Symbol("") in self._halted)

    def _match_quote(self, book: _Book, ts_ns: int) -> list[Outcome]:
        outcomes: list[Outcome] = []
        for order in list(book.orders()):
            px, left = book.far(order)
            if left:
                qty = min(left, order.leaves)
                book.take(order.side, qty)
                came = "the quote came to it" if order.is_resting else ""
                outcomes.append(self._fill(order, qty, px, ts_ns, came))
            order.is_resting = order.limit_px is not None
            self._queue_up(book, order)
        return outcomes

    def _match_print(self, book: _Book, trade: Trade) -> list[Outcome]:
        outcomes: list[Outcome] = []
        taken = 0
        for order in list(book.orders()):
            if not order.reaches(trade.price):
                order.is_resting = True
                continue
            qty = min(order.leaves, self._turn(order, trade) - taken)
            if qty > 0:
                taken += qty
                px = _print_px(book.quote, order, trade.price)
                assumption = self._assumption(order, trade)
                outcomes.append(self._fill(order, qty, px, trade.ts_exch_ns, assumption))
        return outcomes

    def _turn(self, order: Working, trade: Trade) -> int:
        """Return how many shares of a print may go to own orders up to this one."""
        if self._queue is QueueModel.FRONT or not _is_at_limit(order, trade.price):
            return trade.size
        if self._queue is QueueModel.TRADE_THROUGH:
            return 0
        # Without a quote nobody knows who stands there: nobody.
        ahead = order.ahead or 0
        order.ahead = max(0, ahead - trade.size)
        order.waited_for += ahead - order.ahead
        return trade.size - ahead

    def _assumption(self, order: Working, trade: Trade) -> str:
        """Return what had to be assumed for a fill at a print."""
        if not order.is_resting or order.limit_px is None:
            return ""
        if not _is_at_limit(order, trade.price):
            return "traded through"
        if self._queue is QueueModel.FRONT:
            return "assumed in front of the queue"
        return f"queue: {order.waited_for:,} shares first"

    def _queue_up(self, book: _Book, order: Working) -> None:
        """Note how much stands before a resting order, as far as the quote shows it."""
        quote = book.quote
        if quote is None or order.limit_px is None or self._queue is not QueueModel.VOLUME_AHEAD:
            return
        is_buy = order.side is Side.BUY
        best, size = (quote.bid, quote.bid_size) if is_buy else (quote.ask, quote.ask_size)
        if best is None or (order.limit_px > best if is_buy else order.limit_px < best):
            order.ahead = 0  # It is the best price by itself.
        elif order.limit_px == best:
            # Who left the queue may have stood behind; what is displayed is the most there can be.
            order.ahead = size if order.ahead is None else min(order.ahead, size)

    def _match_bar(self, book: _Book, bar: Bar) -> list[Outcome]:
        outcomes: list[Outcome] = []
        left = bar.volume
        for order in list(book.orders()):
            best = bar.low if order.side is Side.BUY else bar.high
            if left <= 0 or bar.start_ns < order.entered_ns or not order.reaches(best):
                continue
            if best == order.limit_px and self._queue is QueueModel.TRADE_THROUGH:
                continue  # Touched only.
            qty = min(left, order.leaves)
            left -= qty
            # Where the open is within the limit the order traded there, else at its limit.
            order.is_resting = not order.reaches(bar.open)
            ts_ns = bar.start_ns + (bar.interval_ns if order.is_resting else 0)
            outcomes.append(self._fill(order, qty, bar.open, ts_ns))
        return outcomes

    def _fill(
        self, order: Working, qty: int, px: Decimal, ts_ns: int, assumption: str = ""
    ) -> Match:
        match = _match(order, qty, px, ts_ns, assumption)
        if not order.leaves:
            self._remove(order)
        return match

    def _expire(self, ts_ns: int) -> list[Outcome]:
        if ts_ns < self._next_expiry_ns:
            return []
        ended: list[Outcome] = []
        for order in list(self._orders.values()):
            if order.expires_ns <= ts_ns:
                self._remove(order)
                life = _LIFE[order.time_in_force]
                ended.append(
                    Ending(
                        cl_ord_id=order.cl_ord_id,
                        exec_type=ExecType.EXPIRED,
                        ts_ns=order.expires_ns,
                        text=f"{life} ended with {order.leaves:,} shares open",
                    )
                )
        self._next_expiry_ns = min((o.expires_ns for o in self._orders.values()), default=NEVER_NS)
        return ended

    def _insert(self, book: _Book, order: Working) -> None:
        self._orders[order.cl_ord_id] = order
        self._next_expiry_ns = min(self._next_expiry_ns, order.expires_ns)
        # Right of its equals: who came first stays first.
        insort(book.side(order.side), order, key=_rank)

    def _remove(self, order: Working) -> None:
        del self._orders[order.cl_ord_id]
        self._books[order.symbol].side(order.side).remove(order)

    def _book(self, symbol: Symbol) -> _Book:
        book = self._books.get(symbol)
        if book is None:
            book = self._books[symbol] = _Book()
        return book


def _rank(order: Working) -> Decimal:
    return order.rank


def _is_at_limit(order: Working, px: Decimal) -> bool:
    """Whether a price is exactly that of an order that has waited for it."""
    return order.is_resting and px == order.limit_px


def _match(order: Working, qty: int, px: Decimal, ts_ns: int, assumption: str = "") -> Match:
    """Count a trade on the order; a resting order trades at its own limit."""
    order.leaves -= qty
    is_maker = order.is_resting and order.limit_px is not None
    return Match(
        cl_ord_id=order.cl_ord_id,
        qty=qty,
        px=order.limit_px if is_maker and order.limit_px is not None else px,
        liquidity=Liquidity.ADDED if is_maker else Liquidity.REMOVED,
        ts_ns=ts_ns,
        assumption=assumption,
    )


def _print_px(quote: Quote | None, order: Working, px: Decimal) -> Decimal:
    """Return what an order pays at a print: no better than the standing quote's far side."""
    if quote is None or quote.bid is None or quote.ask is None or not quote.is_two_sided:
        return px
    return max(px, quote.ask) if order.side is Side.BUY else min(px, quote.bid)


def _canceled(order: Working, ts_ns: int, text: str) -> Ending:
    return Ending(cl_ord_id=order.cl_ord_id, exec_type=ExecType.CANCELED, ts_ns=ts_ns, text=text)
