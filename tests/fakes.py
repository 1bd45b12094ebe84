"""A broker that does as it is told: for tests of what stands above one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from app.brokers.base import BrokerOrder, Recorded, ReportSink, Snapshot
from app.domain.approval import ApprovedOrder
from app.domain.capabilities import Capabilities
from app.domain.enums import OrdType, TimeInForce
from app.domain.errors import Disconnected
from app.domain.ids import AccountID, ClOrdID


async def _nothing(_: object) -> None:
    """Take it and say nothing."""


async def _none(_: ClOrdID) -> BrokerOrder | None:
    """Know of no order."""
    return None


async def _empty(since_ns: int) -> Snapshot:
    """Hold nothing."""
    return Snapshot(orders=(), executions=(), positions={}, since_ns=since_ns, ts_ns=0)


async def lose(_: object) -> None:
    """Give no answer."""
    raise Disconnected("gone", venue="fake")


class FakeEmergency:
    """Implements `app.brokers.base.EmergencyClient`; what happens is written down, in order."""

    def __init__(self, *open_ids: str) -> None:
        self.open = [ClOrdID(cl_ord_id) for cl_ord_id in open_ids]
        self.calls: list[str] = []
        self.on_cancel: Callable[[], None] = self.open.clear
        """What `cancel_all` does; may raise."""
        self.on_ask: Callable[[], None] = lambda: None
        """What happens before `open_orders` answers; may raise."""

    def cancel_all(self) -> None:
        self.calls.append("cancel")
        self.on_cancel()

    def open_orders(self) -> Sequence[ClOrdID]:
        self.calls.append("ask")
        self.on_ask()
        return tuple(self.open)


class FakeBroker:
    """Implements `app.brokers.base.Broker`; answers only what the test lets it answer."""

    def __init__(self) -> None:
        self.name = "fake"
        self.account = AccountID("P1")
        self.capabilities = Capabilities(
            ord_types=frozenset({OrdType.MARKET, OrdType.LIMIT}),
            times_in_force=frozenset({TimeInForce.DAY, TimeInForce.GTC}),
            can_short=True,
            has_fractions=False,
        )
        self.connected_since_ns: int | None = 0
        self.submitted: list[ApprovedOrder] = []
        self.replaced: list[ApprovedOrder] = []
        self.canceled: list[ClOrdID] = []
        self.on_submit: Callable[[ApprovedOrder], Awaitable[None]] = _nothing
        self.on_cancel: Callable[[ClOrdID], Awaitable[None]] = _nothing
        self.on_replace: Callable[[ApprovedOrder], Awaitable[None]] = _nothing
        self.on_query: Callable[[ClOrdID], Awaitable[BrokerOrder | None]] = _none
        self.on_snapshot: Callable[[int], Awaitable[Snapshot]] = _empty
        self.rescue: FakeEmergency | None = FakeEmergency()
        """The kill switch's way in."""
        self.say: ReportSink
        """Hand a report up, at any time."""

    def connect(self, sink: ReportSink) -> None:
        self.say = sink

    def restore(self, recorded: Recorded) -> None:
        pass

    async def submit(self, order: ApprovedOrder) -> None:
        self.submitted.append(order)
        await self.on_submit(order)

    async def cancel(self, cl_ord_id: ClOrdID) -> None:
        self.canceled.append(cl_ord_id)
        await self.on_cancel(cl_ord_id)

    async def replace(self, order: ApprovedOrder) -> None:
        self.replaced.append(order)
        await self.on_replace(order)

    async def query(self, cl_ord_id: ClOrdID) -> BrokerOrder | None:
        return await self.on_query(cl_ord_id)

    async def snapshot(self, since_ns: int) -> Snapshot:
        return await self.on_snapshot(since_ns)

    def emergency(self) -> FakeEmergency | None:
        return self.rescue
