"""The trades of one symbol in their place in time, and what they come to.

The danger: a broken or corrected fill is taken out of the position as an opposite trade. Quantity
is right then, and lots, gains and fees are those of trades that never were.
Here the position is a fold over the trades as they are known now: a change in the middle folds
again, so the result never depends on how the trades came to be known. A trade at the end, how it
nearly always is, takes one step on top of what is there.
Not guaranteed here: that trades of the same nanosecond happened in the order in which they came.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

import msgspec

from app.domain.corporate import Split
from app.domain.errors import BadInput
from app.domain.ids import ExecID, Symbol
from app.domain.lots import EXACT, ClosedLot, Lot, LotMethod, Picks
from app.domain.orders import Fill
from app.domain.position import Position, book_trade, split_position
from app.domain.terms import ZERO

MARK_EVERY: Final = 128
"""Rows; so many more than changed have to be folded again at most. A fold takes 15 us a row."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One trade, and how it is to choose the lots it closes; or a split."""

    trade: Lot
    """As the lot it would open; of a split one of no shares."""
    fill: Fill | None
    """None: an adjustment, or a split."""
    split: Split | None = None
    method: LotMethod
    picks: Picks = ()
    ts_ns: int
    """Its place in time; a correction keeps that of what it corrects."""
    number: int
    """Grows with every booking: the place among trades of the same time."""


class _Mark(msgspec.Struct, frozen=True):
    """A fold as it was after some rows."""

    position: Position
    closed: int
    lapsed: dict[ExecID, str]


class Tally:
    """A running fold of rows that can be taken up again in the middle."""

    def __init__(self, symbol: Symbol, *, mark_every: int) -> None:
        self.position = Position(symbol=symbol)
        self.closed: list[ClosedLot] = []
        self.lapsed: dict[ExecID, str] = {}
        """Close -> why the lots picked for it no longer fit; its method chose instead."""
        self._mark_every = mark_every
        self._count = 0
        self._marks: list[_Mark] = []

    def take(self, rows: Iterable[Row]) -> None:
        """Add rows behind all others."""
        for row in rows:
            if row.split is None:
                self._trade(row)
            else:
                self.position = split_position(self.position, row.split)
            self._count += 1
            if self._count % self._mark_every == 0:
                self._marks.append(_Mark(self.position, len(self.closed), dict(self.lapsed)))

    def _trade(self, row: Row) -> None:
        try:
            booked = book_trade(self.position, row.trade, method=row.method, picks=row.picks)
        except BadInput as e:
            # What was picked is a wish; that the trade happened is a fact, and it is booked.
            self.lapsed[row.trade.exec_id] = str(e)
            booked = book_trade(self.position, row.trade, method=row.method)
        self.position = booked.position
        self.closed.extend(booked.closed)

    def refolded(self, rows: Sequence[Row], place: int) -> Tally:
        """Return the fold of other rows, that differ from those of this one from a place on."""
        tally = Tally(self.position.symbol, mark_every=self._mark_every)
        known = place // self._mark_every
        if known:
            mark = self._marks[known - 1]
            tally.position, tally.lapsed = mark.position, dict(mark.lapsed)
            tally.closed = self.closed[: mark.closed]
            tally._marks = self._marks[:known]
            tally._count = known * self._mark_every
        tally.take(rows[tally._count :])
        return tally


class History:
    """Rows of one symbol in order of time, of the same time in order of booking."""

    def __init__(self, symbol: Symbol, *, mark_every: int = MARK_EVERY) -> None:
        self.symbol: Final = symbol
        self.rows: list[Row] = []
        self.tally = Tally(symbol, mark_every=mark_every)

    @property
    def since(self) -> tuple[int, int]:
        """Time and number of the first trade."""
        return self.rows[0].ts_ns, self.rows[0].number

    def rows_from(self, ts_ns: int) -> list[Row]:
        """Return the rows from a time on."""
        return self.rows[bisect_left(self.rows, ts_ns, key=lambda row: row.ts_ns) :]

    def find(self, exec_id: ExecID) -> int | None:
        """Return the place of a fill, the newest of that id; None if there is none."""
        for place in reversed(range(len(self.rows))):
            fill = self.rows[place].fill
            if fill is not None and fill.exec_id == exec_id:
                return place
        return None

    def qty_at(self, ts_ns: int) -> Decimal:
        """Return the shares held just before a time, as far as is known now; negative is short."""
        qty = ZERO
        for row in self.rows:
            if row.ts_ns >= ts_ns:
                break
            qty = EXACT.add(qty, row.trade.qty) if row.split is None else row.split.scale(qty)
        return qty

    def add(self, row: Row) -> None:
        """Put a row in its place in time."""
        if not self.rows or row.ts_ns >= self.rows[-1].ts_ns:
            self.rows.append(row)
            self.tally.take([row])
            return
        place = bisect_right(self.rows, row.ts_ns, key=lambda other: other.ts_ns)
        self._put(place, [row, *self.rows[place:]])

    def remove(self, place: int) -> None:
        """Take a row out as if it had never been."""
        self._put(place, self.rows[place + 1 :])

    def replace(self, place: int, row: Row) -> None:
        """Put a row in the place of another; lots picked of the old one are picked of the new."""
        old_id, new_id = self.rows[place].trade.exec_id, row.trade.exec_id
        later = [_renamed(other, old_id, new_id) for other in self.rows[place + 1 :]]
        self._put(place, [row, *later])

    def pick(self, place: int, picks: Picks) -> None:
        """Choose the lots of one close by hand; without picks its method chooses.

        Raises:
            BadInput: the picks do not fit, or those of a later close would fit no more.
        """
        row = msgspec.structs.replace(self.rows[place], picks=picks)
        rows = [*self.rows[:place], row, *self.rows[place + 1 :]]
        tally = self.tally.refolded(rows, place)
        known = self.tally.lapsed.keys() - {row.trade.exec_id}
        for exec_id, why in tally.lapsed.items():
            if exec_id not in known:
                raise BadInput(why)
        self.rows, self.tally = rows, tally

    def _put(self, place: int, rows: list[Row]) -> None:
        """Put rows in the place of all from a place on."""
        self.rows = [*self.rows[:place], *rows]
        self.tally = self.tally.refolded(self.rows, place)


def _renamed(row: Row, old_id: ExecID, new_id: ExecID) -> Row:
    picks = tuple((new_id if exec_id == old_id else exec_id, qty) for exec_id, qty in row.picks)
    return row if picks == row.picks else msgspec.structs.replace(row, picks=picks)
