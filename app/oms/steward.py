"""Keeps the books and the broker's in step: asks, compares, and sees that time passes.

The danger: a difference lives on unseen until it costs money; a failed question is taken for "no
orders, no positions"; the questions themselves use up what the broker allows, and cancels wait.
How this prevents it: the same comparison at start, every 5 s while anything works and every 30 s
otherwise; at most 10 single questions a round, 100 ms apart; no answer changes nothing but what is
shown. Start-up trades only once the first comparison has come through.
Not guaranteed: that a difference is explained. What is not is adjusted, recorded and alarmed.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Mapping
from typing import Final

from app.brokers.base import Broker, Snapshot
from app.clock import Clock
from app.domain.enums import TradingState
from app.domain.events import Notice
from app.domain.executions import parked
from app.domain.ids import ClOrdID, Symbol
from app.domain.orders import Order
from app.domain.reports import AbsentAtBroker, ExecutionReport, SendUncertain
from app.domain.times import SECOND_NS
from app.hub import Hub
from app.oms.engine import STATION, OmsEngine
from app.oms.health import Health
from app.oms.holdings import ACTOR, YOUNG_NS, Holdings
from app.oms.inquiry import (
    Inquiry,
    ListEvidence,
    evidence_of_absence,
    ids_to_ask,
    may_execute_unseen,
    sent_ns,
)
from app.oms.reconcile import Finding, figure_fault, reconcile, status_report
from app.risk.gate import Gate
from app.tasks import attempt

QUERY_DEADLINE_S: Final = 5.0
SNAPSHOT_DEADLINE_S: Final = 15.0
QUERIES_MAX: Final = 10
"""Within the time of one round."""
ROUND_NS: Final = 5 * SECOND_NS
QUERY_GAP_NS: Final = SECOND_NS // 10
WORKING_EVERY_S: Final = 5.0
"""Between two comparisons while an order works at the broker, or the last one found something."""
IDLE_EVERY_S: Final = 30.0
PARKED_S: Final = 60.0
"""How long a bust or correction of an execution that is not known keeps its symbol open."""
START_WINDOW_S: Final = 24 * 3600.0
"""How far before the broker's newest word the first comparison looks."""
RUN_WINDOW_S: Final = 300.0
"""How far before it each further one looks."""


