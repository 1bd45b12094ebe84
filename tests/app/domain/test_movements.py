"""Show that whatever moves without an order is known by one name."""

from decimal import Decimal

import pytest

from app.domain.cash import CashKind, CashPosting
from app.domain.corporate import Split
from app.domain.movements import movement_id
from app.domain.position import PositionAdjustment
from tests.app.domain.test_corporate import DAY
from tests.samples import IBM, NOW_NS


@pytest.mark.parametrize(
    ("movement", "name"),
    [
        (CashPosting(posting_id="C1", kind=CashKind.FEE, amount=Decimal(1), ts_ns=NOW_NS), "C1"),
        (
            PositionAdjustment(
                adjustment_id="A1", symbol=IBM, qty=Decimal(1), px=Decimal(1), ts_ns=NOW_NS
            ),
            "A1",
        ),
        (Split(symbol=IBM, ex_date=DAY, new=2, old=1), "split.IBM.2026-11-23"),
    ],
)
def test_a_movement_is_known_by_its_own_name(movement, name):
    assert movement_id(movement) == name
