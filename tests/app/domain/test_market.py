"""Show what a quote says of itself where a side is missing, locked or crossed.

Method: a table of quotes.
"""

from decimal import Decimal

import pytest

from app.domain.market import real_price
from tests.samples import NOT_NUMBERS, quote


@pytest.mark.parametrize(
    ("bid", "ask", "mid", "is_two_sided"),
    [
        pytest.param("10.00", "10.03", "10.015", True, id="usual"),
        pytest.param("10.00", "10.00", "10.00", False, id="locked"),
        pytest.param("10.01", "10.00", "10.005", False, id="crossed"),
        pytest.param("10.00", None, None, False, id="no ask"),
        pytest.param(None, "10.00", None, False, id="no bid"),
        pytest.param(None, None, None, False, id="empty"),
    ],
)
def test_quote_tells_its_middle_only_where_it_has_two_sides(bid, ask, mid, is_two_sided):
    best = quote(bid, ask)
    assert best.mid == (None if mid is None else Decimal(mid))
    assert best.is_two_sided is is_two_sided


@pytest.mark.parametrize("price", [None, *NOT_NUMBERS, Decimal(0), Decimal("-0.01")], ids=str)
def test_price_that_is_none_is_not_known(price):
    assert real_price(price) is None


@pytest.mark.parametrize("price", [Decimal("0.0001"), Decimal("187.20")], ids=str)
def test_price_above_zero_is_what_it_is(price):
    assert real_price(price) is price
