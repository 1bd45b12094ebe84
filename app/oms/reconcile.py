"""What the broker says against what the record says: pure, findings only.

The danger: after a crash or a cut line an order is at the broker and not here, or here and not
there; or a failed question is read as "flat" and "no orders"; or the books are quietly overwritten
and nobody ever learns what was missed.
Here every difference becomes a report or a row of its own, with a sentence: executions that were
missed are booked as they are, what the broker cannot itemise is one made-up execution that says so,
orders of others are adopted, and a position that nothing explains is brought to the broker's by an
adjustment that is recorded, alarmed and reduces the symbol until acknowledged.
Not guaranteed: that the broker is right. Both figures stay in the record.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

import msgspec

from app.audit.fold import Orders
from app.audit.records import OrderAdopted
from app.brokers.base import BrokerOrder, Snapshot
from app.domain.enums import ExecType
from app.domain.errors import IllegalTransition
from app.domain.ids import AccountID, ClOrdID, ExecID
from app.domain.orders import Order
from app.domain.reports import AbsentAtBroker, ExecutionReport, Report, SendUncertain
from app.domain.terms import ZERO
from app.domain.transitions import apply_report
from app.oms.blotter import Blotter

Finding = tuple[ClOrdID, Decimal | None]
"""An order, and what the broker says it has executed; None: that it does not list it."""
PX_STEP: Final = Decimal("1E-8")


class Reconciliation(msgspec.Struct, frozen=True, kw_only=True):
    """What has to be applied, in this order, and what it means in words."""

    findings: tuple[OrderAdopted | Report, ...]
    texts: tuple[str, ...]
    """One sentence a difference, for the screen."""
    refused: tuple[tuple[Report, str], ...]
    """What the broker says and the books do not take, and why: for the record."""
    open: frozenset[Finding]
    """Differences that are left to explain themselves; named again, they are taken as they are."""


def reconcile(
    blotter: Blotter,
    snapshot: Snapshot,
    *,
    account: AccountID,
    is_authoritative: bool,
    lasting: frozenset[Finding] = frozenset(),
) -> Reconciliation:
    """Compare orders and executions.

    Args:
        blotter: the orders known here; only read.
        snapshot: what the broker says.
        account: whose they are.
        is_authoritative: what the broker does not name does not exist.
        lasting: differences that were open long enough: nothing on its way explains them.
    """
    comparison = _Comparison(blotter.orders, snapshot, account, lasting)
    for theirs in snapshot.orders:
        comparison.adopt(theirs)
    for execution in snapshot.executions:
        comparison.execute(execution)
    for theirs in snapshot.orders:
        comparison.compare(theirs)
    for order in blotter.working():
        comparison.look_for(order, is_authoritative=is_authoritative)
    return Reconciliation(
        findings=tuple(comparison.findings),
        texts=tuple(comparison.texts),
        refused=tuple(comparison.refused),
        open=frozenset(comparison.open),
    )


def figure_fault(orders: Iterable[BrokerOrder], snapshot: Snapshot | None = None) -> str:
    """Return which figure of a broker's answer is no number; empty if all are."""
    named = [(f"order {o.cl_ord_id}", figure) for o in orders for figure in (o.cum_qty, o.avg_px)]
    if snapshot is not None:
        named.append(("cash", snapshot.cash))
        for symbol, held in snapshot.positions.items():
            named += ((f"position of {symbol}", figure) for figure in (held.qty, held.avg_px))
    for name, figure in named:
        if figure is not None and not figure.is_finite():
            return f"{name}: {figure} is no number"
    return ""


def residual_px(
    avg_px: Decimal, total_qty: Decimal, *, paid: Decimal, qty: Decimal
) -> Decimal | None:
    """Return the price of a quantity that brings what was paid to an average of the total.

    None where no price above 0 does. Rounded to 8 decimals.
    """
    try:
        px = ((avg_px * total_qty - paid) / qty).quantize(PX_STEP)
    except ArithmeticError:  # Figures of a size that is nobody's.
        return None
    return px if px > 0 else None


