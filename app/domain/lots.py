"""Tax lots: what one trade opened and no other has closed yet.

The danger: a close that takes more from the lots than it books as realised, or less. Then cost,
gains and fees drift apart by digits that nobody finds again.
Here a trade is a lot itself. It closes lots of the other side, piece against piece of the same
quantity, and what is left of it stays open. Quantities and prices are never divided, so cost is
exact by itself. The one quotient is the share of a fee that goes with a piece: it is cut, toward
zero, to a step, and what is cut off stays with the rest. The last piece takes what is there, so
that all shares of a fee sum up to the fee.
Not guaranteed here: that a trade is given once and in its place in time. That is the ledger's work.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Context, Decimal
from enum import StrEnum
from typing import Final

import msgspec

from app.domain.enums import Side
from app.domain.errors import BadInput
from app.domain.ids import ExecID
from app.domain.orders import Fill
from app.domain.terms import ZERO

EXACT: Final = Context(prec=200)
"""For sums and products of money. The usual 28 digits lose some of a fractional share at a price
that is an average, and then a fill that is taken back leaves a trace."""
FEE_STEP: Final = Decimal("1E-12")
"""Account currency; the finest share of a fee."""

Picks = tuple[tuple[ExecID, Decimal], ...]
"""What opened a lot, and how many shares of it are closed (above 0, short lots too)."""


class LotMethod(StrEnum):
    """Which lots a close takes first."""

    FIFO = "fifo"
    LIFO = "lifo"
    HIGHEST_COST = "highest_cost"
    """The least gain first: the dearest of what was bought, the cheapest of what was sold short.
    Fees are left aside; of equal prices the oldest."""
    SPECIFIC = "specific"
    """As picked by hand; the oldest first where nothing is picked."""


class Lot(msgspec.Struct, frozen=True, kw_only=True):
    """What is left of one trade."""

    exec_id: ExecID
    """Of the fill that opened it, or the id of the adjustment."""
    qty: Decimal
    """Shares; negative is short."""
    px: Decimal
    fee: Decimal = ZERO
    """The share of the opening fee that goes with `qty`; negative is a rebate."""
    ts_open_ns: int

    @property
    def cost(self) -> Decimal:
        """Signed cost, fees not included."""
        return EXACT.multiply(self.qty, self.px)


class ClosedLot(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of a lot and the trade that closed it: a row of realised gains."""

    open_exec_id: ExecID
    close_exec_id: ExecID
    qty: Decimal
    """Shares as they were held: negative was short."""
    open_px: Decimal
    close_px: Decimal
    open_fee: Decimal
    close_fee: Decimal
    ts_open_ns: int
    ts_close_ns: int

    @property
    def fees(self) -> Decimal:
        """Of the opening and of the closing, as far as they go with this piece."""
        return EXACT.add(self.open_fee, self.close_fee)

    @property
    def pnl(self) -> Decimal:
        """Gain, fees not included."""
        return EXACT.multiply(self.qty, EXACT.subtract(self.close_px, self.open_px))

    @property
    def pnl_after_fees(self) -> Decimal:
        """Gain less the fees of both ends."""
        return EXACT.subtract(self.pnl, self.fees)


class Matched(msgspec.Struct, frozen=True, kw_only=True):
    """What a trade did to the lots."""

    lots: tuple[Lot, ...]
    """Open now, oldest first, all of one sign."""
    closed: tuple[ClosedLot, ...]
    """In the order in which they were taken."""


def lot_of(fill: Fill) -> Lot:
    """Return a fill as the lot it would open."""
    qty = fill.qty if fill.side is Side.BUY else fill.qty.copy_negate()
    return Lot(exec_id=fill.exec_id, qty=qty, px=fill.px, fee=fill.fee, ts_open_ns=fill.ts_exch_ns)


