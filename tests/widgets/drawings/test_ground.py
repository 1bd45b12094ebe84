"""Show that drawings stand at their times and prices, whatever bars are shown."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.market.bars import fold_bars
from tests.widgets.drawings.drawn import Board
from tests.widgets.plot.bars_made import MINUTE_NS, columns, walk

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def board(qtbot):
    return Board(qtbot)


def test_the_start_of_a_bar_is_its_middle_on_the_screen(board):
    bars, scale = board.view.content.bars, board.view.frame_now.scale
    for number in (30, 60, 119):
        x, y = board.ground.point((int(bars.start_ns[number]), float(bars.close[number])))
        assert abs(x - scale.x(number)) <= 1
        assert y == scale.y(float(bars.close[number]))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(x=st.floats(-500, 1_200), y=st.floats(0, 400))
def test_a_pixel_and_its_anchor_are_the_same_place(board, x, y):
    ground = board.ground
    anchor = ground.anchor(x, y)
    back = ground.point(anchor)
    step = board.view.frame_now.scale.step
    assert abs(back[0] - x) <= step / 2 + 1e-6
    assert back[1] == pytest.approx(y, abs=1e-6)
    assert ground.anchor(*back)[0] == anchor[0]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(number=st.integers(-300, 600))
def test_numbers_and_starts_are_the_same(board, number):
    ground = board.ground
    assert ground.number(ground.ts_of(number)) == pytest.approx(number)


def test_in_bars_of_five_minutes_it_stands_at_the_same_time(board):
    bars = walk(120)
    anchor = (int(bars.start_ns[62]), 100.5)
    folded = fold_bars(bars, 5 * MINUTE_NS)
    board.show(folded, 5 * MINUTE_NS)
    number = board.ground.number(anchor[0])
    start = int(folded.start_ns[int(number)])
    assert start <= anchor[0] < start + 5 * MINUTE_NS
    assert number - int(number) == pytest.approx((anchor[0] - start) / (5 * MINUTE_NS))
    assert board.ground.point(anchor)[1] == board.view.frame_now.scale.y(100.5)


def test_a_time_at_night_stands_between_the_bars_beside_it(board):
    bars = walk(40)
    starts = bars.start_ns.copy()
    starts[20:] += 17 * 60 * MINUTE_NS
    board.show(
        type(bars)(**{**{n: getattr(bars, n) for n in bars.__struct_fields__}, "start_ns": starts})
    )
    assert board.ground.number(int(starts[19]) + 60 * MINUTE_NS) == 20.0
    assert board.ground.number(int(starts[20])) == 20.0


@pytest.mark.parametrize("count", [0, 1])
def test_without_bars_there_are_places_nevertheless(board, count):
    one = [100.0] * count
    board.show(columns(one, one, one, one))
    ground = board.ground
    anchor = ground.anchor(100.0, 100.0)
    assert np.isfinite(ground.point(anchor)).all()
    assert ground.bars_between(-(2**62), 2**62) is None or count


class TestMagnet:
    def test_it_takes_the_nearest_of_four_prices(self, board):
        bars = board.view.content.bars
        for column in (bars.open, bars.high, bars.low, bars.close):
            exact = int(bars.start_ns[70]), float(column[70])
            x, y = board.ground.point(exact)
            near = board.ground.anchor(x + 1, y + 1)
            taken = board.ground.magnet(near)
            prices = [float(it[70]) for it in (bars.open, bars.high, bars.low, bars.close)]
            assert taken[0] == exact[0]
            assert taken[1] == min(prices, key=lambda price: abs(price - near[1]))

    def test_far_away_it_takes_nothing(self, board):
        x, _ = board.ground.point((int(board.view.content.bars.start_ns[70]), 100.0))
        anchor = board.ground.anchor(x, board.ground.top + 1)
        assert board.ground.magnet(anchor) == anchor
        beyond = board.ground.anchor(5_000.0, 100.0)
        assert board.ground.magnet(beyond) == beyond


def test_bars_between_are_those_that_begin_there(board):
    starts = board.view.content.bars.start_ns
    found = board.ground.bars_between(int(starts[10]), int(starts[14]))
    assert found.start_ns.tolist() == starts[10:15].tolist()
    assert board.ground.bars_between(int(starts[10]) + 1, int(starts[10]) + 2) is None
