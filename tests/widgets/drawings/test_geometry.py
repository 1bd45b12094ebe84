"""Show that distances are distances and that what is cut lies within the box and on the line."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from widgets.drawings.geometry import (
    NEAR_PX,
    arrow_head,
    beyond,
    clipped,
    distance,
    is_near,
    oval,
    words_box,
)
from widgets.drawings.model import Line, Words

BOX = (0.0, 0.0, 100.0, 80.0)
COORDINATES = st.floats(-1e6, 1e6)
POINTS = st.tuples(COORDINATES, COORDINATES)


@pytest.mark.parametrize(
    ("at", "expected"),
    [((5, 5), 5), ((5, 0), 0), ((-3, 4), 5), ((13, 4), 5), ((10, 0), 0)],
)
def test_the_distance_is_that_to_the_nearest_point_of_the_piece(at, expected):
    assert distance(at, (0, 0), (10, 0)) == pytest.approx(expected)
    assert distance(at, (10, 0), (0, 0)) == pytest.approx(expected)


def test_of_a_line_without_length_it_is_that_to_the_point():
    assert distance((3, 4), (0, 0), (0, 0)) == 5


@given(one=POINTS, other=POINTS)
def test_what_is_cut_lies_within_the_box_and_on_the_line(one, other):
    part = clipped(one, other, BOX)
    if part is None:
        return
    scale = 1e-9 * max(abs(it) for it in (*one, *other, 1.0))
    for point in part:
        assert BOX[0] - scale <= point[0] <= BOX[2] + scale
        assert BOX[1] - scale <= point[1] <= BOX[3] + scale
        assert distance(point, one, other) <= scale + 1e-6


@given(one=st.tuples(st.floats(0, 100), st.floats(0, 80)), other=POINTS)
def test_of_a_line_from_within_its_beginning_stays(one, other):
    part = clipped(one, other, BOX)
    assert part is not None
    assert part[0] == pytest.approx(one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((-5, 10), (-5, 90)),
        ((0, 100), (100, 100)),
        ((math.nan, 0), (1, 1)),
        ((0, 0), (math.inf, 1)),
    ],
)
def test_what_is_outside_or_no_line_is_not_there(one, other):
    assert clipped(one, other, BOX) is None


@given(one=POINTS, other=POINTS)
def test_beyond_is_far_away_in_the_same_direction(one, other):
    assume(math.dist(one, other) > 1e-3)
    far = beyond(one, other)
    assert math.dist(one, far) > 1e6
    turn = math.atan2(far[1] - one[1], far[0] - one[0])
    assert math.isclose(
        math.cos(turn - math.atan2(other[1] - one[1], other[0] - one[0])), 1, abs_tol=1e-6
    )


def test_beyond_the_same_point_is_that_point():
    assert beyond((1, 2), (1, 2)) == (1, 2)


def test_an_ellipse_touches_its_rectangle_and_stays_in_it():
    corners = oval((10, 20), (50, 40))
    xs, ys = zip(*corners, strict=True)
    assert (min(xs), max(xs)) == pytest.approx((10, 50))
    assert (min(ys), max(ys)) == pytest.approx((20, 40))


def test_the_head_of_an_arrow_points_to_its_end():
    tip, left, right = arrow_head((0, 0), (100, 0))
    assert tip == (100, 0)
    assert left[0] == pytest.approx(right[0])
    assert left[0] < 100
    assert left[1] == pytest.approx(-right[1])


class TestNear:
    line = Line(((0.0, 0.0), (100.0, 0.0)))

    @pytest.mark.parametrize(
        ("y", "expected"), [(0, True), (NEAR_PX, True), (NEAR_PX + 0.1, False)]
    )
    def test_a_line_is_near_by_its_edge(self, y, expected):
        assert is_near((50, y), [self.line]) is expected

    def test_what_is_only_filled_has_no_edge(self):
        area = Line(((0.0, 0.0), (9.0, 0.0), (9.0, 9.0)), is_closed=True, fill=0.5, has_edge=False)
        assert not is_near((0, 0), [area])

    def test_a_closed_line_has_its_last_side(self):
        square = Line(((0.0, 0.0), (50.0, 0.0), (50.0, 50.0), (0.0, 50.0)), is_closed=True)
        assert is_near((0, 25), [square])

    @pytest.mark.parametrize("is_boxed", [True, False])
    def test_words_are_near_where_they_are(self, is_boxed):
        words = Words((100.0, 100.0), "a thought", is_boxed=is_boxed)
        left, top, right, bottom = words_box(words)
        assert is_near(((left + right) / 2, (top + bottom) / 2), [words])
        assert not is_near((right + 5, bottom + 5), [words])