class _Comparison:
    """The orders as they will be once the findings so far are applied."""

    def __init__(
        self,
        orders: Orders,
        snapshot: Snapshot,
        account: AccountID,
        lasting: frozenset[Finding],
    ) -> None:
        self._orders = orders
        self._snapshot = snapshot
        self._account = account
        self._lasting = lasting
        self._listed = {theirs.cl_ord_id for theirs in snapshot.orders}
        self.open: set[Finding] = set()
        self._changed: dict[ClOrdID, Order] = {}
        self._adopted: dict[ClOrdID, BrokerOrder] = {}
        self.findings: list[OrderAdopted | Report] = []
        self.refused: list[tuple[Report, str]] = []
        self.texts: list[str] = []

    def adopt(self, theirs: BrokerOrder) -> None:
        """Take an order of somebody else into the books, unless it ended without a trade."""
        if self._get(theirs.cl_ord_id) is not None:
            return
        if theirs.ord_status.is_terminal and not theirs.cum_qty:
            return
        self._adopted[theirs.cl_ord_id] = theirs
        self.findings.append(
            OrderAdopted(
                cl_ord_id=theirs.cl_ord_id,
                account=self._account,
                order=theirs.order,
                order_id=theirs.order_id,
                ts_ns=self._snapshot.ts_ns,
            )
        )
        self.texts.append(
            f"order {theirs.cl_ord_id} ({theirs.order.side.name.lower()} {theirs.order.order_qty} "
            f"{theirs.order.symbol}) was not from this station; adopted"
        )

    def execute(self, report: ExecutionReport) -> None:
        """Book an execution that was missed."""
        if report.cl_ord_id in self._adopted:
            self.findings.append(report)
            return
        order = self._get(report.cl_ord_id)
        if order is None:
            self.texts.append(
                f"execution {report.exec_id} is of order {report.cl_ord_id}, which the broker "
                "does not list; not booked"
            )
        elif self._apply(order, report):
            kind = report.exec_type.name.lower().replace("_", " ")
            self.texts.append(f"{kind} {report.exec_id} of order {report.cl_ord_id} was missed")

    def compare(self, theirs: BrokerOrder) -> None:
        """Bring an order to where the broker has it."""
        status = status_report(theirs, self._snapshot.ts_ns)
        if theirs.cl_ord_id in self._adopted:
            self.findings.append(status)
            return
        order = self._get(theirs.cl_ord_id)
        if order is None:
            return
        if theirs.cum_qty > order.cum_qty:
            if not self._has_lasted(theirs.cl_ord_id, theirs.cum_qty):
                return
            self._make_up(order, theirs)
        order = self._get(theirs.cl_ord_id)
        assert order is not None
        before = order.ord_status
        if self._apply(order, status):
            after = self._get(theirs.cl_ord_id)
            assert after is not None
            if after.ord_status is not before:
                self.texts.append(
                    f"order {theirs.cl_ord_id} was {before.name} here, is {after.ord_status.name}"
                )

    def _make_up(self, order: Order, theirs: BrokerOrder) -> None:
        """Book one execution for what the broker's total has more than is known here."""
        made_up = _synthetic(order, theirs, self._snapshot.ts_ns)
        if made_up is None:
            self.texts.append(
                f"order {theirs.cl_ord_id}: the broker has executed {theirs.cum_qty:f}, "
                f"{order.cum_qty:f} are known here, and nothing says at which price; not booked"
            )
        elif self._apply(order, made_up):
            self.texts.append(
                f"order {theirs.cl_ord_id}: {made_up.last_qty:f} at {made_up.last_px:f} made up, "
                "because the broker does not give the execution"
            )

    def look_for(self, order: Order, *, is_authoritative: bool) -> None:
        """Ask after an order that works here and is not on the broker's list."""
        order = self._changed.get(order.cl_ord_id, order)
        ids = {order.live_id, *(a.cl_ord_id for a in order.amendments)}
        if order.is_here or order.is_ended or ids & self._listed:
            return
        ts_ns = self._snapshot.ts_ns
        if is_authoritative:
            # A call that is under way says itself what became of it.
            text = "not at the broker"
            gone = AbsentAtBroker(cl_ord_id=order.live_id, ts_recv_ns=ts_ns, text=text)
            if order.ts_ack_ns or order.is_in_doubt:
                self._apply(order, gone)
                self.texts.append(f"order {order.cl_ord_id} is {text}")
        elif order.ts_ack_ns and not order.is_in_doubt and self._has_lasted(order.cl_ord_id, None):
            text = "the broker's list of orders lacks it"
            unlisted = SendUncertain(
                cl_ord_id=order.cl_ord_id, ts_recv_ns=ts_ns, text=text, is_unlisted=True
            )
            self._apply(order, unlisted)
            self.texts.append(f"order {order.cl_ord_id}: {text}; it is being asked about")

    def _has_lasted(self, cl_ord_id: ClOrdID, cum_qty: Decimal | None) -> bool:
        """Whether a difference was seen before, long enough ago; it is open from now on."""
        finding = cl_ord_id, cum_qty
        self.open.add(finding)
        return finding in self._lasting

    def _get(self, cl_ord_id: ClOrdID) -> Order | None:
        order = self._orders.get(cl_ord_id)
        return None if order is None else self._changed.get(order.cl_ord_id, order)

    def _apply(self, order: Order, report: Report) -> bool:
        try:
            after = apply_report(order, report)
        except (IllegalTransition, ArithmeticError) as error:
            text = f"order {order.cl_ord_id}: a number of the report is none; not applied"
            self.refused.append(
                (report, str(error) if isinstance(error, IllegalTransition) else text)
            )
            return False
        if after is order:
            return False
        self._changed[order.cl_ord_id] = after
        self.findings.append(report)
        return True


