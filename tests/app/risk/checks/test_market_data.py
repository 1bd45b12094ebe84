"""Show that nothing is opened on prices that may be old.

Method: tables around the longest silence and the oldest quote.
"""

from decimal import Decimal

import pytest

from app.domain.enums import Phase, Side
from app.risk.checks.market_data import CHECK, Params
from app.risk.exposure import RiskInput
from tests.samples import blind_picture, new_order, picture

SELL = new_order(Side.SELL, 100)
LIMIT = new_order(Side.SELL, 100, 100)
SECOND_NS = 1_000_000_000


def find(seen, order=SELL, **params):
    given = RiskInput(order=order, instrument=None, picture=seen)
    return CHECK.check(given, Params(**params))


@pytest.mark.parametrize(
    ("age_ns", "passed", "value"),
    [
        pytest.param(0, True, "0.0 s", id="now"),
        pytest.param(5 * SECOND_NS, True, "5.0 s", id="at the limit"),
        pytest.param(5 * SECOND_NS + 1, False, "5.0 s", id="just over"),
        pytest.param(3600 * SECOND_NS, False, "3600.0 s", id="an hour"),
        pytest.param(None, False, "none", id="never"),
    ],
)
def test_feed_must_have_spoken_lately_to_open(age_ns, passed, value):
    found = find(picture(feed_age_ns=age_ns))
    assert (found.passed, found.value, found.limit) == (passed, value, "5 s")
    closing = find(picture(feed_age_ns=age_ns, position_qty="100"))
    assert (closing.passed, closing.value) == (True, "closing")


@pytest.mark.parametrize(
    ("order", "age_ns", "passed"),
    [
        pytest.param(SELL, 2 * SECOND_NS, True, id="market at the limit"),
        pytest.param(SELL, 2 * SECOND_NS + 1, False, id="market over"),
        pytest.param(LIMIT, 2 * SECOND_NS + 1, True, id="limit"),
        pytest.param(LIMIT, 5 * SECOND_NS, True, id="limit at the limit"),
        pytest.param(LIMIT, 5 * SECOND_NS + 1, False, id="limit over"),
        pytest.param(SELL, None, True, id="no quote: the last price stands in"),
    ],
)
def test_quote_may_be_so_old_in_the_core_session(order, age_ns, passed):
    found = find(picture(quote_age_ns=age_ns), order)
    assert found.passed is passed
    assert passed or "s old, limit" in found.text
    assert find(picture(quote_age_ns=age_ns, phase=Phase.PRE), order).passed
    assert find(picture(quote_age_ns=age_ns, position_qty="100"), order).passed


def test_feed_that_is_not_live_opens_nothing():
    found = find(picture(is_feed_live=False))
    assert (found.passed, found.text) == (False, "the feed is not live")


@pytest.mark.parametrize("known", ["bid", "ask", "last_px"])
def test_one_price_of_the_symbol_is_enough(known):
    assert find(blind_picture(feed_age_ns=0, **{known: "100"})).passed


def test_lively_feed_without_a_price_of_the_symbol_denies_opening():
    found = find(blind_picture(feed_age_ns=0))
    assert not found.passed
    assert "no market data of IBM" in found.text
    assert find(blind_picture(feed_age_ns=0, position_qty="100")).passed


@pytest.mark.parametrize("limit", ["NaN", "-1", "Infinity"])
def test_limit_that_is_none_is_no_limit(limit):
    with pytest.raises(ValueError, match="silence_s_max was"):
        Params(silence_s_max=Decimal(limit))


def test_use_is_the_share_of_the_silence_allowed():
    assert find(picture(feed_age_ns=SECOND_NS)).use == 0.2
    assert find(picture(feed_age_ns=9 * SECOND_NS)).use == 1.0
