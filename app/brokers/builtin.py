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
from app.brokers.clerk import Clerk
from app.brokers.emergency import Emergency
from app.brokers.tickets import Ticket, expiry_ns, terms_fault
from app.calendar import us_calendar
from app.clock import Clock
from app.config import AccountConfig, Config, Latency
from app.domain.approval import ApprovedOrder
from app.domain.capabilities import Capabilities
from app.domain.corporate import Dividend, Split
from app.domain.enums import (
    OrdType,
    QueueModel,
    Side,
    TimeInForce,
    TradingHours,
    Venue,
)
from app.domain.errors import Rejected
from app.domain.fees import FREE, Schedule
from app.domain.ids import AccountID, ClOrdID
from app.domain.market import Bar, Quote, SymbolStatus, Trade
from app.domain.movements import Movement
from app.domain.reports import CancelReject, ExecutionReport
from app.domain.terms import ZERO, NewOrder
from app.domain.times import SECOND_NS
from app.exchange.dividends import dividends_on
from app.exchange.line import (
    Answer,
    Line,
    Match,
    Terms,
)
from app.exchange.market import Exchange
from app.exchange.outside import NO_LATENCY, OutsideMarket
from app.hub import Hub

NAME: Final = "builtin"
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
            has_reserve=exchange is not None,
        )
        self._has_hours = has_auctions
        self._books: Final = PaperAccount(
            rules,
            actions=actions,
            calendar=us_calendar(),
            px=self._line.px,
            now_ns=clock.now_ns(),
        )
        self._clerk: Final = Clerk(fees, self._books.trade)
        self._tickets: Final = self._clerk.tickets
        self._sink: ReportSink | None = None

    def connect(self, sink: ReportSink) -> None:
        """Say where reports go. Called once, before anything else."""
        assert self._sink is None, "connected twice"
        self._sink = sink

    @property
    def connected_since_ns(self) -> int | None:
        """Since for ever: nothing lies between."""
        return 0

    def restore(self, recorded: Recorded) -> None:
        """Put back what the record holds; see `Clerk.put_back` for what is not."""
        self._books.restore(recorded)
        for order in recorded.working:
            ticket = self._clerk.put_back(order)
            if ticket is not None:
                since_ns = order.ts_ack_ns or order.ts_intent_ns
                sent = self._terms(ticket.cl_ord_id, ticket.order, since_ns)
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
        self._clerk.open(cl_ord_id, terms, now_ns)
        await self._post(lambda: self._line.send(self._terms(cl_ord_id, terms, now_ns), now_ns))

    async def cancel(self, cl_ord_id: ClOrdID) -> None:
        """Send a cancel; `CANCELED` or `CancelReject` is reported when it arrives.

        An identity that a replace has superseded stands for the one in force.
        """
        self._drive()
        now_ns = self._clock.now_ns()
        ticket = self._tickets.get(cl_ord_id)
        if ticket is not None and ticket.cl_ord_id in self._clerk.killed:
            self._clerk.killed.discard(ticket.cl_ord_id)
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
        is_used = new_id in self._tickets or new_id in self._clerk.changes
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
            self._clerk.changes[new_id] = terms
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
        return Snapshot(
            orders=tuple(
                ticket.as_broker_order()
                for ticket in self._clerk.in_force()
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
        signed = ticket.order.side.sign * int(broken.last_qty)
        with self._door:
            self._line.bust(ticket.cl_ord_id, ticket.order.symbol, signed, broken.last_px)
        for report in self._clerk.bust(ticket, broken, now_ns):
            self._report(report)

    def emergency(self) -> Emergency:
        """Return the kill switch's way in."""
        return Emergency(self._line, self._door, self._clock, NAME)

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
            now_ns = self._clock.now_ns()
            wait_ns = min(max(_WAIT_NS, due_ns - now_ns), _WAIT_NS_MAX)
            await asyncio.sleep(wait_ns / SECOND_NS)
            if self._clock.now_ns() == now_ns:
                return  # Time comes with the market: the answer will, too.
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
        for report in [self._clerk.apply(answer, now_ns) for answer in answers]:
            self._report(report)

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
            display=None if order.display_qty is None else int(order.display_qty),
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