class Steward:
    """Asks the broker about orders in doubt and compares the books with the broker's."""

    def __init__(  # noqa: PLR0913  What it keeps in step, handed over once.
        self,
        *,
        engine: OmsEngine,
        broker: Broker,
        gate: Gate,
        clock: Clock,
        hub: Hub,
        health: Health,
    ) -> None:
        self._engine: Final = engine
        self._broker: Final = broker
        self._gate: Final = gate
        self._clock: Final = clock
        self._hub: Final = hub
        self._health: Final = health
        self._wake = asyncio.Event()
        self._due_ns = 0
        """When the next comparison is due, by the monotonic clock."""
        self._heard_ns = 0
        """The broker's newest word, by its own clock: ours may have been set."""
        self._open: dict[Finding, int] = {}
        """Differences of orders -> when first seen, by the monotonic clock."""
        self._said: set[str] = set()
        """What the newest comparison found, in words: each is said once while it lasts."""
        self._listed: ListEvidence | None = None
        self._asked_ns: deque[int] = deque(maxlen=QUERIES_MAX)
        """When the newest questions were put, by the monotonic clock."""
        self._rest_until_ns = 0
        """No question before, by the monotonic clock: the last round was full."""
        self._holdings: Final = Holdings(engine=engine, clock=clock, hub=hub)
        self.is_reconciled = False
        """Whether a comparison has come through in this run."""
        self.last_error = ""
        """Why the newest comparison did not come through; empty if it did."""

    def start(self) -> None:
        """Take what an earlier run left on its way into question; nothing is sent again."""
        now_ns = self._clock.now_ns()
        for order in self._engine.blotter.orders:
            self._hear(order)
            self._engine.inquiries.note(order, self._clock.mono_ns())
            is_under_way = order.is_working and not order.is_here and not order.ts_ack_ns
            if is_under_way and not order.is_in_doubt:
                text = "the station stopped while it was on its way"
                self._engine.put(
                    SendUncertain(cl_ord_id=order.cl_ord_id, ts_recv_ns=now_ns, text=text)
                )

    def on_order(self, order: Order) -> None:
        """Look at once whether there is something to ask about an order."""
        self._hear(order)
        self._holdings.on_order(order)
        self._wake.set()

    def _hear(self, order: Order) -> None:
        newest_ns = max(order.working_ns, order.done_for_day_ns)
        if order.facts:
            newest_ns = max(newest_ns, order.facts[-1].report.ts_exch_ns)
        self._heard_ns = max(self._heard_ns, newest_ns)

    @property
    def differences(self) -> tuple[str, ...]:
        """What the newest comparison found to differ and is not settled, in words."""
        return (*sorted(self._said), *self._holdings.texts)

    async def run(self) -> None:
        """Ask and compare, each when it is due, for ever."""
        while True:
            await self._wait()
            await self.ask()
            if self._clock.mono_ns() >= self._due_ns:
                await self.compare()

    async def compare(self) -> bool:
        """Compare the books with the broker's; return whether the broker answered."""
        asked_ns = self._clock.mono_ns()
        snapshot = await attempt(
            self._broker.snapshot(self._look_back_ns()), deadline_s=SNAPSHOT_DEADLINE_S
        )
        fault = "" if isinstance(snapshot, Exception) else figure_fault(snapshot.orders, snapshot)
        if isinstance(snapshot, Exception) or fault:
            self._say_unanswered(fault or repr(snapshot))
        else:
            self.last_error = ""
            # What was reported meanwhile comes first: the list may be older than it.
            await self._engine.drained()
            self._take(snapshot, asked_ns)
            await self._engine.drained()
            for inquiry in self._engine.inquiries:
                for cl_ord_id in ids_to_ask(self._order_of(inquiry)):
                    self._weigh(inquiry, cl_ord_id)
            self._holdings.compare(
                snapshot,
                asked_ns=asked_ns,
                unsettled=self._unsettled(),
                at_once=not self.is_reconciled,
            )
            await self._engine.drained()
            self._let_trade()
        self._due_ns = self._clock.mono_ns() + int(self._every_s() * SECOND_NS)
        return not self.last_error

    async def ask(self) -> None:
        """Put the questions that are due, one after the other, as far as the pace allows."""
        for due in self._engine.inquiries.due(self._clock.mono_ns()):
            order = self._order_of(due)
            if self._engine.inquiries.get(order.cl_ord_id) is None:
                continue  # Settled while the others were asked about.
            ids = ids_to_ask(order)
            self._rest_until_ns = self._room_ns(len(ids))
            if self._rest_until_ns > self._clock.mono_ns():
                return
            answers = {cl_ord_id: await self._query(order, cl_ord_id) for cl_ord_id in ids}
            self._engine.inquiries.asked(order.cl_ord_id, self._clock.mono_ns(), answers)
            await self._engine.drained()
            inquiry = self._engine.inquiries.get(order.cl_ord_id)
            if inquiry is not None:
                self._conclude(inquiry, answers)
                await self._engine.drained()

    def _room_ns(self, count: int) -> int:
        """Return when so many questions may follow: a round has a bound, and a length."""
        over = len(self._asked_ns) + count - QUERIES_MAX
        return self._asked_ns[over - 1] + ROUND_NS if over > 0 else 0

    async def _query(self, order: Order, cl_ord_id: ClOrdID) -> bool | None:
        """Return whether the broker has an identity; None if it did not say."""
        if self._asked_ns:
            gap_ns = self._asked_ns[-1] + QUERY_GAP_NS - self._clock.mono_ns()
            await asyncio.sleep(max(0, gap_ns) / SECOND_NS)
        self._asked_ns.append(self._clock.mono_ns())
        answer = await attempt(self._broker.query(cl_ord_id), deadline_s=QUERY_DEADLINE_S)
        if answer is None:
            return False
        if isinstance(answer, Exception) or figure_fault([answer]):
            return None
        self._engine.put(status_report(answer, self._clock.now_ns()))
        if order.cancel_requested and not answer.ord_status.is_terminal:
            # Lost on its way, or with an earlier run: asking again does no harm.
            self._engine.cancel(order.cl_ord_id, origin=order.origin, actor=STATION)
        if answer.cum_qty > order.cum_qty:
            self._due_ns = 0  # The executions come with the comparison.
        return True

    def _conclude(self, inquiry: Inquiry, answers: Mapping[ClOrdID, bool | None]) -> None:
        """Declare absent what the answer "none" suffices for; else have the list looked at."""
        for cl_ord_id, has_it in answers.items():
            if has_it is not False:
                continue
            if self._broker.capabilities.is_authoritative:
                self._declare_absent(cl_ord_id, f"not at {self._broker.name}")
            else:
                self._weigh(inquiry, cl_ord_id)
                self._due_ns = 0

    def _weigh(self, inquiry: Inquiry, cl_ord_id: ClOrdID) -> None:
        """Declare an identity of an order absent where the evidence suffices."""
        text = evidence_of_absence(
            self._order_of(inquiry),
            cl_ord_id,
            inquiry,
            listed=self._listed,
            connected_since_ns=self._broker.connected_since_ns,
        )
        if text:
            self._declare_absent(cl_ord_id, text)

    def _declare_absent(self, cl_ord_id: ClOrdID, text: str) -> None:
        now_ns = self._clock.now_ns()
        self._engine.put(AbsentAtBroker(cl_ord_id=cl_ord_id, ts_recv_ns=now_ns, text=text))

    def _take(self, snapshot: Snapshot, asked_ns: int) -> None:
        """Put into the inbox what orders and executions of a list differ in."""
        ids = frozenset(theirs.cl_ord_id for theirs in snapshot.orders)
        self._listed = ListEvidence(ids=ids, since_ns=snapshot.since_ns, taken_ns=asked_ns)
        found = reconcile(
            self._engine.blotter,
            snapshot,
            account=self._broker.account,
            is_authoritative=self._broker.capabilities.is_authoritative,
            lasting=frozenset(f for f, ns in self._open.items() if asked_ns - ns >= YOUNG_NS),
        )
        self._open = {finding: self._open.get(finding, asked_ns) for finding in found.open}
        said, self._said = self._said, {*found.texts, *(text for _, text in found.refused)}
        # What the books refuse goes on record all the same, once; the fold says what is wrong.
        refused = [report for report, text in found.refused if text not in said]
        findings = (*found.findings, *refused)
        self._holdings.announce(f.exec_id for f in findings if isinstance(f, ExecutionReport))
        for finding in findings:
            self._engine.put(finding)
        for text in found.texts:
            if text not in said:
                self._hub.publish(Notice(text=text, is_warning=True))

    def _unsettled(self) -> set[Symbol]:
        """Return the symbols of which executions may be on their way here."""
        ids = [cl_ord_id for cl_ord_id, _ in self._open]
        ids += (inquiry.cl_ord_id for inquiry in self._engine.inquiries if self._is_fresh(inquiry))
        orders = [order for order in map(self._engine.blotter.get, ids) if order is not None]
        return {order.symbol for order in orders}

    def _is_fresh(self, inquiry: Inquiry) -> bool:
        """Whether an inquiry is about executions; a bust of nothing is so for a while only."""
        order = self._order_of(inquiry)
        is_young = self._clock.mono_ns() - inquiry.since_ns < PARKED_S * SECOND_NS
        return may_execute_unseen(order) or (bool(parked(order.facts)) and is_young)

    def _every_s(self) -> float:
        """Return the time to the next comparison."""
        works = any(not order.is_here for order in self._engine.blotter.working())
        is_open = self._open or self._said or self._holdings.is_open
        return WORKING_EVERY_S if works or is_open else IDLE_EVERY_S

    def _let_trade(self) -> None:
        """Take back what the first comparison, while it was missing, had tightened."""
        was_reconciled, self.is_reconciled = self.is_reconciled, True
        self._health.unreconciled = ""
        if not was_reconciled and self._gate.state_actor == ACTOR:
            self._engine.set_state(TradingState.ACTIVE, "reconciled", actor=ACTOR)

    def _say_unanswered(self, why: str) -> None:
        text = f"{self._broker.name} did not say what it holds: {why}"
        if not self.is_reconciled and self._gate.state is TradingState.ACTIVE:
            reason = f"{text}; trading only reduces until it does"
            self._engine.set_state(TradingState.REDUCING, reason, actor=ACTOR)
        self._health.unreconciled = "" if self.is_reconciled else text
        if text != self.last_error:
            self.last_error = text
            self._hub.publish(Notice(text=text, is_warning=True))

    def _look_back_ns(self) -> int:
        """Return how far back the next list has to go: beyond every send that is in question."""
        window_s = RUN_WINDOW_S if self.is_reconciled else START_WINDOW_S
        asked = [self._order_of(inquiry) for inquiry in self._engine.inquiries]
        sent = [sent_ns(order, cl_ord_id) for order in asked for cl_ord_id in ids_to_ask(order)]
        earliest = min((*sent, self._heard_ns, self._clock.now_ns()))
        return max(0, earliest - int(window_s * SECOND_NS))

    def _order_of(self, inquiry: Inquiry) -> Order:
        order = self._engine.blotter.get(inquiry.cl_ord_id)
        assert order is not None, inquiry
        return order

    async def _wait(self) -> None:
        due_ns = self._due_ns
        if self._engine.inquiries.next_ns is not None:
            due_ns = min(due_ns, max(self._engine.inquiries.next_ns, self._rest_until_ns))
        wait_s = max(0.0, (due_ns - self._clock.mono_ns()) / SECOND_NS)
        self._wake.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await self._wake.wait()
