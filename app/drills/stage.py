"""Where a drill plays: a station on lines that can fail, and everything it showed, with the time.

The station is the whole session on the built-in exchange, in a folder of its own. A script enters
`station()`, gives orders through the desk, and may do so again: the second station starts on the
record of the first, as after a restart.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Final

import msgspec

from app import plugins
from app.brokers.base import Broker, BrokerSpec
from app.clock import Clock, LiveClock
from app.config import Config
from app.desk import Desk
from app.domain.drill import Finding, Promise
from app.domain.enums import FeedState, OrderState, OrdType, Origin, Side, TimeInForce
from app.domain.ids import AccountID, ClOrdID, Symbol
from app.domain.orders import Order
from app.domain.terms import NewOrder
from app.domain.times import SECOND_NS
from app.drills.base import ALARM_S, RECOVERY_S, Waits
from app.drills.clockline import ClockLine
from app.drills.disk import FullDisk
from app.drills.feedline import FeedLine
from app.drills.judge import LastBooks, difference
from app.drills.line import BrokerLine, Wire
from app.drills.sight import Sight
from app.exchange.market import Exchange
from app.feeds.base import FeedSpec
from app.hub import Hub
from app.session import Plan, Session
from app.tasks import spawn

POLL_S: Final = 0.01
FIRST_QTY: Final = 11
"""No two orders of a drill are of the same quantity: a second one would be asked about."""
ACCOUNT: Final = AccountID("DRILL")


class Gone(Exception):
    """What a script waited for did not happen; what it had still to judge is not judged."""


class Stage:
    """One drill's surroundings. Made and judged by `runner`."""

    def __init__(
        self, folder: Path, config: Config, waits: Waits, say: Callable[[str], None]
    ) -> None:
        self.waits: Final = waits
        self.say: Final = say
        """Called with a sentence whenever it waits for something else."""
        self.journal: Final = folder / "audit.db"
        self._config: Final = config
        self._real: Final = LiveClock()
        self.clock: Final = ClockLine(self._real)
        self.disk: Final = FullDisk()
        self.wire: Final = Wire()
        self.sight: Final = Sight(self._real)
        self.findings: Final[list[Finding]] = []
        self.given: Final[list[ClOrdID]] = []
        """What the script sent through the desk, in order."""
        self.books: LastBooks | None = None
        """Orders and positions of the newest station that ended in order."""
        self.differences: Final[list[str]] = []
        """What the books and the exchange's did not agree about, at the end of each life."""
        self.failure: Exception | None = None
        """What the newest station ended by; None: in order."""
        self.recovered: str | None = None
        """How the station came back after the fault, in words; None: it was not looked at."""
        self.recovery_s = 0.0
        self._feed: FeedLine | None = None
        self._line: BrokerLine | None = None
        self._exchange: Broker | None = None
        self._desk: Desk | None = None
        self._number = FIRST_QTY

    # What a script stands on; there while a station runs

    @property
    def desk(self) -> Desk:
        """The station's desk."""
        assert self._desk is not None, "no station runs"
        return self._desk

    @property
    def feed(self) -> FeedLine:
        """The line to the market data."""
        assert self._feed is not None, "no station runs"
        return self._feed

    @property
    def line(self) -> BrokerLine:
        """The line to the exchange."""
        assert self._line is not None, "no station runs"
        return self._line

    @property
    def exchange(self) -> Broker:
        """The exchange itself, behind the line."""
        assert self._exchange is not None, "no station runs"
        return self._exchange

    @property
    def symbol(self) -> Symbol:
        """What is traded."""
        return self.desk.instruments[0].symbol

    def now_ns(self) -> int:
        """Return the machine's monotonic time, whatever is done to the station's clock."""
        return self._real.mono_ns()

    def since_s(self, ts_ns: int) -> float:
        """Return the seconds since a moment."""
        return (self.now_ns() - ts_ns) / 1e9

    @asynccontextmanager
    async def station(self) -> AsyncIterator[Desk]:
        """Run a station; yield its desk once the market speaks; stop it in order at the end."""
        session = Session(self._plan())
        self.sight.watch(session.hub)
        self.failure, self._desk = None, None
        before, given = set(self.wire.arrived), len(self.given)
        has_begun = asyncio.Event()

        def on_ready(desk: Desk) -> None:
            self._desk = desk
            has_begun.set()

        async def run() -> None:
            try:
                await session.run(on_ready)
            except Exception as error:  # noqa: BLE001  How it ended is what is judged.
                self.failure = error
            finally:
                has_begun.set()

        gone: Gone | None = None  # Raised outside the group, which would wrap it.
        async with asyncio.TaskGroup() as group:
            spawn(group, "drill station", run())
            try:
                await has_begun.wait()
                await self.until("the market opens", self._is_open)
                await self.until("the station is on time", self._is_on_time)
                yield self.desk
                if self.failure is None:
                    await self.until("the books are closed", lambda: not self._is_busy(session))
            except Gone as error:
                gone = error
            finally:
                session.request_stop()
        if self.failure is None and session.engine is not None:
            orders, ledger = session.engine.blotter.view.all(), session.engine.ledger.view
            self.books = LastBooks(orders, ledger.all(), ledger.cash)
            there = await self.exchange.snapshot(0)
            came = set(self.wire.arrived) - before
            self.differences.extend(difference(self.books, there, came))
            shown = {order.cl_ord_id for order in orders}
            lost = [cl_ord_id for cl_ord_id in self.given[given:] if cl_ord_id not in shown]
            self.differences.extend(f"order {name} was given and is nowhere" for name in lost)
        if gone is not None:
            raise gone

    # What a script does

    async def until(
        self, what: str, is_so: Callable[[], object], *, deadline_s: float = RECOVERY_S
    ) -> float:
        """Wait until something holds; return how many seconds it took.

        Raises:
            Gone: it did not come to hold in time, or the station ended before.
        """
        began_ns = self.now_ns()
        self.say(f"waiting until {what}")
        while not is_so():
            took_s = self.since_s(began_ns)
            if self.failure is not None:
                raise Gone(f"the station ended before {what}: {self.failure}")
            if took_s > deadline_s:
                raise Gone(f"waited {took_s:.1f} s in vain until {what}")
            await asyncio.sleep(POLL_S)
        return self.since_s(began_ns)

    async def pause(self, seconds: float = POLL_S) -> None:
        """Let time pass.

        Raises:
            Gone: the station ended by a fault.
        """
        await asyncio.sleep(seconds)
        if self.failure is not None:
            raise Gone(f"the station ended: {self.failure}")

    def terms(self, qty: int = 0, *, share: str = "", side: Side = Side.BUY) -> NewOrder:
        """Return terms that no check asks about.

        Args:
            qty: shares; 0: some, another number each time.
            share: of the bid, for a limit good till canceled; empty: a day order at the market.
            side: buy or sell.
        """
        if not qty:
            qty, self._number = self._number, self._number + 1
        quote = self.desk.market.quote(self.symbol)
        limit_px = None
        if share:
            assert quote is not None
            assert quote.bid is not None
            limit_px = (quote.bid * Decimal(share)).quantize(Decimal("0.01"))
        return NewOrder(
            symbol=self.symbol,
            side=side,
            order_qty=Decimal(qty),
            ord_type=OrdType.LIMIT if share else OrdType.MARKET,
            time_in_force=TimeInForce.GTC if share else TimeInForce.DAY,
            limit_px=limit_px,
        )

    def send(self, terms: NewOrder) -> ClOrdID:
        """Give an order through the desk."""
        cl_ord_id = self.desk.submit(terms)
        self.given.append(cl_ord_id)
        return cl_ord_id

    def order(self, cl_ord_id: ClOrdID) -> Order:
        """Return an order as the desk shows it.

        Raises:
            Gone: the desk does not show it.
        """
        order = self.desk.orders.get(cl_ord_id)
        if order is None:
            raise Gone(f"order {cl_ord_id} is not shown")
        return order

    def state(self, cl_ord_id: ClOrdID) -> OrderState | None:
        """Return what is shown of an order; None: nothing yet."""
        order = self.desk.orders.get(cl_ord_id)
        return None if order is None else order.state

    async def reach(
        self, cl_ord_id: ClOrdID, *states: OrderState, deadline_s: float = RECOVERY_S
    ) -> float:
        """Wait until an order is shown in one of the states; return how many seconds it took.

        Raises:
            Gone: it is not, in time.
        """
        names = " or ".join(state.value for state in states)
        what = f"order {cl_ord_id} is {names}"
        return await self.until(
            what, lambda: self.state(cl_ord_id) in states, deadline_s=deadline_s
        )

    async def rest(self, share: str = "0.97") -> ClOrdID:
        """Let a buy order rest below the market; return it once it works."""
        cl_ord_id = self.send(self.terms(share=share))
        await self.reach(cl_ord_id, OrderState.NEW)
        return cl_ord_id

    async def recover(self) -> None:
        """Say that the fault is over, and see how long it takes until an order fills again.

        Raises:
            Gone: it does not within the time.
        """
        began_ns = self.now_ns()
        await self.until("nothing is in doubt", self._is_settled)
        await self.until("the market is open", self._is_open)
        while True:
            probe = self.send(self.terms())
            left_s = RECOVERY_S - self.since_s(began_ns)
            await self.reach(
                probe,
                OrderState.FILLED,
                OrderState.DENIED,
                OrderState.REJECTED,
                deadline_s=left_s,
            )
            if self.state(probe) is OrderState.FILLED:
                break
            await asyncio.sleep(0.1)  # Not yet: why not is on record.
        self.recovery_s = self.since_s(began_ns)
        self.recovered = f"an order filled after {self.recovery_s:.1f} s"

    async def thin_quote(self, size_max: int) -> None:
        """Wait until the market shows no more than so many shares of a side.

        Raises:
            Gone: it shows more.
        """

        def is_thin() -> bool:
            quote = self.desk.market.quote(self.symbol)
            return quote is not None and max(quote.bid_size, quote.ask_size) <= size_max

        await self.until("the market is thin", is_thin)

    async def end_by_itself(self) -> float:
        """Wait until the station has ended by a fault; return how many seconds it took.

        Raises:
            Gone: it runs on.
        """
        began_ns = self.now_ns()
        while self.failure is None:
            if self.since_s(began_ns) > RECOVERY_S:
                raise Gone("the station runs on")
            await asyncio.sleep(POLL_S)
        return self.since_s(began_ns)

    async def answer(self, terms: NewOrder) -> Order:
        """Send an order and wait for its end, or for its acknowledgement; return it.

        Raises:
            Gone: neither came.
        """
        cl_ord_id = self.send(terms)
        await self.until(
            f"order {cl_ord_id} has an answer",
            lambda: (
                (order := self.desk.orders.get(cl_ord_id)) is not None
                and (order.is_ended or order.ts_ack_ns)
            ),
        )
        return self.order(cl_ord_id)

    async def cancel(self, cl_ord_id: ClOrdID) -> str:
        """Cancel an order; return how it went, in words; empty if it is not canceled in time."""
        self.desk.cancel(cl_ord_id)
        try:
            took_s = await self.reach(cl_ord_id, OrderState.CANCELED, deadline_s=ALARM_S)
        except Gone:
            return ""
        return f"canceled after {took_s * 1e3:.0f} ms"

    # What it judges by

    def judge(self, promise: Promise, is_kept: bool, seen: str) -> None:  # noqa: FBT001
        """Keep whether a promise was kept, and what was seen; once each."""
        assert all(finding.promise != promise for finding in self.findings), promise
        self.findings.append(Finding(promise, is_kept, seen))

    def _is_open(self) -> bool:
        if self._desk is None:
            return False
        market = self.desk.market
        return (
            market.status.state is FeedState.LIVE
            and (market.feed_age_ns or 0) <= self.waits.silence_s * SECOND_NS
            and market.quote(self.symbol) is not None
            and market.trade(self.symbol) is not None
        )

    def _is_on_time(self) -> bool:
        """Whether the start, which is work for a while, has left no order to be refused as late."""
        checks = self.desk.preview(self.terms(FIRST_QTY)).checks
        return all(check.passed for check in checks if check.name == "dead_man")

    def _is_settled(self) -> bool:
        desk = self.desk
        return not desk.differences and not any(
            order.is_in_doubt or desk.inquiry(order.cl_ord_id) for order in desk.orders.all()
        )

    @staticmethod
    def _is_busy(session: Session) -> bool:
        return session.engine is not None and session.engine.is_busy

    def _plan(self) -> Plan:
        feed_spec: FeedSpec = plugins.load("tradedeck.feeds").get("builtin")
        broker_spec: BrokerSpec = plugins.load("tradedeck.brokers").get("builtin")
        config, clock = self._config, self.clock
        self._feed = FeedLine(feed_spec.make(config, clock), clock)

        def make(
            config: Config,
            clock: Clock,
            hub: Hub,
            account: AccountID,
            exchange: Exchange | None,
        ) -> Broker:
            self._exchange = broker_spec.make(config, clock, hub, account, exchange)
            self._line = BrokerLine(self._exchange, self.wire)
            return self._line

        return Plan(
            venue=feed_spec.venue,
            config=config,
            journal=self.journal,
            clock=clock,
            feed=self._feed,
            feed_title=feed_spec.title,
            broker=msgspec.structs.replace(broker_spec, make=make),
            account=ACCOUNT,
            origin=Origin.MANUAL,
            disk=self.disk,
        )
