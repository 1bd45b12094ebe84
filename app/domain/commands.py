"""What is to be done: commands on their way to the order path."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from app.domain.enums import OrderClass, Origin
from app.domain.ids import ClOrdID
from app.domain.terms import Hold, Links, NewOrder


class SubmitOrder(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An intent with its identity, on its way to the gate."""

    cl_ord_id: ClOrdID
    order: NewOrder
    origin: Origin
    actor: str
    """Login of the person, or name of the file or strategy."""
    ts_intent_ns: int
    """When the person acted."""
    links: Links = Links()
    hold: Hold | None = None
    """Keep it on this machine; None: send it."""
    override: str = ""
    """Why a person lets it through although a check asked to be confirmed; empty: nobody does."""


class SubmitList(msgspec.Struct, frozen=True, kw_only=True):
    """Orders that hang together: decided and recorded at once, or not at all."""

    order_class: OrderClass
    orders: tuple[SubmitOrder, ...]
    """The entry first, where there is one."""


class CancelOrder(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Take a working order back. Cancels never pass the gate."""

    cl_ord_id: ClOrdID
    origin: Origin
    actor: str
    ts_intent_ns: int
    request_id: ClOrdID = ClOrdID("")
    """Of the replace that this carries out; empty: nobody wants the order any more."""


class ReplaceOrder(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Change a working order's terms (FIX OrderCancelReplaceRequest)."""

    cl_ord_id: ClOrdID
    """The request's own identity."""
    orig_cl_ord_id: ClOrdID
    """The order's first identity, whatever was amended since."""
    order_qty: Decimal
    """Total shares, those executed included."""
    limit_px: Decimal | None
    stop_px: Decimal | None
    origin: Origin
    actor: str
    ts_intent_ns: int
    override: str = ""
    """As of an order."""
