"""One member's line into the built-in exchange: orders out, answers back, both a little late.

What is sent arrives after a time drawn from the settings, in the order in which it was sent, and
meets the book as it is then; what comes of it is heard as long after. So an order can find the
price gone, and a cancel can come too late, as at any exchange.

While the exchange is closed, or for orders for the core session while that is not, orders wait here
and go in when their session begins. What has a life ends here with it.

Who may call: the loop, but for `kill`, which the kill switch calls from its own thread while the
exchange does not move (`Exchange.door` is held whenever it does).
"""

from __future__ import annotations

import heapq
import random
from collections import deque
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from itertools import count
from typing import Final

import msgspec

from app.config import Latency
from app.domain.enums import CxlRejReason, ExecType, Liquidity, Phase, Side, TimeInForce
from app.domain.ids import ClOrdID, Symbol
from app.exchange.entry import CancelReason, Order
from app.exchange.hours import NEVER_NS, Rhythm
from app.exchange.line import Answer, Changed, Ending, Match, NotDone, Sink, Taken, Terms, killed
from app.exchange.pit import Pit

_MS_NS: Final = 1_000_000
_AUCTIONS: Final = frozenset({TimeInForce.OPG, TimeInForce.CLS})
_ENDINGS: Final = {
    CancelReason.REQUESTED: "canceled on request",
    CancelReason.UNFILLED: "{qty:,} shares found nobody",
    CancelReason.WOULD_TRADE: "it would have traded on arrival",
    CancelReason.SELF_MATCH: "it would have traded with an order of your own",
}


class _State(Enum):
    ON_WAY = "on its way"
    WAITING = "waiting for its session"
    WORKING = "working"
    DONE = "done"


class _Line(msgspec.Struct, kw_only=True):
    """One order of the member, from sending to end."""

    terms: Terms
    state: _State = _State.ON_WAY
    ids: list[ClOrdID]
    """All its identities, the newest last."""
    order_id: int = 0
    """In the pit; changes when the order goes in again."""
    cum: int = 0
    """Shares executed."""

    @property
    def leaves(self) -> int:
        return self.terms.qty - self.cum


class _Send(msgspec.Struct, frozen=True, gc=False):
    cl_ord_id: ClOrdID


class _Cancel(msgspec.Struct, frozen=True, gc=False):
    cl_ord_id: ClOrdID


class _Replace(msgspec.Struct, frozen=True, gc=False):
    old_id: ClOrdID
    terms: Terms


class _Go(msgspec.Struct, frozen=True, gc=False):
    """The session of a waiting order begins."""

    cl_ord_id: ClOrdID


class _Rest(msgspec.Struct, frozen=True, gc=False):
    """The session of a working order ends; it may come back."""

    cl_ord_id: ClOrdID


class _Expire(msgspec.Struct, frozen=True, gc=False):
    cl_ord_id: ClOrdID


_Event = _Send | _Cancel | _Replace | _Go | _Rest | _Expire
_MAIL: Final = (_Send, _Cancel, _Replace)
"""What the member has put on its way."""


