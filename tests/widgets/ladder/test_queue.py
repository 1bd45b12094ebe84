"""Show that the bound on the queue falls with what is displayed and never rises again."""

from __future__ import annotations

from decimal import Decimal as D  # noqa: N817  Short, in tables.

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from app.domain.enums import ExecType, OrdType, Side
from app.domain.ids import ClOrdID
from tests.widgets.fake_desk import FakeDesk, limit_order
from widgets.ladder.queue import QueueAhead

ONE = ClOrdID("P-1")
PX = D("186.60")


def working(**changes):
    desk = FakeDesk()
    desk.put_order(ONE, msgspec.structs.replace(limit_order(), limit_px=PX, **changes))
    desk.report(ONE, ExecType.NEW)
    return desk.orders.working()


def look(queue, orders, shares):
    return queue.look(orders, {Side.BUY: {PX: shares}, Side.SELL: {}}).get(ONE)


@given(st.lists(st.integers(min_value=0, max_value=10_000), min_size=1, max_size=30))
def test_it_is_the_least_that_was_displayed_since(shares):
    queue, orders = QueueAhead(), working()
    for number, now in enumerate(shares):
        assert look(queue, orders, now) == min(shares[: number + 1])


def test_at_another_price_it_begins_anew():
    queue = QueueAhead()
    assert look(queue, working(), 300) == 300
    desk = FakeDesk()
    desk.put_order(ONE, msgspec.structs.replace(limit_order(), limit_px=D("186.50")))
    desk.report(ONE, ExecType.NEW)
    shown = {Side.BUY: {PX: 100, D("186.50"): 900}, Side.SELL: {}}
    assert queue.look(desk.orders.working(), shown) == {ONE: 900}


def test_an_order_that_is_gone_is_forgotten():
    queue, orders = QueueAhead(), working()
    assert look(queue, orders, 300) == 300
    assert look(queue, (), 300) is None
    assert look(queue, orders, 500) == 500


def test_what_rests_at_no_limit_is_in_no_queue():
    assert look(QueueAhead(), working(ord_type=OrdType.MARKET), 300) is None
