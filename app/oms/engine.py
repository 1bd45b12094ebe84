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
from collections import deque
from collections.abc import Callable
from decimal import Decimal
from typing import Final

import msgspec

from app.audit.journal import Journal
from app.audit.records import (
    AmendmentDecided,
    CancelRequested,
    OrderDecided,
    Record,
    ReportUnreadable,
    TradingStateSet,
    UserActed,
    report_record,
)
from app.brokers.base import Broker
from app.clock import Clock
from app.config import Config
from app.domain.approval import ApprovedOrder
from app.domain.commands import CancelOrder, ReplaceOrder, SubmitList, SubmitOrder
from app.domain.decision import Picture
from app.domain.enums import OrderClass, Origin, Side, TradingState
from app.domain.errors import Overloaded, RefusedOrder
from app.domain.events import Filled, Notice, OrderChanged, TradingStateChanged
from app.domain.ids import ClOrdID, DurableSeq, Symbol
from app.domain.orders import Order
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
from app.oms.calls import BrokerCalls
from app.oms.decide import Decider, Decision, amended, replace_fault, replace_terms_fault
from app.oms.identity import ClOrdIDs
from app.oms.inquiry import Inquiries
from app.oms.lists import linked, list_fault
from app.oms.picture import Pictures
from app.oms.terms import is_native, require_taken
from app.portfolio.ledger import Ledger
from app.portfolio.valuation import AccountFigures
from app.risk.exposure import closable_qty
from app.risk.gate import Gate

BATCH_MAX: Final = 64
STATION: Final = "station"
"""Who acts where no person did."""

