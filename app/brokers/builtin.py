"""The paper broker: fills against whatever feed the station listens to.

It hears quotes, prints and bars on the hub, after the market store, and answers within the same
call; how orders fill is said in `app.exchange.matching`, what a fill costs in `app.domain.fees`.
Nothing is late: an order arrives in the instant it is sent.
The kill switch reaches it from its own thread while the loop stands still: `Emergency` leaves a
mark behind a lock that is held for a match at most, and from then on no order that was here trades.
The loop reports them CANCELED when it comes by again.
Not guaranteed: that it knows more than this process. Orders and positions come back by `restore`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final, TypeVar

import msgspec

from app.brokers.base import BrokerOrder, BrokerPosition, BrokerSpec, ReportSink, Snapshot
from app.clock import Clock
from app.config import Config
from app.domain.approval import ApprovedOrder
from app.domain.capabilities import Capabilities
from app.domain.enums import (
    Custody,
    CxlRejReason,
    ExecType,
    OrdStatus,
    OrdType,
    QueueModel,
    Side,
    TimeInForce,
    Venue,
)
from app.domain.errors import Disconnected, Rejected
from app.domain.fees import FREE, Schedule, fee_of
from app.domain.ids import AccountID, ClOrdID, ExecID, OrderID, Symbol
from app.domain.market import Bar, Quote, Trade
from app.domain.orders import Order
from app.domain.position import Position
from app.domain.reports import CancelReject, ExecutionReport
from app.domain.terms import LASTING_TIMES, ZERO, NewOrder
from app.domain.times import day_end_ns, new_york
from app.exchange.matching import NEVER_NS, Ending, Match, Matcher, Outcome, Working
from app.hub import Hub

Event = TypeVar("Event")

NAME: Final = "builtin"
MARKET: Final = "PAPER"
"""Venue of execution on every fill (FIX 30)."""
DOOR_S: Final = 1.0
"""A match takes microseconds; who cannot get in for this long says so."""
CAPABILITIES: Final = Capabilities(
    ord_types=frozenset({OrdType.MARKET, OrdType.LIMIT}),
    times_in_force=frozenset(
        {
            TimeInForce.DAY,
            TimeInForce.GTC,
            TimeInForce.GTD,
            TimeInForce.IOC,
            TimeInForce.FOK,
        }
    ),
    can_short=True,
    has_fractions=False,
    has_replace=True,
    is_authoritative=True,
)


class _Ticket(msgspec.Struct, kw_only=True):
    """What is kept of an order from its arrival on."""

    cl_ord_id: ClOrdID
    """The identity in force."""
    first_id: ClOrdID
    """The identity it came with; its executions are numbered by it."""
    order: NewOrder
    ts_ns: int
    """Of its last change."""
    fills: int = 0
    """Executions reported so far; numbers the next one."""
    cum_qty: Decimal = ZERO
    paid: Decimal = ZERO
    """Sum of quantity x price."""
    ord_status: OrdStatus = OrdStatus.NEW

    @property
    def leaves(self) -> Decimal:
        """Shares that may still trade."""
        return self.order.order_qty - self.cum_qty

    def as_broker_order(self) -> BrokerOrder:
        """Return the order as a snapshot shows it."""
        return BrokerOrder(
            cl_ord_id=self.cl_ord_id,
            order_id=_order_id(self.cl_ord_id),
            order=self.order,
            ord_status=self.ord_status,
            cum_qty=self.cum_qty,
            avg_px=self.paid / self.cum_qty if self.cum_qty else None,
            ts_ns=self.ts_ns,
        )


class BuiltinBroker:
    """Paper trading against any feed."""

    name: Final = NAME

    def __init__(
        self,
        clock: Clock,
        hub: Hub,
        account: AccountID,
        *,
        fees: Schedule = FREE,
        queue: QueueModel = QueueModel.FRONT,
    ) -> None:
        self.account: Final = account
        self.capabilities: Final = msgspec.structs.replace(CAPABILITIES, fees=fees)
        self._fees: Final = fees
        self._clock = clock
        self._matcher = Matcher(queue)
        self._tickets: dict[ClOrdID, _Ticket] = {}
        self._positions: dict[Symbol, Decimal] = {}
        self._sink: ReportSink | None = None
        self._door: Final = threading.Lock()
        """Held while orders can trade; never while a report is given."""
        self._killed_ns: int | None = None
        """When the kill switch took back what is here; None once that is worked in."""
        self._killed: set[ClOrdID] = set()
        """Orders that it ended, and that nobody else asked to cancel yet."""
        hub.subscribe(Quote, self._on_quote)
        hub.subscribe(Trade, self._on_trade)
        hub.subscribe(Bar, self._on_bar)

    def connect(self, sink: ReportSink) -> None:
        """Say where reports go. Called once, before anything else."""
        assert self._sink is None, "connected twice"
        self._sink = sink

    @property
    def connected_since_ns(self) -> int | None:
        """Since for ever: nothing lies between."""
        return 0

    def restore(self, working: Sequence[Order], positions: Sequence[Position]) -> None:
        """Put back what the record holds.

        Orders that never were acknowledged, and those that had to trade at once, are not put back:
        nothing names them here, and reconciliation closes them.
        """
        for order in working:
            terms = order.terms
            if (
                order.custody is not Custody.ACKNOWLEDGED
                or terms.time_in_force not in LASTING_TIMES
                or not order.leaves_qty
            ):
                continue
            since_ns = order.ts_ack_ns or order.ts_intent_ns
            self._tickets[order.live_id] = ticket = _Ticket(
                cl_ord_id=order.live_id,
                first_id=order.cl_ord_id,
                order=terms,
                ts_ns=order.ts_last_ns,
                fills=len(order.facts),
                cum_qty=order.cum_qty,
                paid=sum((e.qty * e.px for e in order.executions), ZERO),
            )
            ticket.ord_status = _open_status(ticket)
            leaves = int(order.leaves_qty)
            self._matcher.put_back(_working(order.live_id, terms, leaves, since_ns))
        for position in positions:
            if position.qty:
                self._positions[position.symbol] = position.qty

    async def submit(self, order: ApprovedOrder) -> None:
        """Take an order; acknowledgement and what it gets at once are reported before this returns.

        Raises:
            Rejected: the id was used before, or the order is of a kind not taken here.
        """
        self._work_in_kill()
        terms, cl_ord_id = order.order, order.cl_ord_id
        now_ns = self._clock.now_ns()
        is_known = cl_ord_id in self._tickets
        reason = "its id was used before" if is_known else _refusal(terms, now_ns)
        if reason:
            raise _rejected(f"order {cl_ord_id}: {reason}; not taken", f"submit {cl_ord_id}")
        self._tickets[cl_ord_id] = _Ticket(
            cl_ord_id=cl_ord_id, first_id=cl_ord_id, order=terms, ts_ns=now_ns
        )
        working = _working(cl_ord_id, terms, int(terms.order_qty), now_ns)
        with self._door:
            outcomes = [*self._end_killed(), *self._matcher.enter(working)]
        self._report(_done_or_new(cl_ord_id, ExecType.NEW, now_ns, now_ns))
        self._report_all(outcomes)

    async def cancel(self, cl_ord_id: ClOrdID) -> None:
        """Take an order back; `CANCELED` or `CancelReject` is reported before this returns.

        An identity that a replace has superseded stands for the one in force.
        """
        self._work_in_kill()
        now_ns = self._clock.now_ns()
        ticket = self._tickets.get(cl_ord_id)
        ending = None if ticket is None else self._matcher.cancel(ticket.cl_ord_id, now_ns)
        if ending is not None:
            self._report_all([ending])
            return
        if ticket is not None and ticket.cl_ord_id in self._killed:
            self._killed.discard(ticket.cl_ord_id)
            return  # CANCELED was reported: the answer to this as well.
        if ticket is None:
            reason, code = "it is not known here", CxlRejReason.UNKNOWN_ORDER
        else:
            status = ticket.ord_status.name.lower().replace("_", " ")
            reason, code = f"it is {status}", CxlRejReason.TOO_LATE
        self._report(
            CancelReject(
                cl_ord_id=cl_ord_id,
                ts_exch_ns=now_ns,
                ts_recv_ns=now_ns,
                reason=code,
                text=f"order {cl_ord_id} was not canceled: {reason}",
            )
        )

    async def replace(self, order: ApprovedOrder) -> None:
        """Change a working order; `REPLACED` and what it gets at once are reported before this.

        Raises:
            Rejected: it does not work any more, or cannot become that.
        """
        self._work_in_kill()
        terms, new_id, old_id = order.order, order.cl_ord_id, order.orig_cl_ord_id
        now_ns = self._clock.now_ns()
        ticket = self._tickets.get(old_id)
        reason = "its id was used before" if new_id in self._tickets else _refusal(terms, now_ns)
        if ticket is None or not self._matcher.leaves_of(old_id):
            reason = "it does not work here"
        elif not reason and terms.order_qty <= ticket.cum_qty:
            reason = f"{ticket.cum_qty} shares are executed already, {terms.order_qty} was asked"
        if reason or ticket is None:
            raise _rejected(f"order {old_id} was not replaced: {reason}", f"replace {old_id}")
        leaves = int(terms.order_qty - ticket.cum_qty)
        with self._door:
            killed = self._end_killed()
            outcomes = self._matcher.replace(
                old_id, new_id, leaves=leaves, limit_px=terms.limit_px, now_ns=now_ns
            )
        self._report_all(killed)
        if outcomes is None:
            raise _rejected(f"order {old_id} was not replaced: killed", f"replace {old_id}")
        ticket.cl_ord_id, ticket.order, ticket.ts_ns = new_id, terms, now_ns
        self._tickets[new_id] = ticket
        self._report(_done_or_new(new_id, ExecType.REPLACED, now_ns, now_ns))
        self._report_all(outcomes)

    async def query(self, cl_ord_id: ClOrdID) -> BrokerOrder | None:
        """Return an order of this run or put back into it; None: it is not here."""
        self._work_in_kill()
        ticket = self._tickets.get(cl_ord_id)
        return None if ticket is None else ticket.as_broker_order()

    async def snapshot(self, since_ns: int) -> Snapshot:
        """Return orders and positions of this moment; no execution here was ever missed."""
        self._work_in_kill()
        working = self._matcher.working
        in_force = [ticket for key, ticket in self._tickets.items() if key == ticket.cl_ord_id]
        return Snapshot(
            orders=tuple(
                ticket.as_broker_order()
                for ticket in in_force
                if ticket.cl_ord_id in working or ticket.ts_ns >= since_ns
            ),
            executions=(),
            positions={symbol: BrokerPosition(qty=qty) for symbol, qty in self._positions.items()},
            since_ns=since_ns,
            ts_ns=self._clock.now_ns(),
        )

    def emergency(self) -> Emergency:
        """Return the kill switch's way in."""
        return Emergency(self)

    def _on_quote(self, quote: Quote) -> None:
        self._hear(self._matcher.on_quote, quote)

    def _on_trade(self, trade: Trade) -> None:
        self._hear(self._matcher.on_trade, trade)

    def _on_bar(self, bar: Bar) -> None:
        self._hear(self._matcher.on_bar, bar)

    def _hear(self, match: Callable[[Event], Sequence[Outcome]], event: Event) -> None:
        if self._matcher.is_empty:
            match(event)  # Nothing can trade: the door may stand open.
            return
        with self._door:
            killed = self._end_killed()
            outcomes = match(event)
        if killed or outcomes:
            self._report_all([*killed, *outcomes])

    def _work_in_kill(self) -> None:
        """Report what the kill switch has ended before anything else is said."""
        if self._killed_ns is not None:
            with self._door:
                killed = self._end_killed()
            self._report_all(killed)

    def _end_killed(self) -> Sequence[Ending]:
        """Take out what the kill switch has taken back. The door is held."""
        killed_ns, self._killed_ns = self._killed_ns, None
        if killed_ns is None:
            return ()
        ended = self._matcher.cancel_all(killed_ns, "canceled by the kill switch")
        self._killed.update(ending.cl_ord_id for ending in ended)
        return ended

    def _report_all(self, outcomes: Sequence[Outcome]) -> None:
        # Own state is complete before the first report: a sink may call back.
        now_ns = self._clock.now_ns()
        for report in [self._apply(outcome, now_ns) for outcome in outcomes]:
            self._report(report)

    def _apply(self, outcome: Outcome, now_ns: int) -> ExecutionReport:
        ticket = self._tickets[outcome.cl_ord_id]
        ticket.ts_ns = outcome.ts_ns
        if isinstance(outcome, Ending):
            ticket.ord_status = _STATUS_BY_ENDING[outcome.exec_type]
            return _done_or_new(
                outcome.cl_ord_id, outcome.exec_type, outcome.ts_ns, now_ns, outcome.text
            )
        qty = Decimal(outcome.qty)
        ticket.fills += 1
        ticket.cum_qty += qty
        ticket.paid += qty * outcome.px
        ticket.ord_status = _open_status(ticket)
        symbol, side = ticket.order.symbol, ticket.order.side
        self._positions[symbol] = self._positions.get(symbol, ZERO) + side.sign * qty
        fee = fee_of(
            self._fees,
            side=side,
            liquidity=outcome.liquidity,
            qty=qty,
            px=outcome.px,
            day=new_york(outcome.ts_ns).date(),
        )
        return _trade_report(outcome, ExecID(f"{ticket.first_id}.{ticket.fills}"), now_ns, fee)

    def _report(self, report: ExecutionReport | CancelReject) -> None:
        assert self._sink is not None, "no sink: connect() comes first"
        self._sink(report)


