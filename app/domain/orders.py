"""Orders: the terms asked for, the facts reported, and the status that follows from the facts.

The danger: a status kept as a variable and overwritten by whatever report came last. A late NEW
then brings a filled order back to life, and a fill after a cancel is lost.
Here an order keeps facts only (executions by id, acknowledgement, requests, how it ended), and
`Order.ord_status` is computed from them by the precedence of FIX. The order of arrival decides
nothing, and a repeated report changes nothing.
Not guaranteed here: that the facts are complete. That is the work of `oms.reconcile`.

Source: FIX 4.4 vol. 4, Appendix D "Order State Changes", table of OrdStatus precedence.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import msgspec

from app.domain.enums import (
    Custody,
    ExecType,
    Liquidity,
    OrdStatus,
    OrdType,
    Origin,
    Side,
    TimeInForce,
)
from app.domain.errors import IllegalTransition
from app.domain.ids import AccountID, ClOrdID, ExecID, OrderID, Symbol

ZERO: Final = Decimal(0)


class NewOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What a person asks for, before it has an identity (FIX NewOrderSingle, terms only)."""

    symbol: Symbol
    side: Side
    order_qty: Decimal
    ord_type: OrdType
    time_in_force: TimeInForce = TimeInForce.DAY
    limit_px: Decimal | None = None
    """FIX 44 Price; in currency. Present for limit orders only."""
    stop_px: Decimal | None = None
    """FIX 99; in currency."""


class SubmitOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Command: an intent with its identity, on its way to the gate."""

    cl_ord_id: ClOrdID
    order: NewOrder
    origin: Origin
    actor: str
    """Login of the person, or name of the file or strategy."""
    ts_intent_ns: int
    """When the person acted."""


class CancelOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Command: take a working order back. Cancels never pass the gate."""

    cl_ord_id: ClOrdID
    origin: Origin
    actor: str
    ts_intent_ns: int


class ExecutionReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a broker says about one order (FIX 35=8)."""

    cl_ord_id: ClOrdID
    exec_type: ExecType
    ts_exch_ns: int
    ts_recv_ns: int
    order_id: OrderID = OrderID("")
    exec_id: ExecID = ExecID("")
    """Set for TRADE; the key by which a repeated report is recognised."""
    last_qty: Decimal = ZERO
    last_px: Decimal = ZERO
    fee: Decimal = ZERO
    """Commission and fees of this execution, in account currency."""
    last_mkt: str = ""
    """Venue of execution (FIX 30)."""
    liquidity: Liquidity = Liquidity.UNKNOWN
    text: str = ""


class CancelReject(msgspec.Struct, frozen=True, kw_only=True):
    """A broker did not take a cancel (FIX 35=9)."""

    cl_ord_id: ClOrdID
    ts_exch_ns: int
    ts_recv_ns: int
    text: str = ""


class SendUncertain(msgspec.Struct, frozen=True, kw_only=True):
    """Our own finding: a submit ended without an answer. Never means rejected."""

    cl_ord_id: ClOrdID
    ts_recv_ns: int
    text: str = ""


Report = ExecutionReport | CancelReject | SendUncertain


class Execution(msgspec.Struct, frozen=True, kw_only=True):
    """One fill of one order."""

    exec_id: ExecID
    qty: Decimal
    px: Decimal
    fee: Decimal
    last_mkt: str
    liquidity: Liquidity
    ts_exch_ns: int
    ts_recv_ns: int


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """The facts known about one order. Replaced, never mutated."""

    cl_ord_id: ClOrdID
    account: AccountID
    order: NewOrder
    origin: Origin
    actor: str
    ts_intent_ns: int
    custody: Custody = Custody.UNSENT
    order_id: OrderID = OrderID("")
    ts_sent_ns: int = 0
    """Just before the broker call; 0 while unsent."""
    ts_ack_ns: int = 0
    """First answer of the broker, by our clock; 0 while there is none."""
    ts_last_ns: int = 0
    """Newest fact, by our clock."""
    executions: tuple[Execution, ...] = ()
    """In order of arrival; each exec_id once."""
    cancel_requested: bool = False
    done: OrdStatus | None = None
    """CANCELED, REJECTED or EXPIRED once reported; FILLED is computed, never stored."""
    text: str = ""
    """Reason in words, from the gate or the broker."""

    @property
    def symbol(self) -> Symbol:
        """Symbol of the terms."""
        return self.order.symbol

    @property
    def cum_qty(self) -> Decimal:
        """Quantity executed so far (FIX 14)."""
        return sum((e.qty for e in self.executions), ZERO)

    @property
    def leaves_qty(self) -> Decimal:
        """Quantity that may still execute (FIX 151); 0 once the order is done."""
        if self.done is not None:
            return ZERO
        return max(ZERO, self.order.order_qty - self.cum_qty)

    @property
    def avg_px(self) -> Decimal | None:
        """Average price of the executions (FIX 6), exact; None before the first."""
        cum = self.cum_qty
        if not cum:
            return None
        return sum((e.qty * e.px for e in self.executions), ZERO) / cum

    @property
    def fees(self) -> Decimal:
        """Fees of all executions, in account currency."""
        return sum((e.fee for e in self.executions), ZERO)

    @property
    def overfilled_qty(self) -> Decimal:
        """Quantity executed beyond what was asked; a fault of the venue, booked all the same."""
        cum = self.cum_qty
        return max(ZERO, cum - self.order.order_qty) if cum else ZERO

    @property
    def ord_status(self) -> OrdStatus:
        """Status by FIX precedence: the highest of those that are true at once."""
        cum = self.cum_qty
        # Without a fill the quantity is not looked at: the gate refuses 0, -5 and NaN, and such an
        # order is in the book as REJECTED; 0 >= -5 would show it as filled.
        if cum and cum >= self.order.order_qty:
            return OrdStatus.FILLED
        if self.done is not None:
            return self.done
        if self.cancel_requested:
            return OrdStatus.PENDING_CANCEL
        if cum:
            return OrdStatus.PARTIALLY_FILLED
        # Doubt that comes later does not undo the acknowledgement.
        acknowledged = self.custody is Custody.ACKNOWLEDGED or self.ts_ack_ns
        return OrdStatus.NEW if acknowledged else OrdStatus.PENDING_NEW

    @property
    def is_working(self) -> bool:
        """Whether it may still trade: everything that is not terminal, the unknown included."""
        return not self.ord_status.is_terminal


class Fill(msgspec.Struct, frozen=True, kw_only=True):
    """One execution with what identifies it: a row of the trade log."""

    exec_id: ExecID
    cl_ord_id: ClOrdID
    order_id: OrderID
    account: AccountID
    symbol: Symbol
    side: Side
    qty: Decimal
    px: Decimal
    fee: Decimal
    last_mkt: str
    liquidity: Liquidity
    ts_exch_ns: int
    ts_recv_ns: int


_DONE_BY_EXEC_TYPE: Final = {
    ExecType.CANCELED: OrdStatus.CANCELED,
    ExecType.REJECTED: OrdStatus.REJECTED,
    ExecType.EXPIRED: OrdStatus.EXPIRED,
}


def apply_report(order: Order, report: Report) -> Order:
    """Return the order with the facts of one report added.

    A report that adds nothing (a fill with a known exec_id, an acknowledgement of an order already
    acknowledged) returns the same object.

    Raises:
        IllegalTransition: the report is for another order, carries a fill without identity,
            quantity, price or fee, contradicts a fill already booked, or is of a kind not handled
            yet.
    """
    if report.cl_ord_id != order.cl_ord_id:
        raise IllegalTransition(f"report for {report.cl_ord_id} was applied to {order.cl_ord_id}")
    if isinstance(report, SendUncertain):
        return _apply_uncertain(order, report)
    if isinstance(report, CancelReject):
        # The order stays what the facts say; only our request is gone.
        text = order.text if order.ord_status.is_terminal else report.text
        return msgspec.structs.replace(
            order, cancel_requested=False, text=text, ts_last_ns=report.ts_recv_ns
        )
    if report.exec_type is ExecType.TRADE:
        return _apply_trade(order, report)
    if report.exec_type is ExecType.NEW:
        return _acknowledge(order, report)
    if report.exec_type in _DONE_BY_EXEC_TYPE:
        return _apply_done(order, report)
    raise IllegalTransition(
        f"order {order.cl_ord_id}: report of type {report.exec_type.name} has no rule; not applied"
    )


def fill_of(order: Order, execution: Execution) -> Fill:
    """Return the trade-log row of one execution of an order."""
    return Fill(
        exec_id=execution.exec_id,
        cl_ord_id=order.cl_ord_id,
        order_id=order.order_id,
        account=order.account,
        symbol=order.symbol,
        side=order.order.side,
        qty=execution.qty,
        px=execution.px,
        fee=execution.fee,
        last_mkt=execution.last_mkt,
        liquidity=execution.liquidity,
        ts_exch_ns=execution.ts_exch_ns,
        ts_recv_ns=execution.ts_recv_ns,
    )


def _apply_uncertain(order: Order, report: SendUncertain) -> Order:
    # An answer that came by another way (stream before response) settles it already.
    if order.custody is Custody.ACKNOWLEDGED or order.done is not None:
        return order
    return msgspec.structs.replace(
        order, custody=Custody.UNKNOWN, text=report.text, ts_last_ns=report.ts_recv_ns
    )


def _acknowledge(order: Order, report: ExecutionReport) -> Order:
    if order.custody is Custody.ACKNOWLEDGED and (
        order.order_id == report.order_id or not report.order_id
    ):
        return order
    return msgspec.structs.replace(
        order,
        custody=Custody.ACKNOWLEDGED,
        order_id=report.order_id or order.order_id,
        ts_ack_ns=order.ts_ack_ns or report.ts_recv_ns,
        ts_last_ns=report.ts_recv_ns,
    )


def _apply_trade(order: Order, report: ExecutionReport) -> Order:
    # Finite first: a comparison with NaN raises, and infinity is above 0.
    if (
        not report.exec_id
        or not (report.last_qty.is_finite() and report.last_qty > 0)
        or not (report.last_px.is_finite() and report.last_px > 0)
        or not report.fee.is_finite()
    ):
        raise IllegalTransition(
            f"order {order.cl_ord_id}: fill '{report.exec_id}' of {report.last_qty} at "
            f"{report.last_px}, fee {report.fee}, lacks identity, quantity, price or fee; "
            "not booked"
        )
    for known in order.executions:
        if known.exec_id == report.exec_id:
            if (known.qty, known.px) == (report.last_qty, report.last_px):
                return order
            raise IllegalTransition(
                f"order {order.cl_ord_id}: fill {report.exec_id} was {known.qty} at {known.px}, "
                f"is now {report.last_qty} at {report.last_px} without a correction; not booked"
            )
    execution = Execution(
        exec_id=report.exec_id,
        qty=report.last_qty,
        px=report.last_px,
        fee=report.fee,
        last_mkt=report.last_mkt,
        liquidity=report.liquidity,
        ts_exch_ns=report.ts_exch_ns,
        ts_recv_ns=report.ts_recv_ns,
    )
    # A fill may overtake the acknowledgement: it implies it.
    acknowledged = _acknowledge(order, report)
    return msgspec.structs.replace(
        acknowledged,
        executions=(*order.executions, execution),
        ts_last_ns=report.ts_recv_ns,
    )


def _apply_done(order: Order, report: ExecutionReport) -> Order:
    if order.ord_status.is_terminal:
        return order
    return msgspec.structs.replace(
        order,
        custody=Custody.ACKNOWLEDGED,
        order_id=report.order_id or order.order_id,
        ts_ack_ns=order.ts_ack_ns or report.ts_recv_ns,
        ts_last_ns=report.ts_recv_ns,
        done=_DONE_BY_EXEC_TYPE[report.exec_type],
        text=report.text or order.text,
    )
