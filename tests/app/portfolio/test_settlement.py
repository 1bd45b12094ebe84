"""Show that proceeds count as unsettled until the trading day after the sale's.

Method: fills by hand, around the start of a day.
"""

from __future__ import annotations

import msgspec
import pytest

from app.domain.enums import Side
from app.domain.ids import ClOrdID, ExecID
from app.portfolio.settlement import KEPT_NS, Unsettled
from tests.samples import NOW_NS, fill

START_NS = NOW_NS


def sale(name="E1", ts_ns=NOW_NS, **changes):
    sold = fill(Side.SELL, 100, 10, "0.5", exec_id=ExecID(name), ts_exch_ns=ts_ns)
    return msgspec.structs.replace(sold, **changes)


def unsettled(*fills):
    made = Unsettled()
    for one in fills:
        made.put(one)
    return made


@pytest.mark.parametrize(
    ("ts_ns", "amount"), [(START_NS - 1, 0), (START_NS, "999.5"), (START_NS + 1, "999.5")]
)
def test_sale_of_today_is_unsettled_and_one_of_yesterday_is_not(ts_ns, amount):
    assert unsettled(sale(ts_ns=ts_ns)).amount(START_NS) == pytest.approx(float(amount))


def test_sales_add_up_and_a_buy_is_none():
    made = unsettled(sale("E1"), sale("E2"), fill(Side.BUY, 100, 10, 1))
    assert made.amount(START_NS) == 1999


def test_correction_takes_the_place_of_its_sale():
    made = unsettled(sale("E1"))
    corrected = fill(Side.SELL, 50, 10, 0, exec_id=ExecID("E2"))
    made.put(msgspec.structs.replace(corrected, key=ExecID("E1")))
    assert made.amount(START_NS) == 500


def test_broken_sale_is_gone_and_an_unknown_one_never_was():
    made = unsettled(sale("E1"), sale("E2"))
    made.drop(sale("E1"))
    made.drop(sale("E9"))
    assert float(made.amount(START_NS)) == 999.5


def test_same_name_at_another_order_is_another_sale():
    made = unsettled(sale("E1"), sale("E1", cl_ord_id=ClOrdID("O9")))
    assert made.amount(START_NS) == 1999


def test_old_sales_are_let_go():
    made = unsettled(*[sale(f"E{n}", ts_ns=n) for n in range(50)])
    for n in range(50):
        made.put(sale(f"F{n}", ts_ns=KEPT_NS + 1_000 + n))
    assert made.amount(0) == 50 * sale().qty * sale().px - 50 * sale().fee