class Emergency:
    """The kill switch at the built-in exchange; called from a thread of its own."""

    def __init__(self, broker: BuiltinBroker) -> None:
        self._broker: Final = broker

    def cancel_all(self) -> None:
        """Let nothing that is here trade any more.

        Raises:
            Disconnected: a match has been under way for a second.
        """
        broker = self._broker
        self._enter("cancel all")
        try:
            broker._killed_ns = broker._clock.now_ns()
        finally:
            broker._door.release()

    def open_orders(self) -> Sequence[ClOrdID]:
        """Return what may still trade; nothing, from `cancel_all` on, until more is sent.

        Raises:
            Disconnected: a match has been under way for a second.
        """
        broker = self._broker
        self._enter("open orders")
        try:
            return () if broker._killed_ns is not None else sorted(broker._matcher.working)
        finally:
            broker._door.release()

    def _enter(self, request: str) -> None:
        if not self._broker._door.acquire(timeout=DOOR_S):
            raise Disconnected(
                f"the built-in exchange has been at work for {DOOR_S:g} s: {request} was not done",
                venue=NAME,
                request=request,
            )


_STATUS_BY_ENDING: Final = {
    ExecType.CANCELED: OrdStatus.CANCELED,
    ExecType.EXPIRED: OrdStatus.EXPIRED,
}


