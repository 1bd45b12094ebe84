"""One symbol's quotes and prints, drawn forward in time from its own seed.

The fair price is anchor x exp(own walk + beta x market + sector). Quotes follow it on the cent
grid; prints hit the standing quote and eat what it displays, so a bigger order walks the price.
"""

from __future__ import annotations

import math
import random
from typing import Final

from app.config import ExchangeConfig
from app.domain.times import SECOND_NS
from app.exchange.factors import DAY_S, Clustering, Factor, revert
from app.exchange.listings import Listing
from app.exchange.wire import PrintMessage, QuoteMessage

SPREAD_CENTS_MAX: Final = 5
LEVELS_MAX: Final = 3
"""Price levels one aggressor may walk."""
PRINTS_PER_AGGRESSOR: Final = 1.10
QUOTES_PER_AGGRESSOR: Final = 1.03
"""Measured; both count towards the settable rates."""
_VENUES: Final = ("Q", "P", "Z", "K", "N")
_OFF_EXCHANGE: Final = "D"


class Tape:
    """Generator of one symbol's market."""

    def __init__(
        self,
        listing: Listing,
        config: ExchangeConfig,
        *,
        market: Factor,
        sector: Factor,
        now_ns: int,
    ) -> None:
        self._listing = listing
        self._random = random.Random(f"{config.seed}:{listing.symbol}")  # noqa: S311  A market.
        self._market = market
        self._sector = sector
        aggressors_per_s = config.trades_per_s / PRINTS_PER_AGGRESSOR
        quotes_alone_per_s = max(
            config.quotes_per_s - QUOTES_PER_AGGRESSOR * aggressors_per_s, config.quotes_per_s / 4
        )
        self._rate_per_s = quotes_alone_per_s + aggressors_per_s
        self._trade_share = aggressors_per_s / self._rate_per_s
        self._sigma = listing.vol_day_pct / 100 / math.sqrt(DAY_S)
        self._own = 0.0
        self._clustering = Clustering()
        self._heat = 1.0
        self._now_ns = now_ns
        self._bid = self._ask = 0
        self._bid_size = self._ask_size = 0
        self.next_ns = now_ns
        """When it speaks next."""

    def skip_to(self, now_ns: int) -> None:
        """Go to a time without saying anything; the next word is a fresh quote at once."""
        self._walk(now_ns)
        self._now_ns = self.next_ns = now_ns
        self._bid = self._ask = 0

    def speak(self) -> list[QuoteMessage | PrintMessage]:
        """Return what happens at `next_ns`, and draw the next time."""
        now_ns = self.next_ns
        fair = self._walk(now_ns)
        gap_s = self._random.expovariate(self._rate_per_s)
        self.next_ns = now_ns + max(1, int(gap_s * SECOND_NS))
        if self._ask and self._random.random() < self._trade_share:
            return self._trade(fair)
        self._requote(fair)
        return [self._quote()]

    def _walk(self, now_ns: int) -> float:
        """Return the fair price in cents at a time."""
        dt_s = max(0, now_ns - self._now_ns) / SECOND_NS
        self._now_ns = now_ns
        gauss = self._random.gauss
        self._heat = self._clustering.step(dt_s, gauss(0.0, 1.0))
        noise = self._sigma * self._heat * math.sqrt(dt_s) * gauss(0.0, 1.0)
        self._own = revert(self._own, dt_s) + noise
        shared = self._listing.beta * self._market.at(now_ns) + self._sector.at(now_ns)
        return self._listing.anchor_cents * math.exp(self._own + shared)

    def _requote(self, fair: float) -> None:
        rnd = self._random.random
        is_inside = self._bid < fair < self._ask
        if not (is_inside and rnd() < 0.7):
            wide = self._listing.spread_cents * (0.6 + 0.4 * self._heat) + rnd() - 0.5
            spread = min(SPREAD_CENTS_MAX, max(1, round(wide)))
            self._bid = max(1, round(fair - spread / 2))
            self._ask = self._bid + spread
            self._bid_size = self._ask_size = 0
        if rnd() < 0.5 or not self._bid_size:
            self._bid_size = self._draw_size()
        if rnd() < 0.5 or not self._ask_size:
            self._ask_size = self._draw_size()

    def _trade(self, fair: float) -> list[QuoteMessage | PrintMessage]:
        rnd = self._random.random
        tilt = (fair - self._bid) / (self._ask - self._bid)
        is_buy = rnd() < min(0.85, max(0.15, tilt))
        if self._ask - self._bid > 1 and rnd() < 0.12:
            # Inside the spread, off exchange: the displayed quote stays.
            price = (self._bid + self._ask + int(is_buy)) // 2
            size = min(self._draw_trade(), self._bid_size, self._ask_size)
            return [self._print(price, size, _OFF_EXCHANGE)]
        messages: list[QuoteMessage | PrintMessage] = []
        left = self._draw_trade()
        venue = _VENUES[int(rnd() * len(_VENUES))]
        for _ in range(LEVELS_MAX):
            price = self._ask if is_buy else self._bid
            size = min(left, self._ask_size if is_buy else self._bid_size)
            messages.append(self._print(price, size, venue))
            self._take(size, is_buy=is_buy)
            messages.append(self._quote())
            left -= size
            if not left:
                break
        return messages

    def _take(self, size: int, *, is_buy: bool) -> None:
        if is_buy:
            self._ask_size -= size
            if not self._ask_size:
                self._ask += 1
                self._ask_size = self._draw_size()
        else:
            self._bid_size -= size
            if not self._bid_size:
                self._bid -= 1
                self._bid_size = self._draw_size()
        if self._ask - self._bid > SPREAD_CENTS_MAX:
            # The other side follows a price that ran.
            if is_buy:
                self._bid, self._bid_size = self._ask - SPREAD_CENTS_MAX, self._draw_size()
            else:
                self._ask, self._ask_size = self._bid + SPREAD_CENTS_MAX, self._draw_size()

    def _draw_size(self) -> int:
        lots = self._random.lognormvariate(math.log(self._listing.lots), 0.8)
        return 100 * min(500, max(1, round(lots)))

    def _draw_trade(self) -> int:
        kind = self._random.random()
        if kind < 0.35:  # Odd lots are that common in tapes of dear stocks.
            return 1 + int(self._random.random() * 99)
        if kind < 0.70:
            return 100
        lots = int(self._random.paretovariate(1.4))
        return 100 * min(100, lots) + (0 if kind < 0.92 else int(self._random.random() * 99))

    def _quote(self) -> QuoteMessage:
        return QuoteMessage(
            self._listing.symbol,
            self._now_ns,
            self._bid,
            self._bid_size,
            self._ask,
            self._ask_size,
        )

    def _print(self, price: int, size: int, venue: str) -> PrintMessage:
        return PrintMessage(self._listing.symbol, self._now_ns, price, size, venue)
