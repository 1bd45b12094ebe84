"""How many shares are ahead of one's own order, at most, judged from what is displayed; no Qt.

No feed tells the place in a queue. What was displayed at the price when the order was first seen
there is ahead of it at most; later it is no more than what is displayed then, for who comes later
stands behind. So the figure is a bound and never too small, but for orders nobody displays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from app.domain.enums import OrdType, Side
from app.domain.ids import ClOrdID
from app.domain.orders import Order

Shown = Mapping[Decimal, int]
"""Price -> displayed shares of a side."""


class QueueAhead:
    """Follows own limit orders from look to look."""

    def __init__(self) -> None:
        self._known: dict[ClOrdID, tuple[Decimal, int]] = {}
        """Order -> its price and the most that was ahead of it there."""

    def look(self, orders: Iterable[Order], shown: Mapping[Side, Shown]) -> dict[ClOrdID, int]:
        """Return the most shares that may be ahead of each order that rests at a limit.

        Args:
            orders: those that work, of one symbol.
            shown: of each side; a price that is not there displays nothing.
        """
        found: dict[ClOrdID, tuple[Decimal, int]] = {}
        for order in orders:
            terms = order.terms
            if terms.ord_type is not OrdType.LIMIT or terms.limit_px is None or order.is_here:
                continue
            price, now = terms.limit_px, shown[terms.side].get(terms.limit_px, 0)
            was_at, before = self._known.get(order.cl_ord_id, (None, now))
            found[order.cl_ord_id] = price, min(before, now) if was_at == price else now
        self._known = found
        return {name: ahead for name, (_, ahead) in found.items()}