def _open_status(ticket: _Ticket) -> OrdStatus:
    if not ticket.cum_qty:
        return OrdStatus.NEW
    return OrdStatus.PARTIALLY_FILLED if ticket.leaves > 0 else OrdStatus.FILLED


def _rejected(text: str, request: str) -> Rejected:
    return Rejected(text, venue=NAME, request=request)


def _refusal(order: NewOrder, now_ns: int) -> str:
    """Return why an order is not taken; empty if it is."""
    if order.ord_type not in CAPABILITIES.ord_types:
        return f"type {order.ord_type.name} is not taken here"
    if order.time_in_force not in CAPABILITIES.times_in_force:
        return f"time in force {order.time_in_force.name} is not taken here"
    if order.order_qty <= 0 or order.order_qty % 1:
        return f"quantity {order.order_qty} is not a whole number of shares over 0"
    if (order.ord_type is OrdType.LIMIT) != (order.limit_px is not None):
        return "a limit order has a limit price, a market order has none"
    if order.limit_px is not None and order.limit_px <= 0:
        return f"limit price {order.limit_px} is not over 0"
    if order.time_in_force is TimeInForce.GTD and (order.expire_ns or 0) <= now_ns:
        return "good till date, and its date is missing or over"
    return ""


def _working(cl_ord_id: ClOrdID, order: NewOrder, leaves: int, since_ns: int) -> Working:
    expires_ns = NEVER_NS
    if order.time_in_force is TimeInForce.DAY:
        expires_ns = day_end_ns(since_ns)
    elif order.time_in_force is TimeInForce.GTD and order.expire_ns is not None:
        expires_ns = order.expire_ns
    return Working(
        cl_ord_id=cl_ord_id,
        symbol=order.symbol,
        side=Side(order.side),
        leaves=leaves,
        limit_px=order.limit_px,
        time_in_force=order.time_in_force,
        entered_ns=since_ns,
        expires_ns=expires_ns,
    )