Item = SubmitOrder | SubmitList | CancelOrder | ReplaceOrder | Report | Unreadable | Record


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
        self._clock = clock
        self._hub = hub
        self._inbox_max = config.limits.inbox_max
        self._ids = ids
        self._inbox: deque[Item] = deque()
        self._wake = asyncio.Event()
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._closing = False
        self._taken_in = self._applied = 0
        """Items ever put in, and those of them that are in the books."""
        self._states: list[TradingStateSet] = []
        """Changes of the trading state that are not durable yet, in order."""
        self._unanswered: set[ClOrdID] = set()
        """Orders sent in this run that had no answer yet."""
        self._waiters: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []
        self._pictures = Pictures(
            books=books, market=market, clock=clock, leverage_max=config.account.leverage_max
        )
        self._decider = Decider(
            gate=gate, pictures=self._pictures, market=market, broker=broker, blotter=books.blotter
        )
        self._calls = BrokerCalls(
            broker=broker,
            blotter=books.blotter,
            clock=clock,
            hub=hub,
            put=self.put,
            barrier=self._barrier,
            ended=self._wake.set,
        )
        self.inquiries: Final = Inquiries()
        self.round_trip_ns: int | None = None
        """Last time from broker call to acknowledgement."""
        self.followers: Final[list[Callable[[Order], None]]] = []
        """Told of every order that changed, after the hub, in this order."""
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

    async def drained(self) -> None:
        """Wait until everything put in is durable and in the books, what came meanwhile too."""
        while not self._is_drained():
            await self._wait_for(self._is_drained)

    def _is_drained(self) -> bool:
        return self._applied >= self._taken_in

    async def until(self, is_so: Callable[[], bool], *, deadline_s: float) -> bool:
        """Wait until something about the books holds; return whether it came to hold in time."""
        try:
            async with asyncio.timeout(deadline_s):
                await self._wait_for(is_so)
        except TimeoutError:
            return is_so()
        return True

    async def _wait_for(self, is_so: Callable[[], bool]) -> None:
        if is_so():
            return
        waiter = is_so, asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        try:
            await waiter[1]
        finally:
            self._waiters.remove(waiter)

    def mark(self, symbol: Symbol) -> Decimal | None:
        """Return the price at which the position of a symbol would be closed now."""
        return self._pictures.mark(symbol)

    def account(self) -> AccountFigures:
        """Return the account's figures at the present marks."""
        return self._pictures.account()

    def picture(self, order: NewOrder) -> Picture:
        """Return what is known now of the order's symbol and of the account."""
        return self._pictures.picture(order, self._gate)

    # Commands: they return at once

    def submit(
        self, order: NewOrder, *, origin: Origin, actor: str, hold: Hold | None = None
    ) -> ClOrdID:
        """Give an order its identity and put it into the inbox.

        What the broker does not trigger itself is held on this machine.

        Raises:
            RefusedOrder: this broker does not take such an order; nothing is recorded.
            Overloaded: the inbox is full; nothing was taken.
        """
        able = self._broker.capabilities
        require_taken(order, able, broker=self._broker.name)
        self._require_long(order)
        if hold is None and not is_native(order, able):
            hold = Hold()
        command = self._command(order, origin=origin, actor=actor, hold=hold)
        self.put(command)
        return command.cl_ord_id

    def submit_list(
        self,
        orders: tuple[NewOrder, ...],
        order_class: OrderClass,
        *,
        origin: Origin,
        actor: str,
    ) -> tuple[ClOrdID, ...]:
        """Give orders that hang together their identities; recorded at once, or not at all.

        Raises:
            RefusedOrder: one of them, or how they hang together, is not possible.
            Overloaded: the inbox is full; nothing was taken.
        """
        fault = list_fault(orders, order_class)
        if fault:
            raise RefusedOrder(f"{fault}; nothing was sent")
        able = self._broker.capabilities
        for order in orders:
            require_taken(order, able, broker=self._broker.name)
        if order_class is not OrderClass.OCO:
            self._require_long(orders[0])
        drafts = tuple(
            self._command(order, origin=origin, actor=actor, hold=None) for order in orders
        )
        commands = linked(drafts, order_class, able)
        self.put(SubmitList(order_class=order_class, orders=commands))
        return tuple(command.cl_ord_id for command in commands)

    def release(self, cl_ord_id: ClOrdID, terms: NewOrder, *, origin: Origin, actor: str) -> None:
        """Send an order that waits here, with the terms it goes out with."""
        order = self.blotter.get(cl_ord_id)
        if order is None or not order.is_here:
            return
        self.put(
            SubmitOrder(
                cl_ord_id=cl_ord_id,
                order=terms,
                origin=origin,
                actor=actor,
                ts_intent_ns=self._clock.now_ns(),
                links=order.links,
            )
        )

    def replace(  # noqa: PLR0913  The terms that can change, and who changes them.
        self,
        cl_ord_id: ClOrdID,
        *,
        order_qty: Decimal,
        limit_px: Decimal | None,
        stop_px: Decimal | None,
        origin: Origin,
        actor: str,
    ) -> ClOrdID:
        """Put a change of a working order's terms into the inbox; return the request's identity.

        Raises:
            RefusedOrder: it cannot be changed now, or not to that; nothing is recorded.
            Overloaded: the inbox is full; nothing was taken.
        """
        order = self.blotter.get(cl_ord_id)
        if order is None:
            raise RefusedOrder(f"order {cl_ord_id} is not known here; nothing was sent")
        now_ns = self._clock.now_ns()
        draft = ReplaceOrder(
            cl_ord_id=ClOrdID(""),
            orig_cl_ord_id=order.cl_ord_id,
            order_qty=order_qty,
            limit_px=limit_px,
            stop_px=stop_px,
            origin=origin,
            actor=actor,
            ts_intent_ns=now_ns,
        )
        terms = amended(order, draft)
        fault = replace_fault(order) or replace_terms_fault(order, terms)
        if fault:
            raise RefusedOrder(f"{fault}; nothing was sent")
        require_taken(terms, self._broker.capabilities, broker=self._broker.name)
        self._require_room()
        command = msgspec.structs.replace(draft, cl_ord_id=self._ids.next(now_ns))
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
        """
        wanted = TradingStateSet(
            state=state, reason=reason, actor=actor, symbol=symbol or Symbol("")
        )
        if symbol is not None:
            own = self._gate.symbol_states.get(symbol, TradingState.ACTIVE)
            if state.is_tighter_than(own):
                self._gate.set_symbol_state(symbol, state, reason)
        elif state.is_tighter_than(self._gate.state):
            self._gate.set_state(state, reason, actor)
        self._states.append(wanted)
        self.put(wanted)

    def tighten(
        self, state: TradingState, reason: str, *, actor: str, symbol: Symbol | None = None
    ) -> None:
        """Let less through; what is as tight already stays as it is, with its reason.

        For what acts by itself: a halt by a person is not undone by a lesser alarm after it.
        """
        now = self._gate.state
        if symbol is not None:
            now = self._gate.symbol_states.get(symbol, TradingState.ACTIVE)
        if state.is_tighter_than(now):
            self.set_state(state, reason, actor=actor, symbol=symbol)

    def note(self, action: str, detail: str, *, actor: str) -> None:
        """Record something a person did that is not an order."""
        self.put(UserActed(action=action, detail=detail, actor=actor))

    def put(self, item: Item) -> None:
        """Add to the inbox. Reports and records are never refused: a lost fill costs money."""
        self._inbox.append(item)
        self._taken_in += 1
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
                if not self._calls.under_way:
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
        self._pictures.reserved.clear()
        for decision, seq in zip(decisions, seqs, strict=True):
            # Everything below happens in one step of the loop for each record, after the disk.
            change = self._books.apply(decision.record)
            self._announce(decision.record, change)
            self._go_out(calls, decision, change, seq)
            if change.order is not None:
                self.inquiries.note(change.order, self._clock.mono_ns())
                for follow in self.followers:
                    follow(change.order)
        self._applied += len(items)
        for is_so, future in self._waiters:
            if not future.done() and is_so():
                future.set_result(None)

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
            self._announce_state(record)
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

    def _announce_state(self, record: TradingStateSet) -> None:
        if record in self._states:
            self._states.remove(record)
        # A halt that is still on its way to the disk holds against an arming before it.
        waiting = [wanted for wanted in self._states if wanted.symbol == record.symbol]
        tightest = max((record, *waiting), key=lambda wanted: wanted.state.tightness)
        if record.symbol:
            self._gate.set_symbol_state(record.symbol, tightest.state, tightest.reason)
        else:
            self._gate.set_state(tightest.state, tightest.reason, tightest.actor)
        self._hub.publish(
            TradingStateChanged(state=self._gate.state, reason=self._gate.state_reason)
        )

    # What goes out

    def _go_out(
        self, calls: asyncio.TaskGroup, decision: Decision, change: Change, seq: DurableSeq
    ) -> None:
        record = decision.record
        if isinstance(record, CancelRequested):
            self._send_cancel(calls, record.command.cl_ord_id)
        elif decision.passed is None or change.order is None:
            return
        elif isinstance(record, OrderDecided):
            approved = self._gate.approve(decision.passed, record.command.cl_ord_id, seq)
            self._unanswered.add(approved.cl_ord_id)
            self._calls.submit(calls, approved)
        elif isinstance(record, AmendmentDecided):
            request_id = record.command.cl_ord_id
            approved = self._gate.approve(decision.passed, request_id, seq, decision.live_id)
            self._calls.replace(calls, approved)

    def _send_cancel(self, calls: asyncio.TaskGroup, cl_ord_id: ClOrdID) -> None:
        order = self.blotter.get(cl_ord_id)
        if order is None or not order.is_working:
            text = f"{cl_ord_id} cannot be canceled: it is not working"
            self._hub.publish(Notice(text=text))
        elif not order.is_here:
            self._calls.cancel(calls, order)

    def _barrier(self, approved: ApprovedOrder) -> str:
        """Return why an approved order may not go out any more; empty if it may.

        The kill switch, or a cancel, may have been faster than the disk.
        """
        order = self.blotter.get(approved.orig_cl_ord_id or approved.cl_ord_id)
        assert order is not None
        if order.is_ended:
            return f"order {order.cl_ord_id} has ended before it was sent"
        if order.cancel_requested:
            return f"order {order.cl_ord_id} was canceled before it was sent"
        picture = self._pictures.picture(approved.order, self._gate, without=order)
        if self._gate.lets_through(approved.order, picture):
            return ""
        return f"trading became {picture.trading_state.name} before it was sent"

    # Helpers

    def _command(
        self, order: NewOrder, *, origin: Origin, actor: str, hold: Hold | None
    ) -> SubmitOrder:
        self._require_room()
        now_ns = self._clock.now_ns()
        return SubmitOrder(
            cl_ord_id=self._ids.next(now_ns),
            order=order,
            origin=origin,
            actor=actor,
            ts_intent_ns=now_ns,
            hold=hold,
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
