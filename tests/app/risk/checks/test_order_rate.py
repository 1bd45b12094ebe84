"""Show that a loop that runs wild is stopped, and that an exit never waits for tomorrow.

Method: a table around the limit of each window, for orders that open and that close.
"""

import pytest

from app.domain.decision import Traffic
from app.domain.enums import Side
from app.risk.checks.order_rate import CHECK, Params
from app.risk.exposure import RiskInput
from tests.samples import new_order, picture

BUY, SELL = Side.BUY, Side.SELL


def find(order=None, position="0", params=None, **sent):
    seen = picture(position_qty=position, traffic=Traffic(**sent))
    given = RiskInput(order=order or new_order(BUY), instrument=None, picture=seen)
    return CHECK.check(given, params or Params())


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        pytest.param({"sent_1s": 4}, "", id="second, at the limit"),
        pytest.param({"sent_1s": 5}, "order 6 of a second, limit 5", id="second, over"),
        pytest.param({"sent_60s": 59}, "", id="minute, at the limit"),
        pytest.param({"sent_60s": 60}, "order 61 of a minute, limit 60", id="minute, over"),
        pytest.param({"sent_day": 999}, "", id="day, at the limit"),
        pytest.param({"sent_day": 1000}, "order 1001 of a trading day, limit 1000", id="day, over"),
    ],
)
@pytest.mark.parametrize("side", Side, ids=lambda s: s.name)
def test_each_window_has_its_limit(side, sent, words):
    found = find(new_order(side), **sent)
    assert (found.passed, found.can_confirm) == (not words, False)
    assert found.text == (words and f"this would be {words}")
    assert found.limit == "5 / 60 / 1000"


@pytest.mark.parametrize(
    ("sent", "passed"),
    [({"sent_1s": 5}, False), ({"sent_60s": 60}, False), ({"sent_day": 5000}, True)],
)
def test_what_closes_keeps_the_short_windows_only(sent, passed):
    found = find(new_order(SELL), "100", **sent)
    assert (found.passed, found.limit) == (passed, "5 / 60")


def test_counts_of_all_windows_are_shown():
    assert find(sent_1s=1, sent_60s=19, sent_day=99).value == "2 / 20 / 100"


@pytest.mark.parametrize(
    ("sent", "use"),
    [
        ({"sent_1s": 3}, 0.8),
        ({"sent_60s": 29}, 0.5),
        ({"sent_day": 899}, 0.9),
        ({"sent_1s": 9}, 1.0),
    ],
)
def test_use_is_that_of_the_fullest_window(sent, use):
    assert find(**sent).use == use


def test_limits_are_the_parameters():
    params = Params(per_second_max=20, per_minute_max=600, per_day_max=0)
    assert find(params=params, sent_1s=19, sent_60s=599).limit == "20 / 600 / 0"
    assert find(params=params).text == "this would be order 1 of a trading day, limit 0"


def test_meter_counts_the_last_minute():
    seen = picture(traffic=Traffic(sent_60s=15))
    found = CHECK.meter(RiskInput(order=new_order(BUY, 0), instrument=None, picture=seen), Params())
    assert (found.passed, found.value, found.limit, found.use) == (True, "15 a minute", "60", 0.25)
