"""Show that pixels and prices are each other's inverse, and that axes show round values."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.plot.scale import AxisKind, PriceScale, Scale, axis_ticks, main_prices, price_ticks

KINDS = st.sampled_from(AxisKind)
PRICES = st.floats(1e-8, 1e9)


@given(
    low=PRICES,
    ratio=st.floats(1.0001, 1e4),
    share=st.floats(0.0, 1.0),
    kind=KINDS,
    is_inverted=st.booleans(),
)
def test_a_price_is_found_again_at_its_pixel(low, ratio, share, kind, is_inverted):
    high = low * ratio
    scale = PriceScale(10.0, 500.0, low, high, kind, is_inverted, base=low)
    price = low + share * (high - low)
    y = scale.y(price)
    assert 10.0 - 1e-6 <= y <= 510.0 + 1e-6
    assert scale.price_at(y) == pytest.approx(price, rel=1e-6)
    assert scale.ys(np.array([price]))[0] == pytest.approx(y, abs=0.51)


def test_equal_ratios_are_equal_heights_on_a_log_axis():
    scale = PriceScale(0.0, 300.0, 1.0, 1_000.0, AxisKind.LOG)
    assert [round(scale.y(10.0**n)) for n in range(4)] == [300, 200, 100, 0]


@pytest.mark.parametrize("kind", AxisKind)
@pytest.mark.parametrize("price", [math.nan, math.inf, -math.inf, -5.0, 0.0, 1e300])
def test_what_has_no_place_is_far_off_and_never_an_error(kind, price):
    scale = PriceScale(0.0, 300.0, 1.0, 10.0, kind, base=1.0)
    [y] = scale.ys(np.array([price]))
    assert math.isnan(y) if math.isnan(price) else not 0 <= y <= 300


@pytest.mark.parametrize(
    ("low", "high", "kind", "words"),
    [
        (10.0, 20.0, AxisKind.LINEAR, ["10", "12", "14", "16", "18", "20"]),
        (0.0411, 0.0443, AxisKind.LINEAR, ["0.042", "0.043", "0.044"]),
        (
            1e-8,
            5e-8,
            AxisKind.LINEAR,
            ["0.00000001", "0.00000002", "0.00000003", "0.00000004", "0.00000005"],
        ),
        (1e9, 3e9, AxisKind.LINEAR, ["1B", "1.5B", "2B", "2.5B", "3B"]),
        (1.0, 1_000.0, AxisKind.LOG, ["1", "10", "100", "1,000"]),
        (90.0, 110.0, AxisKind.PERCENT, ["-10%", "-5%", "+0%", "+5%", "+10%"]),
    ],
    ids=str,
)
def test_axes_show_round_values_with_the_places_they_need(low, high, kind, words):
    prices = PriceScale(0.0, 300.0, low, high, kind, base=100.0)
    assert [words for _, words in axis_ticks(prices, 5)] == words


@given(low=st.floats(-1e6, 1e6), span=st.floats(1e-6, 1e6), count=st.integers(1, 20))
def test_round_values_lie_in_the_range_and_are_not_too_many(low, span, count):
    ticks = price_ticks(low, low + span, count)
    assert len(ticks) <= 2 * count + 2
    assert all(low - span * 1e-3 <= tick <= low + span * 1.001 for tick in ticks)


@pytest.mark.parametrize("span", [0.0, -1.0, math.nan, math.inf])
def test_a_range_that_is_none_has_no_values(span):
    assert price_ticks(1.0, 1.0 + span, 5) == []


@given(
    left=st.integers(-3_000, 100_000),
    width=st.integers(100, 2_000),
    bars=st.floats(5.0, 100_000.0),
    by=st.integers(-500, 500),
)
def test_a_pan_by_whole_pixels_moves_every_bar_by_as_many(left, width, bars, by):
    step = width / bars
    prices = main_prices(0, 300, 0.0, 1.0)
    one = Scale(width, 300, left / step, bars, prices)
    other = Scale(width, 300, (left + by) / step, bars, prices)
    numbers = np.arange(0, 2_000)
    assert (one.xs(numbers) - other.xs(numbers) == by).all()
    assert one.x(7) == one.xs(np.array([7]))[0]


def test_the_bar_under_a_pixel_is_the_one_drawn_there():
    scale = Scale(600, 300, 40.0, 60.0, main_prices(0, 300, 0.0, 1.0))
    assert all(scale.number_at(scale.x(number)) == number for number in range(40, 100))