class Gateway:
    """A member's orders at the exchange. Owner of what it sends in."""

    def __init__(  # noqa: PLR0913  Said once, by the exchange.
        self,
        pits: Mapping[Symbol, Pit],
        rhythm: Rhythm,
        latency: Latency,
        *,
        seed: int,
        owner: int,
        sink: Sink,
    ) -> None:
        """Open a line.

        Args:
            pits: of every symbol.
            rhythm: when they trade.
            latency: of each way.
            seed: of the latencies.
            owner: orders of one owner do not trade with each other.
            sink: hears what comes of the orders, in order of time.
        """
        self._pits = pits
        self._rhythm = rhythm
        self._latency = latency
        self._random = random.Random(f"{seed}:{owner}:latency")  # noqa: S311  A line, not a secret.
        self._owner = owner
        self._sink = sink
        self._lines: dict[ClOrdID, _Line] = {}
        """Every identity of an order that may still trade."""
        self._by_order: dict[int, _Line] = {}
        """Number in its pit -> order."""
        self._numbers = count(-1, -1)
        """Below zero, so that they are nobody else's in any pit."""
        self._queue: list[tuple[int, int, _Event]] = []
        self._count = count()
        self._last_arrival_ns = 0
        self._on_way = 0
        """Messages that were sent and have not arrived."""
        self._answers: deque[tuple[int, Answer]] = deque()
        """What is on its way back, with the time of its arrival."""
        self._heard: list[Answer] = []
        """What has arrived and was not given to the sink yet."""
        self._killed_ns: int | None = None
        self.holdings: dict[Symbol, int] = {}
        """The exchange's own books: shares by symbol, of this run."""
        self.paid: Decimal = Decimal(0)
        """The exchange's own books: USD paid for shares less USD got, without fees, of this run."""

    # The member's side

    @property
    def open_ids(self) -> frozenset[ClOrdID]:
        """Identities in force that may still trade, those on their way included."""
        return frozenset(line.terms.cl_ord_id for line in self._lines.values())

    def send(self, terms: Terms, now_ns: int) -> None:
        """Send an order."""
        self._lines[terms.cl_ord_id] = _Line(terms=terms, ids=[terms.cl_ord_id])
        self._mail(now_ns, _Send(terms.cl_ord_id))

    def put_back(self, terms: Terms, cum: int, now_ns: int) -> None:
        """Take in an order that was working before a restart, at the back of its queue."""
        line = _Line(terms=terms, ids=[terms.cl_ord_id], cum=cum, state=_State.WAITING)
        self._lines[terms.cl_ord_id] = line
        self._post(now_ns, _Go(terms.cl_ord_id))
        self._post(terms.expires_ns, _Expire(terms.cl_ord_id))

    def cancel(self, cl_ord_id: ClOrdID, now_ns: int) -> None:
        """Send a cancel."""
        self._mail(now_ns, _Cancel(cl_ord_id))

    def replace(self, old_id: ClOrdID, terms: Terms, now_ns: int) -> None:
        """Send new terms for an order; `terms.qty` is the total."""
        self._mail(now_ns, _Replace(old_id, terms))

    def bust(self, cl_ord_id: ClOrdID, symbol: Symbol, signed_qty: int, px: Decimal) -> None:
        """Take a trade back, and its order out if it works; nothing is said of either."""
        self.holdings[symbol] -= signed_qty
        self.paid -= signed_qty * px
        line = self._lines.get(cl_ord_id)
        if line is not None:
            self._withdraw(line, self._last_arrival_ns)
            self._end(line)

    def withdraw(self, symbol: Symbol, now_ns: int, text: str) -> None:
        """Take all orders of a symbol out, not on the member's request; the news need no time."""
        self._hear_all()
        lines = {id(line): line for line in self._lines.values() if line.terms.symbol == symbol}
        for line in lines.values():
            self._withdraw(line, now_ns)
            self._heard.append(_ended(line.terms, now_ns, text))
            self._end(line)

    def px(self, symbol: Symbol, side: Side) -> Decimal | None:
        """Return what a buyer would pay now, or a seller get; else what was traded at last."""
        pit = self._pits.get(symbol)
        return None if pit is None else pit.far_px(side)

    def kill(self, now_ns: int) -> None:
        """Let nothing that is out trade any more; may be called from another thread."""
        self._killed_ns = now_ns

    @property
    def arrives_ns(self) -> int | None:
        """When the last of what is on its way, there or back, arrives; None if nothing is."""
        if self._answers:
            return max(self._answers[-1][0], self._last_arrival_ns if self._on_way else 0)
        return self._last_arrival_ns if self._on_way else None

    @property
    def is_killed(self) -> bool:
        """Whether a kill waits to be worked in."""
        return self._killed_ns is not None

    # The exchange's side

    @property
    def next_ns(self) -> int:
        """When something arrives on either side."""
        due = self._queue[0][0] if self._queue else NEVER_NS
        return min(due, self._answers[0][0]) if self._answers else due

    def turn(self, now_ns: int) -> None:
        """Let arrive what is due."""
        while self._queue and self._queue[0][0] <= now_ns:
            self._do(heapq.heappop(self._queue)[2], now_ns)
        while self._answers and self._answers[0][0] <= now_ns:
            self._heard.append(self._answers.popleft()[1])

    def speak(self) -> None:
        """Give the sink what has arrived since the last time. Never while the door is held."""
        if self._heard:
            heard, self._heard = self._heard, []
            self._sink(heard)

    def go_back(self, now_ns: int) -> None:
        """Let what is on its way arrive although the clock was set back."""
        self._last_arrival_ns = min(self._last_arrival_ns, now_ns)
        self._answers = deque((min(due_ns, now_ns), answer) for due_ns, answer in self._answers)
        self._queue = [
            (min(due_ns, now_ns), number, event) if isinstance(event, _MAIL) else entry
            for entry in self._queue
            for due_ns, number, event in (entry,)
        ]
        heapq.heapify(self._queue)

    def end_killed(self) -> None:
        """Take out what a kill has ended; the news of it need no time."""
        killed_ns, self._killed_ns = self._killed_ns, None
        if killed_ns is None:
            return
        self._hear_all()
        for line in {id(line): line for line in self._lines.values()}.values():
            self._withdraw(line, killed_ns)
            self._heard.append(killed(line.terms.cl_ord_id, killed_ns))
            self._end(line)
        self._queue.clear()
        self._on_way = 0

    # As owner of orders in a pit

    def on_fill(self, order: Order, qty: int, px: int, liquidity: Liquidity, now_ns: int) -> None:
        """Pass a fill on."""
        line = self._by_order[order.order_id]
        line.cum += qty
        symbol, unit = line.terms.symbol, self._pits[line.terms.symbol].facts.tick
        signed = order.side.sign * qty
        self.holdings[symbol] = self.holdings.get(symbol, 0) + signed
        self.paid += signed * px * unit
        self._answer(
            Match(
                cl_ord_id=line.terms.cl_ord_id,
                qty=qty,
                px=px * unit,
                liquidity=liquidity,
                ts_ns=now_ns,
            ),
            now_ns,
        )
        if not line.leaves:
            self._end(line)

    def on_cancel(self, order: Order, qty: int, reason: CancelReason, now_ns: int) -> None:
        """Pass on that the exchange took an order out by itself."""
        if reason is CancelReason.REQUESTED or order.leaves:
            return
        line = self._by_order[order.order_id]
        text = _ENDINGS[reason].format(qty=qty)
        self._answer(_ended(line.terms, now_ns, text), now_ns)
        self._end(line)

    # Inside

    def _hear_all(self) -> None:
        """Hear what is on its way back now."""
        self._heard += [answer for _, answer in self._answers]
        self._answers.clear()

    def _mail(self, now_ns: int, event: _Event) -> None:
        """Put something on its way; a line keeps the order of what is sent."""
        self._last_arrival_ns = max(self._last_arrival_ns, now_ns + self._draw())
        self._on_way += 1
        self._post(self._last_arrival_ns, event)

    def _draw(self) -> int:
        latency = self._latency
        if not latency.median_ms:
            return 0
        return int(latency.median_ms * _MS_NS * self._random.lognormvariate(0.0, latency.sigma))

    def _post(self, ts_ns: int, event: _Event) -> None:
        if ts_ns != NEVER_NS:
            heapq.heappush(self._queue, (ts_ns, next(self._count), event))

    def _answer(self, answer: Answer, now_ns: int) -> None:
        due_ns = now_ns + self._draw()
        if self._answers:
            due_ns = max(due_ns, self._answers[-1][0])
        self._answers.append((due_ns, answer))

    def _do(self, event: _Event, now_ns: int) -> None:
        if isinstance(event, _MAIL):
            self._on_way -= 1
        match event:
            case _Send(cl_ord_id):
                self._take_in(cl_ord_id, now_ns)
            case _Go(cl_ord_id):
                line = self._lines.get(cl_ord_id)
                if line is not None and line.state is _State.WAITING:
                    self._go(line, now_ns)
            case _Rest(cl_ord_id):
                self._rest(cl_ord_id, now_ns)
            case _Cancel(cl_ord_id):
                self._do_cancel(cl_ord_id, now_ns)
            case _Replace(old_id, terms):
                self._do_replace(old_id, terms, now_ns)
            case _Expire(cl_ord_id):
                self._expire(cl_ord_id, now_ns)

    def _take_in(self, cl_ord_id: ClOrdID, now_ns: int) -> None:
        line = self._lines.get(cl_ord_id)
        if line is None:
            return
        self._answer(Taken(cl_ord_id=cl_ord_id, ts_ns=now_ns), now_ns)
        self._post(line.terms.expires_ns, _Expire(cl_ord_id))
        self._go(line, now_ns)

    def _go(self, line: _Line, now_ns: int) -> None:
        """Send an order into its pit, or let it wait for its session."""
        begins_ns = self._begins(line.terms, now_ns)
        if begins_ns > now_ns:
            line.state = _State.WAITING
            self._post(begins_ns, _Go(line.terms.cl_ord_id))
            return
        terms, pit = line.terms, self._pits[line.terms.symbol]
        order = Order(
            next(self._numbers),
            terms.side,
            line.leaves,
            None if terms.limit_px is None else _ticks(terms.limit_px, pit),
            terms.time_in_force,
            owner=self._owner,
            display=terms.display,
        )
        line.state, line.order_id = _State.WORKING, order.order_id
        self._by_order[order.order_id] = line
        span = self._rhythm.span(now_ns)
        pit.enter(order, now_ns, self)
        if line.state is _State.WORKING and span.end_ns != NEVER_NS:
            self._post(span.end_ns, _Rest(terms.cl_ord_id))

    def _begins(self, terms: Terms, now_ns: int) -> int:
        """Return when an order may go in: now, or when its session begins."""
        span = self._rhythm.span(now_ns)
        at_ns = now_ns
        for _ in range(8):
            if span.phase is Phase.CORE:
                return at_ns
            if terms.time_in_force is TimeInForce.OPG and span.phase is Phase.PRE:
                return at_ns
            if terms.has_extended_hours and span.phase is not Phase.CLOSED:
                return at_ns
            at_ns = span.end_ns
            span = self._rhythm.timetable.span(at_ns)
        return at_ns

    def _rest(self, cl_ord_id: ClOrdID, now_ns: int) -> None:
        """Take an order out of a pit whose session for it is over; it waits for the next."""
        line = self._lines.get(cl_ord_id)
        if line is None or line.state is not _State.WORKING:
            return
        if line.terms.time_in_force in _AUCTIONS:
            return  # Its auction is held in this very moment.
        if self._begins(line.terms, now_ns) <= now_ns:
            span = self._rhythm.span(now_ns)
            if span.end_ns != NEVER_NS:
                self._post(span.end_ns, _Rest(line.terms.cl_ord_id))
            return
        self._withdraw(line, now_ns)
        self._go(line, now_ns)

    def _do_cancel(self, cl_ord_id: ClOrdID, now_ns: int) -> None:
        line = self._lines.get(cl_ord_id)
        if line is None:
            text = f"order {cl_ord_id} was not canceled: it is done"
            self._refuse(cl_ord_id, text, now_ns, is_replace=False)
            return
        self._withdraw(line, now_ns)
        self._answer(_ended(line.terms, now_ns, "canceled on request"), now_ns)
        self._end(line)

    def _do_replace(self, old_id: ClOrdID, terms: Terms, now_ns: int) -> None:
        line = self._lines.get(old_id)
        if line is None or line.terms.cl_ord_id != old_id:
            text = f"order {old_id} was not replaced: it does not work here"
            self._refuse(terms.cl_ord_id, text, now_ns, is_replace=True)
            return
        if terms.qty <= line.cum:
            text = (
                f"order {old_id} was not replaced: {line.cum:,} shares are executed already, "
                f"{terms.qty:,} was asked"
            )
            self._refuse(terms.cl_ord_id, text, now_ns, is_replace=True)
            return
        was = line.terms
        line.terms = terms
        self._lines[terms.cl_ord_id] = line
        line.ids.append(terms.cl_ord_id)
        self._answer(Changed(cl_ord_id=terms.cl_ord_id, old_id=old_id, ts_ns=now_ns), now_ns)
        self._post(terms.expires_ns, _Expire(terms.cl_ord_id))
        if line.state is not _State.WORKING:
            return
        pit = self._pits[terms.symbol]
        px = None if terms.limit_px is None else _ticks(terms.limit_px, pit)
        order = pit.book.order(line.order_id)
        assert order is not None
        is_alike = (was.time_in_force, was.display) == (terms.time_in_force, terms.display)
        if is_alike and (px is None) == (order.px is None):
            pit.replace(line.order_id, line.leaves, px, now_ns)
            return
        self._withdraw(line, now_ns)
        self._go(line, now_ns)

    def _expire(self, cl_ord_id: ClOrdID, now_ns: int) -> None:
        line = self._lines.get(cl_ord_id)
        if line is None or line.terms.cl_ord_id != cl_ord_id or line.terms.expires_ns > now_ns:
            return
        self._withdraw(line, now_ns)
        is_day = line.terms.time_in_force is TimeInForce.DAY
        life = "day order: its day" if is_day else "good till date: its time"
        self._answer(
            Ending(
                cl_ord_id=cl_ord_id,
                exec_type=ExecType.EXPIRED,
                ts_ns=line.terms.expires_ns,
                text=f"{life} ended with {line.leaves:,} shares open",
            ),
            now_ns,
        )
        self._end(line)

    def _refuse(self, cl_ord_id: ClOrdID, text: str, now_ns: int, *, is_replace: bool) -> None:
        self._answer(
            NotDone(
                cl_ord_id=cl_ord_id,
                is_replace=is_replace,
                reason=CxlRejReason.TOO_LATE,
                text=text,
                ts_ns=now_ns,
            ),
            now_ns,
        )

    def _withdraw(self, line: _Line, now_ns: int) -> None:
        """Take an order out of its pit, if it is in one."""
        if line.state is _State.WORKING:
            self._by_order.pop(line.order_id, None)
            self._pits[line.terms.symbol].cancel(line.order_id, now_ns)
        line.state = _State.WAITING

    def _end(self, line: _Line) -> None:
        line.state = _State.DONE
        self._by_order.pop(line.order_id, None)
        for cl_ord_id in line.ids:
            del self._lines[cl_ord_id]


def _ended(terms: Terms, ts_ns: int, text: str) -> Ending:
    return Ending(cl_ord_id=terms.cl_ord_id, exec_type=ExecType.CANCELED, ts_ns=ts_ns, text=text)


def _ticks(px: Decimal, pit: Pit) -> int:
    return int(px / pit.facts.tick)
