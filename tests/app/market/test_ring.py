"""Show that a ring is a list that forgets its oldest rows.

Method: drawn appends and replacements, compared with a list after each.
"""

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
    st.tuples(st.just("extend"), st.lists(ROW, max_size=16)),
)


@given(st.integers(1, 7), st.lists(STEPS, max_size=20), st.integers(-1, 9))
def test_ring_is_a_list_of_its_newest_rows(capacity, steps, n):
    ring, model = Ring(capacity, 2), []
    for step, given_rows in steps:
        if step == "extend":
            times, first, second = zip(*given_rows, strict=True) if given_rows else ((), (), ())
            ring.extend(np.array(times, np.int64), np.array(first), np.array(second))
            model += given_rows
        elif step == "append" or not model:
            ring.append(*given_rows)
            model.append(given_rows)
        else:
            ring.replace_last(*given_rows[1:])
            model[-1] = (model[-1][0], *given_rows[1:])
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
    assert window.flags.c_contiguous
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
    with pytest.raises(ValueError, match="argument"):
        ring.append(1, *values)


def test_ring_without_room_or_without_a_last_row_is_our_mistake():
    with pytest.raises(AssertionError):
        Ring(0, 1)
    with pytest.raises(AssertionError):
        Ring(1, 1).replace_last(1.0)
