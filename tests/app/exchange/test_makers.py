"""Goal: a market maker quotes both sides, leans away from its stock, and never takes by quoting."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from app.domain.enums import Side, TimeInForce
from app.exchange.entry import Order
from app.exchange.luld import Tier
from app.exchange.makers import INVENTORY_LOTS_MAX, Maker
from app.exchange.pit import Facts, Pit

SIZE = 300


@pytest.fixture
def pit():
    facts = Facts(symbol="AAPL", market="Q", tick=Decimal("0.01"), lot=100, tier=Tier.ONE)
    return Pit(facts, 100.0, lambda message: None)


@pytest.fixture
def maker(pit):
    return Maker(pit, random.Random(1), owner=1, size=SIZE)  # noqa: S311


def take(pit, side, qty):
    pit.enter(Order(next(pit.ids), side, qty, None, TimeInForce.IOC), 2)


def quotes(pit):
    return pit.book.best(Side.BUY), pit.book.best(Side.SELL)


def test_it_quotes_round_lots_around_the_worth(pit, maker):
    maker.turn(10_000.0, 2.0, 1.0, 1)
    (bid, bid_size), (ask, ask_size) = quotes(pit)
    assert bid < 10_000 < ask
    assert ask - bid <= 8
    assert bid_size % 100 == ask_size % 100 == 0


def test_a_quote_that_is_still_right_keeps_its_place(pit, maker):
    maker.turn(10_000.0, 2.0, 1.0, 1)
    before = pit.book.first(Side.BUY)
    maker.turn(10_000.0, 2.0, 0.5, 2)
    assert pit.book.first(Side.BUY) is before


def test_it_leans_away_from_what_it_has_bought(pit, maker):
    maker.turn(10_000.0, 2.0, 1.0, 1)
    (bid, _), (ask, _) = quotes(pit)
    maker.inventory = 20 * SIZE
    maker.turn(10_000.0, 2.0, 1.0, 2)
    (lower_bid, _), (lower_ask, _) = quotes(pit)
    assert lower_bid < bid
    assert lower_ask < ask


def test_it_counts_what_it_trades(pit, maker):
    maker.turn(10_000.0, 2.0, 1.0, 1)
    _, (_, size) = quotes(pit)
    take(pit, Side.BUY, size)
    assert maker.inventory == -size
    assert pit.book.best(Side.SELL) is None
    maker.turn(10_000.0, 2.0, 1.0, 3)
    assert pit.book.best(Side.SELL) is not None


def test_too_much_stock_is_shed_at_any_price(pit, maker):
    pit.enter(Order(next(pit.ids), Side.BUY, 100_000, 9_000), 1)
    maker.inventory = stock = (INVENTORY_LOTS_MAX + 1) * SIZE
    maker.turn(10_000.0, 2.0, 1.0, 2)
    assert maker.inventory == stock - stock // 2


def test_it_never_takes_by_quoting(pit, maker):
    pit.enter(Order(next(pit.ids), Side.SELL, 500, 9_900), 1)
    maker.turn(10_000.0, 2.0, 1.0, 2)
    assert maker.inventory == 0
    assert pit.book.best(Side.SELL) == (9_900, 500)


def test_it_withdraws_wholly(pit, maker):
    maker.turn(10_000.0, 2.0, 1.0, 1)
    maker.withdraw(2)
    assert quotes(pit) == (None, None)
