"""Show that nothing is opened on prices that may be old.

Method: a table around the longest silence.
"""

import pytest

from app.domain.enums import Side
from app.risk.checks.market_data import CHECK, Params
from app.risk.exposure import RiskInput
from tests.samples import blind_picture, new_order, picture

SELL = new_order(Side.SELL, 100)
SECOND_NS = 1_000_000_000


def find(seen, silence_s_max=5.0):
    given = RiskInput(order=SELL, instrument=None, picture=seen)
    return CHECK.check(given, Params(silence_s_max=silence_s_max))


@pytest.mark.parametrize(
    ("age_ns", "passed", "value"),
    [
        pytest.param(0, True, "0.0 s", id="now"),
        pytest.param(5 * SECOND_NS, True, "5.0 s", id="at the limit"),
        pytest.param(5 * SECOND_NS + 1_000, False, "5.0 s", id="just over"),
        pytest.param(3600 * SECOND_NS, False, "3600.0 s", id="an hour"),
        pytest.param(None, False, "none", id="never"),
    ],
)
def test_feed_must_have_spoken_lately_to_open(age_ns, passed, value):
    found = find(picture(feed_age_ns=age_ns))
    assert (found.passed, found.value, found.limit) == (passed, value, "5 s")
    closing = find(picture(feed_age_ns=age_ns, position_qty="100"))
    assert closing.passed


@pytest.mark.parametrize("known", ["bid", "ask", "last_px"])
def test_one_price_of_the_symbol_is_enough(known):
    assert find(blind_picture(feed_age_ns=0, **{known: "100"})).passed


def test_lively_feed_without_a_price_of_the_symbol_denies_opening():
    found = find(blind_picture(feed_age_ns=0))
    assert not found.passed
    assert "no market data of IBM" in found.text
    assert find(blind_picture(feed_age_ns=0, position_qty="100")).passed


@pytest.mark.parametrize("limit", [float("nan"), -1.0])
def test_limit_that_is_none_denies(limit):
    assert not find(picture(feed_age_ns=0), limit).passed


def test_use_is_the_share_of_the_silence_allowed():
    assert find(picture(feed_age_ns=SECOND_NS)).use == 0.2
    assert find(picture(feed_age_ns=9 * SECOND_NS)).use == 1.0
