"""What must hold at every moment, and once everything has come to rest."""

from __future__ import annotations

from decimal import Decimal

from app.audit.records import record_of
from app.domain.enums import AmendmentState, AmendmentWay, OrdStatus, Side
from app.domain.orders import Order
from app.oms.books import Books
from app.oms.family import Families
from tests.sim.disk import SimDisk
from tests.sim.station import CASH, POSITION_MAX, SYMBOLS, Station
from tests.sim.venue import Venue, VenueOrder

ZERO = Decimal(0)


def broken_now(station: Station, venue: Venue) -> list[str]:
    """Return the laws of every moment that do not hold."""
    faults = list(station.faults)
    orders = station.engine.blotter.orders
    for order in orders:
        faults += _of_order(order)
        if not order.reduced_ns:  # A bust of the entry takes a moment to reach its exits.
            faults += _of_exits(station, order)
    faults += _of_positions(station)
    for theirs in venue.orders:
        ours = orders.get(theirs.ids[0])
        if theirs.is_ours:
            if ours is None:
                faults.append(f"I11: the venue has {theirs.ids[0]}, the record does not")
            else:
                faults += _of_pair(ours, theirs)
    return faults + (_of_reach(venue) if station.is_alone else [])


def broken_at_rest(station: Station, venue: Venue) -> list[str]:
    """Return what differs between record and venue although nothing is under way any more."""
    faults = []
    blotter = station.engine.blotter
    for theirs in venue.orders:
        ours = blotter.orders.get(theirs.ids[0])
        if ours is None:
            if theirs.leaves or theirs.cum:
                faults.append(f"I21: {theirs.ids[0]} is at the venue and not here")
            continue
        if ours.cum_qty != theirs.cum or ours.leaves_qty != theirs.leaves:
            faults.append(
                f"I21: {ours.cl_ord_id} is {ours.state.value} {ours.cum_qty}+{ours.leaves_qty} "
                f"here, {theirs.status.name} {theirs.cum}+{theirs.leaves} there"
            )
        elif ours.ord_status is not theirs.status and theirs.status is not OrdStatus.NEW:
            faults.append(f"I21: {ours.cl_ord_id} {ours.ord_status.name}, {theirs.status.name}")
    for order in blotter.orders:
        faults += _of_exits(station, order)
        for amendment in order.amendments:
            is_chained = amendment.way is AmendmentWay.CHAINED
            is_accepted = amendment.state is AmendmentState.ACCEPTED
            if is_chained and is_accepted and amendment.cl_ord_id not in blotter.orders.by_id:
                faults.append(f"replace: {amendment.cl_ord_id} was to follow, and is not there")
        if order.is_in_doubt or order.open_amendment is not None or order.missing_qty:
            faults.append(f"liveness: {order.cl_ord_id} is {order.state.value} for ever")
    return faults + _of_holdings(station, venue)


def _of_reach(venue: Venue) -> list[str]:
    """Look whether a holding is over the limit if all that works at the venue fills at once."""
    faults = []
    held = venue.positions()
    for symbol in SYMBOLS:
        qty = held[symbol].qty if symbol in held else ZERO
        working = [order for order in venue.working if order.order.symbol == symbol]
        for side in Side:
            reach = side.sign * qty + sum(
                (order.leaves for order in working if order.order.side is side), ZERO
            )
            if not (reach <= POSITION_MAX):
                faults.append(f"I14: {symbol} can come to {reach} by {side.name}, {POSITION_MAX}")
    return faults


def _of_holdings(station: Station, venue: Venue) -> list[str]:
    ledger = station.engine.ledger.view
    held = venue.positions()
    symbols = sorted({*held, *(position.symbol for position in ledger.all())})
    theirs = {symbol: held[symbol].qty if symbol in held else ZERO for symbol in symbols}
    return [
        f"I21: {ledger.get(symbol).qty} {symbol} here, {theirs[symbol]} there"
        for symbol in symbols
        if ledger.get(symbol).qty != theirs[symbol]
    ]


