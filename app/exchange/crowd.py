"""The seeded traders of one symbol: whom a person at the station trades against.

  market makers   quote both sides around the worth, away from their inventory (`makers`)
  patient         limit orders at some distance behind the market, a tenth of them reserve orders;
                  they lose patience after about a minute and take their orders out
  noise           take what is offered, for reasons of their own; large orders come in pieces, so
                  that one buyer is followed by the same buyer
  momentum        take in the direction in which the price has just gone
  informed        know the worth: take what is offered on the wrong side of it, and stale orders are
                  withdrawn by whoever is quick enough

What is taken moves the worth a little for good (somebody may have known something), so a person who
buys much pays for it twice: through the book, and after.
Everything is drawn from the seed of the symbol and from what the book does.
"""

from __future__ import annotations

import math
import random
from typing import Final

from app.config import ExchangeConfig
from app.domain.enums import Phase, Side, TimeInForce
from app.domain.times import MINUTE_NS, SECOND_NS
from app.exchange.entry import Order
from app.exchange.factors import DAY_S
from app.exchange.hours import Rhythm
from app.exchange.listings import Listing
from app.exchange.makers import Maker
from app.exchange.pit import Pit
from app.exchange.value import Fundamental

MAKERS: Final = 3
PATIENT_ORDERS: Final = 160
"""Of both sides together, about which number the book settles."""
PATIENT_ORDERS_MAX: Final = 4 * PATIENT_ORDERS
PRINTS_A_TAKER: Final = 2.8
QUOTES_A_TURN: Final = 0.73
"""Measured (tests/app/exchange/test_crowd.py): both make the settable rates come true."""
IMPACT_TICKS: Final = 0.05
"""Permanent move of the worth by a taker of the usual displayed size."""
IMPACT_SIZES_MAX: Final = 60.0
"""Whoever takes more is no wiser."""
_CALL_NS: Final = 10 * MINUTE_NS
"""Before an auction: when orders for it come in."""
_OPENING_SIZE: Final = 12
"""Times the usual size: few act before the open, and for much."""
_BUY: Final = Side.BUY
_SELL: Final = Side.SELL
_IOC: Final = TimeInForce.IOC


