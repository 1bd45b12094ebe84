"""What one symbol is worth to those who know: the price that its traders grope for.

anchor x exp(own walk + beta x market + sector + news). News come seldom and at once; they leave
everybody nervous for a while. Nobody on the exchange trades at this price because it is so: it
reaches the book through the orders of `app.exchange.crowd` only.
"""

from __future__ import annotations

import math
import random
from typing import Final

from app.domain.times import SECOND_NS
from app.exchange.factors import DAY_S, Clustering, Factor, revert
from app.exchange.hours import Rhythm
from app.exchange.listings import Listing

NEWS_A_DAY: Final = 1.5
"""Of one symbol, in a core session."""
NEWS_VOLS: Final = 0.35
"""Usual size of a piece of news, in daily volatilities of the symbol's own."""
NERVES_S: Final = 480.0
"""After this long nerves are down to 37 %."""
HEAT_MAX: Final = 6.0


class Fundamental:
    """The worth of one symbol over time, in USD."""

    def __init__(  # noqa: PLR0913  What a worth is made of.
        self,
        listing: Listing,
        seed: int,
        *,
        market: Factor,
        sector: Factor,
        rhythm: Rhythm,
        now_ns: int,
    ) -> None:
        self._random = random.Random(f"{seed}:{listing.symbol}:value")  # noqa: S311  A market.
        self._market = market
        self._sector = sector
        self._rhythm = rhythm
        self._beta = listing.beta
        self._anchor_usd = listing.anchor_cents / 100
        self._vol_day = listing.vol_day_pct / 100
        self._sigma = self._vol_day / math.sqrt(DAY_S)
        self._own = 0.0
        self._nerves = 0.0
        self._clustering = Clustering()
        self._now_ns = now_ns
        self._news_in_s = self._draw_news_gap()
        self.heat = 1.0
        """Volatility now against its mean; 1 is usual."""

    def at(self, now_ns: int) -> float:
        """Return the worth at a time, USD; a time before the last one is that time."""
        dt_s = max(0, now_ns - self._now_ns) / SECOND_NS
        self._now_ns = now_ns
        gauss = self._random.gauss
        pace = self._rhythm.pace(now_ns)
        clustered = self._clustering.step(dt_s, gauss(0.0, 1.0))
        self._nerves *= math.exp(-dt_s / NERVES_S)
        self.heat = min(HEAT_MAX, clustered * (1 + self._nerves))
        sigma = self._sigma * self.heat * pace.vol
        self._own = revert(self._own, dt_s) + sigma * math.sqrt(dt_s) * gauss(0.0, 1.0)
        self._news_in_s -= dt_s * pace.rate
        if self._news_in_s <= 0:
            self._break_news()
        shared = self._beta * self._market.at(now_ns) + self._sector.at(now_ns)
        return self._anchor_usd * math.exp(self._own + shared)

    def learn(self, log_move: float) -> None:
        """Let what somebody bought or sold count as knowledge: for good, as a log move."""
        self._own += log_move

    def rescale(self, factor: float) -> None:
        """Let the worth be so many times what it was, because a share is another part of it."""
        self._anchor_usd *= factor

    def _break_news(self) -> None:
        size = NEWS_VOLS * self._vol_day * self._random.gauss(0.0, 1.0)
        size *= min(5.0, self._random.paretovariate(3.0))
        self._own += size
        self._nerves = min(4.0, self._nerves + 0.8 + abs(size) / self._vol_day)
        self._news_in_s = self._draw_news_gap()

    def _draw_news_gap(self) -> float:
        return self._random.expovariate(NEWS_A_DAY / DAY_S)