def status_report(theirs: BrokerOrder, ts_recv_ns: int) -> ExecutionReport:
    """Return the report that a broker's line about an order comes to."""
    return ExecutionReport(
        cl_ord_id=theirs.cl_ord_id,
        exec_type=ExecType.ORDER_STATUS,
        ord_status=theirs.ord_status,
        order_id=theirs.order_id,
        cum_qty=theirs.cum_qty,
        avg_px=theirs.avg_px,
        order_qty=theirs.order.order_qty,
        limit_px=theirs.order.limit_px,
        ts_exch_ns=theirs.ts_ns,
        ts_recv_ns=ts_recv_ns,
        text=theirs.text,
    )


def _synthetic(order: Order, theirs: BrokerOrder, ts_recv_ns: int) -> ExecutionReport | None:
    """Return the one execution that brings an order to the broker's total and average."""
    qty = theirs.cum_qty - order.cum_qty
    px = theirs.avg_px or order.terms.limit_px or order.avg_px
    if theirs.avg_px is not None:
        paid = sum((e.qty * e.px for e in order.executions), ZERO)
        px = residual_px(theirs.avg_px, theirs.cum_qty, paid=paid, qty=qty) or px
    if px is None or not (px > 0):
        return None
    return ExecutionReport(
        cl_ord_id=theirs.cl_ord_id,
        exec_type=ExecType.TRADE,
        order_id=theirs.order_id,
        # The same finding has the same identity: it is booked once, however often it is made.
        exec_id=ExecID(f"S-{theirs.cl_ord_id}-{_plain(order.cum_qty)}-{_plain(theirs.cum_qty)}"),
        last_qty=qty,
        last_px=px,
        is_synthetic=True,
        ts_exch_ns=theirs.ts_ns,
        ts_recv_ns=ts_recv_ns,
        text="made up from the broker's totals",
    )


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
