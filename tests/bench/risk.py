"""One decision of the gate: 200 positions, 500 working orders, every check that is installed.

Before each decision some symbols tick, as they do between two clicks. Beside it stands the whole
way of an order to the broker (`order_path`), of which the decision is a part.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from decimal import Decimal

import msgspec

from app import plugins
from app.calendar import us_calendar
from app.clock import LiveClock
from app.config import load_config
from app.domain.enums import Custody, OrdType, Origin, Side
from app.domain.ids import AccountID, ClOrdID, Symbol
from app.domain.instrument import Instrument
from app.domain.market import Quote
from app.domain.orders import Order
from app.domain.terms import NewOrder
from app.domain.transitions import apply_report
from app.hub import Hub
from app.market.store import MarketStore
from app.oms.books import Books
from app.oms.health import Health
from app.oms.picture import Pictures
from app.risk.gate import Gate
from tests.bench import order_path
from tests.bench.result import Result, figure, percentile, result
from tests.samples import trade_report

POSITIONS = 200
WORKING = 500
DECISIONS = 2_000
WARM_UP = 200
TICKS = 20
"""Symbols that tick between two decisions."""
P99_US_MAX = 1_000


def run() -> Result:
    """Measure decisions on a full account, then the way of an order."""
    taken, checks = _decide()
    whole = order_path.run().figures["gesture_to_broker_p50"].value
    p50, p99 = percentile(taken, 0.5), percentile(taken, 0.99)
    return result(
        "risk",
        {
            "decision_p50": figure(p50, "us"),
            "decision_p99": figure(p99, "us", target=f"<= {P99_US_MAX}"),
            "share_of_order_path_p50": figure(p50 / whole, "1"),
            "checks": figure(checks, "1"),
        },
    )


def _decide() -> tuple[list[float], int]:
    rng, clock, hub = random.Random(7), LiveClock(), Hub()
    config = load_config()
    store = MarketStore(hub=hub, clock=clock, limits=config.limits)
    books = Books(Decimal(100_000_000))
    symbols = [Symbol(f"S{number:03}") for number in range(POSITIONS)]
    store.list_instruments(
        Instrument(symbol=symbol, name=symbol, exchange="X", group=f"G{number % 11}")
        for number, symbol in enumerate(symbols)
    )
    for symbol in symbols:
        hub.publish(_quote(symbol, rng, clock))
    for number, symbol in zip(range(POSITIONS + WORKING), itertools.cycle(symbols), strict=False):
        _put(books, number, symbol, is_filled=number < POSITIONS)
    gate = Gate(plugins.load("tradedeck.checks").specs, config.risk.checks)
    pictures = Pictures(
        books=books,
        market=store.view,
        clock=clock,
        account=config.account,
        health=Health(),
        calendar=us_calendar(),
    )
    taken = []
    for symbol in _drawn(rng, symbols):
        for each in rng.sample(symbols, TICKS):
            hub.publish(_quote(each, rng, clock))
        order = NewOrder(
            symbol=symbol,
            side=rng.choice([Side.BUY, Side.SELL]),
            order_qty=Decimal(rng.randrange(1, 200)),
            ord_type=OrdType.LIMIT,
            limit_px=Decimal(100),
        )
        started_ns = clock.mono_ns()
        gate.check(order, pictures.picture(order, gate), store.view.instrument(symbol))
        taken.append((clock.mono_ns() - started_ns) / 1e3)
    return taken[WARM_UP:], len(gate.checks)


def _drawn(rng: random.Random, symbols: list[Symbol]) -> Iterator[Symbol]:
    return (rng.choice(symbols) for _ in range(DECISIONS + WARM_UP))


def _quote(symbol: Symbol, rng: random.Random, clock: LiveClock) -> Quote:
    bid = Decimal(rng.randrange(9_900, 10_100)) / 100
    now_ns = clock.now_ns()
    return Quote(
        symbol=symbol,
        bid=bid,
        bid_size=100,
        ask=bid + Decimal("0.01"),
        ask_size=100,
        ts_exch_ns=now_ns,
        ts_recv_ns=now_ns,
    )


def _put(books: Books, number: int, symbol: Symbol, *, is_filled: bool) -> None:
    """Put an order of 100 into the books, working or filled."""
    order = Order(
        cl_ord_id=ClOrdID(f"O{number}"),
        account=AccountID("P1"),
        order=NewOrder(
            symbol=symbol,
            side=Side.BUY if number % 3 else Side.SELL,
            order_qty=Decimal(100),
            ord_type=OrdType.LIMIT,
            limit_px=Decimal(100),
        ),
        origin=Origin.MANUAL,
        actor="bench",
        ts_intent_ns=1,
        custody=Custody.ACKNOWLEDGED,
        ts_ack_ns=2,
    )
    if is_filled:
        fill = msgspec.structs.replace(
            trade_report(f"E{number}", 100, 100), cl_ord_id=order.cl_ord_id
        )
        order = apply_report(order, fill)
    for change in books.blotter.put(order):
        assert change.new is not None
        books.ledger.book(change.new)
