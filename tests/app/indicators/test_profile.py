"""Show that a profile counts all volume once, at its price.

Method: small profiles by hand; a sum over rows one bar at a time as the other way of counting.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.indicators.profile import profile


def of(*bars, rows=4):
    high, low, volume = (np.array(column, dtype=np.float64) for column in zip(*bars, strict=True))
    return profile(high, low, volume, rows)


def slowly(bars, bottom, height, rows):
    made = np.zeros(rows)
    for high, low, volume in bars:
        if high - low < 1e-6 * height:
            made[min(rows - 1, int((low - bottom) / height))] += volume
            continue
        for row in range(rows):
            edge = bottom + row * height
            part = min(high, edge + height) - max(low, edge)
            made[row] += volume * max(0.0, part) / (high - low)
    return made


def test_bar_lies_evenly_over_its_range():
    made = of((14, 10, 80))
    assert made.volume.tolist() == [20, 20, 20, 20]
    assert (made.bottom, made.height, made.price(4)) == (10, 1, 14)


def test_point_of_control_is_the_greatest_row_and_the_lowest_of_equals():
    assert of((14, 10, 4), (12.5, 12.5, 9)).poc == 2
    assert of((14, 10, 4)).poc == 0


def test_value_area_takes_two_rows_at_a_time_on_the_heavier_side():
    made = of(*[(p + 1, p, v) for p, v in enumerate([1, 2, 3, 10, 4, 5, 1])], rows=7)
    assert made.volume.tolist() == [1, 2, 3, 10, 4, 5, 1]
    # 10 of 26, wanted 18.2: above 4 + 5, below 3 + 2.
    assert made.area == (3, 5)


def test_value_area_ends_at_the_edges():
    assert of((14, 10, 80)).area == (0, 2)


@pytest.mark.parametrize(
    "bars",
    [[(1, 1, 0)], [(np.nan, 1, 5)], [(1, 2, 5)], [(2, 1, np.nan)], [(np.inf, 1, 5)]],
    ids=["no volume", "no high", "high under low", "no number", "endless"],
)
def test_without_volume_there_is_none(bars):
    assert of(*bars) is None


def test_no_bars_have_none():
    assert profile(np.empty(0), np.empty(0), np.empty(0), 24) is None


def test_one_price_is_one_row():
    made = of((5, 5, 3), (5, 5, 4))
    assert (made.volume.tolist(), made.poc, made.area) == ([7], 0, (0, 0))


@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400), st.integers(0, 1000)), min_size=1),
    st.integers(1, 40),
    st.sampled_from([1e-8, 0.01, 1e7]),
)
def test_all_volume_is_counted_where_it_was(raw, rows, unit):
    bars = [(max(a, b) * unit, min(a, b) * unit, float(v)) for a, b, v in raw]
    made = of(*bars, rows=rows)
    total = sum(volume for _, _, volume in bars)
    if made is None:
        assert total == 0
        return
    assert made.volume.sum() == pytest.approx(total)
    first, last = made.area
    assert first <= made.poc <= last
    assert made.volume[first : last + 1].sum() >= 0.7 * total * (1 - 1e-9)
    if made.height:
        want = slowly([b for b in bars if b[2]], made.bottom, made.height, rows)
        edge = [x for x in bars if x[0] == x[1]]  # A point on an edge may count to either row.
        if not edge:
            assert made.volume == pytest.approx(want, rel=1e-6, abs=1e-6 * total)
