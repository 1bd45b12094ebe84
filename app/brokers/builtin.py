"""The paper broker: on the built-in exchange, or against whatever feed the station listens to.

On the built-in exchange an order goes to the same book as everybody's (`app.exchange.gateway`): it
stands in a queue, is partly filled and moves the price. Against any other feed it meets what the
hub brings, after the market store; how it fills there is said in `app.exchange.matching`. What a
fill costs is in `app.domain.fees`. Orders and answers are on their way for as long as is set.
The kill switch reaches it from its own thread while the loop stands still: `Emergency` leaves a
mark behind a lock that is held for a match at most, and from then on no order that was here trades.
The loop reports them CANCELED when it comes by again.
Not guaranteed: that it knows more than this process. Orders and positions come back by `restore`.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final

import msgspec

from app.brokers.account import NO_ACTIONS, OPEN_HANDED, Actions, PaperAccount, Wanted
from app.brokers.base import (
    BrokerOrder,
    BrokerPosition,
    BrokerSpec,
    Recorded,
    ReportSink,
    Snapshot,
)
from app.brokers.tickets import (
    Ticket,
    done_or_new,
    expiry_ns,
    open_status,
    terms_fault,
    trade_report,
)
from app.calendar import us_calendar
from app.clock import Clock
from app.config import AccountConfig, Config, Latency
from app.domain.approval import ApprovedOrder
from app.domain.capabilities import Capabilities
from app.domain.corporate import Dividend, Split
from app.domain.enums import (
    Custody,
    CxlRejReason,
    CxlRejResponseTo,
    ExecType,
    OrdStatus,
    OrdType,
    QueueModel,
    Side,
    TimeInForce,
    TradingHours,
    Venue,
)
from app.domain.errors import Disconnected, Rejected
from app.domain.fees import FREE, Schedule, fee_of
from app.domain.ids import AccountID, ClOrdID, ExecID
from app.domain.market import Bar, Quote, SymbolStatus, Trade
from app.domain.movements import Movement
from app.domain.reports import CancelReject, ExecutionReport
from app.domain.terms import LASTING_TIMES, ZERO, NewOrder
from app.domain.times import SECOND_NS, new_york
from app.exchange.dividends import dividends_on
from app.exchange.line import (
    Answer,
    Changed,
    Ending,
    Line,
    Match,
    NotDone,
    Taken,
    Terms,
)
from app.exchange.market import Exchange
from app.exchange.outside import NO_LATENCY, OutsideMarket
from app.hub import Hub

NAME: Final = "builtin"
DOOR_S: Final = 1.0
"""A match takes microseconds; who cannot get in for this long says so."""
WAITS_MAX: Final = 20
"""Looks for an answer before it is left to the market's next turn."""
_WAIT_NS: Final = 1_000_000
_WAIT_NS_MAX: Final = 50_000_000
_AUCTIONS: Final = frozenset({TimeInForce.OPG, TimeInForce.CLS})
CAPABILITIES: Final = Capabilities(
    ord_types=frozenset({OrdType.MARKET, OrdType.LIMIT}),
    times_in_force=frozenset(
        {
            TimeInForce.DAY,
            TimeInForce.GTC,
            TimeInForce.GTD,
            TimeInForce.IOC,
            TimeInForce.FOK,
        }
    ),
    can_short=True,
    has_fractions=False,
    has_replace=True,
    is_authoritative=True,
)


