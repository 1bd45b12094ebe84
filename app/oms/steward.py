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
from typing import Final

from app.audit.records import PositionAdjusted
from app.brokers.base import Broker, BrokerOrder, Snapshot
from app.clock import Clock
from app.domain.enums import TradingState
from app.domain.events import Notice
from app.domain.ids import ClOrdID, Symbol
from app.domain.orders import Order
from app.domain.position import PositionAdjustment
from app.domain.reports import AbsentAtBroker, SendUncertain
from app.domain.terms import ZERO
from app.domain.times import SECOND_NS
from app.hub import Hub
from app.oms.engine import STATION, OmsEngine
from app.oms.inquiry import Inquiry, ListEvidence, evidence_of_absence, ids_to_ask
from app.oms.reconcile import (
    Finding,
    PositionDifference,
    adjusting_px,
    position_differences,
    reconcile,
    status_report,
)
from app.risk.gate import Gate
from app.tasks import attempt

ACTOR: Final = "reconciliation"
YOUNG_S: Final = 5.0
"""Differences younger than this are on their way, not differences."""
QUERY_DEADLINE_S: Final = 5.0
SNAPSHOT_DEADLINE_S: Final = 15.0
QUERIES_MAX: Final = 10
"""Of one round."""
QUERY_GAP_S: Final = 0.1
WORKING_EVERY_S: Final = 5.0
"""Between two comparisons while an order works at the broker."""
IDLE_EVERY_S: Final = 30.0
START_WINDOW_S: Final = 24 * 3600.0
"""How far before the broker's newest word the first comparison looks."""
RUN_WINDOW_S: Final = 300.0
"""How far before it each further one looks."""


