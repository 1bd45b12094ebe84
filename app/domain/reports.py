"""What is heard of an order: from a broker, and our own findings about the silence of one."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from app.domain.enums import (
    CxlRejReason,
    CxlRejResponseTo,
    ExecType,
    Liquidity,
    OrdStatus,
)
from app.domain.ids import ClOrdID, ExecID, OrderID, Symbol
from app.domain.terms import ZERO


class ExecutionReport(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a broker says about one order (FIX 35=8)."""

    cl_ord_id: ClOrdID
    exec_type: ExecType
    ts_exch_ns: int
    ts_recv_ns: int
    order_id: OrderID = OrderID("")
    exec_id: ExecID = ExecID("")
    """Set for TRADE, TRADE_CORRECT, TRADE_CANCEL; by it a repeated report is recognised."""
    exec_ref_id: ExecID = ExecID("")
    """FIX 19: the execution that TRADE_CORRECT or TRADE_CANCEL is about."""
    ord_status: OrdStatus | None = None
    """FIX 39, of ORDER_STATUS only: where the broker says the order is."""
    last_qty: Decimal = ZERO
    last_px: Decimal = ZERO
    fee: Decimal = ZERO
    """Commission and fees of this execution, in account currency."""
    last_mkt: str = ""
    """Venue of execution (FIX 30)."""
    liquidity: Liquidity = Liquidity.UNKNOWN
    cum_qty: Decimal | None = None
    """FIX 14, where the broker says it: how much it has executed."""
    avg_px: Decimal | None = None
    """FIX 6, where the broker says it."""
    order_qty: Decimal | None = None
    """FIX 38, where the broker says it: shares in force."""
    limit_px: Decimal | None = None
    """FIX 44, where the broker says it."""
    is_synthetic: bool = False
    """Made here from a broker's totals, because it could not give the execution itself."""
    text: str = ""


class CancelReject(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A broker did not take a cancel or a replace (FIX 35=9)."""

    cl_ord_id: ClOrdID
    """Of a refused replace: the request's."""
    ts_exch_ns: int
    ts_recv_ns: int
    response_to: CxlRejResponseTo = CxlRejResponseTo.CANCEL
    reason: CxlRejReason = CxlRejReason.OTHER
    text: str = ""


class SendUncertain(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Our own finding: a submit or replace ended without an answer. Never means rejected."""

    cl_ord_id: ClOrdID
    ts_recv_ns: int
    text: str = ""
    is_unlisted: bool = False
    """The broker had acknowledged the order, and its list of orders lacks it."""


class AbsentAtBroker(msgspec.Struct, frozen=True, kw_only=True):
    """Our own finding, after the whole protocol: the broker does not have this order."""

    cl_ord_id: ClOrdID
    ts_recv_ns: int
    text: str
    """The evidence in words."""


class Unreadable(msgspec.Struct, frozen=True, kw_only=True):
    """A broker said something of an order that cannot be read; kept as it came."""

    text: str
    raw: bytes
    symbol: Symbol = Symbol("")
    """Empty: it may be any."""
    ts_recv_ns: int


Report = ExecutionReport | CancelReject | SendUncertain | AbsentAtBroker
