"""What a broker is: the contract that every broker's file fills."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Protocol

import msgspec

from app.clock import Clock
from app.config import Config
from app.domain.approval import ApprovedOrder
from app.domain.capabilities import Capabilities
from app.domain.enums import OrdStatus, Venue
from app.domain.ids import AccountID, ClOrdID, OrderID, Symbol
from app.domain.movements import Movement
from app.domain.orders import Fill, Order
from app.domain.position import Position
from app.domain.reports import ExecutionReport, Report, Unreadable
from app.domain.terms import ZERO, NewOrder
from app.exchange.market import Exchange
from app.hub import Hub

ReportSink = Callable[[Report | Movement | Unreadable], None]


def _nothing_held(symbol: Symbol, ts_ns: int) -> Decimal:
    return ZERO


class BrokerOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order as the broker has it."""

    cl_ord_id: ClOrdID
    """The identity in force; made up from `order_id` where the broker keeps none of ours."""
    order_id: OrderID
    order: NewOrder
    ord_status: OrdStatus
    cum_qty: Decimal = ZERO
    avg_px: Decimal | None = None
    ts_ns: int
    """When the broker last changed it, by the broker's clock."""
    text: str = ""


class BrokerPosition(msgspec.Struct, frozen=True, kw_only=True):
    """A holding as the broker has it."""

    qty: Decimal
    """Signed shares."""
    avg_px: Decimal | None = None


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """What the broker says it holds: the truth about orders, executions, positions and cash."""

    orders: tuple[BrokerOrder, ...]
    """All that work, and all that ended since `since_ns`; paged to the end."""
    executions: tuple[ExecutionReport, ...]
    """TRADE, TRADE_CORRECT and TRADE_CANCEL since `since_ns`, oldest first."""
    positions: Mapping[Symbol, BrokerPosition]
    """Flat symbols may be left out."""
    cash: Decimal | None = None
    """Account currency; None where the broker does not say."""
    since_ns: int = 0
    ts_ns: int
    """When it was asked for, by our clock."""


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """What the record holds of an account: what a broker in this process begins with."""

    working: Sequence[Order] = ()
    positions: Sequence[Position] = ()
    cash: Decimal
    """Account currency."""
    fills: Sequence[Fill] = ()
    """Of the last days."""
    last_ns: int = 0
    """Of the newest trade or movement; 0 if there never was one."""
    movement_ids: frozenset[str] = frozenset()
    """Of all that moved without an order."""
    held_at: Callable[[Symbol, int], Decimal] = _nothing_held
    """Shares held just before a time; negative is short."""


class EmergencyClient(Protocol):
    """What the kill switch needs of a broker, on a connection and a thread of its own.

    The calls block, and come from one thread that is not the loop's: they use nothing that the loop
    uses. They end within a few seconds whatever the line does.
    """

    def cancel_all(self) -> None:
        """Ask for a cancel of everything that works. Asking again does no harm.

        Raises:
            VenueError: some of it may not have been asked for.
        """
        ...

    def open_orders(self) -> Sequence[ClOrdID]:
        """Return the identities that may still trade; what is not among them never trades again.

        Raises:
            VenueError: rather than an incomplete answer.
        """
        ...


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

    @property
    def connected_since_ns(self) -> int | None:
        """Since when reports come without a gap, by the monotonic clock; None while they do not."""
        ...

    def connect(self, sink: ReportSink) -> None:
        """Say where reports go. Called once, before anything else."""
        ...

    def restore(self, recorded: Recorded) -> None:
        """Tell what the record holds. Only a broker that lives in this process uses it."""
        ...

    async def submit(self, order: ApprovedOrder) -> None:
        """Hand over an order; the answer comes as a report.

        Raises:
            Rejected: a definite no.
            NeverSent: proof that it did not leave; the caller may hand over the same identity.
            Disconnected: handed over or not, nobody knows; the caller never sends again.
        """
        ...

    async def cancel(self, cl_ord_id: ClOrdID) -> None:
        """Ask for a cancel of the identity in force; the answer comes as a report.

        Asking again does no harm. Raises as `submit`.
        """
        ...

    async def replace(self, order: ApprovedOrder) -> None:
        """Ask to change `orig_cl_ord_id` to the terms and identity given (`order_qty` is total).

        The answer comes as REPLACED or `CancelReject` with the new identity. Raises as `submit`.
        """
        ...

    async def query(self, cl_ord_id: ClOrdID) -> BrokerOrder | None:
        """Return the order of an identity; None if the broker says it has none.

        Raises:
            Disconnected: no answer, or one that cannot be read; never means none.
        """
        ...

    async def snapshot(self, since_ns: int) -> Snapshot:
        """Return what the broker holds now, and what ended or traded since a time.

        Raises:
            Disconnected: rather than an empty or incomplete answer.
        """
        ...

    def emergency(self) -> EmergencyClient | None:
        """Return what cancels while the loop stands still; None if the broker has no such way.

        Called once, when the session starts: whatever it needs (names, keys) is looked up here.
        """
        ...


class BrokerSpec(msgspec.Struct, frozen=True, kw_only=True):
    """What a plug-in gives under `tradedeck.brokers`."""

    name: str
    title: str
    venue: Venue
    make: Callable[[Config, Clock, Hub, AccountID, Exchange | None], Broker]
    """The last: the exchange in this process whose market the feed brings, if it is one."""
