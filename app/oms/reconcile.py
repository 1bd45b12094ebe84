"""What the broker says against what the record says: pure, before anything may be traded.

The danger: after a crash an order is at the broker and not here, or here and not there, and the
person trades on a picture that is not true.
Here every working order that the broker does not hold is closed by a report of its own, with the
reason; a position that differs is a sentence on the screen and keeps the gate REDUCING.
Not guaranteed: executions missed while away are asked for by the order path's own protocol, which
a venue outside this process needs; the built-in broker lives and dies with the station.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

import msgspec

from app.domain.enums import Custody, ExecType
from app.domain.ids import ClOrdID, Symbol
from app.domain.orders import Order
from app.domain.position import Position
from app.domain.reports import ExecutionReport
from app.domain.terms import ZERO


class Reconciliation(msgspec.Struct, frozen=True, kw_only=True):
    """What has to be applied, and what could not be explained."""

    reports: tuple[ExecutionReport, ...]
    differences: tuple[str, ...]
    """Sentences for the screen; trading only reduces while there are any."""


def reconcile(
    orders: Iterable[Order],
    positions: Iterable[Position],
    *,
    working_at_broker: frozenset[ClOrdID],
    held_at_broker: Mapping[Symbol, Decimal],
    ts_ns: int,
) -> Reconciliation:
    """Compare our working orders and positions with the broker's."""
    reports = tuple(
        _closing_report(order, ts_ns)
        for order in orders
        if order.is_working and order.cl_ord_id not in working_at_broker
    )
    ours = {position.symbol: position.qty for position in positions}
    differences = tuple(
        f"{symbol}: the record holds {ours.get(symbol, ZERO)}, the broker "
        f"{held_at_broker.get(symbol, ZERO)}; trading only reduces until this is explained"
        for symbol in sorted({*ours, *held_at_broker})
        if ours.get(symbol, ZERO) != held_at_broker.get(symbol, ZERO)
    )
    return Reconciliation(reports=reports, differences=differences)


def _closing_report(order: Order, ts_ns: int) -> ExecutionReport:
    unsent = order.custody is Custody.UNSENT
    return ExecutionReport(
        cl_ord_id=order.cl_ord_id,
        exec_type=ExecType.REJECTED if unsent else ExecType.CANCELED,
        ts_exch_ns=ts_ns,
        ts_recv_ns=ts_ns,
        text="never sent: the station stopped first"
        if unsent
        else "not at the broker after the restart",
    )
