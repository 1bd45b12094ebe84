"""Money from sales that is not there yet: what a cash account may not spend without a fault.

The danger: shares are bought with the proceeds of a sale and sold again before that sale has
settled (a good-faith violation); after a few of them the broker freezes the account for 90 days.
Here the proceeds of each sale count as unsettled until the trading day after its own.

Source: Regulation T, 12 CFR 220.8(a) and (c); settlement on the first business day after the
trade, SEC Rule 15c6-1(a) as of 2024-05-28.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from app.domain.enums import Side
from app.domain.ids import ClOrdID, ExecID
from app.domain.lots import EXACT
from app.domain.orders import Fill
from app.domain.terms import ZERO
from app.domain.times import SECOND_NS

KEPT_NS: Final = 10 * 86_400 * SECOND_NS
"""No sale is unsettled for longer, whatever the holidays."""


class Unsettled:
    """Sales of the last days, by execution."""

    def __init__(self) -> None:
        self._sales: dict[tuple[ClOrdID, ExecID], tuple[int, Decimal]] = {}
        """Order and first exec_id -> exchange's time and proceeds, in order of booking."""

    def put(self, fill: Fill) -> None:
        """Count a fill, or its correction; a buy is nothing to wait for."""
        if fill.side is Side.BUY:
            return
        proceeds = EXACT.subtract(EXACT.multiply(fill.qty, fill.px), fill.fee)
        self._sales[_key(fill)] = fill.ts_exch_ns, proceeds
        oldest = next(iter(self._sales))
        if self._sales[oldest][0] < fill.ts_exch_ns - KEPT_NS:
            del self._sales[oldest]

    def drop(self, fill: Fill) -> None:
        """Take a fill back that the venue broke."""
        self._sales.pop(_key(fill), None)

    def amount(self, day_start_ns: int) -> Decimal:
        """Return the proceeds that have not settled in the trading day that began then."""
        return sum([it for ts_ns, it in self._sales.values() if ts_ns >= day_start_ns], ZERO)


def _key(fill: Fill) -> tuple[ClOrdID, ExecID]:
    return fill.cl_ord_id, fill.key or fill.exec_id
