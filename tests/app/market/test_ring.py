"""Show that a ring is a list that forgets its oldest rows.

Method: drawn appends and replacements, compared with a list after each.
"""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.market.ring import Ring

ROW = st.tuples(
    st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False), st.floats(allow_nan=False)
)
STEPS = st.one_of(
    st.tuples(st.just("append"), ROW),
    st.tuples(st.just("replace"), ROW),
)


@given(st.integers(1, 7), st.lists(STEPS, max_size=20), st.integers(-1, 9))
def test_ring_is_a_list_of_its_newest_rows(capacity, steps, n):
    ring, model = Ring(capacity, 2), []
    for step, row in steps:
        if step == "append" or not model:
            ring.append(*row)
            model.append(row)
        else:
            ring.replace_last(*row)
            model[-1] = row
        kept = model[-capacity:]
        newest = kept[len(kept) - max(0, min(n, len(kept))) :]
        assert (ring.count, len(ring)) == (len(model), len(kept))
        assert ring.times(n).tolist() == [row[0] for row in newest]
        assert ring.column(0, n).tolist() == [row[1] for row in newest]
        assert ring.column(1, n).tolist() == [row[2] for row in newest]


def test_window_is_one_slice_and_no_copy():
    ring = Ring(4, 1)
    for n in range(7):
        ring.append(n, n / 2)
    window = ring.column(0, 4)
    assert window.strides == ring.times(4).strides
    assert np.shares_memory(window, ring.column(0, 1))
    assert ring.times(4).dtype == np.int64


def test_readers_cannot_write():
    ring = Ring(4, 1)
    ring.append(1, 1.0)
    for window in (ring.times(1), ring.column(0, 1)):
        with pytest.raises(ValueError, match="read-only"):
            window[0] = 5
    ring.append(2, 2.0)
    assert ring.column(0, 2).tolist() == [1.0, 2.0]


@pytest.mark.parametrize("values", [(), (1.0,), (1.0, 2.0, 3.0)])
def test_row_has_a_value_for_each_column(values):
    ring = Ring(4, 2)
    with pytest.raises(struct.error, match="expected 3 items"):
        ring.append(1, *values)


def test_ring_without_room_or_without_a_last_row_is_our_mistake():
    with pytest.raises(AssertionError):
        Ring(0, 1)
    with pytest.raises(AssertionError):
        Ring(1, 1).replace_last(1, 1.0)


@given(
    st.integers(1, 7),
    st.lists(st.lists(ROW, max_size=12), max_size=5),
)
def test_rows_added_together_are_as_rows_added_one_by_one(capacity, groups):
    one_by_one, together = Ring(capacity, 2), Ring(capacity, 2)
    for group in groups:
        for row in group:
            one_by_one.append(*row)
        times, *values = zip(*group, strict=True) if group else ((), (), ())
        columns = [np.array(column, float) for column in values]
        together.extend(np.array(times, dtype=np.int64), *columns)
    for ring in (one_by_one, together):
        assert ring.count == sum(map(len, groups))
    assert together.times(9).tolist() == one_by_one.times(9).tolist()
    assert together.column(1, 9).tolist() == one_by_one.column(1, 9).tolist()


def test_all_rows_may_be_replaced_by_some_of_their_own():
    ring = Ring(4, 1)
    for n in range(7):
        ring.append(n, n / 2)
    ring.replace_all(ring.times(2), ring.column(0, 2))
    assert (ring.times(9).tolist(), ring.column(0, 9).tolist()) == ([5, 6], [2.5, 3.0])
    assert ring.count == 2
