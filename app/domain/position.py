"""Positions and the money they make, lot by lot.

All figures are exact Decimals. What the lots lose is what is booked as realised, so cost, gains
and fees of any history sum up to the cash that flowed. How a trade meets the lots: `domain.lots`.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

import msgspec

from app.domain.corporate import Split
from app.domain.errors import BadInput
from app.domain.ids import ExecID, Symbol
from app.domain.lots import EXACT, ClosedLot, Lot, LotMethod, Picks, lot_of, match_lots
from app.domain.orders import Fill
from app.domain.terms import ZERO

PX_STEP: Final = Decimal("1E-12")
"""Account currency; the finest price that a split leaves."""


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """Signed holding of one symbol in one account.

    The figures are sums over lots and trades, kept so that reading them costs nothing.
    """

    symbol: Symbol
    qty: Decimal = ZERO
    """Shares; negative is short."""
    cost: Decimal = ZERO
    """Signed cost of the open lots, fees not included."""
    realised_pnl: Decimal = ZERO
    """Of everything closed so far, fees not included."""
    fees: Decimal = ZERO
    """Of all trades."""
    open_fees: Decimal = ZERO
    """The part of `fees` that belongs to the open lots."""
    lots: tuple[Lot, ...] = ()
    """Oldest first, all of one sign."""

    @property
    def avg_px(self) -> Decimal | None:
        """Average price of the open quantity; None when flat."""
        return self.cost / self.qty if self.qty else None

    @property
    def realised_pnl_after_fees(self) -> Decimal:
        """Gain of everything closed so far, less the fees of opening and closing it."""
        return EXACT.subtract(self.realised_pnl, EXACT.subtract(self.fees, self.open_fees))

    def unrealised_pnl(self, mark: Decimal) -> Decimal:
        """Return the gain of the open quantity at a price, fees not included."""
        return EXACT.subtract(EXACT.multiply(self.qty, mark), self.cost)

    def unrealised_pnl_after_fees(self, mark: Decimal) -> Decimal:
        """Return the gain of the open quantity at a price, less the fees paid to open it."""
        return EXACT.subtract(self.unrealised_pnl(mark), self.open_fees)


class PositionAdjustment(msgspec.Struct, frozen=True, kw_only=True):
    """A difference to the broker's holding that no fill explains.

    It changes lots as a fill does and moves no cash: the broker has booked what it cost, and cash
    is brought into line by postings. Records carry it.
    """

    adjustment_id: str
    """The same whenever the same difference is found again, so that it counts once."""
    symbol: Symbol
    qty: Decimal
    """Shares to add; negative takes away."""
    px: Decimal
    """The price at which cost becomes the broker's; that may be any number."""
    ts_ns: int
    text: str = ""


class Booked(msgspec.Struct, frozen=True, kw_only=True):
    """What a trade made of a position."""

    position: Position
    closed: tuple[ClosedLot, ...]


def apply_fill(
    position: Position, fill: Fill, *, method: LotMethod = LotMethod.FIFO, picks: Picks = ()
) -> Position:
    """Return the position after one fill: close against the open lots first, then open.

    Raises:
        BadInput: the picks do not fit; see `domain.lots.match_lots`.
    """
    assert fill.symbol == position.symbol, (fill.symbol, position.symbol)
    return book_trade(position, lot_of(fill), method=method, picks=picks).position


def book_trade(
    position: Position, trade: Lot, *, method: LotMethod = LotMethod.FIFO, picks: Picks = ()
) -> Booked:
    """Return the position after a trade, and the pieces of lots that the trade closed.

    Raises:
        BadInput: the picks do not fit; see `domain.lots.match_lots`.
    """
    assert bool(position.lots) == bool(position.qty), position  # The figures are those of lots.
    matched = match_lots(position.lots, trade, method=method, picks=picks)
    closed = matched.closed
    realised = _sum(piece.pnl for piece in closed)
    opening_fee = trade.fee if trade.qty else ZERO  # A fill of nothing leaves no lot to carry it.
    open_fees = EXACT.subtract(
        EXACT.add(position.open_fees, opening_fee), _sum(piece.fees for piece in closed)
    )
    booked = Position(
        symbol=position.symbol,
        qty=EXACT.add(position.qty, trade.qty),
        # What was paid less what was gained: the lots' cost without walking through all of them.
        cost=EXACT.add(EXACT.add(position.cost, trade.cost), realised),
        realised_pnl=EXACT.add(position.realised_pnl, realised),
        fees=EXACT.add(position.fees, trade.fee),
        open_fees=open_fees,
        lots=matched.lots,
    )
    return Booked(position=booked, closed=closed)


def split_position(position: Position, split: Split) -> Position:
    """Return the position after a split: the same cost on another number of shares.

    Each lot keeps its age and what it cost, as far as `PX_STEP` and the cut of its quantity allow;
    what that leaves over, below a cent, is realised, so that the sums stay exact. The lots come to
    what the split makes of their sum: the newest takes what the others' cuts leave.
    """
    left = total = split.scale(position.qty)
    lots = []
    for number, lot in enumerate(position.lots, start=1):
        qty = left if number == len(position.lots) else split.scale(lot.qty)
        left = EXACT.subtract(left, qty)
        if qty:
            px = EXACT.divide(lot.cost, qty).quantize(PX_STEP, context=EXACT)
            lots.append(msgspec.structs.replace(lot, qty=qty, px=px))
    cost = _sum(lot.cost for lot in lots)
    return msgspec.structs.replace(
        position,
        qty=total,
        cost=cost,
        realised_pnl=EXACT.add(position.realised_pnl, EXACT.subtract(cost, position.cost)),
        open_fees=_sum(lot.fee for lot in lots),
        lots=tuple(lots),
    )


def adjustment_lot(adjustment: PositionAdjustment) -> Lot:
    """Return an adjustment as the lot it would open.

    Raises:
        BadInput: quantity or price is no number, or the quantity is 0.
    """
    for name, figure in (("quantity", adjustment.qty), ("price", adjustment.px)):
        if not figure.is_finite():
            raise BadInput(
                f"the {name} of adjustment {adjustment.adjustment_id} is {figure}; not booked"
            )
    if not adjustment.qty:
        raise BadInput(f"adjustment {adjustment.adjustment_id} is of 0 shares; not booked")
    return Lot(
        exec_id=ExecID(adjustment.adjustment_id),
        qty=adjustment.qty,
        px=adjustment.px,
        ts_open_ns=adjustment.ts_ns,
    )


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    total = ZERO
    for amount in amounts:
        total = EXACT.add(total, amount)
    return total
