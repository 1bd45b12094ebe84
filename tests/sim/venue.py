"""The truth: a venue that owns orders, executions and positions, and does what it is told to do.

It takes requests as a broker's servers would and tells of every change on a stream. What is lost,
late or told twice on the way is the link's doing; nothing here is ever wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from app.brokers.base import BrokerOrder, BrokerPosition
from app.domain.enums import CxlRejReason, CxlRejResponseTo, ExecType, OrdStatus
from app.domain.ids import ClOrdID, ExecID, OrderID, Symbol
from app.domain.reports import CancelReject, ExecutionReport
from app.domain.terms import NewOrder

ZERO = Decimal(0)


class No(Exception):
    """A definite refusal."""


@dataclass
class Fact:
    """One execution as it counts now."""

    exec_id: ExecID
    qty: Decimal
    px: Decimal


@dataclass
class VenueOrder:
    """An order as the venue has it."""

    live_id: ClOrdID
    order_id: OrderID
    order: NewOrder
    is_ours: bool
    ts_ns: int
    ids: list[ClOrdID] = field(default_factory=list)
    """Every identity it ever had."""
    fills: list[Fact] = field(default_factory=list)
    ended: OrdStatus | None = None

    @property
    def cum(self) -> Decimal:
        return sum((fact.qty for fact in self.fills), ZERO)

    @property
    def paid(self) -> Decimal:
        return sum((fact.qty * fact.px for fact in self.fills), ZERO)

    @property
    def leaves(self) -> Decimal:
        return ZERO if self.ended is not None else max(ZERO, self.order.order_qty - self.cum)

    @property
    def status(self) -> OrdStatus:
        if self.cum and self.cum >= self.order.order_qty:
            return OrdStatus.FILLED
        if self.ended is not None:
            return self.ended
        return OrdStatus.PARTIALLY_FILLED if self.cum else OrdStatus.NEW


class Venue:
    """Orders by every identity, and the stream of what happens to them."""

    def __init__(self, now_ns: Callable[[], int]) -> None:
        self._now_ns = now_ns
        self.orders: list[VenueOrder] = []
        self._by_id: dict[ClOrdID, VenueOrder] = {}
        self.reports: list[ExecutionReport] = []
        """Every execution, correction and bust, in order."""
        self.stream: Callable[[ExecutionReport | CancelReject], None] = lambda report: None
        self._count = 0

    # Requests

    def submit(self, cl_ord_id: ClOrdID, order: NewOrder, *, is_ours: bool = True) -> None:
        """Take an order; an identity is taken once."""
        if cl_ord_id in self._by_id:
            raise No("duplicate identity")
        now_ns = self._tick()
        taken = VenueOrder(
            live_id=cl_ord_id,
            order_id=OrderID(f"V{self._count}"),
            order=order,
            is_ours=is_ours,
            ts_ns=now_ns,
            ids=[cl_ord_id],
        )
        self.orders.append(taken)
        self._by_id[cl_ord_id] = taken
        self._tell(taken, ExecType.NEW)

    def cancel(self, cl_ord_id: ClOrdID) -> None:
        """End an order on request, or say why not."""
        order = self._by_id.get(cl_ord_id)
        if order is None or order.leaves == 0 or order.live_id != cl_ord_id:
            unknown = order is None
            self.stream(
                CancelReject(
                    cl_ord_id=cl_ord_id,
                    ts_exch_ns=self._tick(),
                    ts_recv_ns=0,
                    reason=CxlRejReason.UNKNOWN_ORDER if unknown else CxlRejReason.TOO_LATE,
                    text="not known" if unknown else "too late",
                )
            )
            return
        self.end(order, OrdStatus.CANCELED, "canceled on request")

    def replace(self, orig: ClOrdID, cl_ord_id: ClOrdID, order: NewOrder) -> None:
        """Put new terms into force under a new identity, or say why not."""
        known = self._by_id.get(orig)
        if (
            known is None
            or known.live_id != orig
            or known.leaves == 0
            or order.order_qty <= known.cum
            or cl_ord_id in self._by_id
        ):
            self.stream(
                CancelReject(
                    cl_ord_id=cl_ord_id,
                    ts_exch_ns=self._tick(),
                    ts_recv_ns=0,
                    response_to=CxlRejResponseTo.REPLACE,
                    text="cannot be replaced",
                )
            )
            return
        known.live_id, known.order = cl_ord_id, order
        known.ids.append(cl_ord_id)
        self._by_id[cl_ord_id] = known
        self._tell(known, ExecType.REPLACED)

    def find(self, cl_ord_id: ClOrdID) -> BrokerOrder | None:
        """Answer a question; of a replaced order by any of its identities."""
        order = self._by_id.get(cl_ord_id)
        return None if order is None else self.shown(order)

    def shown(self, order: VenueOrder) -> BrokerOrder:
        """Return an order as a list shows it."""
        return BrokerOrder(
            cl_ord_id=order.live_id,
            order_id=order.order_id,
            order=order.order,
            ord_status=order.status,
            cum_qty=order.cum,
            avg_px=order.paid / order.cum if order.cum else None,
            ts_ns=order.ts_ns,
        )

    # What happens there

    def fill(self, order: VenueOrder, qty: Decimal, px: Decimal) -> None:
        """Execute some of an order that works."""
        qty = min(qty, order.leaves)
        if not qty:
            return
        self._tick()
        fact = Fact(ExecID(f"X{self._count}"), qty, px)
        order.fills.append(fact)
        self._tell(order, ExecType.TRADE, exec_id=fact.exec_id, last_qty=qty, last_px=px)

    def bust(self, order: VenueOrder, fact: Fact) -> None:
        """Break an execution: it never was. What had filled up stays ended."""
        if order.status is OrdStatus.FILLED:
            order.ended = OrdStatus.CANCELED
        order.fills.remove(fact)
        self._tick()
        self._tell(
            order,
            ExecType.TRADE_CANCEL,
            exec_id=ExecID(f"X{self._count}"),
            exec_ref_id=fact.exec_id,
        )

    def correct(self, order: VenueOrder, fact: Fact, px: Decimal) -> None:
        """Change an execution's price."""
        self._tick()
        ref, fact.exec_id, fact.px = fact.exec_id, ExecID(f"X{self._count}"), px
        self._tell(
            order,
            ExecType.TRADE_CORRECT,
            exec_id=fact.exec_id,
            exec_ref_id=ref,
            last_qty=fact.qty,
            last_px=px,
        )

    def end(self, order: VenueOrder, status: OrdStatus, text: str) -> None:
        """End an order that works."""
        if not order.leaves:
            return
        order.ended = status
        kinds = {OrdStatus.CANCELED: ExecType.CANCELED, OrdStatus.EXPIRED: ExecType.EXPIRED}
        self._tick()
        self._tell(order, kinds[status], text=text)

    # What it holds

    def positions(self) -> dict[Symbol, BrokerPosition]:
        """Return the holdings: the sum of all executions that count."""
        held: dict[Symbol, Decimal] = {}
        for order in self.orders:
            symbol = order.order.symbol
            held[symbol] = held.get(symbol, ZERO) + order.order.side.sign * order.cum
        return {symbol: BrokerPosition(qty=qty) for symbol, qty in held.items()}

    @property
    def working(self) -> list[VenueOrder]:
        """Orders that may still trade."""
        return [order for order in self.orders if order.leaves]

    def _tick(self) -> int:
        """Number an event; no two have one time."""
        self._count += 1
        return self._now_ns() + self._count

    def _tell(self, order: VenueOrder, exec_type: ExecType, **fields: object) -> None:
        order.ts_ns = self._now_ns() + self._count
        report = ExecutionReport(
            cl_ord_id=order.live_id,
            exec_type=exec_type,
            order_id=order.order_id,
            ts_exch_ns=order.ts_ns,
            ts_recv_ns=0,
            cum_qty=order.cum,
            **fields,  # type: ignore[arg-type]
        )
        if report.exec_id:
            self.reports.append(report)
        self.stream(report)
