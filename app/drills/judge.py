"""The promises of every drill, judged by the wire, the record and the exchange's own books."""

from __future__ import annotations

from collections.abc import Sequence, Set
from decimal import Decimal
from pathlib import Path
from typing import Final

import msgspec

from app.audit.reader import read_records
from app.audit.records import AmendmentDecided, OrderDecided, RunStarted
from app.audit.verify import verify
from app.brokers.base import BrokerOrder, Snapshot
from app.domain.drill import Finding
from app.domain.errors import JournalUnreadable
from app.domain.ids import ClOrdID
from app.domain.orders import Order
from app.domain.position import Position
from app.domain.terms import ZERO
from app.drills.base import AGREED, CLEAN, ONCE, RECORDED, REPLAYED
from app.drills.line import Wire
from app.oms.books import Books

SHOWN_MAX: Final = 3
"""Faults that are named; of more only the number is."""
UNCOMPARED: Final = "no station ended in order"


class LastBooks(msgspec.Struct, frozen=True):
    """What a station that ended in order showed last."""

    orders: Sequence[Order]
    positions: Sequence[Position]
    cash: Decimal | None = None
    """USD; None where nothing is to be said of it."""


def difference(books: LastBooks, there: Snapshot, came: Set[ClOrdID]) -> list[str]:
    """Return in what the station's books differ from the exchange's, in words.

    Args:
        books: all orders of the station, and what it holds.
        there: everything that the exchange has, from its beginning.
        came: identities that came to the exchange since then.
    """
    ours = {order.live_id: order for order in books.orders}
    theirs = {order.cl_ord_id: order for order in there.orders}
    found = [
        _order_difference(order, theirs.get(cl_ord_id))
        for cl_ord_id, order in ours.items()
        if cl_ord_id in theirs or cl_ord_id in came or (order.is_working and not order.is_here)
    ]
    found += [f"order {cl_ord_id} is not in the record" for cl_ord_id in theirs.keys() - ours]
    held = {position.symbol: position.qty for position in books.positions if position.qty}
    held_there = {symbol: held.qty for symbol, held in there.positions.items() if held.qty}
    for symbol in sorted(held.keys() | held_there):
        here, over_there = held.get(symbol, ZERO), held_there.get(symbol, ZERO)
        if here != over_there:
            found.append(f"{symbol}: the record holds {here}, the exchange {over_there}")
    if None not in (books.cash, there.cash) and books.cash != there.cash:
        found.append(f"cash: the record holds {books.cash}, the exchange {there.cash}")
    return [text for text in found if text]


def _order_difference(order: Order, theirs: BrokerOrder | None) -> str:
    if theirs is None:
        return f"order {order.live_id} ({order.state.value}) is not at the exchange"
    here = (order.is_ended, order.cum_qty, order.avg_px)
    if here == (theirs.ord_status.is_terminal, theirs.cum_qty, theirs.avg_px):
        return ""
    return (
        f"order {order.live_id}: {order.state.value}, {order.cum_qty} at {order.avg_px} here, "
        f"{theirs.ord_status.name.lower()}, {theirs.cum_qty} at {theirs.avg_px} there"
    )


def once(wire: Wire) -> Finding:
    """Return whether each order was handed over once, or again only after proof."""
    faults = [
        f"{cl_ord_id} handed over {count} times, {wire.returned[cl_ord_id]} times with proof, "
        f"arrived {wire.arrived[cl_ord_id]} times"
        for cl_ord_id, count in wire.handed.items()
        if count > wire.returned[cl_ord_id] + 1 or wire.arrived[cl_ord_id] > 1
    ]
    again = sum(wire.returned.values())
    seen = f"{_count(len(wire.handed), 'order')}, each once" + (
        f"; {_count(again, 'hand-over')} came back unsent with proof" if again else ""
    )
    return Finding(ONCE, not faults, _listed(faults) or seen)


def recorded(journal: Path, wire: Wire) -> Finding:
    """Return whether each order on the wire names the record of its approval."""
    approvals: dict[ClOrdID, set[int]] = {}
    try:
        for row, record in read_records(journal):
            if isinstance(record, OrderDecided | AmendmentDecided) and record.approved:
                approvals.setdefault(record.command.cl_ord_id, set()).add(row.seq)
    except JournalUnreadable as error:
        return Finding(RECORDED, False, str(error))
    faults = [
        f"{cl_ord_id} names record {seq}, which is not its approval"
        for cl_ord_id, seq in wire.seqs.items()
        if seq not in approvals.get(cl_ord_id, ())
    ]
    return Finding(
        RECORDED, not faults, _listed(faults) or f"{_count(len(wire.seqs), 'approval')} on record"
    )


def agreed(differences: Sequence[str], books: LastBooks | None) -> Finding:
    """Return whether all books agreed; None: none were compared."""
    if books is None:
        return Finding(AGREED, False, UNCOMPARED)
    seen = _listed(differences) or f"{_count(len(books.orders), 'order')} compared, no difference"
    return Finding(AGREED, not differences, seen)


def replayed(journal: Path, books: LastBooks | None) -> Finding:
    """Return whether the record alone gives the books that were shown last."""
    if books is None:
        return Finding(REPLAYED, False, UNCOMPARED)
    fresh: Books | None = None
    try:
        for _, record in read_records(journal):
            if fresh is None and isinstance(record, RunStarted):
                fresh = Books(record.cash)
            if fresh is not None:
                fresh.apply(record)
    except JournalUnreadable as error:
        return Finding(REPLAYED, False, str(error))
    again = {} if fresh is None else {order.cl_ord_id: order for order in fresh.blotter.orders}
    held = () if fresh is None else fresh.ledger.view.all()
    orders, positions = books.orders, books.positions
    faults = [
        f"order {order.cl_ord_id} ({order.state.value}) comes to "
        + (found.state.value if (found := again.get(order.cl_ord_id)) else "nothing")
        for order in orders
        if again.get(order.cl_ord_id) != order
    ]
    faults += [
        f"order {name} was not shown" for name in again.keys() - {o.cl_ord_id for o in orders}
    ]
    if tuple(held) != tuple(positions):
        faults.append("positions differ")
    seen = f"{_count(len(orders), 'order')} and {_count(len(positions), 'position')}, the same"
    return Finding(REPLAYED, not faults, _listed(faults) or seen)


def clean(journal: Path) -> Finding:
    """Return whether the log is what was written."""
    try:
        verdict = verify(journal)
    except JournalUnreadable as error:
        return Finding(CLEAN, False, str(error))
    seen = verdict.problem or _count(verdict.rows, "record")
    return Finding(CLEAN, verdict.is_clean, seen)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _listed(faults: Sequence[str]) -> str:
    more = len(faults) - SHOWN_MAX
    return "; ".join(faults[:SHOWN_MAX]) + (f"; {more} more" if more > 0 else "")
