"""Show that the same order again needs a person's word for some seconds.

Method: a table of ages around the window.
"""

import pytest

from app.domain.decision import Traffic
from app.domain.enums import Side
from app.risk.checks.duplicate import CHECK, Params
from app.risk.exposure import RiskInput
from tests.samples import new_order, picture


def find(age_ns, order=None, position="0", **params):
    seen = picture(position_qty=position, traffic=Traffic(twin_age_ns=age_ns))
    given = RiskInput(order=order or new_order(), instrument=None, picture=seen)
    return CHECK.check(given, Params(**params))


@pytest.mark.parametrize(
    ("age_ns", "passed", "value"),
    [
        pytest.param(None, True, "none", id="none before"),
        pytest.param(0, False, "0.0 s", id="of the same batch"),
        pytest.param(2_999_999_999, False, "3.0 s", id="inside"),
        pytest.param(3_000_000_000, False, "3.0 s", id="at the end"),
        pytest.param(3_000_000_001, True, "3.0 s", id="past it"),
        pytest.param(59_000_000_000, True, "59.0 s", id="long past"),
    ],
)
@pytest.mark.parametrize("side", Side, ids=lambda s: s.name)
def test_person_is_asked_within_the_window(side, age_ns, passed, value):
    found = find(age_ns, new_order(side))
    assert (found.passed, found.value, found.limit) == (passed, value, "> 3 s")
    assert found.can_confirm is not passed
    assert found.use == (None if passed else 1.0)
    assert found.text == ("" if passed else f"the same order went out {value} ago, limit > 3 s")


def test_second_exit_like_the_first_is_asked_for_too():
    assert find(1_000_000, new_order(Side.SELL), "200").can_confirm


def test_window_is_the_parameter():
    assert find(600_000_000, window_ms=500).passed
    found = find(500_000_000, window_ms=500)
    assert (found.passed, found.limit) == (False, "> 0.5 s")


def test_window_of_nothing_never_asks():
    assert find(0, window_ms=0).passed
