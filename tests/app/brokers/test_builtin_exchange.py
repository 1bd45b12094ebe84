"""Show that the paper broker keeps a broker's promises on the built-in exchange too.

Method: the exchange itself, with one symbol and nobody there but one other member, whose orders are
the quote that a test wants to see.
"""

from __future__ import annotations

import asyncio
import contextlib
from decimal import Decimal
from itertools import count

import msgspec
import pytest

from app.brokers.builtin import BuiltinBroker
from app.config import Latency, load_config
from app.domain.enums import OrdStatus, Side, TimeInForce
from app.domain.ids import AccountID
from app.exchange.entry import Order
from app.exchange.listings import LISTINGS
from app.exchange.market import Exchange
from app.exchange.outside import NO_LATENCY
from tests.conformance.broker import (
    START_NS,
    SYMBOL,
    Bench,
    BrokerConformance,
    approve,
    new_order,
    quote,
)

STRANGER = 7
"""Owner of the orders that make the quote."""


class QuietExchange(Exchange):
    """The built-in exchange with one symbol, from which the crowd has gone home."""

    def __init__(self, start_ns, latency=NO_LATENCY):
        config = msgspec.structs.replace(load_config().exchange, latency=latency)
        listing = msgspec.structs.replace(
            LISTINGS[0],
            instrument=msgspec.structs.replace(LISTINGS[0].instrument, symbol=SYMBOL),
            anchor_cents=1000,
        )
        super().__init__(config, start_ns, (listing,))
        self._numbers = count(1_000_000)
        self._shown = []
        self._skip_to(start_ns)

    def _skip_to(self, now_ns):
        super()._skip_to(now_ns)
        self._crowds[0].leave(now_ns)

    def _reschedule(self):
        super()._reschedule()
        self._queue = [(2**63 - 1, 0)]

    def show(self, quote):
        """Let the stranger's orders be the quote, at its time."""
        self.pass_time(quote.ts_exch_ns)
        pit = self.pit(SYMBOL)
        for order_id in self._shown:
            pit.cancel(order_id, self.now_ns)
        sides = ((Side.BUY, quote.bid, quote.bid_size), (Side.SELL, quote.ask, quote.ask_size))
        self._shown = []
        for side, px, qty in sides:
            order_id = next(self._numbers)
            ticks = int(px / pit.facts.tick)
            order = Order(order_id, side, qty, ticks, TimeInForce.DAY, owner=STRANGER)
            pit.enter(order, self.now_ns)
            self._shown.append(order_id)
        self.pass_time(quote.ts_exch_ns)


class TestBuiltinBrokerOnItsExchange(BrokerConformance):
    def make(self, clock, hub):
        self.exchange = QuietExchange(START_NS)
        return BuiltinBroker(clock, hub, AccountID("paper"), exchange=self.exchange)

    def show(self, bench, event):
        bench.clock.advance_to(max(event.ts_exch_ns, bench.clock.now_ns()))
        self.exchange.show(event)

    def test_of_a_reserve_order_only_a_part_is_shown_at_a_time(self, open_bench):
        open_bench.submit("a", new_order(qty="150", limit="10.01", display_qty=Decimal(50)))
        book = self.exchange.pit(SYMBOL).book
        assert book.best(Side.BUY) == (1001, 50)
        self.show(open_bench, quote(ask="10.01", ask_size=70))
        assert book.best(Side.BUY) == (1001, 50)
        assert open_bench.query("a").cum_qty == 70

    def test_a_replace_may_show_more(self, open_bench):
        terms = new_order(qty="150", limit="10.01", display_qty=Decimal(50))
        open_bench.submit("a", terms)
        open_bench.replace("a", "b", msgspec.structs.replace(terms, display_qty=None))
        assert self.exchange.pit(SYMBOL).book.best(Side.BUY) == (1001, 150)
        assert open_bench.working() == ["b"]


class TestOnItsWay:
    """Orders and answers need 200 ms each."""

    @pytest.fixture
    def bench(self):
        class Late(TestBuiltinBrokerOnItsExchange):
            def make(self, clock, hub):
                self.exchange = QuietExchange(START_NS, Latency(median_ms=200, sigma=0))
                return BuiltinBroker(clock, hub, AccountID("paper"), exchange=self.exchange)

        return Bench(Late())

    @pytest.mark.parametrize(
        ("after_ms", "status"),
        [
            pytest.param(0, OrdStatus.PENDING_NEW, id="sent"),
            pytest.param(199, OrdStatus.PENDING_NEW, id="about to arrive"),
            pytest.param(399, OrdStatus.PENDING_NEW, id="arrived, not heard of"),
            pytest.param(400, OrdStatus.NEW, id="heard of"),
        ],
    )
    def test_an_order_is_new_once_that_was_said(self, bench, after_ms, status):
        self.send(bench)
        bench.clock.advance_to(START_NS + after_ms * 10**6)
        [found] = bench.snapshot().orders
        assert (found.cl_ord_id, found.ord_status) == ("a", status)
        assert bench.kinds() == ["NEW"] * (status is OrdStatus.NEW)

    def test_nobody_waits_for_an_answer_while_market_time_stands_still(self, bench, monkeypatch):
        waits = []

        async def note(seconds):
            waits.append(seconds)

        monkeypatch.setattr(asyncio, "sleep", note)
        bench.submit("a", new_order(limit="9.00"))
        assert len(waits) == 1
        assert bench.reports == []

    def send(self, bench):
        """Send order "a", and do not wait for its answer."""

        async def send():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0):
                    await bench.broker.submit(approve("a", new_order(limit="9.00")))

        asyncio.run(send())
