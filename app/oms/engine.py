"""The order path: the only consumer of the inbox, the only way to a broker.

The danger: an order is sent twice, sent without a record, lost, or shown as something it is not.
How it happens elsewhere: a time-out is taken for a rejection and the order is sent again; the
program dies between the send and the record; a fill arrives before the acknowledgement and is
dropped; two clicks each see the same free buying power.
How this prevents it:
    1. commands and reports enter one inbox and are taken out in batches, one batch at a time;
    2. each command is decided on a picture that includes what was passed before it in the batch;
    3. the whole batch is journaled in one awaited append;
    4. only then the books change (by the same fold that start-up uses), the hub is told, and the
       broker is called, once, in a task with a deadline (`oms.calls`);
    5. no answer, or an error that is not a definite no, is in doubt: shown, counted as exposure,
       asked about (`oms.inquiry`), never sent again.
Not guaranteed: that an order in doubt finds its end; that needs the broker's answer.
"""

from __future__ import annotations

import asyncio
import functools
from collections import deque
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Final

from app.audit.journal import Journal
from app.audit.records import (
    AmendmentDecided,
    CancelRequested,
    LimitSet,
    OrderDecided,
    Record,
    ReportUnreadable,
    SharesSplit,
    TradingStateSet,
    UserActed,
    movement_record,
    report_record,
)
from app.brokers.base import Broker
from app.calendar import us_calendar
from app.clock import Clock
from app.config import Config
from app.domain.cash import CashPosting
from app.domain.commands import CancelOrder, ReplaceOrder, SubmitList, SubmitOrder
from app.domain.corporate import Split
from app.domain.decision import Latch, Picture
from app.domain.enums import OrderClass, Origin, Side, TradingState
from app.domain.errors import Overloaded
from app.domain.events import Filled, Notice, OrderBooked, OrderChanged
from app.domain.ids import ClOrdID, DurableSeq, Symbol
from app.domain.movements import Movement
from app.domain.orders import Order
from app.domain.position import PositionAdjustment
from app.domain.reports import (
    AbsentAtBroker,
    CancelReject,
    ExecutionReport,
    Report,
    SendUncertain,
    Unreadable,
)
from app.domain.terms import Hold, NewOrder
from app.hub import Hub
from app.market.store import MarketView
from app.oms.blotter import Blotter
from app.oms.books import Books, Change
from app.oms.breaches import Breaches
from app.oms.calls import BrokerCalls
from app.oms.decide import Decider, Decision
from app.oms.health import Health
from app.oms.identity import ClOrdIDs
from app.oms.inquiry import Inquiries
from app.oms.intake import Intake
from app.oms.limits import LimitKeeper
from app.oms.picture import Pictures
from app.oms.switch import TradingSwitch
from app.oms.waiters import Waiters
from app.portfolio.ledger import Ledger
from app.portfolio.valuation import AccountFigures
from app.risk.exposure import RiskInput
from app.risk.gate import Gate

BATCH_MAX: Final = 64
STATION: Final = "station"
"""Who acts where no person did."""

