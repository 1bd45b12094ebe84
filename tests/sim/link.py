"""The wire between station and venue: drops, delays, doubles, reorders, cuts and answers late.

`SimBroker` is the station's end and dies with it. The link, the venue and what is on its way
outlive it: messages are kept here by their time, and go on when the next station starts.
"""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Callable
from typing import TypeVar

import msgspec

from app.brokers.base import BrokerOrder, Recorded, ReportSink, Snapshot
from app.domain.approval import ApprovedOrder
from app.domain.capabilities import Capabilities
from app.domain.enums import OrdType, TimeInForce
from app.domain.errors import Disconnected, NeverSent, Rejected
from app.domain.ids import AccountID, ClOrdID
from app.domain.reports import CancelReject, ExecutionReport
from tests.sim.loop import LoopClock, SimLoop
from tests.sim.venue import No, Venue

T = TypeVar("T")
NAME = "sim"
ACCOUNT = AccountID("SIM")
RESET_S = 2.0
"""After which a connection without an answer may be reset."""
YOUNG_NS = 2_000_000_000
"""How long a venue's index may not have an order yet."""


class Weather(msgspec.Struct, frozen=True, kw_only=True):
    """How bad the wire is: probabilities and seconds."""

    lose_request: float = 0.0
    lose_answer: float = 0.0
    never_sent: float = 0.0
    fail_query: float = 0.0
    blind_query: float = 0.0
    """A question is answered "none" although the order is there, while it is young."""
    lose_report: float = 0.0
    double_report: float = 0.0
    delay_s: float = 0.05
    late_s: float = 0.0
    """One message of ten takes up to this much longer, so that others overtake it."""


CALM = Weather()
ROUGH = Weather(
    lose_request=0.08,
    lose_answer=0.12,
    never_sent=0.05,
    fail_query=0.2,
    blind_query=0.3,
    lose_report=0.05,
    double_report=0.15,
    delay_s=0.3,
    late_s=8.0,
)


class Link:
    """What outlives a station: the venue, the weather, and messages under way."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.venue = Venue(self.now_ns)
        self.venue.stream = self._on_report
        self.weather = CALM
        self.is_up = True
        self.up_since_ns = 0
        self.broker: SimBroker | None = None
        """The station's end; None while there is no station."""
        self.doubles: list[ClOrdID] = []
        """Identities that a station of ours sent twice."""
        self._under_way: dict[int, tuple[float, Callable[[], None]]] = {}
        self._numbers = itertools.count()
        self._loop: SimLoop | None = None
        self._clock: LoopClock | None = None

    def now_ns(self) -> int:
        """The venue's clock: never set, whatever happens to the station's."""
        assert self._clock is not None
        return self._clock.now_ns() - self._clock.offset_ns

    def come_up(self, loop: SimLoop, clock: LoopClock) -> None:
        """Go on in the next life: what is on its way arrives at its time."""
        self._loop, self._clock = loop, clock
        for number, (at_s, _) in sorted(self._under_way.items()):
            loop.call_at(max(at_s, loop.time()), self._arrive, number)

    def later(self, action: Callable[[], None]) -> None:
        """Let something arrive after a while."""
        assert self._loop is not None
        number, at_s = next(self._numbers), self._loop.time() + self.delay_s()
        self._under_way[number] = at_s, action
        self._loop.call_at(at_s, self._arrive, number)

    def _arrive(self, number: int) -> None:
        _, action = self._under_way.pop(number)
        action()

    def happens(self, probability: float) -> bool:
        """Draw."""
        return self.chance.random() < probability

    def delay_s(self) -> float:
        """Draw how long a message takes."""
        late_s = self.weather.late_s if self.happens(0.1) else 0.0
        return self.chance.uniform(0.001, self.weather.delay_s + late_s)

    def cut(self) -> None:
        """Break the line: reports are lost and requests fail until it is mended."""
        self.is_up = False

    def mend(self) -> None:
        """Bring the line up again; what was lost stays lost."""
        assert self._clock is not None
        if not self.is_up:
            self.is_up, self.up_since_ns = True, self._clock.mono_ns()

    def _on_report(self, report: ExecutionReport | CancelReject) -> None:
        broker = self.broker
        if broker is None or not self.is_up or self.happens(self.weather.lose_report):
            return
        self.later(lambda: self._deliver(report, broker))
        if self.happens(self.weather.double_report):
            self.later(lambda: self._deliver(report, broker))

    def _deliver(self, report: ExecutionReport | CancelReject, broker: SimBroker) -> None:
        if broker is self.broker and self.is_up:
            broker.hear(report)


