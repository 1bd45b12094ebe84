"""Verbs a second of one order book, a thousand prices deep on each side, beside the least there is.

The mix is that of a busy day: of 100 verbs 46 enter an order that rests near the best price, 38
cancel one, 8 replace one and 8 take. The floor keeps a dict of orders and a heap of prices per
side, and does what the mix says with them: it has no queue positions, no totals of a price, no
hidden orders, no owners and tells nobody what happened. Beside the mix stands the worst that a
queue can meet: 20,000 orders at one price, taken one by one.
Last, whole markets: a core session of one symbol by the calendar, and all symbols around the clock,
with every message encoded as it leaves.
"""

from __future__ import annotations

import gc
import heapq
import random
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Final

import msgspec

from app.clock import LiveClock
from app.config import ExchangeConfig, load_config
from app.domain.enums import Side, TimeInForce, TradingHours
from app.domain.times import SECOND_NS
from app.exchange.book import Book
from app.exchange.entry import Order
from app.exchange.listings import LISTINGS, Listing
from app.exchange.market import Exchange
from tests.bench.result import Figure, Result, figure, result

LEVELS: Final = 1_000
ORDERS_A_LEVEL: Final = 3
VERBS: Final = 200_000
ROUNDS: Final = 3
MIDDLE: Final = 10_000
PER_S_MIN: Final = 300_000
DRAIN: Final = 20_000
DAY_S: Final = 23_400
HOUR_S: Final = 3_600
OPEN_NS: Final = 1_795_444_200 * SECOND_NS
"""2026-11-23 09:30 New York."""
FRAME_MESSAGES: Final = 2_000
SPEED_MIN: Final = 500

ENTER, CANCEL, REPLACE, TAKE = range(4)
_CLOCK: Final = LiveClock()

Verb = tuple[int, int, Side, int, int]
"""Kind, order id, side, shares, price."""


def run() -> Result:
    """Measure the mix, and a long queue taken order by order."""
    resting, verbs = _drawn()
    book_s = min(_timed(partial(_play, book, verbs)) for book in _books(resting))
    floor_s = min(_timed(partial(floor.play, verbs)) for floor in _floors(resting))
    drained_s = min(_timed(partial(_drain, book)) for book in _books(_one_queue()))
    return result(
        "exchange",
        {
            "verbs": figure(VERBS / book_s, "1/s", target=f">= {PER_S_MIN}"),
            "verb": figure(book_s / VERBS * 1e6, "us", floor=floor_s / VERBS * 1e6),
            "take_from_long_queue": figure(drained_s / DRAIN * 1e6, "us"),
            "orders_at_start": figure(len(resting), "1"),
            **_markets(),
        },
    )


def _markets() -> dict[str, Figure]:
    """Return how fast markets go, against real time."""
    config = load_config().exchange
    by_calendar = msgspec.structs.replace(config, hours=TradingHours.CALENDAR)
    one_s = min(_timed(_market(by_calendar, LISTINGS[:1], DAY_S)) for _ in range(ROUNDS))
    all_s = min(_timed(_market(config, LISTINGS, HOUR_S)) for _ in range(ROUNDS))
    return {
        "days_of_one_symbol": figure(1 / one_s, "1/s"),
        "one_symbol": figure(DAY_S / one_s, "x real time", target=f">= {SPEED_MIN}"),
        "all_symbols": figure(HOUR_S / all_s, f"x real time, {len(LISTINGS)} symbols"),
    }


def _market(
    config: ExchangeConfig, listings: tuple[Listing, ...], seconds: int
) -> Callable[[], None]:
    exchange = Exchange(config, OPEN_NS, listings)
    exchange.frames(OPEN_NS, FRAME_MESSAGES)

    def go() -> None:
        end_ns = OPEN_NS + seconds * SECOND_NS
        while exchange.now_ns < end_ns:
            exchange.frames(end_ns, FRAME_MESSAGES)

    return go


