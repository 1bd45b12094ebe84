"""What a broker is: the contract that every broker's file fills."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Protocol

import msgspec

from app.clock import Clock
from app.config import Config
from app.domain.approval import ApprovedOrder
from app.domain.enums import OrdType, TimeInForce, Venue
from app.domain.ids import AccountID, ClOrdID, Symbol
from app.domain.orders import Order, Report
from app.domain.position import Position
from app.hub import Hub

ReportSink = Callable[[Report], None]


class Capabilities(msgspec.Struct, frozen=True, kw_only=True):
    """What a broker takes; everything else is refused before the gate, with the reason."""

    ord_types: frozenset[OrdType]
    times_in_force: frozenset[TimeInForce]
    can_short: bool
    has_fractions: bool


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """What the broker says it holds: the truth about orders and positions."""

    working: frozenset[ClOrdID]
    positions: Mapping[Symbol, Decimal]
    """Signed shares; flat symbols may be left out."""


class Broker(Protocol):
    """A place that takes orders."""

    @property
    def name(self) -> str:
        """Stable id, stored in records."""
        ...

    @property
    def account(self) -> AccountID:
        """Opaque id of the account; never the broker's account number."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What it takes."""
        ...

    def connect(self, sink: ReportSink) -> None:
        """Say where reports go. Called once, before anything else."""
        ...

    def restore(self, working: Sequence[Order], positions: Sequence[Position]) -> None:
        """Tell what the record holds. Only a broker that lives in this process uses it."""
        ...

    async def submit(self, order: ApprovedOrder) -> None:
        """Hand over an order; the answer comes as a report.

        Raises:
            Rejected: a definite no.
            Disconnected: handed over or not, nobody knows; the caller never sends again.
        """
        ...

    async def cancel(self, cl_ord_id: ClOrdID) -> None:
        """Ask for a cancel; the answer comes as a report. Raises as `submit`."""
        ...

    async def snapshot(self) -> Snapshot:
        """Return what the broker holds now; raises `Disconnected` rather than an empty answer."""
        ...


class BrokerSpec(msgspec.Struct, frozen=True, kw_only=True):
    """What a plug-in gives under `tradedeck.brokers`."""

    name: str
    title: str
    venue: Venue
    make: Callable[[Config, Clock, Hub, AccountID], Broker]