class SimBroker:
    """Implements `app.brokers.base.Broker` over a link."""

    def __init__(
        self,
        link: Link,
        clock: LoopClock,
        *,
        has_replace: bool,
        before_send: Callable[[ApprovedOrder], None],
    ) -> None:
        self.name = NAME
        self.account = ACCOUNT
        self.capabilities = Capabilities(
            ord_types=frozenset({OrdType.MARKET, OrdType.LIMIT}),
            times_in_force=frozenset(TimeInForce),
            can_short=True,
            has_fractions=True,
            has_replace=has_replace,
        )
        self._link = link
        self._clock = clock
        self._before_send = before_send
        self._sink: ReportSink | None = None
        self.heard = 0
        """Reports handed up."""
        link.broker = self

    @property
    def connected_since_ns(self) -> int | None:
        return self._link.up_since_ns if self._link.is_up else None

    def connect(self, sink: ReportSink) -> None:
        self._sink = sink

    def restore(self, recorded: Recorded) -> None:
        """Nothing: the venue remembers by itself."""

    def hear(self, report: ExecutionReport | CancelReject) -> None:
        assert self._sink is not None
        self.heard += 1
        self._sink(msgspec.structs.replace(report, ts_recv_ns=self._clock.now_ns()))

    async def submit(self, order: ApprovedOrder) -> None:
        self._before_send(order)
        venue, cl_ord_id = self._link.venue, order.cl_ord_id

        def effect() -> None:
            if venue.find(cl_ord_id) is not None:
                self._link.doubles.append(cl_ord_id)
            venue.submit(cl_ord_id, order.order)

        await self._request(f"submit {cl_ord_id}", effect)

    async def replace(self, order: ApprovedOrder) -> None:
        self._before_send(order)
        venue, orig = self._link.venue, order.orig_cl_ord_id
        await self._request(
            f"replace {orig}", lambda: venue.replace(orig, order.cl_ord_id, order.order)
        )

    async def cancel(self, cl_ord_id: ClOrdID) -> None:
        await self._request(f"cancel {cl_ord_id}", lambda: self._link.venue.cancel(cl_ord_id))

    async def query(self, cl_ord_id: ClOrdID) -> BrokerOrder | None:
        found = await self._question(lambda: self._link.venue.find(cl_ord_id))
        is_young = found is not None and self._link.now_ns() - found.ts_ns < YOUNG_NS
        if is_young and self._link.happens(self._link.weather.blind_query):
            return None
        return found

    async def snapshot(self, since_ns: int) -> Snapshot:
        asked_ns = self._clock.now_ns()
        return await self._question(lambda: self._snapshot(since_ns, asked_ns))

    def emergency(self) -> None:
        return None  # Threads have no place in simulated time.

    def _snapshot(self, since_ns: int, asked_ns: int) -> Snapshot:
        venue = self._link.venue
        recent = [o for o in venue.orders if o.leaves or o.ts_ns >= since_ns]
        return Snapshot(
            orders=tuple(venue.shown(order) for order in recent),
            executions=tuple(
                msgspec.structs.replace(report, ts_recv_ns=asked_ns)
                for report in venue.reports
                if report.ts_exch_ns >= since_ns
            ),
            positions=venue.positions(),
            since_ns=since_ns,
            ts_ns=asked_ns,
        )

    async def _request(self, what: str, effect: Callable[[], None]) -> None:
        """Send something that changes the venue; how it ends says little of what became of it."""
        link = self._link
        if not link.is_up or link.happens(link.weather.never_sent):
            await asyncio.sleep(0.001)
            raise NeverSent("no connection", venue=NAME, request=what)
        answer: asyncio.Future[No | None] = asyncio.get_running_loop().create_future()

        def arrive() -> None:
            refusal: No | None = None
            try:
                effect()
            except No as no:
                refusal = no
            if link.is_up and not link.happens(link.weather.lose_answer):
                link.later(lambda: reply(refusal))

        def reply(refusal: No | None) -> None:
            if link.broker is self and not answer.done():
                answer.set_result(refusal)

        if not link.happens(link.weather.lose_request):
            link.later(arrive)
        refusal = await (answer if link.happens(0.5) else self._or_reset(answer, what))
        if refusal is not None:
            raise Rejected(str(refusal), venue=NAME, request=what)

    async def _or_reset(self, answer: asyncio.Future[No | None], what: str) -> No | None:
        """Await an answer over a connection that is reset if it is slow."""
        try:
            async with asyncio.timeout(RESET_S):
                return await answer
        except TimeoutError:
            raise Disconnected("connection reset", venue=NAME, request=what) from None

    async def _question(self, look: Callable[[], T]) -> T:
        link = self._link
        await asyncio.sleep(link.delay_s())
        if not link.is_up or link.happens(link.weather.fail_query):
            raise Disconnected("no answer", venue=NAME, request="question")
        found = look()
        await asyncio.sleep(link.delay_s())
        if not link.is_up:
            raise Disconnected("cut off", venue=NAME, request="question")
        return found