def _order_id(cl_ord_id: ClOrdID) -> OrderID:
    return OrderID(f"P-{cl_ord_id}")


def _done_or_new(
    cl_ord_id: ClOrdID, exec_type: ExecType, ts_exch_ns: int, ts_recv_ns: int, text: str = ""
) -> ExecutionReport:
    return ExecutionReport(
        cl_ord_id=cl_ord_id,
        exec_type=exec_type,
        order_id=_order_id(cl_ord_id),
        ts_exch_ns=ts_exch_ns,
        ts_recv_ns=ts_recv_ns,
        text=text,
    )


def _trade_report(match: Match, exec_id: ExecID, ts_recv_ns: int, fee: Decimal) -> ExecutionReport:
    return ExecutionReport(
        cl_ord_id=match.cl_ord_id,
        exec_type=ExecType.TRADE,
        order_id=_order_id(match.cl_ord_id),
        exec_id=exec_id,
        last_qty=Decimal(match.qty),
        last_px=match.px,
        last_mkt=MARKET,
        liquidity=match.liquidity,
        fee=fee,
        text=match.assumption,
        ts_exch_ns=match.ts_ns,
        ts_recv_ns=ts_recv_ns,
    )


def _make(config: Config, clock: Clock, hub: Hub, account: AccountID) -> BuiltinBroker:
    exchange = config.exchange
    return BuiltinBroker(clock, hub, account, fees=exchange.fees, queue=exchange.queue)


BROKER: Final = BrokerSpec(name=NAME, title="paper account", venue=Venue.PAPER, make=_make)