class Steward:
    """Asks the broker about orders in doubt and compares the books with the broker's."""

    def __init__(
        self, *, engine: OmsEngine, broker: Broker, gate: Gate, clock: Clock, hub: Hub
    ) -> None:
        self._engine: Final = engine
        self._broker: Final = broker
        self._gate: Final = gate
        self._clock: Final = clock
        self._hub: Final = hub
        self._wake = asyncio.Event()
        self._due_ns = 0
        """When the next comparison is due, by the monotonic clock."""
        self._heard_ns = 0
        """The broker's newest word, by its own clock: ours may have been set."""
        self._open: dict[Finding, int] = {}
        """Differences of orders -> when first seen, by the monotonic clock."""
        self._moved_ns: dict[Symbol, int] = {}
        """Symbol -> when an order of it last changed, by the monotonic clock."""
        self._listed: ListEvidence | None = None
        self._seen: dict[Symbol, tuple[PositionDifference, int]] = {}
        """Symbol -> the difference of the last comparison, and when it was first seen."""
        self.is_reconciled = False
        """Whether a comparison has come through in this run."""
        self.last_error = ""
        """Why the newest comparison did not come through; empty if it did."""

    def start(self) -> None:
        """Take what an earlier run left on its way into question; nothing is sent again."""
        for order in self._engine.blotter.orders:
            self._hear(order)
        now_ns = self._clock.now_ns()
        for order in self._engine.blotter.working():
            if order.is_here:
                continue
            self._engine.inquiries.note(order, self._clock.mono_ns())
            if not order.ts_ack_ns and not order.is_in_doubt:
                text = "the station stopped while it was on its way"
                self._engine.put(
                    SendUncertain(cl_ord_id=order.cl_ord_id, ts_recv_ns=now_ns, text=text)
                )

    def on_order(self, order: Order) -> None:
        """Look at once whether there is something to ask about an order."""
        self._hear(order)
        self._moved_ns[order.symbol] = self._clock.mono_ns()
        self._wake.set()

    def _hear(self, order: Order) -> None:
        newest_ns = max(order.working_ns, order.done_for_day_ns)
        if order.facts:
            newest_ns = max(newest_ns, order.facts[-1].report.ts_exch_ns)
        self._heard_ns = max(self._heard_ns, newest_ns)

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
        working = any(not order.is_here for order in self._engine.blotter.working())
        every_s = WORKING_EVERY_S if working else IDLE_EVERY_S
        self._due_ns = self._clock.mono_ns() + int(every_s * SECOND_NS)
        if isinstance(snapshot, Exception):
            self._say_unanswered(snapshot)
            return False
        self.last_error = ""
        self._take(snapshot, asked_ns)
        await self._engine.drained()
        self._compare_positions(snapshot)
        await self._engine.drained()
        self._let_trade()
        return True

    async def ask(self) -> None:
        """Put the questions that are due, one after the other."""
        due = self._engine.inquiries.due(self._clock.mono_ns())[:QUERIES_MAX]
        for number, inquiry in enumerate(due):
            if number:
                await asyncio.sleep(QUERY_GAP_S)
            order = self._engine.blotter.get(inquiry.cl_ord_id)
            assert order is not None
            await self._ask_about(order, inquiry)

    async def _ask_about(self, order: Order, inquiry: Inquiry) -> None:
        none: list[ClOrdID] = []
        ok = True
        for cl_ord_id in ids_to_ask(order):
            answer = await attempt(self._broker.query(cl_ord_id), deadline_s=QUERY_DEADLINE_S)
            if isinstance(answer, BrokerOrder):
                self._engine.put(status_report(answer, self._clock.now_ns()))
                if order.cancel_requested and not answer.ord_status.is_terminal:
                    # Lost on its way, or with an earlier run: asking again does no harm.
                    self._engine.cancel(order.cl_ord_id, origin=order.origin, actor=STATION)
                if answer.cum_qty > order.cum_qty:
                    self._due_ns = 0  # The executions come with the comparison.
            elif answer is None:
                none.append(cl_ord_id)
            else:
                ok = False
        now_ns = self._clock.mono_ns()
        self._engine.inquiries.asked(inquiry, now_ns, none=tuple(none), ok=ok)
        for cl_ord_id in none:
            self._weigh(order, cl_ord_id)
        if none:
            self._due_ns = 0
        await self._engine.drained()

    def _weigh(self, order: Order, cl_ord_id: ClOrdID) -> None:
        """Declare an identity absent where the evidence suffices."""
        inquiry = self._engine.inquiries.get(order.cl_ord_id)
        if inquiry is None:
            return
        if self._broker.capabilities.is_authoritative:
            text = f"not at {self._broker.name}"
        else:
            text = evidence_of_absence(
                order,
                cl_ord_id,
                inquiry,
                listed=self._listed,
                connected_since_ns=self._broker.connected_since_ns,
            )
        if text:
            now_ns = self._clock.now_ns()
            self._engine.put(AbsentAtBroker(cl_ord_id=cl_ord_id, ts_recv_ns=now_ns, text=text))

    def _take(self, snapshot: Snapshot, asked_ns: int) -> None:
        ids = {theirs.cl_ord_id for theirs in snapshot.orders}
        self._listed = ListEvidence(
            ids=frozenset(ids), since_ns=snapshot.since_ns, taken_ns=asked_ns
        )
        found = reconcile(
            self._engine.blotter,
            snapshot,
            account=self._broker.account,
            is_authoritative=self._broker.capabilities.is_authoritative,
            lasting=frozenset(f for f, first_ns in self._open.items() if self._is_old(first_ns)),
        )
        self._open = {finding: self._open.get(finding, asked_ns) for finding in found.open}
        for finding in found.findings:
            self._engine.put(finding)
        for text in found.texts:
            self._hub.publish(Notice(text=text, is_warning=True))
        for inquiry in self._engine.inquiries:
            order = self._engine.blotter.get(inquiry.cl_ord_id)
            assert order is not None
            for cl_ord_id in ids_to_ask(order):
                self._weigh(order, cl_ord_id)

    def _compare_positions(self, snapshot: Snapshot) -> None:
        ledger = self._engine.ledger.view
        ours = [(position.symbol, position.qty) for position in ledger.all()]
        now_ns = self._clock.mono_ns()
        seen: dict[Symbol, tuple[PositionDifference, int]] = {}
        for difference in position_differences(ours, snapshot):
            symbol = difference.symbol
            if self._is_moving(symbol):
                continue
            before = self._seen.get(symbol)
            same = before is not None and before[0] == difference
            first_ns = before[1] if before is not None and same else now_ns
            seen[symbol] = difference, first_ns
            if (same and self._is_old(first_ns)) or not self.is_reconciled:
                self._adjust(difference)
        self._seen = seen

    def _is_moving(self, symbol: Symbol) -> bool:
        """Whether something of a symbol may explain a difference before long."""
        for order in self._engine.blotter.working_in(symbol):
            if order.is_in_doubt or order.missing_qty:
                return True
        moved_ns = self._moved_ns.get(symbol)
        return self.is_reconciled and moved_ns is not None and not self._is_old(moved_ns)

    def _is_old(self, since_ns: int) -> bool:
        return self._clock.mono_ns() - since_ns >= YOUNG_S * SECOND_NS

    def _adjust(self, difference: PositionDifference) -> None:
        symbol = difference.symbol
        position = self._engine.ledger.view.get(symbol)
        fallback = self._engine.mark(symbol) or position.avg_px or ZERO
        self._engine.put(
            PositionAdjusted(
                adjustment=PositionAdjustment(
                    adjustment_id=f"A-{symbol}-{position.qty}-{difference.theirs}"
                    f"-{self._engine.blotter.last_fill_ns.get(symbol, 0)}",
                    symbol=symbol,
                    qty=difference.theirs - difference.ours,
                    px=adjusting_px(difference, position.cost, fallback=fallback),
                    ts_ns=self._clock.now_ns(),
                    text="no execution explains it",
                )
            )
        )
        text = f"{difference.text}; adjusted. {symbol} only reduces until acknowledged"
        self._engine.set_state(TradingState.REDUCING, text, actor=ACTOR, symbol=symbol)
        self._hub.publish(Notice(text=text, is_warning=True))

    def _let_trade(self) -> None:
        """Take back what the first comparison, while it was missing, had tightened."""
        was_reconciled, self.is_reconciled = self.is_reconciled, True
        if not was_reconciled and self._gate.state_actor == ACTOR:
            self._engine.set_state(TradingState.ACTIVE, "reconciled", actor=ACTOR)

    def _say_unanswered(self, error: Exception) -> None:
        text = f"{self._broker.name} did not say what it holds: {error!r}"
        if not self.is_reconciled and self._gate.state is TradingState.ACTIVE:
            reason = f"{text}; trading only reduces until it does"
            self._engine.set_state(TradingState.REDUCING, reason, actor=ACTOR)
        if text != self.last_error:
            self.last_error = text
            self._hub.publish(Notice(text=text, is_warning=True))

    def _look_back_ns(self) -> int:
        """Return how far back the next list has to go: beyond every send that is in question."""
        window_s = RUN_WINDOW_S if self.is_reconciled else START_WINDOW_S
        sent = [
            order.ts_sent_ns or order.ts_intent_ns
            for order in self._engine.blotter.working()
            if not order.is_here and self._engine.inquiries.get(order.cl_ord_id) is not None
        ]
        earliest = min((*sent, self._heard_ns, self._clock.now_ns()))
        return max(0, earliest - int(window_s * SECOND_NS))

    async def _wait(self) -> None:
        due = [self._due_ns]
        if self._engine.inquiries.next_ns is not None:
            due.append(self._engine.inquiries.next_ns)
        wait_s = max(0.0, (min(due) - self._clock.mono_ns()) / SECOND_NS)
        self._wake.clear()
        try:
            async with asyncio.timeout(wait_s):
                await self._wake.wait()
        except TimeoutError:
            pass
