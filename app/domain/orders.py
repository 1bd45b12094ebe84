"""Orders: the facts known about each, and the status that follows from the facts.

The danger: a status kept as a variable and overwritten by whatever report came last. A late NEW
then brings a filled order back to life, and a fill after a cancel is lost.
Here an order keeps facts only (executions by id, acknowledgement, requests, how it ended), and
`Order.ord_status` is computed from them by the precedence of FIX. The order of arrival decides
nothing, and a repeated report changes nothing. What each report adds is in `domain.transitions`.
Not guaranteed here: that the facts are complete. That is the work of `oms.reconcile`.

Source: FIX 4.4 vol. 4, Appendix D "Order State Changes", table of OrdStatus precedence.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from app.domain.enums import (
    AmendmentState,
    AmendmentWay,
    Custody,
    Home,
    Liquidity,
    OrderState,
    OrdStatus,
    Origin,
    Side,
    TimeInForce,
)
from app.domain.executions import ExecFact, Execution
from app.domain.ids import AccountID, ClOrdID, ExecID, OrderID, Symbol
from app.domain.once import once
from app.domain.terms import ZERO, Hold, Links, NewOrder


class Amendment(msgspec.Struct, frozen=True, kw_only=True):
    """One request to replace an order's terms, kept whatever became of it."""

    cl_ord_id: ClOrdID
    """Of the request; the order's identity at the broker once it is accepted."""
    order: NewOrder
    """The whole terms as they were to be."""
    origin: Origin
    actor: str
    ts_intent_ns: int
    way: AmendmentWay
    state: AmendmentState = AmendmentState.PENDING
    ts_last_ns: int = 0
    text: str = ""

    @property
    def is_in_force(self) -> bool:
        """Whether the order's terms are, or were, these; a chained request makes a new order."""
        accepted = self.state is AmendmentState.ACCEPTED
        return accepted and self.way is not AmendmentWay.CHAINED


