"""Price steps and round lots: by price, and by the day on which a rule took effect.

Both are fixed for a symbol on one day, by the price at which it closed the day before.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

import msgspec

_DOLLAR: Final = Decimal(1)


class Ticks(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Smallest steps of a price, from a day on."""

    since: date
    tick: Decimal
    """USD, at or above 1 USD."""
    sub_dollar: Decimal
    """USD, below 1 USD."""
    narrow: Decimal | None = None
    """USD, at or above 1 USD, of a symbol whose usual spread is at most `narrow_spread_max`; None:
    as all others."""
    narrow_spread_max: Decimal = Decimal("0.015")
    """USD; time-weighted average quoted spread."""

    def at(self, px: Decimal, spread: Decimal) -> Decimal:
        """Return the step of a symbol with a price and a usual spread, both USD."""
        if px < _DOLLAR:
            return self.sub_dollar
        if self.narrow is not None and spread <= self.narrow_spread_max:
            return self.narrow
        return self.tick


def tick_on(
    table: tuple[Ticks, ...], day: date, *, px: Decimal, spread: Decimal = _DOLLAR
) -> Decimal:
    """Return the price step of a symbol on a day, USD.

    Args:
        table: oldest first; before its first entry, that entry holds.
        day: of trading, New York.
        px: closing price of the day before, USD.
        spread: usual quoted spread, USD.

    Source: Regulation NMS Rule 612, 17 CFR 242.612, and the amendment of 2024-09-18 (89 FR 81620),
        which makes the step a half cent where the spread is at most 1.5 cents; its compliance date
        was deferred, so that it is data.
    """
    past = [entry for entry in table if entry.since <= day]
    return (past[-1] if past else table[0]).at(px, spread)


_LOTS: Final = ((Decimal(250), 100), (Decimal(1_000), 40), (Decimal(10_000), 10))
"""Price up to and including, USD -> round lot in shares."""
_ROUND_LOTS_SINCE: Final = date(2025, 11, 3)
_OLD_LOT: Final = 100


def round_lot(px: Decimal, day: date) -> int:
    """Return the round lot of a symbol in shares, by its price in USD and the day.

    Source: Regulation NMS Rule 600(b)(93), 17 CFR 242.600, in force since 2025-11-03.
    """
    if day < _ROUND_LOTS_SINCE:
        return _OLD_LOT
    return next((lot for up_to, lot in _LOTS if px <= up_to), 1)
