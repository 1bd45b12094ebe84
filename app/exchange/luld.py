"""Limit up, limit down: the band of prices that may trade, and the pause when a side stays at it.

The band lies around a reference price, the mean of the trades of five minutes, which follows only
in steps of a percent. A market whose bid stands at the upper band, or whose ask at the lower, is in
a limit state; after 15 seconds of that trading pauses for five minutes and reopens by an auction.

Source: Plan to Address Extraordinary Market Volatility (National Market System plan), sections V
(price bands), VI (limit states) and VII (trading pauses), Appendix A (percentages), as amended up
to 2020 (doubling at the open was abolished).
Prices are whole ticks, times UTC nanoseconds. Pure: who calls says what time it is.
"""

from __future__ import annotations

from collections import deque
from enum import IntEnum
from typing import Final

import msgspec

from app.domain.times import MINUTE_NS, SECOND_NS

WINDOW_NS: Final = 5 * MINUTE_NS
"""Trades of this long make the reference."""
MOVE_MIN: Final = 0.01
"""Share by which a mean must differ for the reference to follow."""
HOLD_NS: Final = 30 * SECOND_NS
"""A reference holds for at least so long."""
LIMIT_NS: Final = 15 * SECOND_NS
"""A limit state of this length ends in a pause."""
PAUSE_NS: Final = 5 * MINUTE_NS
DOUBLED_NS: Final = 25 * MINUTE_NS
"""Before the close bands are twice as wide: of Tier 1, and of Tier 2 up to 3 USD."""
WINDOW_TRADES_MAX: Final = 100_000
"""Of one symbol in five minutes; beyond, the oldest count no more."""


class Tier(IntEnum):
    """How wide the bands of a stock above 3 USD are."""

    ONE = 1
    """S&P 500, Russell 1000 and listed funds: 5 %."""
    TWO = 2
    """All others: 10 %."""


class Band(msgspec.Struct, frozen=True):
    """The prices that may trade, both ends included."""

    lower: int
    upper: int


def half_width(prior_close: float, tier: Tier, *, is_doubled: bool = False) -> float:
    """Return the distance of a band from its reference, as a share of it.

    Args:
        prior_close: USD; decides which row of Appendix A holds, whatever the price is now.
        tier: of the stock.
        is_doubled: in the last 25 minutes of the core session.
    """
    if prior_close > 3:
        share = 0.05 if tier is Tier.ONE else 0.10
    elif prior_close >= 0.75:
        share = 0.20
    else:
        share = min(0.15 / prior_close, 0.75)
    doubles = is_doubled and (tier is Tier.ONE or prior_close <= 3)
    return share * 2 if doubles else share


class LimitUpDown:
    """Bands and limit state of one symbol in one core session."""

    def __init__(
        self,
        *,
        prior_close: float,
        tier: Tier,
        opening: int,
        open_ns: int,
        close_ns: int,
    ) -> None:
        """Begin with the opening price as the reference.

        Args:
            prior_close: USD.
            tier: of the symbol.
            opening: ticks; the price of the opening or reopening auction.
            open_ns: when that was.
            close_ns: end of the core session.
        """
        self._prior_close: Final = prior_close
        self._tier: Final = tier
        self._doubled_ns: Final = close_ns - DOUBLED_NS
        self._reference = float(opening)
        self._set_ns = open_ns
        self._trades: deque[tuple[int, int]] = deque(maxlen=WINDOW_TRADES_MAX)
        self._sum = 0
        self._is_doubled = open_ns >= self._doubled_ns
        self._band = self._make_band()
        self.limit_since_ns: int | None = None
        """Since when a side has stood at the band; None: neither does."""

    @property
    def reference(self) -> float:
        """The price that the band lies around, in ticks."""
        return self._reference

    def band(self, now_ns: int) -> Band:
        """Return the band at a time; times never go back."""
        self._follow(now_ns)
        return self._band

    def on_trade(self, px: int, now_ns: int) -> None:
        """Count a trade towards the reference."""
        if len(self._trades) == WINDOW_TRADES_MAX:
            self._sum -= self._trades[0][1]
        self._trades.append((now_ns, px))
        self._sum += px

    def on_quote(self, bid: int | None, ask: int | None, now_ns: int) -> None:
        """Look whether a side stands at its band: the bid at the upper, the ask at the lower."""
        band = self.band(now_ns)
        at_limit = (bid is not None and bid >= band.upper) or (
            ask is not None and ask <= band.lower
        )
        if not at_limit:
            self.limit_since_ns = None
        elif self.limit_since_ns is None:
            self.limit_since_ns = now_ns

    def pause_due_ns(self) -> int | None:
        """Return when trading pauses if nothing changes; None outside a limit state."""
        return None if self.limit_since_ns is None else self.limit_since_ns + LIMIT_NS

    def _follow(self, now_ns: int) -> None:
        """Let the reference follow the mean, and the band the reference."""
        is_doubled = now_ns >= self._doubled_ns
        mean = self._mean(now_ns)
        moves = (
            mean is not None
            and now_ns - self._set_ns >= HOLD_NS
            and abs(mean - self._reference) >= MOVE_MIN * self._reference
        )
        if moves:
            assert mean is not None
            self._reference, self._set_ns = mean, now_ns
        if moves or is_doubled != self._is_doubled:
            self._is_doubled = is_doubled
            self._band = self._make_band()

    def _mean(self, now_ns: int) -> float | None:
        """Return the mean of the trades of five minutes; None without any."""
        trades, oldest_ns = self._trades, now_ns - WINDOW_NS
        while trades and trades[0][0] < oldest_ns:
            self._sum -= trades.popleft()[1]
        return self._sum / len(trades) if trades else None

    def _make_band(self) -> Band:
        share = half_width(self._prior_close, self._tier, is_doubled=self._is_doubled)
        reach = self._reference * share
        # Rounded to the nearest tick, and never on the reference itself or below a tick.
        lower = max(1, round(self._reference - reach))
        return Band(lower, max(lower + 1, round(self._reference + reach)))