class Crowd:
    """All seeded traders of one symbol."""

    def __init__(  # noqa: PLR0913  Said once, by the exchange.
        self,
        listing: Listing,
        config: ExchangeConfig,
        pit: Pit,
        worth: Fundamental,
        rhythm: Rhythm,
        now_ns: int,
    ) -> None:
        self._random = rnd = random.Random(f"{config.seed}:{listing.symbol}")  # noqa: S311  A market.
        self._pit = pit
        self._worth = worth
        self._rhythm = rhythm
        self._spread_ticks = listing.spread_cents * pit.ticks_per_usd / 100
        minute = listing.vol_day_pct / 100 * (1 + abs(listing.beta)) / math.sqrt(DAY_S / 60)
        self._reach = 3.0 + 0.4 * minute * listing.anchor_cents * pit.ticks_per_usd / 100
        """How far behind the market patient orders usually stand, in ticks."""
        self._size = max(pit.facts.lot, round(100 * listing.lots))
        self._makers = [
            Maker(pit, rnd, owner=number, size=self._size) for number in range(1, MAKERS + 1)
        ]
        self._takers_per_s = config.trades_per_s / PRINTS_A_TAKER
        self._turns_per_s = config.quotes_per_s / QUOTES_A_TURN
        self._rate_per_s = self._takers_per_s + self._turns_per_s
        self._orders: list[Order] = []
        """Patient orders, some of which may be gone from the book."""
        self._tilt = 0.5
        """Chance that noise buys: it stays on a side for a while."""
        self._mids: list[float] = []
        """The newest middles, a turn apart: what momentum looks at."""
        self.size_max: int | None = None
        """Shares of the largest order that anybody may send; None: no limit."""
        self.fair = 0.0
        """The worth in ticks, as last looked at."""
        self._now_ns = now_ns
        self.next_ns = now_ns
        """When somebody acts next."""
        pit.taken = self._on_taken

    def fill_book(self, now_ns: int) -> None:
        """Let everybody who is usually there come in at once: the start of a day."""
        self._look(now_ns)
        for _ in range(PATIENT_ORDERS):
            self._place(now_ns)
        if self.size_max is None:  # Makers do not bother with odd lots.
            for maker in self._makers:
                self._quote(maker, now_ns)

    def rescale(self, factor: float) -> None:
        """Let a share be worth so many times what it was; call while nobody is in the book."""
        self._worth.rescale(factor)
        self._reach *= factor

    def go_ex(self, usd: float) -> None:
        """Let a share be worth so much less from now on: it comes without a dividend."""
        px = self.fair / self._pit.ticks_per_usd
        if px > usd:
            self._worth.learn(math.log1p(-usd / px))

    def leave(self, now_ns: int) -> None:
        """Take every order of the crowd out: the end of a day, or a gap in time."""
        for maker in self._makers:
            maker.withdraw(now_ns)
        for order in self._orders:
            self._pit.cancel(order.order_id, now_ns)
        self._orders.clear()
        self._mids.clear()

    def go_on(self, now_ns: int) -> None:
        """Draw the time of the next act after a gap."""
        self._schedule(now_ns)

    def sleep_until(self, ts_ns: int) -> None:
        """Do nothing before a time."""
        self.next_ns = ts_ns + 1

    def act(self) -> None:
        """Let somebody act at `next_ns`, and draw the next time."""
        now_ns = self.next_ns
        self._look(now_ns)
        rnd = self._random.random
        if self._pit.halt:
            self._place(now_ns)
        elif self._is_called(now_ns) and rnd() < 0.25:
            self._call(now_ns)
        else:
            self._correct(now_ns)
            if rnd() * self._rate_per_s < self._takers_per_s:
                self._take(now_ns)
            else:
                self._turn(now_ns)
        self._schedule(now_ns)

    def _schedule(self, now_ns: int) -> None:
        rate = self._rate_per_s * self._rhythm.pace(now_ns).rate
        # Nervous markets are busy ones: volume follows volatility.
        rate *= math.sqrt(self._worth.heat)
        gap_s = self._random.expovariate(rate)
        self.next_ns = now_ns + max(1, int(gap_s * SECOND_NS))

    def _look(self, now_ns: int) -> None:
        self._now_ns = now_ns
        self.fair = self._worth.at(now_ns) * self._pit.ticks_per_usd

    @property
    def _half_spread(self) -> float:
        """How far from the worth quotes are, in ticks: further the wilder it is."""
        wide = 1.0 if self._rhythm.span(self._now_ns).phase is Phase.CORE else 3.0
        return 0.5 * self._spread_ticks * (0.5 + 0.5 * self._worth.heat) * wide

    # What they do

    def _turn(self, now_ns: int) -> None:
        """Add to the book, or take something out of it, so that it stays about as full."""
        draw = self._random.random()
        if draw < 0.3:
            if self.size_max is not None:
                return
            self._quote(self._makers[int(draw * 10) % MAKERS], now_ns)
            return
        share = len(self._orders) / PATIENT_ORDERS
        if draw < 0.3 + 0.7 * share * share / (1 + share * share):
            self._lose_patience(now_ns)
        else:
            self._place(now_ns)

    def _quote(self, maker: Maker, now_ns: int) -> None:
        size_factor = self._rhythm.pace(now_ns).size / math.sqrt(self._worth.heat)
        maker.turn(self.fair, self._half_spread, size_factor, now_ns)

    def _place(self, now_ns: int) -> None:
        """Let a patient trader come: a limit order behind the market."""
        if len(self._orders) >= PATIENT_ORDERS_MAX:
            self._forget_gone()
            if len(self._orders) >= PATIENT_ORDERS_MAX:
                return
        rnd = self._random
        side = _BUY if rnd.random() < 0.5 else _SELL
        reach = self._reach + 2.0 * self._half_spread
        behind = rnd.expovariate(1 / reach)
        if rnd.random() < 0.12:
            behind *= min(30.0, rnd.paretovariate(1.1))
        distance = self._half_spread * (0.6 + rnd.random()) + behind
        if self._pit.halt:  # Nobody knows the price of the reopening: some pay up.
            distance -= 2 * reach * rnd.random()
        px = math.floor(self.fair - distance) if side is _BUY else math.ceil(self.fair + distance)
        if px < 1:
            return
        size = self._draw_size()
        lot = self._pit.facts.lot
        display = lot if size > 2 * lot and rnd.random() < 0.1 else None
        order = Order(
            next(self._pit.ids), side, size, px, is_post_only=not self._pit.halt, display=display
        )
        self._pit.enter(order, now_ns)
        if order.leaves:
            self._orders.append(order)

    def _lose_patience(self, now_ns: int) -> None:
        """Take some patient order out; orders that have traded away are forgotten on the way."""
        orders = self._orders
        while orders:
            index = int(self._random.random() * len(orders))
            order = orders[index]
            orders[index] = orders[-1]
            orders.pop()
            if order.leaves and self._pit.cancel(order.order_id, now_ns):
                return

    def _take(self, now_ns: int) -> None:
        """Let somebody trade at once."""
        book, rnd = self._pit.book, self._random.random
        bid, ask = book.best(_BUY), book.best(_SELL)
        if bid is None or ask is None:
            return
        middle = (bid[0] + ask[0]) / 2
        self._mids.append(middle)
        if len(self._mids) > 20:
            del self._mids[0]
        kind = rnd()
        if kind < 0.15:
            moved = middle - self._mids[0]
            is_buy = rnd() < 0.5 if not moved else moved > 0
        elif kind < 0.40:
            tilt = 0.5 + 0.5 * (self.fair - middle) / max(1.0, ask[0] - bid[0])
            is_buy = rnd() < min(0.9, max(0.1, tilt))
        else:
            if rnd() < 0.12:
                self._tilt = 0.2 + 0.6 * rnd()
            is_buy = rnd() < self._tilt
        side = _BUY if is_buy else _SELL
        if ask[0] - bid[0] > 1 and rnd() < 0.12:
            px = (bid[0] + ask[0] + int(is_buy)) // 2
            self._pit.report(px, min(self._draw_taken(), bid[1], ask[1]), now_ns)
            return
        touch = ask[0] if is_buy else bid[0]
        # Takers look where they step: a few ticks through, and the rest is canceled.
        slack = 1 + int(2 * self._half_spread)
        px = max(1, touch + slack if is_buy else touch - slack)
        order = Order(next(self._pit.ids), side, self._draw_taken(), px, _IOC)
        self._pit.enter(order, now_ns)

    def _correct(self, now_ns: int) -> None:
        """Let those who know the worth meet what stands on the wrong side of it."""
        book = self._pit.book
        for side in (_SELL, _BUY):
            best = book.best(side)
            if best is None:
                continue
            gap = (self.fair - best[0]) * (1 if side is _SELL else -1)
            if not gap > 0.5:
                continue
            order = book.first(side)
            is_quick = order is not None and order.owner == 0 and self._random.random() < 0.85
            if is_quick and order is not None:
                self._pit.cancel(order.order_id, now_ns)
            else:
                taker = _BUY if side is _SELL else _SELL
                px = max(1, math.floor(self.fair) if taker is _BUY else math.ceil(self.fair))
                size = min(best[1], self._draw_taken())
                self._pit.enter(Order(next(self._pit.ids), taker, size, px, _IOC), now_ns)

    # Auctions

    def _is_called(self, now_ns: int) -> bool:
        """Whether orders for an auction come in now."""
        span = self._rhythm.span(now_ns)
        has_auction = span.phase is Phase.PRE or (span.phase is Phase.CORE and not self._pit.halt)
        return has_auction and span.end_ns - now_ns <= _CALL_NS

    def _call(self, now_ns: int) -> None:
        """Let somebody send an order for the auction that comes."""
        rnd = self._random
        is_opening = self._rhythm.span(now_ns).phase is Phase.PRE
        life = TimeInForce.OPG if is_opening else TimeInForce.CLS
        side = _BUY if rnd.random() < self._tilt else _SELL
        px: int | None = None
        if rnd.random() < 0.5:
            away = rnd.gauss(0.0, 3.0 + 2 * self._half_spread)
            px = max(1, round(self.fair + away * side.sign))
        size = self._draw_size() * (_OPENING_SIZE if is_opening else 1)
        self._pit.enter(Order(next(self._pit.ids), side, size, px, life), now_ns)

    # Sizes

    def _draw_size(self) -> int:
        size = self._draw_usual_size()
        return size if self.size_max is None else min(size, self.size_max)

    def _draw_usual_size(self) -> int:
        lot = self._pit.facts.lot
        if self._random.random() < 0.1:
            return 1 + int(self._random.random() * (lot - 1))
        size = self._random.lognormvariate(math.log(self._size), 0.8)
        size *= self._rhythm.pace(self._now_ns).size
        return lot * min(500, max(1, round(size / lot)))

    def _draw_taken(self) -> int:
        size = self._draw_usual_take()
        return size if self.size_max is None else min(size, self.size_max)

    def _draw_usual_take(self) -> int:
        lot = self._pit.facts.lot
        kind = self._random.random()
        if kind < 0.35:  # Odd lots are that common in tapes of dear stocks.
            return 1 + int(self._random.random() * (lot - 1))
        if kind < 0.65:
            return lot
        lots = int(self._random.paretovariate(1.3) * max(1.0, self._size / lot / 3))
        return lot * min(200, lots) + (0 if kind < 0.92 else int(self._random.random() * (lot - 1)))

    def _on_taken(self, side: Side, qty: int) -> None:
        """Let a taker count as somebody who may have known something."""
        if self.fair > 0:
            sizes = min(qty / self._size, IMPACT_SIZES_MAX)
            self._worth.learn(side.sign * IMPACT_TICKS * sizes / self.fair)

    def _forget_gone(self) -> None:
        self._orders = [order for order in self._orders if order.leaves]
