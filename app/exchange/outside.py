"""A member's line to somebody else's market: a live or a replayed feed, met as `matching` says.

Orders, cancels and replaces arrive after a time drawn from the settings and meet what is quoted
then. Fills that a quote or a print brings are heard with it: both come over the same wire.
"""

from __future__ import annotations

import random
import threading
from collections import deque
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final

import msgspec

from app.config import Latency
from app.domain.enums import CxlRejReason, ExecType, QueueModel, Side
from app.domain.ids import ClOrdID, Symbol
from app.domain.market import Bar, Quote, SymbolStatus, Trade, real_price
from app.exchange.line import Answer, Changed, Ending, Match, NotDone, Sink, Taken, Terms, killed
from app.exchange.matching import Matcher, Outcome, Working

NO_LATENCY: Final = Latency(median_ms=0, sigma=0)
_MS_NS: Final = 1_000_000


class _Open(msgspec.Struct, kw_only=True):
    """An order of the member that may still trade."""

    terms: Terms
    ids: list[ClOrdID]
    """All its identities, the newest last."""
    cum: int = 0
    """Shares executed."""


class OutsideMarket:
    """A market of which only quotes, prints and bars are seen."""

    def __init__(
        self,
        sink: Sink,
        *,
        queue: QueueModel = QueueModel.FRONT,
        latency: Latency = NO_LATENCY,
        seed: int = 0,
    ) -> None:
        """Open a line.

        Args:
            sink: hears what comes of the orders.
            queue: how a resting order waits its turn.
            latency: of each way to the market.
            seed: of the latencies.
        """
        self._sink = sink
        self._matcher: Final = Matcher(queue)
        self._latency = latency
        self._random = random.Random(f"{seed}:outside")  # noqa: S311  A line, not a secret.
        self._open: dict[ClOrdID, _Open] = {}
        """Every identity of an order that may still trade, those on their way included."""
        self._on_way: deque[tuple[int, Callable[[int], None]]] = deque()
        """When something arrives, and what it does; in the order in which it was sent."""
        self._heard: list[Answer] = []
        """What has come and was not given to the sink yet."""
        self._killed_ns: int | None = None
        self.door: Final = threading.Lock()
        """Held while orders can trade; never while the sink is given something."""
        self._quotes: dict[Symbol, Quote] = {}
        """Standing quotes of symbols of which no order was ever here; the matcher knows others."""
        self._printed: dict[Symbol, Decimal] = {}
        """What each symbol last traded at."""
        self._bars: dict[Symbol, Decimal] = {}
        """Newest closing price of each symbol of which bars come."""
        self._met: set[Symbol] = set()
        """Symbols of which an order was here."""

    @property
    def open_ids(self) -> frozenset[ClOrdID]:
        """Identities in force that may still trade, those on their way included."""
        return frozenset(order.terms.cl_ord_id for order in self._open.values())

    @property
    def is_killed(self) -> bool:
        """Whether a kill waits to be worked in."""
        return self._killed_ns is not None

    @property
    def arrives_ns(self) -> int | None:
        """When the last of what is on its way arrives; None if nothing is."""
        return self._on_way[-1][0] if self._on_way else None

    def send(self, terms: Terms, now_ns: int) -> None:
        """Send an order."""
        self._meet(terms.symbol)
        self._open[terms.cl_ord_id] = _Open(terms=terms, ids=[terms.cl_ord_id])
        self._post(now_ns, lambda ts_ns: self._take_in(terms, ts_ns))

    def put_back(self, terms: Terms, cum: int, now_ns: int) -> None:
        """Take in an order that was working before a restart, behind those already put back."""
        self._meet(terms.symbol)
        self._open[terms.cl_ord_id] = _Open(terms=terms, ids=[terms.cl_ord_id], cum=cum)
        self._matcher.put_back(_working(terms, terms.qty - cum, now_ns))

    def cancel(self, cl_ord_id: ClOrdID, now_ns: int) -> None:
        """Send a cancel of any identity of an order."""
        self._post(now_ns, lambda ts_ns: self._cancel(cl_ord_id, ts_ns))

    def replace(self, old_id: ClOrdID, terms: Terms, now_ns: int) -> None:
        """Send new terms for an order."""
        self._post(now_ns, lambda ts_ns: self._replace(old_id, terms, ts_ns))

    def turn(self, now_ns: int) -> None:
        """Let arrive what is due by now."""
        while self._on_way and self._on_way[0][0] <= now_ns:
            due_ns, arrive = self._on_way.popleft()
            arrive(due_ns)

    def speak(self) -> None:
        """Give the sink what has come since the last time."""
        if self._heard:
            heard, self._heard = self._heard, []
            self._sink(heard)

    def bust(self, cl_ord_id: ClOrdID, symbol: Symbol, signed_qty: int, px: Decimal) -> None:
        """Take its order out if it works: this market keeps no books of its own."""
        del symbol, signed_qty, px
        order = self._open.get(cl_ord_id)
        if order is not None:
            self._matcher.cancel(order.terms.cl_ord_id, 0)
            for known in order.ids:
                del self._open[known]

    def withdraw(self, symbol: Symbol, now_ns: int, text: str) -> None:
        """Take all orders of a symbol out, not on the member's request."""
        lines = {id(line): line for line in self._open.values() if line.terms.symbol == symbol}
        for line in lines.values():
            cl_ord_id = line.terms.cl_ord_id
            self._matcher.cancel(cl_ord_id, now_ns)
            self._keep(
                [Ending(cl_ord_id=cl_ord_id, exec_type=ExecType.CANCELED, ts_ns=now_ns, text=text)]
            )

    def px(self, symbol: Symbol, side: Side) -> Decimal | None:
        """Return what a buyer would pay now, or a seller get; else what was traded at last."""
        quote = self._quotes.get(symbol) or self._matcher.quote(symbol)
        if quote is not None:
            px = real_price(quote.ask if side is Side.BUY else quote.bid)
            if px is not None:
                return px
        return real_price(self._printed.get(symbol, self._bars.get(symbol)))

    def kill(self, now_ns: int) -> None:
        """Let nothing that is out trade any more. From any thread, while the door is held."""
        self._killed_ns = now_ns

    def end_killed(self) -> None:
        """Take out what a kill has ended."""
        killed_ns, self._killed_ns = self._killed_ns, None
        if killed_ns is None:
            return
        self._on_way.clear()
        on_way = self.open_ids - self._matcher.working
        for cl_ord_id in [*self._matcher.clear(), *sorted(on_way)]:
            self._keep([killed(cl_ord_id, killed_ns)])

    def on_quote(self, quote: Quote) -> None:
        """Hear a quote, and say what came of it."""
        if not self._open and quote.symbol not in self._met:
            self._quotes[quote.symbol] = quote  # Nothing can trade: the door may stand open.
            return
        with self.door:
            self._pass_time(quote.ts_exch_ns)
            self._keep(self._matcher.on_quote(quote))
        self.speak()

    def on_trade(self, trade: Trade) -> None:
        """Hear a print, and say what came of it."""
        self._printed[trade.symbol] = trade.price
        if not self._open and trade.symbol not in self._met:
            return
        with self.door:
            self._pass_time(trade.ts_exch_ns)
            self._keep(self._matcher.on_trade(trade))
        self.speak()

    def on_bar(self, bar: Bar) -> None:
        """Hear a bar, and say what came of it."""
        self._bars[bar.symbol] = bar.close
        with self.door:
            self._pass_time(bar.start_ns)
            self._keep(self._matcher.on_bar(bar))
        self.speak()

    def on_status(self, status: SymbolStatus) -> None:
        """Hear whether a symbol, or the whole market, trades."""
        with self.door:
            self._matcher.on_status(status)

    def _pass_time(self, ts_ns: int) -> None:
        self.end_killed()
        self.turn(ts_ns)

    def _meet(self, symbol: Symbol) -> None:
        """Tell the matcher what was heard of a symbol before its first order."""
        if symbol in self._met:
            return
        self._met.add(symbol)
        quote = self._quotes.pop(symbol, None)
        if quote is not None:
            self._matcher.on_quote(quote)
        if symbol in self._printed:
            self._matcher.has_traded(symbol)

    def _post(self, now_ns: int, arrive: Callable[[int], None]) -> None:
        due_ns = now_ns
        if self._latency.median_ms:
            drawn = self._random.lognormvariate(0.0, self._latency.sigma)
            due_ns += int(self._latency.median_ms * _MS_NS * drawn)
        if self._on_way:  # A line keeps the order of what is sent.
            due_ns = max(due_ns, self._on_way[-1][0])
        self._on_way.append((due_ns, arrive))

    def _take_in(self, terms: Terms, now_ns: int) -> None:
        if terms.cl_ord_id not in self._open:
            return  # Withdrawn while it was on its way.
        self._heard.append(Taken(cl_ord_id=terms.cl_ord_id, ts_ns=now_ns))
        self._keep(self._matcher.enter(_working(terms, terms.qty, now_ns)))

    def _cancel(self, cl_ord_id: ClOrdID, now_ns: int) -> None:
        order = self._open.get(cl_ord_id)
        ending = None if order is None else self._matcher.cancel(order.terms.cl_ord_id, now_ns)
        if ending is not None:
            self._keep([ending])
            return
        text = f"order {cl_ord_id} was not canceled: it is done"
        self._refuse(cl_ord_id, text, now_ns, is_replace=False)

    def _replace(self, old_id: ClOrdID, terms: Terms, now_ns: int) -> None:
        order, new_id = self._open.get(old_id), terms.cl_ord_id
        text = f"order {old_id} was not replaced: "
        if order is None or order.terms.cl_ord_id != old_id:
            self._refuse(new_id, f"{text}it does not work here", now_ns, is_replace=True)
            return
        if terms.qty <= order.cum:
            text += f"{order.cum:,} shares are executed already, {terms.qty:,} was asked"
            self._refuse(new_id, text, now_ns, is_replace=True)
            return
        order.terms = terms
        order.ids.append(new_id)
        self._open[new_id] = order
        self._heard.append(Changed(cl_ord_id=new_id, old_id=old_id, ts_ns=now_ns))
        outcomes = self._matcher.replace(
            old_id, new_id, leaves=terms.qty - order.cum, limit_px=terms.limit_px, now_ns=now_ns
        )
        assert outcomes is not None, old_id
        self._keep(outcomes)

    def _refuse(self, cl_ord_id: ClOrdID, text: str, now_ns: int, *, is_replace: bool) -> None:
        self._heard.append(
            NotDone(
                cl_ord_id=cl_ord_id,
                is_replace=is_replace,
                reason=CxlRejReason.TOO_LATE,
                text=text,
                ts_ns=now_ns,
            )
        )

    def _keep(self, outcomes: Sequence[Outcome]) -> None:
        """Keep what came of an order until it is said, and forget orders that are done."""
        for outcome in outcomes:
            self._heard.append(outcome)
            order = self._open[outcome.cl_ord_id]
            if isinstance(outcome, Match):
                order.cum += outcome.qty
            if isinstance(outcome, Ending) or order.cum >= order.terms.qty:
                for cl_ord_id in order.ids:
                    del self._open[cl_ord_id]


def _working(terms: Terms, leaves: int, since_ns: int) -> Working:
    return Working(
        cl_ord_id=terms.cl_ord_id,
        symbol=terms.symbol,
        side=terms.side,
        leaves=leaves,
        limit_px=terms.limit_px,
        time_in_force=terms.time_in_force,
        entered_ns=since_ns,
        expires_ns=terms.expires_ns,
    )
