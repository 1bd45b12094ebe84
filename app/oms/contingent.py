"""Orders that wait on this machine: what is due of them after each fact, price and second.

The danger: both legs of a bracket live at once and fill, and the position is on the other side of
zero. Time line: the target works at the broker; the stop is set off; its market order goes out on
the request to cancel the target; the target fills. Or: the entry is filled 60 of 100, the exit
sells 100. Or: a stop is set off, the program dies, comes back, and the price has recovered.
How this prevents it:
    1. of legs that exclude each other at most one is at the broker; the others wait here;
    2. a leg that is set off has the other one's cancel asked for, waits for its confirmed end, and
       goes for what is left then; an exit never comes to more than its entry's fills (`family`);
    3. an exit at the broker that has become too large (a bust of the entry, a late fill of the
       other leg) is cut to what is allowed;
    4. being set off is a fact on record before anything else is done about it, and so is the level
       of a trailing stop by then: a restart goes on from there;
    5. nothing is kept here but the memory of prices and of what was asked: what is due follows from
       the blotter, and asking again does no harm.
Not guaranteed: protection while this machine is off, or by an exit that the gate refuses; fills of
an entry whose end is not confirmed within two seconds after its stop was set off. What no live exit
covers is `unprotected_qty`, to be shown.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Final

import msgspec

from app.domain.enums import Custody, OrdType, TimeInForce
from app.domain.ids import ClOrdID, Symbol
from app.domain.instrument import Instrument
from app.domain.market import Quote, Trade
from app.domain.orders import Order
from app.domain.terms import STOP_TYPES, Hold, NewOrder
from app.domain.times import SECOND_NS
from app.oms.blotter import Blotter
from app.oms.family import Families, Line, is_exit
from app.oms.terms import as_sent
from app.oms.vigil import Stage, Vigil, Vigils

ENTRY_END_WAIT_NS: Final = 2 * SECOND_NS
"""How long a stop that was set off waits for the confirmed end of its entry."""
PACE_NS: Final = SECOND_NS
"""Time between records of a trail, and between requests that were not taken."""
_LASTING: Final = (TimeInForce.GTC, TimeInForce.GTD)


class Release(msgspec.Struct, frozen=True):
    """Send an order that waits here, with these terms."""

    cl_ord_id: ClOrdID
    order: NewOrder


class Trigger(msgspec.Struct, frozen=True):
    """Record that an order was set off."""

    cl_ord_id: ClOrdID
    px: Decimal | None
    """The price that did it; None: a time, or it was due at once."""


class Move(msgspec.Struct, frozen=True):
    """Record the level of a trailing stop."""

    cl_ord_id: ClOrdID
    watch_px: Decimal


class End(msgspec.Struct, frozen=True):
    """Record that an order will not be sent."""

    cl_ord_id: ClOrdID
    text: str


class CancelAtBroker(msgspec.Struct, frozen=True):
    """Take an order back that is at the broker."""

    cl_ord_id: ClOrdID


class Resize(msgspec.Struct, frozen=True):
    """Replace an order at the broker by fewer shares."""

    cl_ord_id: ClOrdID
    order_qty: Decimal
    """Total, those executed included."""


Action = Release | Trigger | Move | End | CancelAtBroker | Resize


class Contingent:
    """Say what is due; the caller does it, and tells of every durable change by `on_order`."""

    def __init__(
        self,
        blotter: Blotter,
        *,
        instrument: Callable[[Symbol], Instrument | None],
        day_end_ns: Callable[[int], int],
        protect_partial: bool = True,
    ) -> None:
        """Watch nothing yet.

        Args:
            blotter: the orders; read only.
            instrument: what is known of a symbol.
            day_end_ns: end of the trading day that a time is in or before.
            protect_partial: a stop is armed at its entry's first fill; otherwise at its end.
        """
        self._blotter: Final = blotter
        self._families: Final = Families(blotter)
        self._vigils: Final = Vigils(instrument)
        self._day_end_ns: Final = day_end_ns
        self._protect_partial: Final = protect_partial
        self._asked: dict[ClOrdID, Release | Trigger | End] = {}
        """Given, and not durable yet: each has its effect, and comes once."""
        self._requested: dict[tuple[ClOrdID, type[Action]], int] = {}
        """Requests to the broker, which may be refused -> when they were last given."""
        self._due: dict[ClOrdID, int] = {}
        """Order -> when it has to be looked at without any other cause."""

    def restore(self) -> None:
        """Take up what the blotter holds; what is due of it comes with the next `on_time`."""
        for order in self._blotter.working():
            if order.custody is Custody.HELD:
                self._post(order)
            if order.is_here or order.links.parent or order.links.oco:
                self._due[order.cl_ord_id] = 0

    @property
    def next_time_ns(self) -> int | None:
        """When `on_time` is due; None: not before another fact or price."""
        return min(self._due.values()) if self._due else None

    @property
    def is_idle(self) -> bool:
        """Whether no price and no time can make anything due: what most ticks find."""
        return not (self._due or self._vigils.by_symbol)

    def on_order(self, order: Order, now_ns: int) -> list[Action]:
        """Return what is due after a durable change of an order, which is in the blotter by now."""
        actions: list[Action] = []
        for kin in self._families.around(order):
            actions += self._review(kin, now_ns)
        return actions

    def on_trade(self, trade: Trade) -> list[Action]:
        """Return what is due after a print."""
        watching = self._vigils.of(trade.symbol)
        return [action for v in watching for action in self._seen(v, v.on_trade(trade))]

    def on_quote(self, quote: Quote) -> list[Action]:
        """Return what is due after a change of the best bid or ask."""
        watching = self._vigils.of(quote.symbol)
        return [action for v in watching for action in self._seen(v, v.on_quote(quote))]

    def on_time(self, now_ns: int) -> list[Action]:
        """Return what is due by the clock: conditions, ends of days, waits, records of trails."""
        actions: list[Action] = []
        for cl_ord_id in [name for name, due_ns in self._due.items() if due_ns <= now_ns]:
            order = self._blotter.get(cl_ord_id)
            assert order is not None
            actions += self._review(order, now_ns)
        return actions

    def allowed_qty(self, order: Order) -> Decimal:
        """Return the shares that an order may come to now, its own executions included."""
        return self._families.allowed_qty(order)

    def unprotected_qty(self, entry: Order) -> Decimal:
        """Return the executed shares of an entry with exits that no live exit covers."""
        return self._families.unprotected_qty(entry, self._is_armed)

    # Prices

    def _seen(self, vigil: Vigil, is_set_off: bool) -> list[Action]:
        if is_set_off:
            return self._set_off(vigil)
        if vigil.has_moved:
            self._wake(vigil.cl_ord_id, vigil.recorded_ns + PACE_NS)
        return []

    def _set_off(self, vigil: Vigil) -> list[Action]:
        if vigil.cl_ord_id in self._asked:
            return []
        self._asked[vigil.cl_ord_id] = trigger = Trigger(vigil.cl_ord_id, vigil.px)
        # A limit that hangs on the level has to be the same after a restart.
        return [_moved(vigil), trigger] if vigil.has_moved else [trigger]

    # Orders

    def _review(self, order: Order, now_ns: int) -> list[Action]:
        self._due.pop(order.cl_ord_id, None)
        if not (order.is_working and order.is_here):
            self._asked.pop(order.cl_ord_id, None)
            self._vigils.dismiss(order.cl_ord_id)
            return self._cut(order, now_ns)
        asked = self._asked.get(order.cl_ord_id)
        if asked is not None:
            if not (isinstance(asked, Trigger) and _hold(order).triggered_ns):
                return []
            del self._asked[order.cl_ord_id]
        text = self._end_text(order, now_ns)
        if text:
            self._asked[order.cl_ord_id] = end = End(order.cl_ord_id, text)
            return [end]
        return [] if order.custody is Custody.STAGED else self._wait(order, now_ns)

    def _wait(self, order: Order, now_ns: int) -> list[Action]:
        vigil = self._post(order)
        if now_ns < vigil.opens_ns:
            self._wake(order.cl_ord_id, vigil.opens_ns)
        vigil.on_time(now_ns)
        moves = self._move(vigil, now_ns)
        if _hold(order).triggered_ns:
            return moves + self._go(order, now_ns)
        if vigil.stage is not Stage.READY or not vigil.conditions_hold:
            return moves
        if _hold(order).conditions or self._is_excluded(self._families.line(order)):
            return moves + self._set_off(vigil)
        return self._release(order)

    def _move(self, vigil: Vigil, now_ns: int) -> list[Action]:
        if not vigil.has_moved:
            return []
        if now_ns < vigil.recorded_ns + PACE_NS:
            self._wake(vigil.cl_ord_id, vigil.recorded_ns + PACE_NS)
            return []
        vigil.recorded_ns = now_ns
        return [_moved(vigil)]

    def _go(self, order: Order, now_ns: int) -> list[Action]:
        """Clear the way of an order that was set off, and send it once it is clear."""
        line = self._families.line(order)
        parent = self._families.parent(line)
        siblings = self._families.siblings(line)
        # A stop that was set off before it is let through: it trades at once.
        in_the_way = [kin for leg in siblings for kin in leg.at_broker if not _was_set_off(kin)]
        waits = any(self._is_live(leg) for leg in siblings)
        if parent is not None and parent.is_working:
            in_the_way += parent.at_broker
            until_ns = _hold(order).triggered_ns + ENTRY_END_WAIT_NS
            if now_ns < until_ns:
                self._wake(order.cl_ord_id, until_ns)
                waits = True
        cancels = [
            action
            for kin in in_the_way
            if not kin.cancel_requested
            for action in self._request(CancelAtBroker(kin.cl_ord_id), order, now_ns)
        ]
        return cancels if waits else cancels + self._release(order)

    def _release(self, order: Order) -> list[Action]:
        qty = self._families.allowed_qty(order)
        if qty <= 0:
            return []
        sent = as_sent(order.terms, _hold(order).watch_px)
        limit_px = sent.limit_px
        if order.terms.is_trailing and limit_px is not None:
            limit_px = self._vigils.instrument(order.symbol).passive_price(limit_px, sent.side)
        terms = msgspec.structs.replace(sent, order_qty=qty, limit_px=limit_px)
        self._asked[order.cl_ord_id] = release = Release(order.cl_ord_id, terms)
        return [release]

    def _cut(self, order: Order, now_ns: int) -> list[Action]:
        """Shrink an order at the broker that is larger than its family allows."""
        if not self._blotter.has_kin(order):
            return []
        if not order.is_working:
            self._requested.pop((order.cl_ord_id, CancelAtBroker), None)
            self._requested.pop((order.cl_ord_id, Resize), None)
            return []
        if order.cancel_requested or order.open_amendment is not None:
            return []
        allowed = self._families.allowed_qty(order)
        if not order.leaves_qty or order.order_qty == allowed:
            return []
        if allowed <= order.cum_qty:
            return self._request(CancelAtBroker(order.cl_ord_id), order, now_ns)
        return self._request(Resize(order.cl_ord_id, allowed), order, now_ns)

    def _request(self, action: CancelAtBroker | Resize, cause: Order, now_ns: int) -> list[Action]:
        key = (action.cl_ord_id, type(action))
        next_ns = self._requested.get(key, now_ns - PACE_NS) + PACE_NS
        if now_ns < next_ns:
            self._wake(cause.cl_ord_id, next_ns)
            return []
        self._requested[key] = now_ns
        self._wake(cause.cl_ord_id, now_ns + PACE_NS)
        return [action]

    # What an order waits for

    def _end_text(self, order: Order, now_ns: int) -> str:
        line = self._families.line(order)
        parent = self._families.parent(line)
        if parent is not None and not parent.is_working and not parent.cum_qty:
            return "its entry ended without a fill; not sent"
        if self._families.is_spent(order):
            return "the other leg has filled; not sent"
        if order.custody is Custody.STAGED:
            return ""
        expires_ns = self._expires_ns(order, parent)
        if expires_ns is None:
            return ""
        if now_ns < expires_ns:
            self._wake(order.cl_ord_id, expires_ns)
            return ""
        return "its time has ended; not sent"

    def _expires_ns(self, order: Order, parent: Line | None) -> int | None:
        if order.terms.time_in_force in _LASTING:
            return order.terms.expire_ns
        begins_ns = order.ts_intent_ns
        if parent is not None:
            # Its day is the one in which there is something to exit from.
            if parent.first_fill_ns is None:
                return None
            begins_ns = max(begins_ns, parent.first_fill_ns)
        return self._day_end_ns(begins_ns)

    def _post(self, order: Order) -> Vigil:
        """Return the watch over an order, at the stage that its family has come to."""
        vigil = self._vigils.post(order)
        vigil.stage = self._stage(order)
        return vigil

    def _stage(self, order: Order) -> Stage:
        line = self._families.line(order)
        if _hold(order).triggered_ns or not self._is_ready(order, line):
            return Stage.IDLE
        if _is_stop(order):
            return Stage.WATCHING
        if order.terms.ord_type is OrdType.LIMIT and self._is_excluded(line):
            return Stage.WATCHING
        return Stage.READY

    def _is_ready(self, order: Order, line: Line) -> bool:
        parent = self._families.parent(line)
        if parent is None:
            return True
        if not parent.cum_qty:
            return False
        is_protective = _is_stop(order) and is_exit(order, parent.orders[0])
        return not parent.is_working or (self._protect_partial and is_protective)

    def _is_excluded(self, line: Line) -> bool:
        """Whether the turn is another leg's: it is live, or set off and on its way."""
        return any(
            self._is_live(leg)
            or any(
                _hold(o).triggered_ns or isinstance(self._asked.get(o.cl_ord_id), Trigger)
                for o in leg.orders
                if o.is_working
            )
            for leg in self._families.siblings(line)
        )

    def _is_live(self, leg: Line) -> bool:
        """Whether a leg is at the broker, or given to be sent."""
        asked = (self._asked.get(order.cl_ord_id) for order in leg.orders)
        return bool(leg.at_broker) or any(isinstance(action, Release) for action in asked)

    def _is_armed(self, order: Order) -> bool:
        vigil = self._vigils.get(order.cl_ord_id)
        if vigil is None or not _is_stop(order):
            return False
        is_watched = vigil.stage is Stage.WATCHING and vigil.conditions_hold
        return is_watched or bool(_hold(order).triggered_ns)

    def _wake(self, cl_ord_id: ClOrdID, at_ns: int) -> None:
        self._due[cl_ord_id] = min(at_ns, self._due.get(cl_ord_id, at_ns))


def _moved(vigil: Vigil) -> Move:
    assert vigil.watch_px is not None
    vigil.recorded_px = vigil.watch_px
    return Move(vigil.cl_ord_id, vigil.watch_px)


def _hold(order: Order) -> Hold:
    assert order.hold is not None
    return order.hold


def _is_stop(order: Order) -> bool:
    return order.terms.ord_type in STOP_TYPES


def _was_set_off(order: Order) -> bool:
    return order.sent is not None and order.order.ord_type in STOP_TYPES
