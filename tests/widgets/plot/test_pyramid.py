"""Show that a pyramid says what a look at every number would, however its column grew."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.plot.pyramid import FAN, Pyramid, finite_or_zero, merge_of
from widgets.plot.scale import Scale, main_prices

NUMBERS = st.floats(-1e6, 1e6) | st.just(float("nan"))


def naive(reduction, values, size):
    blocks = [values[at : at + size] for at in range(0, len(values), size)]
    if reduction is np.add:
        return [np.nansum(block) for block in blocks]
    return [reduction.reduce(block) for block in blocks]


@pytest.mark.parametrize("reduction", [np.fmax, np.fmin, np.add])
@given(
    first=st.lists(NUMBERS, min_size=1, max_size=80),
    steps=st.lists(st.tuples(NUMBERS, st.lists(NUMBERS, max_size=60)), max_size=5),
)
def test_levels_are_those_of_the_whole_column(reduction, first, steps):
    values = np.array(first)
    pyramid = Pyramid(reduction)
    pyramid.follow(values, 0)
    for last, more in steps:
        sound = len(values) - 1
        values = np.concatenate((values[:-1], [last], more))
        pyramid.follow(values, sound)
    for level in range(len(pyramid) + 1):
        expected = values if not level else naive(reduction, values, FAN**level)
        np.testing.assert_allclose(pyramid.level(level), expected, rtol=1e-9, atol=1e-3)


def test_a_shorter_column_forgets_the_longer_one():
    pyramid = Pyramid(np.fmax)
    pyramid.follow(np.arange(10_000.0), 0)
    assert len(pyramid) == 3
    pyramid.follow(np.arange(20.0), 0)
    assert [len(pyramid.level(n)) for n in range(len(pyramid) + 1)] == [20, 2]


def test_memory_is_a_small_part_of_the_column():
    values = np.zeros(1_000_000)
    pyramid = Pyramid(np.fmax)
    pyramid.follow(values, 0)
    assert pyramid.nbytes < values.nbytes / 10


def test_what_is_finite_is_not_copied():
    values = np.arange(3.0)
    assert finite_or_zero(values) is values
    assert finite_or_zero(np.array([1.0, np.nan, np.inf])).tolist() == [1.0, 0.0, 0.0]


@given(
    count=st.integers(2, 5_000),
    width=st.integers(50, 800),
    share=st.floats(0.0, 1.0),
    zoom=st.floats(2.5, 60.0),
)
def test_merged_columns_hold_every_extreme_in_view(count, width, share, zoom):
    values = np.random.default_rng(count).normal(size=count)
    highs, lows = Pyramid(np.fmax), Pyramid(np.fmin)
    highs.follow(values, 0)
    lows.follow(values, 0)
    in_view = width * zoom
    scale = Scale(width, 300, share * count, in_view, main_prices(0, 300, 0.0, 1.0))
    part = scale.slice_of(count)
    merge = merge_of(scale, part, len(highs))
    if merge is None:
        assert part.stop - part.start < 2
        return
    assert len(merge.x) <= width + 3
    assert (np.diff(merge.x) > 0).all()
    assert merge.reduce(highs, np.fmax).max() >= values[part].max()
    assert merge.reduce(lows, np.fmin).min() <= values[part].min()
    assert merge.closes(values)[-1] in values[part.stop - 1 : part.stop + merge.size]


def test_few_bars_are_not_merged():
    scale = Scale(600, 300, 0.0, 1_200.0, main_prices(0, 300, 0.0, 1.0))
    assert merge_of(scale, slice(0, 1_200), 2) is None
    assert merge_of(scale, slice(0, 1), 2) is None
