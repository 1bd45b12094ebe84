"""The order path: the only consumer of the inbox, the only caller of a broker.

The danger: an order is sent twice, sent without a record, lost, or shown as something it is not.
How it happens elsewhere: a time-out is taken for a rejection and the order is sent again; the
program dies between the send and the record; a fill arrives before the acknowledgement and is
dropped; two clicks each see the same free buying power.
How this prevents it:
    1. commands and reports enter one inbox and are taken out in batches, one batch at a time;
    2. each command is decided on a picture that includes what was passed before it in the batch;
    3. the whole batch is journaled in one awaited append;
    4. only then the books change (by the same fold that start-up uses), the hub is told, and the
       broker is called, once, in a task with a deadline;
    5. no answer, or an error that is not a definite no, is UNKNOWN: shown, counted as exposure,
       never sent again.
Not guaranteed: that an unknown order's fate is found out; that needs the broker's answer.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Coroutine
from decimal import Decimal
from typing import Any, Final

from app.audit.journal import Journal
from app.audit.records import (
    CancelRequested,
    OrderDecided,
    OrderSent,
    Record,
    TradingStateSet,
    UserActed,
    report_record,
)
from app.brokers.base import Broker
from app.clock import Clock
from app.config import Config
from app.domain.commands import CancelOrder, SubmitOrder
from app.domain.decision import Picture
from app.domain.enums import ExecType, Origin, Side, TradingState
from app.domain.errors import Overloaded, RefusedOrder, Rejected
from app.domain.events import Filled, Notice, OrderChanged, TradingStateChanged
from app.domain.ids import ClOrdID, DurableSeq, Symbol
from app.domain.orders import Order
from app.domain.reports import CancelReject, ExecutionReport, Report, SendUncertain
from app.domain.terms import NewOrder
from app.hub import Hub
from app.market.store import MarketView
from app.oms.blotter import Blotter
from app.oms.books import Books, Change
from app.oms.identity import ClOrdIDs
from app.oms.picture import Pictures
from app.oms.terms import require_taken
from app.portfolio.ledger import Ledger
from app.portfolio.valuation import AccountFigures
from app.risk.exposure import closable_qty
from app.risk.gate import Gate, Passed
from app.tasks import attempt, spawn

BATCH_MAX: Final = 64
SUBMIT_DEADLINE_S: Final = 10.0

Item = SubmitOrder | CancelOrder | Report | Record


class OmsEngine:
    """Take commands and reports; gate, journal, apply, send."""

    def __init__(  # noqa: PLR0913  The composition root hands over what it built, once.
        self,
        *,
        books: Books,
        gate: Gate,
        broker: Broker,
        journal: Journal,
        market: MarketView,
        clock: Clock,
        hub: Hub,
        config: Config,
        ids: ClOrdIDs,
    ) -> None:
        self._books = books
        self._gate = gate
        self._broker = broker
        self._journal = journal
        self._market = market
        self._clock = clock
        self._hub = hub
        self._inbox_max = config.limits.inbox_max
        self._ids = ids
        self._inbox: deque[Item] = deque()
        self._wake = asyncio.Event()
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._closing = False
        self._calls = 0
        """Broker calls under way."""
        self._states: list[TradingStateSet] = []
        """Changes of the trading state that are not durable yet, in order."""
        self._cancelling: set[ClOrdID] = set()
        """Orders with a cancel call under way; one at a time of each."""
        self._unanswered: set[ClOrdID] = set()
        """Orders sent in this run that had no answer yet."""
        self._pictures = Pictures(
            books=books, market=market, clock=clock, leverage_max=config.account.leverage_max
        )
        self.equity_at_start: Decimal | None = None
        """Account equity when it could first be valued in this run."""
        self.round_trip_ns: int | None = None
        """Last time from broker call to acknowledgement."""
        broker.connect(self.put)

    # Reading

    @property
    def blotter(self) -> Blotter:
        """The book of orders."""
        return self._books.blotter

    @property
    def ledger(self) -> Ledger:
        """Positions and cash."""
        return self._books.ledger

    @property
    def is_busy(self) -> bool:
        """Whether anything waits, is being processed, or is under way to the broker."""
        return not self._quiet.is_set()

    async def settle(self) -> None:
        """Wait until nothing is under way: simulated time stands still meanwhile."""
        await self._quiet.wait()

    def mark(self, symbol: Symbol) -> Decimal | None:
        """Return the price at which the position of a symbol would be closed now."""
        return self._pictures.mark(symbol)

    def account(self) -> AccountFigures:
        """Return the account's figures at the present marks."""
        figures = self._pictures.account()
        if self.equity_at_start is None:
            self.equity_at_start = figures.equity
        return figures

    def picture(self, order: NewOrder) -> Picture:
        """Return what is known now of the order's symbol and of the account."""
        return self._pictures.picture(order, self._gate.state)

    # Commands: they return at once

    def submit(self, order: NewOrder, *, origin: Origin, actor: str) -> ClOrdID:
        """Give an order its identity and put it into the inbox.

        Raises:
            RefusedOrder: this broker does not take such an order; nothing is recorded.
            Overloaded: the inbox is full; nothing was taken.
        """
        require_taken(order, self._broker.capabilities, broker=self._broker.name)
        self._require_long(order)
        self._require_room()
        now_ns = self._clock.now_ns()
        cl_ord_id = self._ids.next(now_ns)
        self.put(
            SubmitOrder(
                cl_ord_id=cl_ord_id, order=order, origin=origin, actor=actor, ts_intent_ns=now_ns
            )
        )
        return cl_ord_id

    def cancel(self, cl_ord_id: ClOrdID, *, origin: Origin, actor: str) -> None:
        """Put a cancel into the inbox. Never refused: a cancel only takes risk away."""
        now_ns = self._clock.now_ns()
        self.put(CancelOrder(cl_ord_id=cl_ord_id, origin=origin, actor=actor, ts_intent_ns=now_ns))

    def cancel_all(self, *, origin: Origin, actor: str) -> int:
        """Put a cancel of every working order into the inbox; return how many."""
        working = self.blotter.working()
        for order in working:
            self.cancel(order.cl_ord_id, origin=origin, actor=actor)
        return len(working)

    def set_state(self, state: TradingState, reason: str, *, actor: str) -> None:
        """Let more or less through: less at once, more when it is durable."""
        if state.is_tighter_than(self._gate.state):
            self._gate.set_state(state, reason)
        wanted = TradingStateSet(state=state, reason=reason, actor=actor)
        self._states.append(wanted)
        self.put(wanted)

    def note(self, action: str, detail: str, *, actor: str) -> None:
        """Record something a person did that is not an order."""
        self.put(UserActed(action=action, detail=detail, actor=actor))

    def put(self, item: Item) -> None:
        """Add to the inbox. Reports and records are never refused: a lost fill costs money."""
        self._inbox.append(item)
        self._quiet.clear()
        self._wake.set()

    # The loop

    async def run(self) -> None:
        """Process the inbox until `close`, then what is left of it."""
        async with asyncio.TaskGroup() as calls:
            while True:
                if self._inbox:
                    await self._process(calls)
                    continue
                if not self._calls:
                    self._quiet.set()
                    if self._closing:
                        return
                self._wake.clear()
                await self._wake.wait()

    def close(self) -> None:
        """End `run` once the inbox is empty and no broker call is under way."""
        self._closing = True
        self._wake.set()

    async def _process(self, calls: asyncio.TaskGroup) -> None:
        items = [self._inbox.popleft() for _ in range(min(BATCH_MAX, len(self._inbox)))]
        verdicts: dict[int, Passed] = {}
        records = [self._record(index, item, verdicts) for index, item in enumerate(items)]
        seqs = await self._journal.append(records)
        self._pictures.reserved.clear()
        for index, record in enumerate(records):
            # Everything below happens in one step of the loop for each record, after the disk.
            change = self._books.apply(record)
            self._announce(record, change)
            passed = verdicts.get(index)
            if passed is not None:
                self._send(calls, passed, record, seqs[index])
            elif isinstance(record, CancelRequested):
                self._send_cancel(calls, record.command.cl_ord_id)

    def _record(self, index: int, item: Item, verdicts: dict[int, Passed]) -> Record:
        match item:
            case SubmitOrder():
                picture = self.picture(item.order)
                instrument = self._market.instrument(item.order.symbol)
                verdict = self._gate.check(item.order, picture, instrument)
                if isinstance(verdict, Passed):
                    verdicts[index] = verdict
                    self._pictures.reserved.append(item.order)
                return OrderDecided(
                    command=item,
                    account=self._broker.account,
                    approved=isinstance(verdict, Passed),
                    checks=verdict.checks,
                    picture=picture,
                )
            case CancelOrder():
                return CancelRequested(command=item)
            case ExecutionReport() | CancelReject() | SendUncertain():
                return report_record(item)
            case _:
                return item

    def _announce(self, record: Record, change: Change) -> None:
        if isinstance(record, TradingStateSet):
            if record in self._states:
                self._states.remove(record)
            # A halt that is still on its way to the disk holds against an arming before it.
            tightest = max((record, *self._states), key=lambda wanted: wanted.state.tightness)
            self._gate.set_state(tightest.state, tightest.reason)
            self._hub.publish(
                TradingStateChanged(state=self._gate.state, reason=self._gate.state_reason)
            )
        if change.order is not None:
            self._time_round_trip(change.order)
            self._hub.publish(OrderChanged(order=change.order))
        for fill in change.fills:
            self._hub.publish(Filled(fill=fill))
        if change.problem:
            self._hub.publish(Notice(text=change.problem, is_warning=True))

    # Calls to the broker

    def _send(
        self, calls: asyncio.TaskGroup, passed: Passed, record: Record, seq: DurableSeq
    ) -> None:
        assert isinstance(record, OrderDecided)
        state = self._gate.state
        if state.is_tighter_than(record.picture.trading_state):
            # The kill switch was faster than the disk.
            text = f"trading became {state.name} before it was sent; order not sent"
            self.put(self._rejection(record.command.cl_ord_id, text))
            return
        approved = self._gate.approve(passed, record.command.cl_ord_id, seq)

        async def send() -> None:
            cl_ord_id = approved.cl_ord_id
            self._unanswered.add(cl_ord_id)
            self.put(OrderSent(cl_ord_id=cl_ord_id, ts_sent_ns=self._clock.now_ns()))
            error = await attempt(self._broker.submit(approved), deadline_s=SUBMIT_DEADLINE_S)
            if error is None:
                return
            if isinstance(error, Rejected):
                self.put(self._rejection(cl_ord_id, str(error)))
            else:
                # Timed out, cut off or broken: accepted or not, nobody knows. Never sent again.
                text = f"sent, no answer: {error!r}"
                now_ns = self._clock.now_ns()
                self.put(SendUncertain(cl_ord_id=cl_ord_id, ts_recv_ns=now_ns, text=text))

        self._start(calls, f"submit {approved.cl_ord_id}", send())

    def _send_cancel(self, calls: asyncio.TaskGroup, cl_ord_id: ClOrdID) -> None:
        order = self.blotter.get(cl_ord_id)
        if order is None or not order.is_working:
            text = f"{cl_ord_id} cannot be cancelled: it is not working"
            self._hub.publish(Notice(text=text))
        elif cl_ord_id not in self._cancelling:
            self._cancelling.add(cl_ord_id)
            self._start(calls, f"cancel {cl_ord_id}", self._cancel(order))

    async def _cancel(self, order: Order) -> None:
        error = await attempt(self._broker.cancel(order.cl_ord_id), deadline_s=SUBMIT_DEADLINE_S)
        self._cancelling.discard(order.cl_ord_id)
        if isinstance(error, Rejected):
            now_ns = self._clock.now_ns()
            self.put(
                CancelReject(
                    cl_ord_id=order.cl_ord_id,
                    ts_exch_ns=now_ns,
                    ts_recv_ns=now_ns,
                    text=str(error),
                )
            )
        elif error is not None:
            text = f"cancel of {order.cl_ord_id} has no answer: {error!r}; it stays pending"
            self._hub.publish(Notice(text=text, is_warning=True))

    def _start(self, calls: asyncio.TaskGroup, name: str, call: Coroutine[Any, Any, None]) -> None:
        self._calls += 1
        spawn(calls, name, call).add_done_callback(self._call_ended)

    def _call_ended(self, _task: asyncio.Task[None]) -> None:
        self._calls -= 1
        self._wake.set()

    # Helpers

    def _rejection(self, cl_ord_id: ClOrdID, text: str) -> ExecutionReport:
        now_ns = self._clock.now_ns()
        return ExecutionReport(
            cl_ord_id=cl_ord_id,
            exec_type=ExecType.REJECTED,
            ts_exch_ns=now_ns,
            ts_recv_ns=now_ns,
            text=text,
        )

    def _time_round_trip(self, order: Order) -> None:
        if order.ts_ack_ns and order.cl_ord_id in self._unanswered:
            self._unanswered.discard(order.cl_ord_id)
            self.round_trip_ns = order.ts_ack_ns - order.ts_sent_ns

    def _require_room(self) -> None:
        if len(self._inbox) >= self._inbox_max:
            raise Overloaded(
                f"{len(self._inbox)} orders are waiting, limit {self._inbox_max}; order not taken"
            )

    def _require_long(self, order: NewOrder) -> None:
        if order.side is Side.BUY or self._broker.capabilities.can_short:
            return
        closable = closable_qty(order, self.picture(order))
        if not (order.order_qty <= closable):
            raise RefusedOrder(
                f"{self._broker.name} takes no short sales: {order.order_qty} to sell, "
                f"{closable} held and not for sale yet; order not sent"
            )
