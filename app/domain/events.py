"""What the station announces to itself on the hub: one frozen type a fact."""

from __future__ import annotations

import msgspec

from app.domain.enums import TradingState
from app.domain.orders import Fill, Order


class OrderChanged(msgspec.Struct, frozen=True, kw_only=True):
    """An order has a new fact, already durable."""

    order: Order


class OrderBooked(msgspec.Struct, frozen=True, kw_only=True):
    """An order's new fact is durable and shown: what acts upon orders takes its next step.

    Published after `OrderChanged` and before the next record is booked.
    """

    order: Order


class Filled(msgspec.Struct, frozen=True, kw_only=True):
    """A fill is booked and durable."""

    fill: Fill


class TradingStateChanged(msgspec.Struct, frozen=True, kw_only=True):
    """The gate lets more or less through."""

    state: TradingState
    reason: str


class ServiceStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A supervised service started, failed or waits to be started again."""

    name: str
    is_running: bool
    text: str


class HandlerFailed(msgspec.Struct, frozen=True, kw_only=True):
    """A subscriber raised; the others were served."""

    handler: str
    error: str


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence for the status line."""

    text: str
    is_warning: bool = False