def match_lots(
    lots: Sequence[Lot], trade: Lot, *, method: LotMethod = LotMethod.FIFO, picks: Picks = ()
) -> Matched:
    """Close open lots of the other side with a trade, then open a lot with what is left of it.

    Picks go before the method.

    Raises:
        BadInput: the picks name a lot that is not there or not big enough, or do not come to what
            the trade closes.
    """
    is_closing = bool(lots) and (lots[0].qty > 0) is not (trade.qty > 0)
    if not is_closing and not picks:
        return Matched(lots=(*lots, trade) if trade.qty else tuple(lots), closed=())
    if picks:
        chosen = _picked(lots if is_closing else (), trade, picks)
    else:
        chosen = _ordered(lots, trade, method)
    still_open = dict(enumerate(lots))
    closed: list[ClosedLot] = []
    left = trade
    for place, qty in chosen:
        taken, rest = _split(still_open[place], qty)
        piece, left = _split(left, qty)
        closed.append(_closed(taken, piece))
        if rest.qty:
            still_open[place] = rest
        else:
            del still_open[place]
    opened = (left,) if left.qty else ()
    return Matched(lots=(*still_open.values(), *opened), closed=tuple(closed))


def _ordered(lots: Sequence[Lot], trade: Lot, method: LotMethod) -> Iterator[tuple[int, Decimal]]:
    left = trade.qty.copy_abs()
    for place in _order(lots, method):
        if not left:
            return
        qty = min(left, lots[place].qty.copy_abs())
        left = EXACT.subtract(left, qty)
        yield place, qty


def _order(lots: Sequence[Lot], method: LotMethod) -> Iterable[int]:
    places = range(len(lots))
    if method is LotMethod.LIFO:
        return reversed(places)
    if method is LotMethod.HIGHEST_COST:
        return sorted(places, key=lambda place: lots[place].px, reverse=lots[0].qty > 0)
    return places


def _picked(lots: Sequence[Lot], trade: Lot, picks: Picks) -> Iterator[tuple[int, Decimal]]:
    places = {lot.exec_id: place for place, lot in enumerate(lots)}
    free = {lot.exec_id: lot.qty.copy_abs() for lot in lots}
    total = ZERO
    for exec_id, qty in picks:
        if not (qty.is_finite() and qty > 0):
            raise BadInput(
                f"{qty} shares of lot {exec_id} are picked, it has to be a number above 0; "
                "the lots stay as they were"
            )
        if exec_id not in free:
            raise BadInput(
                f"lot {exec_id} is not open when {trade.exec_id} trades; the lots stay as they were"
            )
        if qty > free[exec_id]:
            raise BadInput(
                f"{qty} shares of lot {exec_id} are picked, {free[exec_id]} are open; "
                "the lots stay as they were"
            )
        free[exec_id] = EXACT.subtract(free[exec_id], qty)
        total = EXACT.add(total, qty)
    held = ZERO
    for lot in lots:
        held = EXACT.add(held, lot.qty.copy_abs())
    closing = min(held, trade.qty.copy_abs())
    if total != closing:
        raise BadInput(
            f"the lots picked come to {total} shares, {trade.exec_id} closes {closing}; "
            "the lots stay as they were"
        )
    return ((places[exec_id], qty) for exec_id, qty in picks)


def _split(lot: Lot, qty: Decimal) -> tuple[Lot, Lot]:
    """Cut a lot in two; the first has `qty` shares, the second may have none."""
    signed = qty.copy_sign(lot.qty)
    fee = _share(lot.fee, signed, lot.qty)
    rest_qty, rest_fee = EXACT.subtract(lot.qty, signed), EXACT.subtract(lot.fee, fee)
    return _part(lot, signed, fee), _part(lot, rest_qty, rest_fee)


def _share(fee: Decimal, part: Decimal, whole: Decimal) -> Decimal:
    if part == whole:
        return fee  # A full close leaves no fee behind.
    steps = EXACT.divide_int(EXACT.multiply(fee, part), EXACT.multiply(whole, FEE_STEP))
    return EXACT.multiply(steps, FEE_STEP)


def _part(lot: Lot, qty: Decimal, fee: Decimal) -> Lot:
    return Lot(exec_id=lot.exec_id, qty=qty, px=lot.px, fee=fee, ts_open_ns=lot.ts_open_ns)


def _closed(lot: Lot, trade: Lot) -> ClosedLot:
    return ClosedLot(
        open_exec_id=lot.exec_id,
        close_exec_id=trade.exec_id,
        qty=lot.qty,
        open_px=lot.px,
        close_px=trade.px,
        open_fee=lot.fee,
        close_fee=trade.fee,
        ts_open_ns=lot.ts_open_ns,
        ts_close_ns=trade.ts_open_ns,
    )