def _drawn() -> tuple[list[Verb], list[Verb]]:
    """Draw the orders that stand at the start, and the verbs.

    One order a price is never canceled, so that the book stays deep. Cancels and replaces name
    orders that once rested; where a take was quicker (one in six) they find nothing, as on a real
    day.
    """
    rng = random.Random(7)
    resting: list[Verb] = []
    for side in (Side.BUY, Side.SELL):
        for level in range(1, LEVELS + 1):
            for _ in range(ORDERS_A_LEVEL):
                resting.append((ENTER, len(resting), side, 100, MIDDLE - side.sign * level))
    ids = [verb[1] for verb in resting if verb[1] % ORDERS_A_LEVEL]
    sides = {verb[1]: verb[2] for verb in resting}
    verbs: list[Verb] = []
    for number in range(VERBS):
        kind = rng.choices([ENTER, CANCEL, REPLACE, TAKE], [46, 38, 8, 8])[0]
        order_id = len(resting) + number
        side = rng.choice([Side.BUY, Side.SELL])
        qty = 100 * rng.randint(1, 5)
        if kind == ENTER:
            sides[order_id] = side
            ids.append(order_id)
        elif kind != TAKE:
            place = rng.randrange(len(ids))
            order_id = ids[place]
            side = sides[order_id]
            if kind == CANCEL:
                ids[place] = ids[-1]
                ids.pop()
        px = MIDDLE - side.sign * min(LEVELS, 1 + int(rng.expovariate(0.05)))
        if kind == TAKE:
            px = MIDDLE + side.sign * LEVELS
        verbs.append((kind, order_id, side, qty, px))
    return resting, verbs


def _one_queue() -> list[Verb]:
    return [(ENTER, number, Side.SELL, 100, MIDDLE) for number in range(DRAIN)]


def _books(resting: list[Verb]) -> list[Book]:
    books = [Book() for _ in range(ROUNDS)]
    for book in books:
        _play(book, resting)
    return books


def _play(book: Book, verbs: list[Verb]) -> None:
    enter, cancel, replace = book.enter, book.cancel, book.replace
    at_once = TimeInForce.IOC
    for kind, order_id, side, qty, px in verbs:
        if kind == ENTER:
            enter(Order(order_id, side, qty, px))
        elif kind == CANCEL:
            cancel(order_id)
        elif kind == REPLACE:
            replace(order_id, qty, px)
        else:
            enter(Order(order_id, side, qty, px, at_once))


def _drain(book: Book) -> None:
    for number in range(DRAIN):
        book.enter(Order(DRAIN + number, Side.BUY, 100, MIDDLE))
    assert not len(book)


class _Floor:
    """Order id -> side, shares, price; per side the prices as a heap, per price its ids."""

    def __init__(self, resting: list[Verb]) -> None:
        self.orders: dict[int, tuple[Side, int, int]] = {}
        self.heaps: dict[Side, list[int]] = {Side.BUY: [], Side.SELL: []}
        self.queues: dict[tuple[Side, int], deque[int]] = {}
        self.play(resting)

    def play(self, verbs: list[Verb]) -> None:
        orders = self.orders
        for kind, order_id, side, qty, px in verbs:
            if kind == ENTER:
                self.enter(order_id, side, qty, px)
            elif kind == CANCEL:
                orders.pop(order_id, None)
            elif kind == REPLACE:
                if orders.pop(order_id, None) is not None:
                    self.enter(order_id, side, qty, px)
            else:
                self.take(Side.SELL if side is Side.BUY else Side.BUY, qty)

    def enter(self, order_id: int, side: Side, qty: int, px: int) -> None:
        self.orders[order_id] = (side, qty, px)
        queue = self.queues.get((side, px))
        if queue is None:
            queue = self.queues[side, px] = deque()
            heapq.heappush(self.heaps[side], -px if side is Side.BUY else px)
        queue.append(order_id)

    def take(self, side: Side, qty: int) -> None:
        heap, orders = self.heaps[side], self.orders
        while qty and heap:
            px = -heap[0] if side is Side.BUY else heap[0]
            queue = self.queues[side, px]
            while qty and queue:
                order = orders.get(queue[0])
                # Canceled, or moved to another price.
                if order is None or order[2] != px:
                    queue.popleft()
                elif order[1] > qty:
                    orders[queue[0]] = (side, order[1] - qty, px)
                    qty = 0
                else:
                    qty -= order[1]
                    del orders[queue.popleft()]
            if not queue:
                heapq.heappop(heap)
                del self.queues[side, px]


def _floors(resting: list[Verb]) -> list[_Floor]:
    return [_Floor(resting) for _ in range(ROUNDS)]


def _timed(work: Callable[[], None]) -> float:
    gc.collect()
    started_ns = _CLOCK.mono_ns()
    work()
    return (_CLOCK.mono_ns() - started_ns) / 1e9
