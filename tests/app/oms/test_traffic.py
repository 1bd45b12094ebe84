"""Show that what went before is counted from the record, whatever the clock does.

Method: records by hand; a law that an order and its twin are counted alike after a restart.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.audit.records import AmendmentDecided, CancelRequested, DayStarted, OrderDecided
from app.domain.cash import DayStart
from app.domain.commands import CancelOrder, ReplaceOrder, SubmitOrder
from app.domain.decision import Traffic
from app.domain.enums import AmendmentWay, Origin, Side
from app.domain.ids import AccountID, ClOrdID
from app.domain.times import SECOND_NS
from app.oms.traffic import HABIT_MAX, HABIT_MIN, KEPT_MAX, WINDOW_NS, TrafficBook
from tests.samples import NOT_NUMBERS, NOW_NS, new_order, picture

O1, O2 = ClOrdID("O1"), ClOrdID("O2")
TERMS = new_order(limit=10)


def decided(age_s=0.0, terms=TERMS, approved=True, origin=Origin.MANUAL, **seen):
    ts_ns = NOW_NS - int(age_s * SECOND_NS)
    command = SubmitOrder(cl_ord_id=O1, order=terms, origin=origin, actor="ada", ts_intent_ns=ts_ns)
    return OrderDecided(
        command=command,
        account=AccountID("P1"),
        approved=approved,
        checks=(),
        picture=picture(ts_ns=ts_ns, **seen),
    )


def replaced(age_s=0.0, orig=O1, approved=True):
    ts_ns = NOW_NS - int(age_s * SECOND_NS)
    command = ReplaceOrder(
        cl_ord_id=O2,
        orig_cl_ord_id=orig,
        order_qty=Decimal(1),
        limit_px=None,
        stop_px=None,
        origin=Origin.MANUAL,
        actor="ada",
        ts_intent_ns=ts_ns,
    )
    return AmendmentDecided(
        command=command,
        order=TERMS,
        way=AmendmentWay.NATIVE,
        approved=approved,
        checks=(),
        picture=picture(ts_ns=ts_ns),
    )


def canceled(age_s=0.0):
    ts_ns = NOW_NS - int(age_s * SECOND_NS)
    return CancelRequested(
        command=CancelOrder(cl_ord_id=O1, origin=Origin.MANUAL, actor="ada", ts_intent_ns=ts_ns)
    )


def book(*records):
    made = TrafficBook()
    for record in records:
        made.on_record(record)
    return made


def seen(*records, now_ns=NOW_NS, terms=TERMS, **kwargs) -> Traffic:
    return book(*records).picture(terms, now_ns, **kwargs)


def test_nothing_went_before():
    assert seen() == Traffic()


@pytest.mark.parametrize(
    ("ages", "second", "minute"),
    [
        ([0], 1, 1),
        ([0.999], 1, 1),
        ([1], 0, 1),
        ([59.9, 0.5], 1, 2),
        ([60, 59.999], 0, 1),
        ([60], 0, 0),
        ([90, 61, 30, 2, 0.1], 1, 3),
    ],
)
def test_orders_are_counted_a_second_a_minute_and_a_day_long(ages, second, minute):
    found = seen(*[decided(age) for age in ages])
    assert (found.sent_1s, found.sent_60s, found.sent_day) == (second, minute, len(ages))


def test_replaces_count_as_orders_and_refused_ones_do_not():
    found = seen(decided(), replaced(), decided(approved=False), replaced(approved=False))
    assert (found.sent_1s, found.sent_60s, found.sent_day) == (2, 2, 2)


def test_those_of_the_batch_count():
    found = seen(decided(2), batch=[TERMS, new_order(Side.SELL)])
    assert (found.sent_1s, found.sent_60s, found.sent_day) == (2, 3, 3)
    assert (found.twin_age_ns, found.twins_60s) == (0, 2)


def test_cancels_are_counted_for_a_minute():
    assert seen(canceled(60), canceled(59), canceled()).cancels_60s == 2


def test_changes_are_those_of_the_order():
    records = [replaced(60), replaced(59), replaced(1), replaced(1, orig=O2)]
    assert seen(*records, replaced=O1).changes_60s == 2
    assert seen(*records).changes_60s == 0


class TestTwins:
    @pytest.mark.parametrize(
        "changes",
        [
            {"order_qty": Decimal(99)},
            {"limit_px": Decimal(11)},
            {"side": Side.SELL},
            {"symbol": "MSFT"},
        ],
        ids=str,
    )
    def test_one_that_differs_is_none(self, changes):
        other = msgspec.structs.replace(TERMS, **changes)
        found = seen(decided(terms=other))
        assert (found.twin_age_ns, found.twins_60s) == (None, 0)

    def test_newest_gives_the_age(self):
        found = seen(decided(50), decided(7), decided(3, terms=new_order()))
        assert (found.twin_age_ns, found.twins_60s) == (7 * SECOND_NS, 2)

    @pytest.mark.parametrize("field", ["order_qty", "limit_px", "stop_px", "cash_qty"])
    @pytest.mark.parametrize("number", NOT_NUMBERS, ids=str)
    def test_what_is_no_number_is_counted_without_a_fault(self, number, field):
        wrong = msgspec.structs.replace(TERMS, **{field: number})
        found = seen(decided(), terms=wrong, batch=[TERMS])
        assert (found.sent_60s, found.twins_60s) == (2, 0)

    def test_replace_has_none(self):
        found = seen(decided(1), replaced=O1)
        assert (found.twin_age_ns, found.twins_60s) == (None, 0)


class TestHabit:
    def test_few_orders_make_none(self):
        assert seen(*[decided()] * (HABIT_MIN - 1)).habit_value is None
        assert seen(*[decided()] * HABIT_MIN).habit_value == 1000

    def test_it_is_the_median_of_the_newest_by_hand(self):
        large = decided(terms=new_order(qty=10_000, limit=10))
        script = decided(terms=new_order(qty=1, limit=10), origin=Origin.SCRIPT)
        made = book(*[large] * HABIT_MAX, *[decided()] * (HABIT_MAX // 2 + 1), *[script] * 99)
        assert made.picture(TERMS, NOW_NS).habit_value == 1000

    def test_of_two_in_the_middle_it_is_the_mean_and_each_order_counts_at_once(self):
        large = decided(terms=new_order(qty=10_000, limit=10))
        made = book(*[decided()] * 6, *[large] * 5)
        assert made.picture(TERMS, NOW_NS).habit_value == 1000
        made.on_record(large)
        assert made.picture(TERMS, NOW_NS).habit_value == (1000 + 100_000) / 2

    @pytest.mark.parametrize(
        ("terms", "prices", "value"),
        [
            (new_order(qty=2), {"bid": 9, "ask": 11, "last_px": 10}, 22),
            (new_order(Side.SELL, 2), {"bid": 9, "ask": 11, "last_px": 10}, 18),
            (new_order(qty=2), {"bid": 9, "ask": None, "last_px": 10}, 20),
            (new_order(qty=2), {"bid": None, "ask": None, "last_px": None}, None),
            (new_order(qty=2, limit=5), {"bid": 9, "ask": 11, "last_px": 10}, 10),
        ],
    )
    def test_value_is_at_the_price_of_the_time(self, terms, prices, value):
        known = {name: None if px is None else Decimal(px) for name, px in prices.items()}
        found = seen(*[decided(terms=terms, **known)] * HABIT_MIN)
        assert found.habit_value == value


def test_day_begins_with_the_record_of_it():
    start = DayStart(
        trading_day=date(2026, 11, 24), equity=Decimal(1), cash=Decimal(1), ts_ns=NOW_NS
    )
    made = book(decided())
    made.on_fill()
    assert (made.picture(TERMS, NOW_NS).sent_day, made.picture(TERMS, NOW_NS).fills_day) == (1, 1)
    made.on_record(DayStarted(start=start))
    found = made.picture(TERMS, NOW_NS)
    assert (found.sent_day, found.fills_day, found.sent_60s) == (0, 0, 1)


def test_clock_that_is_set_back_neither_forgets_nor_blocks():
    made = book(decided(0), decided(0))
    hour_ns = 3_600 * SECOND_NS
    assert made.picture(TERMS, NOW_NS - hour_ns).sent_1s == 2
    assert made.picture(TERMS, NOW_NS - hour_ns + WINDOW_NS).sent_60s == 0
    assert made.picture(TERMS, NOW_NS).sent_60s == 0
    made = book(decided(0), decided(3_600))
    assert made.picture(TERMS, NOW_NS - hour_ns).sent_1s == 2


def test_no_more_than_so_many_are_kept():
    made = book(*[canceled()] * (KEPT_MAX + 5))
    assert made.picture(TERMS, NOW_NS).cancels_60s == KEPT_MAX


@given(st.lists(st.floats(0, 120), max_size=30))
def test_minute_holds_the_second_and_the_day_holds_the_minute(ages):
    found = seen(*[decided(age) for age in sorted(ages, reverse=True)])
    assert found.sent_1s <= found.sent_60s <= found.sent_day == len(ages)
    assert found.sent_60s == sum(int(age * SECOND_NS) < WINDOW_NS for age in ages)