def broken_replay(station: Station, disk: SimDisk) -> list[str]:
    """Return how the fold of the record differs from the live books (I18), and of its prefixes."""
    books = Books(CASH)
    for row in disk.rows:
        change = books.apply(record_of(row))
        if change.order is not None:
            faults = _of_order(change.order)
            if faults:
                return [f"I19: after record {row.seq}: {fault}" for fault in faults]
    live = station.books
    if list(books.blotter.orders) != list(live.blotter.orders):
        return ["I18: the record gives other orders than the live ones"]
    if books.ledger.view.all() != live.ledger.view.all() or books.ledger.cash != live.ledger.cash:
        return ["I18: the record gives other holdings than the live ones"]
    return []


def _of_exits(station: Station, entry: Order) -> list[str]:
    children = station.engine.blotter.children_of(entry.cl_ord_id)
    exits = [child for child in children if child.links.parent == entry.cl_ord_id]
    # The entry's fills are those of what replaced it as well. What a bust of it leaves over cannot
    # be taken back; more must not come.
    filled = Families(station.engine.blotter).line(entry).cum_qty
    room = max(ZERO, filled - sum((leg.cum_qty for leg in exits), ZERO))
    leaves = sum((leg.leaves_qty for leg in exits if not leg.is_here), ZERO)
    if leaves > room:
        return [f"I23: exits of {entry.cl_ord_id} may still execute {leaves}, {room} is left"]
    return []


def _of_order(order: Order) -> list[str]:
    name, cum = order.cl_ord_id, order.cum_qty
    faults = []
    if cum < 0 or cum != sum((e.qty for e in order.executions), ZERO):
        faults.append(f"I1: {name} has {cum}")
    if (
        order.done is None
        and not order.overfilled_qty
        and cum + order.leaves_qty != order.order_qty
    ):
        faults.append(f"I2: {name} {cum} + {order.leaves_qty} is not {order.order_qty}")
    if order.done is not None and order.leaves_qty:
        faults.append(f"I3: {name} is {order.done.name} with {order.leaves_qty} open")
    keys = [execution.key for execution in order.executions]
    if len(keys) != len(set(keys)):
        faults.append(f"I4: {name} has an execution twice")
    paid = sum((e.qty * e.px for e in order.executions), ZERO)
    if cum and abs((order.avg_px or ZERO) * cum - paid) > Decimal("1e-15"):
        faults.append(f"I22: {name} has a false average")
    return faults


def _of_positions(station: Station) -> list[str]:
    faults = []
    ledger, blotter = station.engine.ledger, station.engine.blotter
    cash = CASH
    held: dict[str, Decimal] = {}
    for fill in blotter.view.fills_from(0):
        signed = fill.side.sign * fill.qty
        held[fill.symbol] = held.get(fill.symbol, ZERO) + signed
        cash -= signed * fill.px + fill.fee
    if ledger.cash != cash:
        faults.append(f"I6: cash {ledger.cash}, by the fills {cash}")
    adjusted = station.adjusted()
    for position in ledger.view.all():
        expected = held.get(position.symbol, ZERO) + adjusted.get(position.symbol, ZERO)
        if position.qty != expected:
            faults.append(f"I5: {position.qty} {position.symbol}, by the fills {expected}")
    return faults


def _of_pair(ours: Order, theirs: VenueOrder) -> list[str]:
    """Look whether what could still happen there is reckoned with here."""
    faults = []
    reckoned = ours.cum_qty + ours.exposed_qty
    if theirs.leaves and not ours.is_absent and reckoned < theirs.cum + theirs.leaves:
        faults.append(
            f"I13: {ours.cl_ord_id} is reckoned with {reckoned}, there {theirs.cum}+{theirs.leaves}"
        )
    if ours.done is OrdStatus.CANCELED and theirs.leaves and not ours.is_absent:
        faults.append(f"I9: {ours.cl_ord_id} is CANCELED here and works there")
    return faults