Item = (
    SubmitOrder | SubmitList | CancelOrder | ReplaceOrder | Report | Movement | Unreadable | Record
)


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
        health: Health,
    ) -> None:
        self._books = books
        self._gate = gate
        self._broker = broker
        self._journal = journal
        self._clock = clock
        self._hub = hub
        self._inbox_max = config.limits.inbox_max
        self._inbox: deque[Item] = deque()
        self._wake = asyncio.Event()
        self.is_busy = False
        """Whether anything waits, is being processed, or is under way to the broker; to be read."""
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._closing = False
        self._taken_in = self._applied = 0
        """Items ever put in, and those of them that are in the books."""
        self._unanswered: set[ClOrdID] = set()
        """Orders sent in this run that had no answer yet."""
        self._waiters = Waiters()
        self._pictures = Pictures(
            books=books,
            market=market,
            clock=clock,
            account=config.account,
            health=health,
            calendar=us_calendar(),
        )
        self._decider = Decider(
            gate=gate, pictures=self._pictures, market=market, broker=broker, blotter=books.blotter
        )
        self._intake = Intake(
            broker=broker, blotter=books.blotter, clock=clock, ids=ids, picture=self.picture
        )
        self._switch = TradingSwitch(gate, hub, self.put, self._trading_day)
        self.limits: Final = LimitKeeper(
            gate=gate, record=books.limits, clock=clock, calendar=us_calendar(), put=self.put
        )
        self._calls = BrokerCalls(
            broker=broker,
            blotter=books.blotter,
            clock=clock,
            hub=hub,
            put=self.put,
            barrier=self._decider.barrier,
            ended=self._wake.set,
        )
        self.inquiries: Final = Inquiries()
        self.round_trip_ns: int | None = None
        """Last time from broker call to acknowledgement."""
        broker.connect(self._hear)

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
    def breaches(self) -> Breaches:
        """Breaches and overrides."""
        return self._books.breaches

    async def settle(self) -> None:
        """Wait until nothing is under way: simulated time stands still meanwhile."""
        await self._quiet.wait()

    async def drained(self) -> None:
        """Wait until everything put in is durable and in the books, what came meanwhile too."""
        while not self._is_drained():
            await self._waiters.wait_for(self._is_drained)

    async def until(self, is_so: Callable[[], bool], *, deadline_s: float) -> bool:
        """Wait until something about the books holds; return whether it came to hold in time."""
        return await self._waiters.until(is_so, deadline_s=deadline_s)

    def follow(self, act: Callable[[Order], None]) -> None:
        """Call with every order that changed: after the hub was told, before the next record.

        What raises is reported as any handler of the hub; the engine goes on.
        """

        @functools.wraps(act)
        def on_booked(booked: OrderBooked) -> None:
            act(booked.order)

        self._hub.subscribe(OrderBooked, on_booked)

    def _is_drained(self) -> bool:
        return self._applied >= self._taken_in

    def mark(self, symbol: Symbol) -> Decimal | None:
        """Return the price at which the position of a symbol would be closed now."""
        return self._pictures.mark(symbol)

    def account(self) -> AccountFigures:
        """Return the account's figures at the present marks."""
        return self._pictures.account()

    def account_input(self) -> RiskInput:
        """Return the account as rules look at it that need no order: of its largest symbol."""
        return self._pictures.account_input(self._gate)

    def peak(self, week: date) -> Decimal | None:
        """Return the highest equity of a trading week, given by its Monday; None if not known."""
        return self._books.peak_equity(week)

    def picture(self, order: NewOrder) -> Picture:
        """Return what is known now of the order's symbol and of the account."""
        return self._pictures.picture(order, self._gate)

    # Commands: they return at once

    def submit(  # noqa: PLR0913  The terms, and who wants them how.
        self,
        order: NewOrder,
        *,
        origin: Origin,
        actor: str,
        hold: Hold | None = None,
        override: str = "",
    ) -> ClOrdID:
        """Give an order its identity and put it into the inbox.

        What the broker does not trigger itself is held on this machine. With an `override`, the
        typed reason of a person, it goes although a check asks to be confirmed.

        Raises:
            RefusedOrder: this broker does not take such an order; nothing is recorded.
            Overloaded: the inbox is full; nothing was taken.
        """
        self._require_room()
        command = self._intake.order(
            order, origin=origin, actor=actor, hold=hold, override=override
        )
        self.put(command)
        return command.cl_ord_id

    def submit_list(  # noqa: PLR0913  The terms, and who wants them how.
        self,
        orders: tuple[NewOrder, ...],
        order_class: OrderClass,
        *,
        origin: Origin,
        actor: str,
        override: str = "",
    ) -> tuple[ClOrdID, ...]:
        """Give orders that hang together their identities; recorded at once, or not at all.

        Raises:
            RefusedOrder: one of them, or how they hang together, is not possible.
            Overloaded: the inbox is full; nothing was taken.
        """
        self._require_room()
        command = self._intake.order_list(
            orders, order_class, origin=origin, actor=actor, override=override
        )
        self.put(command)
        return tuple(order.cl_ord_id for order in command.orders)

    def release(self, cl_ord_id: ClOrdID, terms: NewOrder, *, origin: Origin, actor: str) -> None:
        """Send an order that waits here, with the terms it goes out with."""
        command = self._intake.release(cl_ord_id, terms, origin=origin, actor=actor)
        if command is not None:
            self.put(command)

    def replace(  # noqa: PLR0913  The terms that can change, and who changes them.
        self,
        cl_ord_id: ClOrdID,
        *,
        order_qty: Decimal,
        limit_px: Decimal | None,
        stop_px: Decimal | None,
        origin: Origin,
        actor: str,
        override: str = "",
    ) -> ClOrdID:
        """Put a change of a working order's terms into the inbox; return the request's identity.

        Raises:
            RefusedOrder: it cannot be changed now, or not to that; nothing is recorded.
            Overloaded: the inbox is full; nothing was taken.
        """
        self._require_room()
        command = self._intake.replace(
            cl_ord_id,
            order_qty=order_qty,
            limit_px=limit_px,
            stop_px=stop_px,
            origin=origin,
            actor=actor,
            override=override,
        )
        self.put(command)
        return command.cl_ord_id

    def cancel(self, cl_ord_id: ClOrdID, *, origin: Origin, actor: str) -> None:
        """Put a cancel into the inbox. Never refused: a cancel only takes risk away."""
        now_ns = self._clock.now_ns()
        self.put(CancelOrder(cl_ord_id=cl_ord_id, origin=origin, actor=actor, ts_intent_ns=now_ns))

    def cancel_all(
        self,
        *,
        origin: Origin,
        actor: str,
        symbol: Symbol | None = None,
        side: Side | None = None,
    ) -> int:
        """Put a cancel of every working order into the inbox; return how many.

        Args:
            origin: who asks.
            actor: by name.
            symbol: of this one only.
            side: of this one only.
        """
        working = [
            order
            for order in self.blotter.working()
            if symbol in (None, order.symbol) and side in (None, order.order.side)
        ]
        for order in working:
            self.cancel(order.cl_ord_id, origin=origin, actor=actor)
        return len(working)

    def set_state(
        self, state: TradingState, reason: str, *, actor: str, symbol: Symbol | None = None
    ) -> None:
        """Let more or less through: less at once, more when it is durable.

        Args:
            state: what is let through.
            reason: in words.
            actor: who says so.
            symbol: of this one only; None: of the account.

        Raises:
            BadInput: the account is latched, and the day that lifts it has not come.
        """
        self._switch.set(state, reason, actor=actor, symbol=symbol)

    def tighten(
        self,
        state: TradingState,
        reason: str,
        *,
        actor: str,
        symbol: Symbol | None = None,
        latch: Latch | None = None,
    ) -> None:
        """Let less through; what is as tight already stays as it is, with its reason.

        For what acts by itself: a halt by a person is not undone by a lesser alarm after it.
        """
        self._switch.tighten(state, reason, actor=actor, symbol=symbol, latch=latch)

    def note(self, action: str, detail: str, *, actor: str) -> None:
        """Record something that a person did, or that this machine did, and that is no order."""
        self.put(UserActed(action=action, detail=detail, actor=actor))

    def put(self, item: Item) -> None:
        """Add to the inbox. Reports and records are never refused: a lost fill costs money."""
        self._inbox.append(item)
        self._taken_in += 1
        self.is_busy = True
        self._quiet.clear()
        self._wake.set()

    def _hear(self, item: Report | Movement | Unreadable) -> None:
        """Take what the broker says."""
        if isinstance(item, Split):
            # What waits here was meant for other shares: not even a price of now lets it go.
            self._intake.hold_back(item.symbol)
        self.put(item)

    # The loop

    async def run(self) -> None:
        """Process the inbox until `close`, then what is left of it."""
        async with asyncio.TaskGroup() as calls:
            while True:
                if self._inbox:
                    await self._process(calls)
                    continue
                if not self._calls.under_way:
                    self.is_busy = False
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
        decisions = [decision for item in items for decision in self._decide(item)]
        seqs = await self._journal.append([decision.record for decision in decisions])
        self._decider.start_batch()
        for decision, seq in zip(decisions, seqs, strict=True):
            # Everything below happens in one step of the loop for each record, after the disk.
            change = self._books.apply(decision.record)
            self._announce(decision.record, change)
            self._go_out(calls, decision, change, seq)
            if change.order is not None:
                self.inquiries.note(change.order, self._clock.mono_ns())
                self._hub.publish(OrderBooked(order=change.order))
        self._applied += len(items)
        self._waiters.look()

    def _decide(self, item: Item) -> list[Decision]:
        match item:
            case SubmitOrder():
                return self._decider.submit(item)
            case SubmitList():
                return [one for order in item.orders for one in self._decider.submit(order)]
            case CancelOrder():
                return self._decider.cancel(item)
            case ReplaceOrder():
                return self._decider.replace(item)
            case ExecutionReport() | CancelReject() | SendUncertain() | AbsentAtBroker():
                return [Decision(report_record(item))]
            case CashPosting() | PositionAdjustment() | Split():
                return [Decision(movement_record(item))]
            case Unreadable():
                return [Decision(self._quarantine(item))]
            case _:
                return [Decision(item)]

    def _quarantine(self, item: Unreadable) -> ReportUnreadable:
        """Keep what cannot be read, and let the symbol only reduce until it is understood."""
        reason = f"a report of the broker could not be read: {item.text}"
        self.tighten(TradingState.REDUCING, reason, actor=STATION, symbol=item.symbol or None)
        return ReportUnreadable(text=item.text, raw_hex=item.raw.hex(), symbol=item.symbol)

    def _announce(self, record: Record, change: Change) -> None:
        if isinstance(record, TradingStateSet):
            self._switch.on_record(record)
        elif isinstance(record, LimitSet):
            self.limits.on_record(record)
        elif isinstance(record, SharesSplit):
            self._end_orders(record.split)
        if change.order is not None:
            self._time_round_trip(change.order)
            self._hub.publish(OrderChanged(order=change.order))
        for fill in change.fills:
            if fill.new is not None:
                self._hub.publish(Filled(fill=fill.new))
        for alarm in change.alarms:
            self._hub.publish(Notice(text=alarm.text, is_warning=True))
            if alarm.reduces and change.order is not None:
                self.tighten(
                    TradingState.REDUCING, alarm.text, actor=STATION, symbol=change.order.symbol
                )
        if change.problem:
            self._hub.publish(Notice(text=change.problem, is_warning=True))

    def _end_orders(self, split: Split) -> None:
        """Cancel what works in a symbol that has split: quantities and prices are of old shares."""
        count = self.cancel_all(origin=Origin.CONTINGENT, actor=STATION, symbol=split.symbol)
        self._intake.let_go(split.symbol)
        orders = "1 order is" if count == 1 else f"{count} orders are"
        more = f"; {orders} canceled, price and quantity were of the old shares" if count else ""
        self._hub.publish(Notice(text=f"{split.text}{more}", is_warning=True))

    # What goes out

    def _go_out(
        self, calls: asyncio.TaskGroup, decision: Decision, change: Change, seq: DurableSeq
    ) -> None:
        record = decision.record
        if isinstance(record, CancelRequested):
            self._send_cancel(calls, record.command)
        elif decision.passed is None or change.order is None:
            return
        elif isinstance(record, OrderDecided):
            approved = self._gate.approve(decision.passed, record.command.cl_ord_id, seq)
            self._unanswered.add(approved.cl_ord_id)
            self._calls.submit(calls, approved)
        else:
            assert isinstance(record, AmendmentDecided), record
            request_id = record.command.cl_ord_id
            approved = self._gate.approve(decision.passed, request_id, seq, decision.live_id)
            self._calls.replace(calls, approved)

    def _send_cancel(self, calls: asyncio.TaskGroup, command: CancelOrder) -> None:
        order = self.blotter.get(command.cl_ord_id)
        if order is not None and order.is_working:
            if not order.is_here:
                self._calls.cancel(calls, order)
            return
        if command.request_id:
            return  # The order ended before the cancel that was to make room for another.
        successor = None if order is None else self._successor(order)
        if successor is not None:  # A replace was faster than the click: what it made is meant.
            self.cancel(successor.cl_ord_id, origin=command.origin, actor=command.actor)
            return
        text = f"{command.cl_ord_id} cannot be canceled: it is not working"
        self._hub.publish(Notice(text=text))

    def _successor(self, order: Order) -> Order | None:
        """Return the working order that took an ended one's place."""
        return next(
            (
                child
                for child in self.blotter.children_of(order.cl_ord_id)
                if child.links.replaces == order.cl_ord_id and child.is_working
            ),
            None,
        )

    # Helpers

    def _trading_day(self) -> date:
        return us_calendar().trading_day(self._clock.now_ns())

    def _time_round_trip(self, order: Order) -> None:
        if order.ts_ack_ns and order.cl_ord_id in self._unanswered:
            self._unanswered.discard(order.cl_ord_id)
            self.round_trip_ns = order.ts_ack_ns - order.ts_sent_ns

    def _require_room(self) -> None:
        if len(self._inbox) >= self._inbox_max:
            raise Overloaded(
                f"{len(self._inbox)} orders are waiting, limit {self._inbox_max}; order not taken"
            )
