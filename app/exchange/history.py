"""Minute bars from before the start, drawn backwards from the price the tape starts at.

A random walk read backwards is a random walk, so the bars meet the live price exactly and the live
tape does not depend on whether anybody asked for history.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from app.config import ExchangeConfig
from app.domain.market import Bar
from app.domain.times import MINUTE_NS
from app.exchange.factors import Clustering
from app.exchange.listings import Listing

BARS: Final = 480
_MINUTES_OF_DAY: Final = 390.0
_MEAN_TRADE: Final = 110.0
"""Mean shares of a print of the tape, measured."""


def shared_moves(seed: str, vol_day_pct: float) -> tuple[float, ...]:
    """Return a factor's log moves of the minutes before the start, newest first."""
    gauss = random.Random(seed).gauss  # noqa: S311  A market, not a secret.
    sigma = vol_day_pct / 100 / math.sqrt(_MINUTES_OF_DAY)
    return tuple(gauss(0.0, sigma) for _ in range(BARS))


def minute_bars(
    listing: Listing,
    config: ExchangeConfig,
    *,
    market: Sequence[float],
    sector: Sequence[float],
    start_ns: int,
) -> list[Bar]:
    """Return the bars of the minutes before `start_ns`, oldest first."""
    rnd = random.Random(f"{config.seed}:{listing.symbol}:history")  # noqa: S311  A market.
    gauss, uniform = rnd.gauss, rnd.random
    sigma = listing.vol_day_pct / 100 / math.sqrt(_MINUTES_OF_DAY)
    volume_mean = config.trades_per_s * 60 * _MEAN_TRADE
    clustering = Clustering()
    price = _Prices()
    bars: list[Bar] = []
    close = listing.anchor_cents
    bar_ns = start_ns - start_ns % MINUTE_NS
    for moved, moved_sector in zip(market, sector, strict=True):
        bar_ns -= MINUTE_NS
        heat = clustering.step(60.0, gauss(0.0, 1.0))
        move = listing.beta * moved + moved_sector + sigma * heat * gauss(0.0, 1.0)
        open_ = max(1, round(close * math.exp(-move)))
        reach = sigma * (1 + listing.beta) * close * heat * 0.5
        high = max(open_, close) + int(reach * uniform())
        low = max(1, min(open_, close) - int(reach * uniform()))
        volume = int(volume_mean * heat * (0.5 + uniform()))
        bars.append(
            Bar(
                symbol=listing.symbol,
                start_ns=bar_ns,
                interval_ns=MINUTE_NS,
                open=price[open_],
                high=price[high],
                low=price[low],
                close=price[close],
                volume=volume,
                ts_recv_ns=bar_ns + MINUTE_NS,
            )
        )
        close = max(1, open_ + int(uniform() * 3) - 1)
    bars.reverse()
    return bars


def prior_close(listing: Listing, seed: int) -> float:
    """Return the close of the session before the start, USD."""
    rnd = random.Random(f"{seed}:{listing.symbol}:close")  # noqa: S311  A market.
    overnight = math.exp(rnd.gauss(0.0, 0.3) * listing.vol_day_pct / 100)
    return round(listing.anchor_cents * overnight) / 100


class _Prices(dict[int, Decimal]):
    """Cents -> Decimal with two places; each is made once."""

    def __missing__(self, cents: int) -> Decimal:
        price = self[cents] = Decimal(cents).scaleb(-2)
        return price
