"""How much of an account's own money its holdings need: at first, and from then on. Pure.

Source: initial margin, Regulation T, 12 CFR 220.12(a) and (c)(1); maintenance margin, FINRA Rule
4210(c)(1)-(3); minimum equity, FINRA Rule 4210(b)(4) (as of 2026-11: the day-trading minimum of
25,000 USD is gone, the 2,000 USD stay). A broker may ask for more; none may ask for less.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

import msgspec

from app.domain.enums import MarginRegime
from app.domain.terms import ZERO

EQUITY_MIN: Final = Decimal(2_000)
"""USD; below, nothing is lent: neither cash nor shares."""
_INITIAL: Final = {
    MarginRegime.CASH: Decimal(1),
    MarginRegime.REG_T: Decimal("0.5"),
    MarginRegime.INTRADAY_MARGIN: Decimal("0.25"),
    MarginRegime.LEGACY_PDT: Decimal("0.25"),
}
_LEGACY_EQUITY_MIN: Final = Decimal(25_000)
_LONG: Final = Decimal("0.25")
_SHORT: Final = Decimal("0.30")
_SHORT_SHARE: Final = Decimal(5)
_CHEAP: Final = Decimal(5)
"""USD; below this price another pair of figures holds."""
_CHEAP_SHARE: Final = Decimal("2.50")


class Margin(msgspec.Struct, frozen=True, kw_only=True):
    """An account as a broker looks at it; USD."""

    cash: Decimal
    """Proceeds of short sales included; negative is borrowed."""
    long_value: Decimal
    short_value: Decimal
    """Above 0."""
    maintenance: Decimal
    """What the equity may not fall below."""

    @property
    def equity(self) -> Decimal:
        """What would be left if everything were closed."""
        return self.cash + self.long_value - self.short_value

    @property
    def gross(self) -> Decimal:
        """Value of all holdings."""
        return self.long_value + self.short_value

    @property
    def excess(self) -> Decimal:
        """What the equity may lose before a call; negative: the call."""
        return self.equity - self.maintenance

    @property
    def lent(self) -> Decimal:
        """Cash that is borrowed: the proceeds of short sales are a pledge and pay for nothing."""
        return max(ZERO, self.short_value - self.cash)


def initial_share(regime: MarginRegime, equity: Decimal) -> Decimal:
    """Return the part of what is opened that has to be the account's own."""
    if not (equity >= EQUITY_MIN):
        return Decimal(1)
    if regime is MarginRegime.LEGACY_PDT and not (equity >= _LEGACY_EQUITY_MIN):
        return _INITIAL[MarginRegime.REG_T]
    return _INITIAL[regime]


def maintenance_of(qty: Decimal, px: Decimal) -> Decimal:
    """Return what a holding needs from day to day, USD; a negative quantity is short."""
    value = abs(qty) * px
    if qty >= 0:
        return value * _LONG
    if px < _CHEAP:
        return max(abs(qty) * _CHEAP_SHARE, value)
    return max(abs(qty) * _SHORT_SHARE, value * _SHORT)


def margin_of(cash: Decimal, holdings: Iterable[tuple[Decimal, Decimal]]) -> Margin:
    """Return what an account's holdings come to; each a quantity and its price."""
    long_value = short_value = maintenance = ZERO
    for qty, px in holdings:
        if qty >= 0:
            long_value += qty * px
        else:
            short_value -= qty * px
        maintenance += maintenance_of(qty, px)
    return Margin(
        cash=cash, long_value=long_value, short_value=short_value, maintenance=maintenance
    )
