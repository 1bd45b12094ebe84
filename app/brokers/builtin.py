"""The paper broker: fills against whatever feed the station listens to.

It hears quotes, prints and bars on the hub, after the market store, and answers within the same
call; how orders fill is said in `app.exchange.matching`. Fees are 0 in this first form, and nothing
is late: an order arrives in the instant it is sent.
Not guaranteed: that it knows more than this process. Orders and positions come back by `restore`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Final

import msgspec

from app.brokers.base import BrokerSpec, Capabilities, ReportSink, Snapshot
from app.clock import Clock
from app.config import Config
from app.domain.approval import ApprovedOrder
from app.domain.enums import Custody, ExecType, OrdType, Side, TimeInForce, Venue
from app.domain.errors import Rejected
from app.domain.ids import AccountID, ClOrdID, ExecID, OrderID, Symbol
from app.domain.market import Bar, Quote, Trade
from app.domain.orders import Order
from app.domain.position import Position
from app.domain.reports import CancelReject, ExecutionReport
from app.domain.terms import ZERO, NewOrder
from app.domain.times import NEW_YORK, SECOND_NS, new_york
from app.exchange.matching import NEVER_NS, Ending, Match, Matcher, Outcome, Working
from app.hub import Hub

NAME: Final = "builtin"
MARKET: Final = "PAPER"
"""Venue of execution on every fill (FIX 30)."""
CAPABILITIES: Final = Capabilities(
    ord_types=frozenset({OrdType.MARKET, OrdType.LIMIT}),
    times_in_force=frozenset({TimeInForce.DAY, TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK}),
    can_short=True,
    has_fractions=False,
)


class _Ticket(msgspec.Struct, kw_only=True):
    """What is kept of an order from its arrival on."""

    symbol: Symbol
    sign: int
    fills: int = 0
    """Executions reported so far; numbers the next one."""
    ending: str = ""
    """How it ended, in words; empty while it works."""
    leaves: Decimal = ZERO


class BuiltinBroker:
    """Paper trading against any feed."""

    name: Final = NAME
    capabilities: Final = CAPABILITIES

    def __init__(self, clock: Clock, hub: Hub, account: AccountID) -> None:
        self.account: Final = account
        self._clock = clock
        self._matcher = Matcher()
        self._tickets: dict[ClOrdID, _Ticket] = {}
        self._positions: dict[Symbol, Decimal] = {}
        self._sink: ReportSink | None = None
        hub.subscribe(Quote, self._on_quote)
        hub.subscribe(Trade, self._on_trade)
        hub.subscribe(Bar, self._on_bar)

    def connect(self, sink: ReportSink) -> None:
        """Say where reports go. Called once, before anything else."""
        assert self._sink is None, "connected twice"
        self._sink = sink

    def restore(self, working: Sequence[Order], positions: Sequence[Position]) -> None:
        """Put back what the record holds.

        Orders that never were acknowledged, and those that had to trade at once, are not put back:
        the snapshot does not name them, and reconciliation closes them.
        """
        for order in working:
            self._tickets[order.cl_ord_id] = ticket = _ticket(order.order)
            ticket.fills, ticket.leaves = len(order.executions), order.leaves_qty
            if order.custody is Custody.ACKNOWLEDGED and order.order.time_in_force in _LASTING:
                since_ns = order.ts_ack_ns or order.ts_intent_ns
                leaves = int(order.leaves_qty)
                self._matcher.put_back(_working(order.cl_ord_id, order.order, leaves, since_ns))
            else:
                ticket.ending = "lost in a restart"
        for position in positions:
            if position.qty:
                self._positions[position.symbol] = position.qty

    async def submit(self, order: ApprovedOrder) -> None:
        """Take an order; acknowledgement and what it gets at once are reported before this returns.

        Raises:
            Rejected: the id was used before, or the order is of a kind not taken here.
        """
        terms, cl_ord_id = order.order, order.cl_ord_id
        reason = "its id was used before" if cl_ord_id in self._tickets else _refusal(terms)
        if reason:
            raise Rejected(
                f"order {cl_ord_id}: {reason}; not taken", venue=NAME, request=f"submit {cl_ord_id}"
            )
        now_ns = self._clock.now_ns()
        self._tickets[cl_ord_id] = _ticket(terms)
        outcomes = self._matcher.enter(_working(cl_ord_id, terms, int(terms.order_qty), now_ns))
        self._report(_done_or_new(cl_ord_id, ExecType.NEW, now_ns, now_ns))
        self._report_all(outcomes)

    async def cancel(self, cl_ord_id: ClOrdID) -> None:
        """Take an order back; `CANCELED` or `CancelReject` is reported before this returns."""
        now_ns = self._clock.now_ns()
        ending = self._matcher.cancel(cl_ord_id, now_ns)
        if ending is not None:
            self._report_all([ending])
            return
        ticket = self._tickets.get(cl_ord_id)
        reason = "it is not known here" if ticket is None else f"it is {ticket.ending}"
        self._report(
            CancelReject(
                cl_ord_id=cl_ord_id,
                ts_exch_ns=now_ns,
                ts_recv_ns=now_ns,
                text=f"order {cl_ord_id} was not canceled: {reason}",
            )
        )

    async def snapshot(self) -> Snapshot:
        """Return the working orders and positions of this moment."""
        return Snapshot(working=self._matcher.working, positions=dict(self._positions))

    def _on_quote(self, quote: Quote) -> None:
        outcomes = self._matcher.on_quote(quote)
        if outcomes:
            self._report_all(outcomes)

    def _on_trade(self, trade: Trade) -> None:
        outcomes = self._matcher.on_trade(trade)
        if outcomes:
            self._report_all(outcomes)

    def _on_bar(self, bar: Bar) -> None:
        outcomes = self._matcher.on_bar(bar)
        if outcomes:
            self._report_all(outcomes)

    def _report_all(self, outcomes: Sequence[Outcome]) -> None:
        # Own state is complete before the first report: a sink may call back.
        now_ns = self._clock.now_ns()
        for report in [self._apply(outcome, now_ns) for outcome in outcomes]:
            self._report(report)

    def _apply(self, outcome: Outcome, now_ns: int) -> ExecutionReport:
        ticket = self._tickets[outcome.cl_ord_id]
        if isinstance(outcome, Ending):
            ticket.ending = outcome.exec_type.name.lower()
            return _done_or_new(
                outcome.cl_ord_id, outcome.exec_type, outcome.ts_ns, now_ns, outcome.text
            )
        qty = Decimal(outcome.qty)
        ticket.fills += 1
        ticket.leaves -= qty
        if not ticket.leaves:
            ticket.ending = "filled"
        held = self._positions.get(ticket.symbol, ZERO) + ticket.sign * qty
        self._positions[ticket.symbol] = held
        return _trade_report(outcome, ticket.fills, now_ns)

    def _report(self, report: ExecutionReport | CancelReject) -> None:
        assert self._sink is not None, "no sink: connect() comes first"
        self._sink(report)


_LASTING: Final = frozenset({TimeInForce.DAY, TimeInForce.GTC})


def _refusal(order: NewOrder) -> str:
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
    return ""


def _ticket(order: NewOrder) -> _Ticket:
    return _Ticket(symbol=order.symbol, sign=order.side.sign, leaves=order.order_qty)


def _working(cl_ord_id: ClOrdID, order: NewOrder, leaves: int, since_ns: int) -> Working:
    is_day = order.time_in_force is TimeInForce.DAY
    return Working(
        cl_ord_id=cl_ord_id,
        symbol=order.symbol,
        side=Side(order.side),
        leaves=leaves,
        limit_px=order.limit_px,
        time_in_force=order.time_in_force,
        entered_ns=since_ns,
        expires_ns=day_end_ns(since_ns) if is_day else NEVER_NS,
    )


def day_end_ns(ts_ns: int) -> int:
    """Return the next midnight of New York: the market here never closes before."""
    local = new_york(ts_ns)
    midnight = datetime.combine(local.date() + timedelta(days=1), time(), NEW_YORK)
    return int(midnight.timestamp()) * SECOND_NS


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


def _trade_report(match: Match, number: int, ts_recv_ns: int) -> ExecutionReport:
    return ExecutionReport(
        cl_ord_id=match.cl_ord_id,
        exec_type=ExecType.TRADE,
        order_id=_order_id(match.cl_ord_id),
        exec_id=ExecID(f"{match.cl_ord_id}.{number}"),
        last_qty=Decimal(match.qty),
        last_px=match.px,
        last_mkt=MARKET,
        liquidity=match.liquidity,
        ts_exch_ns=match.ts_ns,
        ts_recv_ns=ts_recv_ns,
    )


def _make(config: Config, clock: Clock, hub: Hub, account: AccountID) -> BuiltinBroker:
    del config  # Nothing to set yet.
    return BuiltinBroker(clock, hub, account)


BROKER: Final = BrokerSpec(name=NAME, title="paper account", venue=Venue.PAPER, make=_make)
