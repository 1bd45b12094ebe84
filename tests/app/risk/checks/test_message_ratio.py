"""Show that orders that are only sent, changed and canceled need a person's word after a while.

Method: a table around each limit.
"""

import pytest

from app.domain.decision import Traffic
from app.domain.enums import Side
from app.risk.checks.message_ratio import CHECK, Params
from app.risk.exposure import RiskInput
from tests.samples import new_order, picture


def find(order=None, position="0", params=None, **before):
    seen = picture(position_qty=position, traffic=Traffic(**before))
    given = RiskInput(order=order or new_order(), instrument=None, picture=seen)
    return CHECK.check(given, params or Params())


@pytest.mark.parametrize(
    ("before", "value", "limit", "words"),
    [
        pytest.param({}, "0 : 0", "50 : 1", "", id="nothing yet"),
        pytest.param({"cancels_60s": 60}, "60 : 0", "50 : 1", "", id="cancels, at the limit"),
        pytest.param(
            {"cancels_60s": 61}, "61", "60", "61 cancels went out in a minute, limit 60", id="over"
        ),
        pytest.param({"changes_60s": 10}, "0 : 0", "50 : 1", "", id="changes, at the limit"),
        pytest.param(
            {"changes_60s": 11},
            "11",
            "10",
            "the order was changed 11 times in a minute, limit 10",
            id="changes, over",
        ),
        pytest.param({"sent_day": 199}, "199 : 0", "50 : 1", "", id="too few for a ratio"),
        pytest.param(
            {"sent_day": 200},
            "200 : 0",
            "50 : 1",
            "200 messages went out for 0 fills, limit 50 : 1",
            id="no fill",
        ),
        pytest.param(
            {"sent_day": 160, "cancels_60s": 40},
            "200 : 0",
            "50 : 1",
            "200 messages went out for 0 fills, limit 50 : 1",
            id="cancels are messages",
        ),
        pytest.param(
            {"sent_day": 500, "fills_day": 10}, "500 : 10", "50 : 1", "", id="ratio, at the limit"
        ),
        pytest.param(
            {"sent_day": 501, "fills_day": 10},
            "501 : 10",
            "50 : 1",
            "501 messages went out for 10 fills, limit 50 : 1",
            id="ratio, over",
        ),
    ],
)
@pytest.mark.parametrize("side", Side, ids=lambda s: s.name)
@pytest.mark.parametrize("position", ["0", "500", "-500"])
def test_person_is_asked_over_each_limit(side, position, before, value, limit, words):
    found = find(new_order(side), position, **before)
    assert (found.passed, found.value, found.limit) == (not words, value, limit)
    assert (found.text, found.can_confirm) == (words, bool(words))


def test_use_is_the_share_of_the_ratio_once_it_counts():
    assert find(sent_day=199).use is None
    assert find(sent_day=250, fills_day=10).use == 0.5
    for before in ({"sent_day": 999}, {"cancels_60s": 99}, {"changes_60s": 99}):
        assert find(**before).use == 1.0


@pytest.mark.parametrize(("fills", "passed"), [(0, False), (1, False), (2, True)])
def test_no_fill_counts_as_one(fills, passed):
    params = Params(free_messages_max=0)
    assert find(params=params, sent_day=51, fills_day=fills).passed is passed
    assert find(params=params, sent_day=50, fills_day=fills).passed


def test_limits_are_the_parameters():
    params = Params(
        cancels_per_minute_max=1, changes_per_minute_max=2, per_fill_max=3, free_messages_max=4
    )
    assert find(params=params, cancels_60s=2).limit == "1"
    assert find(params=params, changes_60s=3).limit == "2"
    assert find(params=params, sent_day=3).passed
    assert find(params=params, sent_day=4).limit == "3 : 1"