class BuiltinBroker:
    """Paper trading: on the built-in exchange, or against any other feed."""

    name: Final = NAME

    def __init__(  # noqa: PLR0913  Settings, each with a name.
        self,
        clock: Clock,
        hub: Hub,
        account: AccountID,
        *,
        fees: Schedule = FREE,
        queue: QueueModel = QueueModel.FRONT,
        latency: Latency = NO_LATENCY,
        seed: int = 0,
        exchange: Exchange | None = None,
        rules: AccountConfig = OPEN_HANDED,
        actions: Actions = NO_ACTIONS,
    ) -> None:
        """Make a broker that knows no orders yet.

        Args:
            clock: of the session.
            hub: where quotes, prints and bars are heard.
            account: whose orders these are.
            fees: of a fill.
            queue: how a resting order waits its turn in a market of which only quotes are seen.
            latency: of each way to such a market.
            seed: of the latencies.
            exchange: where orders go; None: they meet what the hub brings.
            rules: of the account: its cash, and what is lent at which rates.
            actions: dividends and splits.
        """
        self.account: Final = account
        self._fees: Final = fees
        self._clock = clock
        self._exchange: Final = exchange
        self._line: Line
        self._door: threading.Lock
        """Held while orders can trade; never while a report is given."""
        if exchange is None:
            outside = OutsideMarket(self._hear, queue=queue, latency=latency, seed=seed)
            self._line, self._door = outside, outside.door
            hub.subscribe(Quote, self._on_event)
            hub.subscribe(Trade, self._on_event)
            hub.subscribe(Quote, outside.on_quote)
            hub.subscribe(Trade, outside.on_trade)
            hub.subscribe(Bar, outside.on_bar)
            hub.subscribe(SymbolStatus, outside.on_status)
        else:
            self._line = exchange.connect(self._hear)
            self._door = exchange.door
        has_auctions = exchange is not None and exchange.hours is TradingHours.CALENDAR
        self.capabilities: Final = msgspec.structs.replace(
            CAPABILITIES,
            fees=fees,
            times_in_force=CAPABILITIES.times_in_force
            | (_AUCTIONS if has_auctions else frozenset()),
            has_extended_hours=has_auctions,
        )
        self._has_hours = has_auctions
        self._tickets: dict[ClOrdID, Ticket] = {}
        self._changes: dict[ClOrdID, NewOrder] = {}
        """Identity of a replace on its way -> the terms asked for."""
        self._books: Final = PaperAccount(
            rules,
            actions=actions,
            calendar=us_calendar(),
            px=self._line.px,
            now_ns=clock.now_ns(),
        )
        self._sink: ReportSink | None = None
        self._killed: set[ClOrdID] = set()
        """Orders that the kill switch ended, and that nobody else asked to cancel yet."""

    def connect(self, sink: ReportSink) -> None:
        """Say where reports go. Called once, before anything else."""
        assert self._sink is None, "connected twice"
        self._sink = sink

    @property
    def connected_since_ns(self) -> int | None:
        """Since for ever: nothing lies between."""
        return 0

    def restore(self, recorded: Recorded) -> None:
        """Put back what the record holds.

        Orders that never were acknowledged, and those that had to trade at once, are not put back:
        nothing names them here, and reconciliation closes them.
        """
        self._books.restore(recorded)
        for order in recorded.working:
            terms = order.terms
            if (
                order.custody is not Custody.ACKNOWLEDGED
                or terms.time_in_force not in LASTING_TIMES
                or not order.leaves_qty
            ):
                continue
            since_ns = order.ts_ack_ns or order.ts_intent_ns
            self._tickets[order.live_id] = ticket = Ticket(
                cl_ord_id=order.live_id,
                first_id=order.cl_ord_id,
                order=terms,
                ts_ns=order.ts_last_ns,
                fills=len(order.facts),
                cum_qty=order.cum_qty,
                paid=sum((e.qty * e.px for e in order.executions), ZERO),
            )
            ticket.ord_status = open_status(ticket)
            sent = self._terms(order.live_id, terms, since_ns)
            self._line.put_back(sent, int(order.cum_qty), since_ns)

    async def submit(self, order: ApprovedOrder) -> None:
        """Send an order; acknowledgement and what it gets are reported when they arrive.

        Raises:
            Rejected: the id was used before, or the order is of a kind not taken here.
        """
        self._drive()
        terms, cl_ord_id = order.order, order.cl_ord_id
        now_ns = self._clock.now_ns()
        is_known = cl_ord_id in self._tickets
        reason = "its id was used before" if is_known else self._refusal(terms, now_ns)
        if reason:
            raise _rejected(f"order {cl_ord_id}: {reason}; not taken", f"submit {cl_ord_id}")
        self._tickets[cl_ord_id] = Ticket(
            cl_ord_id=cl_ord_id, first_id=cl_ord_id, order=terms, ts_ns=now_ns
        )
        await self._post(lambda: self._line.send(self._terms(cl_ord_id, terms, now_ns), now_ns))

    async def cancel(self, cl_ord_id: ClOrdID) -> None:
        """Send a cancel; `CANCELED` or `CancelReject` is reported when it arrives.

        An identity that a replace has superseded stands for the one in force.
        """
        self._drive()
        now_ns = self._clock.now_ns()
        ticket = self._tickets.get(cl_ord_id)
        if ticket is not None and ticket.cl_ord_id in self._killed:
            self._killed.discard(ticket.cl_ord_id)
            return  # CANCELED was reported: the answer to this as well.
        await self._post(lambda: self._line.cancel(cl_ord_id, now_ns))

    async def replace(self, order: ApprovedOrder) -> None:
        """Send new terms; `REPLACED` or `CancelReject` is reported when they arrive.

        Raises:
            Rejected: it does not work any more, or cannot become that.
        """
        self._drive()
        terms, new_id, old_id = order.order, order.cl_ord_id, order.orig_cl_ord_id
        now_ns = self._clock.now_ns()
        ticket = self._tickets.get(old_id)
        is_used = new_id in self._tickets or new_id in self._changes
        reason = "its id was used before" if is_used else self._refusal(terms, now_ns, ticket)
        if ticket is None or old_id not in self._line.open_ids:
            reason = "it does not work here"
        elif not reason and terms.order_qty <= ticket.cum_qty:
            reason = f"{ticket.cum_qty} shares are executed already, {terms.order_qty} was asked"
        if reason or ticket is None:
            raise _rejected(f"order {old_id} was not replaced: {reason}", f"replace {old_id}")

        def send() -> None:
            if old_id not in self._line.open_ids:
                raise _rejected(f"order {old_id} was not replaced: killed", f"replace {old_id}")
            self._changes[new_id] = terms
            self._line.replace(old_id, self._terms(new_id, terms, now_ns), now_ns)

        await self._post(send)

    async def query(self, cl_ord_id: ClOrdID) -> BrokerOrder | None:
        """Return an order of this run or put back into it; None: it is not here."""
        self._drive()
        ticket = self._tickets.get(cl_ord_id)
        return None if ticket is None else ticket.as_broker_order()

    async def snapshot(self, since_ns: int) -> Snapshot:
        """Return orders and positions of this moment; no execution here was ever missed."""
        self._drive()
        working = self._line.open_ids
        in_force = [ticket for key, ticket in self._tickets.items() if key == ticket.cl_ord_id]
        return Snapshot(
            orders=tuple(
                ticket.as_broker_order()
                for ticket in in_force
                if ticket.cl_ord_id in working or ticket.ts_ns >= since_ns
            ),
            executions=(),
            positions={
                symbol: BrokerPosition(qty=qty) for symbol, qty in self._books.positions.items()
            },
            cash=self._books.cash,
            since_ns=since_ns,
            ts_ns=self._clock.now_ns(),
        )

    def bust(self, cl_ord_id: ClOrdID) -> None:
        """Break the newest execution of an order, as a venue that finds it in error.

        TRADE_CANCEL is reported before this returns. The shares do not go back to the market: an
        order that worked, or was filled, is then CANCELED.

        Raises:
            Rejected: the order has no execution of this run that stands.
        """
        self._drive()
        now_ns = self._clock.now_ns()
        ticket = self._tickets.get(cl_ord_id)
        broken = None if ticket is None else ticket.newest
        if ticket is None or broken is None:
            raise _rejected(
                f"order {cl_ord_id}: there is no execution to bust", f"bust {cl_ord_id}"
            )
        had_ended = ticket.ord_status in _STATUS_BY_ENDING.values()
        signed = ticket.order.side.sign * int(broken.last_qty)
        with self._door:
            self._line.bust(ticket.cl_ord_id, ticket.order.symbol, signed, broken.last_px)
        ticket.ord_status = ticket.ord_status if had_ended else OrdStatus.CANCELED
        ticket.newest, ticket.ts_ns = None, now_ns
        ticket.cum_qty -= broken.last_qty
        ticket.paid -= broken.last_qty * broken.last_px
        qty, px = -signed * Decimal(1), broken.last_px
        self._books.trade(ticket.order.symbol, qty, px, -broken.fee, broken.ts_exch_ns)
        text = "broken by the exchange as clearly erroneous"
        self._report(
            msgspec.structs.replace(
                broken,
                cl_ord_id=ticket.cl_ord_id,
                exec_type=ExecType.TRADE_CANCEL,
                exec_id=ExecID(f"{broken.exec_id}.bust"),
                exec_ref_id=broken.exec_id,
                ts_exch_ns=now_ns,
                ts_recv_ns=now_ns,
                text=text,
            )
        )
        if not had_ended:
            self._report(done_or_new(ticket.cl_ord_id, ExecType.CANCELED, now_ns, now_ns, text))

    def emergency(self) -> Emergency:
        """Return the kill switch's way in."""
        return Emergency(self)

    async def _post(self, send: Callable[[], None]) -> None:
        """Send something, and wait a little for its way there and back."""
        try:
            with self._door:
                self._line.end_killed()
                send()
        finally:
            self._drive()
        for _ in range(WAITS_MAX):
            due_ns = self._line.arrives_ns
            if due_ns is None:
                return
            wait_ns = min(max(_WAIT_NS, due_ns - self._clock.now_ns()), _WAIT_NS_MAX)
            await asyncio.sleep(wait_ns / SECOND_NS)
            self._drive()

    def _drive(self) -> None:
        """Let arrive what is due by now, and report what came of it."""
        now_ns = self._clock.now_ns()
        self._pass_nights(now_ns)
        if self._exchange is not None:
            self._exchange.pass_time(now_ns)
            return
        with self._door:
            self._line.end_killed()
            self._line.turn(now_ns)
        self._line.speak()

    def _hear(self, answers: Sequence[Answer]) -> None:
        for answer in answers:
            if isinstance(answer, Match):  # A night before it goes first.
                self._pass_nights(answer.ts_ns)
        # Own state is complete before the first report: a sink may call back.
        now_ns = self._clock.now_ns()
        for report in [self._apply(answer, now_ns) for answer in answers]:
            self._report(report)

    def _apply(self, answer: Answer, now_ns: int) -> ExecutionReport | CancelReject:
        match answer:
            case Taken():
                return done_or_new(answer.cl_ord_id, ExecType.NEW, answer.ts_ns, now_ns)
            case Changed():
                return self._change(answer, now_ns)
            case NotDone():
                return self._not_done(answer, now_ns)
            case Ending():
                ticket = self._tickets[answer.cl_ord_id]
                ticket.ts_ns = answer.ts_ns
                ticket.ord_status = _STATUS_BY_ENDING[answer.exec_type]
                if answer.is_killed:
                    self._killed.add(answer.cl_ord_id)
                return done_or_new(
                    answer.cl_ord_id, answer.exec_type, answer.ts_ns, now_ns, answer.text
                )
            case Match():
                return self._fill(answer, now_ns)

    def _fill(self, match: Match, now_ns: int) -> ExecutionReport:
        ticket = self._tickets[match.cl_ord_id]
        ticket.ts_ns = match.ts_ns
        qty = Decimal(match.qty)
        ticket.fills += 1
        ticket.cum_qty += qty
        ticket.paid += qty * match.px
        ticket.ord_status = open_status(ticket)
        symbol, side = ticket.order.symbol, ticket.order.side
        fee = fee_of(
            self._fees,
            side=side,
            liquidity=match.liquidity,
            qty=qty,
            px=match.px,
            day=new_york(match.ts_ns).date(),
        )
        self._books.trade(symbol, side.sign * qty, match.px, fee, match.ts_ns)
        exec_id = ExecID(f"{ticket.first_id}.{ticket.fills}")
        ticket.newest = trade_report(match, exec_id, now_ns, fee)
        return ticket.newest

    def _change(self, answer: Changed, now_ns: int) -> ExecutionReport:
        ticket = self._tickets[answer.old_id]
        new_id = answer.cl_ord_id
        ticket.cl_ord_id, ticket.order = new_id, self._changes.pop(new_id)
        ticket.ts_ns = answer.ts_ns
        ticket.ord_status = open_status(ticket)
        self._tickets[new_id] = ticket
        return done_or_new(new_id, ExecType.REPLACED, answer.ts_ns, now_ns)

    def _not_done(self, answer: NotDone, now_ns: int) -> CancelReject:
        cl_ord_id, text, reason = answer.cl_ord_id, answer.text, answer.reason
        if answer.is_replace:
            self._changes.pop(cl_ord_id, None)
        else:
            ticket = self._tickets.get(cl_ord_id)
            if ticket is None:
                why, reason = "it is not known here", CxlRejReason.UNKNOWN_ORDER
            else:
                why = f"it is {ticket.ord_status.name.lower().replace('_', ' ')}"
            text = f"order {cl_ord_id} was not canceled: {why}"
        return CancelReject(
            cl_ord_id=cl_ord_id,
            ts_exch_ns=answer.ts_ns,
            ts_recv_ns=now_ns,
            response_to=(
                CxlRejResponseTo.REPLACE if answer.is_replace else CxlRejResponseTo.CANCEL
            ),
            reason=reason,
            text=text,
        )

    def _terms(self, cl_ord_id: ClOrdID, order: NewOrder, since_ns: int) -> Terms:
        return Terms(
            cl_ord_id=cl_ord_id,
            symbol=order.symbol,
            side=Side(order.side),
            qty=int(order.order_qty),
            limit_px=order.limit_px,
            time_in_force=order.time_in_force,
            expires_ns=expiry_ns(order, since_ns, has_hours=self._has_hours),
            has_extended_hours=order.extended_hours,
        )

    def _refusal(self, order: NewOrder, now_ns: int, replaces: Ticket | None = None) -> str:
        """Return why an order, or the terms that replace one's, is not taken; empty if it is."""
        reason = terms_fault(order, self.capabilities, now_ns)
        if not reason and self._exchange is not None:
            reason = self._exchange.refusal(order.symbol, order.limit_px)
        if reason:
            return reason
        done = ZERO if replaces is None else replaces.cum_qty
        tickets = {id(it): it for it in map(self._tickets.get, self._line.open_ids) if it}.values()
        working = [_wanted(it.order, it.cum_qty) for it in tickets if it is not replaces]
        day = us_calendar().trading_day(now_ns)
        return self._books.refusal(_wanted(order, done), working, day)

    def _on_event(self, event: Quote | Trade) -> None:
        if event.ts_exch_ns >= self._books.due_ns:
            self._pass_nights(event.ts_exch_ns)

    def _pass_nights(self, now_ns: int) -> None:
        """Report what the nights that are over have brought."""
        if now_ns < self._books.due_ns:
            return
        with self._door:
            for split in self._books.splits_due(now_ns):
                self._line.withdraw(split.symbol, now_ns, split.text)
        self._line.speak()
        exchange = self._exchange
        for event in self._books.turn(now_ns):
            if isinstance(event, Dividend):
                if exchange is not None:
                    exchange.go_ex(event)
                continue
            self._report(event)
            if isinstance(event, Split) and exchange is not None:
                exchange.split(event)

    def _report(self, report: ExecutionReport | CancelReject | Movement) -> None:
        assert self._sink is not None, "no sink: connect() comes first"
        self._sink(report)