class Order(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """The facts known about one order. Replaced, never mutated.

    What follows from the facts and is asked for again and again is computed once an instance.
    """

    cl_ord_id: ClOrdID
    """Its first identity; amendments have their own."""
    account: AccountID
    order: NewOrder
    """As asked for at first; `terms` are those in force."""
    origin: Origin
    actor: str
    ts_intent_ns: int
    links: Links = Links()
    hold: Hold | None = None
    """Present while the order waits on this machine."""
    sent: NewOrder | None = None
    """What went to the broker, where that is not what was asked for: a stop goes as a market."""
    custody: Custody = Custody.UNSENT
    order_id: OrderID = OrderID("")
    """The broker's newest."""
    ts_sent_ns: int = 0
    """Just before the broker call; 0 while unsent."""
    ts_ack_ns: int = 0
    """First answer of the broker, by our clock; 0 while there is none."""
    ts_last_ns: int = 0
    """Newest fact, by our clock."""
    facts: tuple[ExecFact, ...] = ()
    """Every report of an execution, in order of arrival, each exec_id once."""
    executions: tuple[Execution, ...] = ()
    """What counts of them; follows from `facts`."""
    amendments: tuple[Amendment, ...] = ()
    """Oldest first; at most the last is open."""
    was_held: bool = False
    """The broker said that it keeps the order until it is released."""
    was_released: bool = False
    """The broker said that it is at the market, or it was executed there."""
    working_ns: int = 0
    """Newest report that it works, a fill included, by the broker's clock."""
    done_for_day_ns: int = 0
    """Newest report that it rests until the next session, by the broker's clock."""
    reduced_ns: int = 0
    """Newest bust or correction, by the broker's clock: is what was filled open again?"""
    cancel_requested: bool = False
    done: OrdStatus | None = None
    """CANCELED, REJECTED or EXPIRED once reported; FILLED is computed, never stored."""
    is_denied: bool = False
    """Refused by the gate."""
    is_absent: bool = False
    """Ended by our finding that the broker does not have it; the one end that can be undone."""
    stated_qty: Decimal | None = None
    """Shares in force as the broker says, of an order by value."""
    stated_cum_qty: Decimal | None = None
    """What the broker says is executed; above `cum_qty` something is missing here."""
    text: str = ""
    """Reason in words, from the gate or the broker."""

    @property
    def symbol(self) -> Symbol:
        """Symbol of the terms."""
        return self.order.symbol

    @property
    def terms(self) -> NewOrder:
        """The terms in force."""
        return self._terms_in_force()[-1]

    def _terms_in_force(self) -> list[NewOrder]:
        """Return the terms that were ever in force, oldest first."""
        in_force = [a for a in self.amendments if a.is_in_force]
        if self.sent is not None:  # What was amended here went into what was sent.
            in_force = [a for a in in_force if a.way is not AmendmentWay.HERE]
        return [self.sent or self.order, *(a.order for a in in_force)]

    @property
    def _qty_in_force_max(self) -> Decimal:
        """The most that was ever asked for; fills count against the terms they came under."""
        if self.stated_qty is not None:
            return self.stated_qty
        return max(terms.order_qty for terms in self._terms_in_force())

    @once
    def order_qty(self) -> Decimal:
        """Shares in force, those executed included (FIX 38).

        Terms replaced by fewer shares than have been executed come to what has been executed.
        """
        if self.stated_qty is not None:
            return self.stated_qty
        if not self.amendments:
            return self.terms.order_qty
        return max(self.terms.order_qty, min(self.cum_qty, self._qty_in_force_max))

    @property
    def live_id(self) -> ClOrdID:
        """The identity in force at the broker."""
        for amendment in reversed(self.amendments):
            if amendment.is_in_force and amendment.way is AmendmentWay.NATIVE:
                return amendment.cl_ord_id
        return self.cl_ord_id

    @property
    def open_amendment(self) -> Amendment | None:
        """The request to replace that has no outcome yet."""
        last = self.amendments[-1] if self.amendments else None
        return last if last is not None and last.state.is_open else None

    @once
    def cum_qty(self) -> Decimal:
        """Quantity executed so far (FIX 14)."""
        return sum((e.qty for e in self.executions), ZERO)

    @property
    def leaves_qty(self) -> Decimal:
        """Quantity that may still execute (FIX 151); 0 once the order is done."""
        if self.done is not None:
            return ZERO
        return max(ZERO, self.order_qty - self.cum_qty)

    @property
    def exposed_qty(self) -> Decimal:
        """Quantity to be reckoned with: the larger of the terms in force and those asked for."""
        amendment = self.open_amendment
        if amendment is None:
            return self.leaves_qty
        return max(self.leaves_qty, amendment.order.order_qty - self.cum_qty)

    @property
    def avg_px(self) -> Decimal | None:
        """Average price of the executions (FIX 6), exact; None before the first."""
        cum = self.cum_qty
        if not cum:
            return None
        return sum((e.qty * e.px for e in self.executions), ZERO) / cum

    @property
    def fees(self) -> Decimal:
        """Fees of all executions, in account currency."""
        return sum((e.fee for e in self.executions), ZERO)

    @property
    def overfilled_qty(self) -> Decimal:
        """Quantity executed beyond what was ever asked: a fault of the venue, booked even so."""
        cum = self.cum_qty
        return max(ZERO, cum - self._qty_in_force_max) if cum else ZERO

    @property
    def missing_qty(self) -> Decimal:
        """Quantity that the broker says is executed and of which no execution is known here."""
        return (
            ZERO if self.stated_cum_qty is None else max(ZERO, self.stated_cum_qty - self.cum_qty)
        )

    @once
    def ord_status(self) -> OrdStatus:
        """Status by FIX precedence: the highest of those that are true at once."""
        cum = self.cum_qty
        # Without a fill the quantity is not looked at: the gate refuses 0, -5 and NaN, and such an
        # order is in the book as REJECTED; 0 >= -5 would show it as filled.
        if cum and cum >= self.order_qty:
            return OrdStatus.FILLED
        if self.done is not None:
            return self.done
        if self.cancel_requested:
            return OrdStatus.PENDING_CANCEL
        if self.open_amendment is not None:
            return OrdStatus.PENDING_REPLACE
        # Of one moment the rest of the day counts: a broker's seconds are coarse.
        if self.done_for_day_ns and self.done_for_day_ns >= self.working_ns:
            return OrdStatus.DONE_FOR_DAY
        if cum:
            return OrdStatus.PARTIALLY_FILLED
        # Doubt that comes later does not undo the acknowledgement.
        if not (self.custody is Custody.ACKNOWLEDGED or self.ts_ack_ns):
            return OrdStatus.PENDING_NEW
        return OrdStatus.SUSPENDED if self.is_held_at_broker else OrdStatus.NEW

    @once
    def is_ended(self) -> bool:
        """Whether it can no longer trade by itself (a late fill may still be reported)."""
        status = self.ord_status
        if status is OrdStatus.DONE_FOR_DAY:
            return self.terms.time_in_force is TimeInForce.DAY
        return status.is_terminal

    @property
    def is_working(self) -> bool:
        """Whether it, or what is to replace it, may still trade; the unknown included."""
        return not self.is_ended or self.open_amendment is not None

    @property
    def is_here(self) -> bool:
        """Whether it waits on this machine and no broker knows of it."""
        return self.custody in (Custody.HELD, Custody.STAGED)

    @property
    def is_held_at_broker(self) -> bool:
        """Whether it was accepted and never said to be at the market."""
        return self.was_held and not self.was_released

    @property
    def is_in_doubt(self) -> bool:
        """Whether it may live at the broker and nobody knows: the broker has to be asked."""
        if self.is_ended:
            return False
        return self.custody is Custody.UNKNOWN or self.reduced_ns > self.working_ns

    @property
    def state(self) -> OrderState:
        """What is shown of it."""
        status = self.ord_status
        if status is OrdStatus.REJECTED and self.is_denied:
            return OrderState.DENIED
        if self.is_here and self.done is None:
            held = self.custody is Custody.HELD
            return OrderState.HELD_HERE if held else OrderState.STAGED
        if self.is_in_doubt and status is not OrdStatus.PENDING_CANCEL:
            return OrderState.IN_DOUBT
        if status is OrdStatus.SUSPENDED:
            return OrderState.HELD
        return OrderState[status.name]

    @property
    def home(self) -> Home:
        """Where it lives now."""
        if self.is_ended:
            return Home.NOWHERE
        if self.is_here:
            return Home.THIS_PC if self.custody is Custody.HELD else Home.STAGED
        if self.is_in_doubt:
            return Home.UNKNOWN
        status = self.ord_status
        if status is OrdStatus.PENDING_NEW or not self.ts_ack_ns:
            return Home.WIRE
        at_broker = self.is_held_at_broker or status is OrdStatus.DONE_FOR_DAY
        return Home.BROKER if at_broker else Home.EXCHANGE

    def has_id(self, cl_ord_id: ClOrdID) -> bool:
        """Whether an identity is this order's own or that of one of its amendments.

        A chained amendment's is that of the order it leads to.
        """
        return cl_ord_id == self.cl_ord_id or any(
            amendment.cl_ord_id == cl_ord_id and amendment.way is not AmendmentWay.CHAINED
            for amendment in self.amendments
        )


class Fill(msgspec.Struct, frozen=True, kw_only=True):
    """One execution with what identifies it: a row of the trade log."""

    exec_id: ExecID
    cl_ord_id: ClOrdID
    order_id: OrderID
    account: AccountID
    symbol: Symbol
    side: Side
    qty: Decimal
    px: Decimal
    fee: Decimal
    last_mkt: str
    liquidity: Liquidity
    ts_exch_ns: int
    ts_recv_ns: int
    key: ExecID = ExecID("")
    """The execution's first id, where this is its correction; otherwise empty."""
    is_synthetic: bool = False
    is_late: bool = False
    text: str = ""
    """What the broker says of it: on paper, what was assumed of the queue."""


def fill_of(order: Order, execution: Execution) -> Fill:
    """Return the trade-log row of one execution of an order."""
    return Fill(
        exec_id=execution.exec_id,
        cl_ord_id=order.cl_ord_id,
        order_id=order.order_id,
        account=order.account,
        symbol=order.symbol,
        side=order.order.side,
        qty=execution.qty,
        px=execution.px,
        fee=execution.fee,
        last_mkt=execution.last_mkt,
        liquidity=execution.liquidity,
        ts_exch_ns=execution.ts_exch_ns,
        ts_recv_ns=execution.ts_recv_ns,
        key=execution.root_id,
        is_synthetic=execution.is_synthetic,
        is_late=execution.is_late,
        text=execution.text,
    )
