"""Goal: in a halt nothing trades, whatever is quoted, and what waits trades when it is over.

Trap T49 (a paper broker that ignores halts): a fire drill found it here.
"""

from __future__ import annotations

import pytest

from app.domain.enums import ExecType, QueueModel, TimeInForce
from app.domain.market import SymbolStatus
from app.exchange.matching import Match, Matcher
from tests.app.exchange.test_matching import BUY, IOC, SELL, bar, order, quote, trade

HALTED_BY = pytest.mark.parametrize("symbol", ["X", ""], ids=["the symbol", "the whole market"])


def status(symbol, halt=""):
    return SymbolStatus(symbol=symbol, halt=halt, ts_exch_ns=0, ts_recv_ns=0)


def halted(symbol="X", queue=QueueModel.FRONT):
    matcher = Matcher(queue)
    matcher.on_quote(quote("10.00", 100, "10.02", 100))
    assert matcher.on_status(status(symbol, "T1: news pending")) == ()
    return matcher


@HALTED_BY
def test_what_comes_in_waits_and_trades_with_the_next_quote_after_the_halt(symbol):
    matcher = halted(symbol)
    assert matcher.enter(order("a", BUY, 50)) == []
    assert matcher.enter(order("b", SELL, 50, "9.90")) == []
    assert matcher.on_quote(quote("10.00", 100, "10.02", 90)) == []
    assert matcher.on_trade(trade("9.50", 500)) == []
    matcher.on_status(status(symbol))
    fills = matcher.on_quote(quote("10.01", 100, "10.03", 100))
    assert {(fill.cl_ord_id, fill.qty) for fill in fills} == {("a", 50), ("b", 50)}


def test_what_has_to_trade_at_once_ends():
    (ended,) = halted().enter(order("a", BUY, 50, tif=IOC))
    assert ended.exec_type is ExecType.CANCELED
    (ended,) = halted().enter(order("a", BUY, 50, tif=TimeInForce.FOK))
    assert ended.text == "fill or kill: 0 of 50 shares could be had at once"


def test_a_cancel_goes_through():
    matcher = halted()
    matcher.enter(order("a", BUY, 50, "10.02"))
    assert matcher.cancel("a", 7).exec_type is ExecType.CANCELED


def test_a_bar_fills_nothing():
    matcher = Matcher()
    matcher.on_status(status("X", "halted"))
    matcher.enter(order("a", BUY, 50))
    assert matcher.on_bar(bar("10", "11", "9", 100)) == []
    matcher.on_status(status("X"))
    assert len(matcher.on_bar(bar("10", "11", "9", 100))) == 1


def test_other_symbols_trade_on():
    matcher = halted("Y")
    (fill,) = matcher.enter(order("a", BUY, 50))
    assert isinstance(fill, Match)


def test_an_order_that_is_good_for_a_time_still_ends_then():
    matcher = halted()
    matcher.enter(order("a", BUY, 50, "9.00", expires_ns=5))
    (ended,) = matcher.on_quote(quote("10.00", 100, "10.02", 100, ts_ns=5))
    assert ended.exec_type is ExecType.EXPIRED