class Emergency:
    """The kill switch at the built-in exchange; called from a thread of its own."""

    def __init__(self, broker: BuiltinBroker) -> None:
        self._broker: Final = broker

    def cancel_all(self) -> None:
        """Let nothing that is here trade any more.

        Raises:
            Disconnected: a match has been under way for a second.
        """
        broker = self._broker
        self._enter("cancel all")
        try:
            broker._line.kill(broker._clock.now_ns())
        finally:
            broker._door.release()

    def open_orders(self) -> Sequence[ClOrdID]:
        """Return what may still trade; nothing, from `cancel_all` on, until more is sent.

        Raises:
            Disconnected: a match has been under way for a second.
        """
        broker = self._broker
        self._enter("open orders")
        try:
            return () if broker._line.is_killed else sorted(broker._line.open_ids)
        finally:
            broker._door.release()

    def _enter(self, request: str) -> None:
        if not self._broker._door.acquire(timeout=DOOR_S):
            raise Disconnected(
                f"the built-in exchange has been at work for {DOOR_S:g} s: {request} was not done",
                venue=NAME,
                request=request,
            )


_STATUS_BY_ENDING: Final = {
    ExecType.CANCELED: OrdStatus.CANCELED,
    ExecType.EXPIRED: OrdStatus.EXPIRED,
}


def _rejected(text: str, request: str) -> Rejected:
    return Rejected(text, venue=NAME, request=request)


def _wanted(order: NewOrder, cum_qty: Decimal) -> Wanted:
    return Wanted(
        symbol=order.symbol,
        side=Side(order.side),
        qty=order.order_qty - cum_qty,
        px=order.limit_px,
    )


def _make(
    config: Config, clock: Clock, hub: Hub, account: AccountID, exchange: Exchange | None
) -> BuiltinBroker:
    settings = config.exchange
    return BuiltinBroker(
        clock,
        hub,
        account,
        fees=settings.fees,
        queue=settings.queue,
        latency=settings.latency,
        seed=settings.seed,
        exchange=exchange,
        rules=config.account,
        actions=Actions(
            on_ex_date=lambda day: dividends_on(
                day, settings.dividends, has_own=exchange is not None
            ),
            splits=settings.splits,
        ),
    )


BROKER: Final = BrokerSpec(name=NAME, title="paper account", venue=Venue.PAPER, make=_make)
