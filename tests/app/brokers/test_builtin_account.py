"""Goal: the paper broker keeps the account as nights pass, on the exchange and against a feed."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal

import msgspec
import pytest

from app.brokers.builtin import BROKER
from app.clock import SimClock
from app.config import load_config
from app.domain.cash import CashKind, CashPosting
from app.domain.corporate import Dividend, Split
from app.domain.enums import ExecType, MarginRegime, Side, TimeInForce
from app.domain.errors import Rejected
from app.domain.ids import AccountID
from app.domain.market import Trade
from app.domain.reports import ExecutionReport
from app.domain.times import midnight_ns, new_york
from app.exchange.market import Exchange
from app.hub import Hub
from tests.conformance.broker import START_NS, SYMBOL, approve, new_order, quote

D = Decimal
TODAY = new_york(START_NS).date()
MIDNIGHT_NS = midnight_ns(TODAY + timedelta(1))
CONFIG = load_config()
SPLIT = Split(symbol=SYMBOL, ex_date=TODAY + timedelta(1), new=2, old=1)
PAID = Dividend(
    symbol=SYMBOL, ex_date=SPLIT.ex_date, pay_date=TODAY + timedelta(2), amount=D("0.50")
)


class Bench:
    def __init__(self, *, exchange=False, cash="100000", regime=MarginRegime.REG_T, **changes):
        changes = {
            "latency": msgspec.structs.replace(CONFIG.exchange.latency, median_ms=0)
        } | changes
        account = msgspec.structs.replace(
            CONFIG.account,
            cash=D(cash),
            margin=(msgspec.structs.replace(CONFIG.account.margin[0], regime=regime),),
        )
        settings = msgspec.structs.replace(CONFIG.exchange, **changes)
        config = msgspec.structs.replace(CONFIG, account=account, exchange=settings)
        self.clock, self.hub, self.heard = SimClock(START_NS), Hub(), []
        self.exchange = Exchange(settings, START_NS) if exchange else None
        self.broker = BROKER.make(config, self.clock, self.hub, AccountID("paper"), self.exchange)
        self.broker.connect(self.heard.append)
        if self.exchange is not None:
            self.exchange.frames(START_NS, 10**6)

    def submit(self, cl_ord_id, *args, **kwargs):
        asyncio.run(self.broker.submit(approve(cl_ord_id, new_order(*args, **kwargs))))

    def snapshot(self):
        return asyncio.run(self.broker.snapshot(0))

    def at(self, ts_ns):
        """Let a time come, and return the cash and shares that moved without an order."""
        already = len(self.heard)
        self.clock.advance_to(ts_ns)
        if self.exchange is not None:
            self.exchange.skip_to(ts_ns - 10**9)
        self.snapshot()
        return [it for it in self.heard[already:] if not isinstance(it, ExecutionReport)]

    def kinds(self):
        return [it.exec_type.name for it in self.heard if isinstance(it, ExecutionReport)]


def test_fills_and_fees_are_in_the_cash():
    bench = Bench()
    bench.hub.publish(quote())
    bench.submit("a", qty="100")
    fee = bench.heard[-1].fee
    assert fee > 0
    assert bench.snapshot().cash == 100_000 - 1_002 - fee
    bench.broker.bust("a")
    assert bench.snapshot().cash == 100_000


def test_a_night_on_borrowed_money_costs_interest():
    bench = Bench(cash="1000000")
    bench.hub.publish(quote(ask_size=200_000))
    bench.submit("a", qty="150000")
    (posting,) = bench.at(midnight_ns(TODAY + timedelta(2)))
    assert isinstance(posting, CashPosting)
    assert posting.kind is CashKind.INTEREST
    assert posting.amount < 0
    assert bench.snapshot().cash == 1_000_000 - 1_503_000 - bench.heard[1].fee + posting.amount


@pytest.mark.parametrize("event", ["quote", "print"])
def test_against_a_feed_a_night_passes_with_the_first_event_of_the_day(event):
    bench = Bench(dividends=(PAID,), splits=(SPLIT,))
    bench.hub.publish(quote())
    bench.submit("a", qty="10")
    bench.submit("b", qty="10", limit="9", tif=TimeInForce.GTC)
    stamp = {"symbol": SYMBOL, "ts_exch_ns": MIDNIGHT_NS, "ts_recv_ns": MIDNIGHT_NS}
    first = {
        "quote": quote(bid="5.00", ask="5.01", ts_ns=MIDNIGHT_NS),
        "print": Trade(price=D(5), size=900, **stamp),
    }[event]
    bench.hub.publish(first)
    assert bench.kinds() == ["NEW", "TRADE", "NEW", "CANCELED"]
    assert bench.heard[-2].text == "AAPL splits 2 for 1 on 2023-11-15"
    assert bench.heard[-1] == SPLIT
    assert bench.snapshot().positions[SYMBOL].qty == 20
    (paid,) = bench.at(midnight_ns(TODAY + timedelta(2)))
    assert (paid.kind, paid.amount) == (CashKind.DIVIDEND, D("5.00"))


def test_on_the_exchange_the_price_follows_a_split_and_no_order_of_old_shares_trades():
    bench = Bench(exchange=True, splits=(SPLIT,))
    before = bench.broker._line.px(SYMBOL, Side.BUY)
    below = str((before * D("0.6")).quantize(D("0.01")))
    bench.submit("a", qty="10")
    bench.submit("b", qty="10", limit=below, tif=TimeInForce.GTC)
    assert bench.at(MIDNIGHT_NS) == [SPLIT]
    assert bench.kinds() == ["NEW", "TRADE", "NEW", "CANCELED"]
    assert bench.snapshot().positions[SYMBOL].qty == 20
    after = bench.broker._line.px(SYMBOL, Side.BUY)
    assert float(after / before) == pytest.approx(0.5, rel=0.05)
    bench.submit("c", Side.SELL, qty="20")
    assert bench.kinds()[-1] == "TRADE"


def test_the_exchange_has_dividends_of_its_own_and_a_feed_has_none():
    for exchange in (True, False):
        bench = Bench(exchange=exchange)
        bench.hub.publish(quote())
        bench.submit("a", qty="100")
        moved = bench.at(START_NS + 120 * 86_400 * 10**9)
        kinds = [it.kind for it in moved]
        assert kinds.count(CashKind.DIVIDEND) == (1 if exchange else 0)


@pytest.mark.parametrize(
    ("given", "order", "words"),
    [
        ({"cash": "1000", "regime": MarginRegime.CASH}, {"qty": "100"}, "buying power is 1,000.00"),
        ({"cash": "5000"}, {"qty": "1000"}, "it needs 10,020.00 USD, buying power is 10,000.00"),
        ({"regime": MarginRegime.CASH}, {"side": Side.SELL, "qty": "1"}, "cannot sell short"),
    ],
)
def test_what_the_account_cannot_carry_is_rejected(given, order, words):
    bench = Bench(**given)
    bench.hub.publish(quote())
    with pytest.raises(Rejected, match=words):
        bench.submit("a", **order)
    assert bench.heard == []


def test_a_replace_is_weighed_without_what_it_replaces():
    bench = Bench(cash="5000")
    bench.hub.publish(quote())
    bench.submit("a", qty="900", limit="10")
    asyncio.run(bench.broker.replace(approve("b", new_order(qty="1000", limit="10"), "a")))
    with pytest.raises(Rejected, match="it needs 10,010.00 USD, buying power is 10,000.00"):
        asyncio.run(bench.broker.replace(approve("c", new_order(qty="1001", limit="10"), "b")))
    with pytest.raises(Rejected, match="buying power is 0.00"):
        bench.submit("d", qty="1", limit="10")
    assert bench.heard[-1].exec_type is ExecType.REPLACED
