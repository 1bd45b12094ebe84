"""Show that a study on growing bars always equals the study on all of them.

Method: bars are added, changed, dropped and put before the others; after each step the run is
compared with what the whole gives.
"""

import math

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.indicators import atr, macd, obv, pivots, rsi, supertrend, vwap
from app.indicators.base import Bars, Category, IndicatorSpec, Output, StudyParams
from app.indicators.run import STEPS_MAX, StudyRun
from tests.conformance.indicator import assert_near, walk, with_holes

SPECS = [module.INDICATOR for module in (atr, macd, obv, pivots, rsi, supertrend, vwap)]


def run_of(spec):
    return StudyRun(spec, spec.params())


def assert_whole(run, bars):
    assert run.problem == ""
    assert_near(run.spec, bars, run.spec.compute(bars, run.params), run.outputs)


def with_last(bars, **values):
    """Return bars whose last has other values."""
    columns = {name: getattr(bars, name).copy() for name in values}
    for name, value in values.items():
        columns[name][-1] = value
    return msgspec.structs.replace(bars, **columns)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
@pytest.mark.parametrize("bars", [walk(260), with_holes(walk(260))], ids=["walk", "holes"])
def test_bars_added_one_by_one_give_the_whole(spec, bars):
    run = run_of(spec)
    for end in range(261):
        run.update(bars.cut(0, end))
        assert len(run) == end
        if end % 20 < 2:
            assert_whole(run, bars.cut(0, end))


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_several_bars_at_once_are_all_taken(spec):
    bars, run = walk(300), run_of(spec)
    for end in (40, 47, 48, 120, 300):
        run.update(bars.cut(0, end))
        assert_whole(run, bars.cut(0, end))


def test_last_bar_is_valued_as_it_stands_and_kept_as_it_ends():
    bars, run = walk(120), run_of(rsi.INDICATOR)
    run.update(bars.cut(0, 100))
    version = run.version
    for close in (50.0, 500.0, 99.0):
        changed = with_last(bars.cut(0, 100), close=close)
        run.update(changed)
        assert run.version > version
        version = run.version
        assert_whole(run, changed)
    run.update(bars.cut(0, 101))
    assert_whole(run, bars.cut(0, 101))


def test_nothing_new_changes_nothing():
    bars, run = walk(120), run_of(macd.INDICATOR)
    run.update(bars)
    version = run.version
    run.update(bars)
    assert run.version == version


def test_other_history_is_computed_anew():
    bars, run = walk(120), run_of(macd.INDICATOR)
    run.update(bars, 1)
    other = msgspec.structs.replace(bars, close=bars.close * 2, high=bars.high * 2)
    run.update(other, 2)
    assert_whole(run, other)


def test_bars_put_before_are_computed_anew():
    bars, run = walk(200), run_of(obv.INDICATOR)
    run.update(bars.cut(50, 200))
    run.update(bars)
    assert_whole(run, bars)


def test_what_a_ring_dropped_still_counts():
    bars, run = walk(3_000, seed=6), run_of(obv.INDICATOR)
    whole = obv.INDICATOR.compute(bars, StudyParams())[0]
    for end in range(500, 3_000, 7):
        run.update(bars.cut(end - 500, end))
        assert len(run.outputs[0]) == 500
    assert np.array_equal(run.outputs[0], whole[end - 500 : end])


def test_gap_in_time_that_is_not_known_is_computed_anew():
    bars, run = walk(400), run_of(obv.INDICATOR)
    run.update(bars.cut(0, 100))
    run.update(bars.cut(200, 400))
    assert_whole(run, bars.cut(200, 400))


def test_more_than_is_worth_stepping_is_computed_anew():
    bars, run = walk(STEPS_MAX + 500), run_of(rsi.INDICATOR)
    run.update(bars.cut(0, 100))
    run.update(bars)
    assert_whole(run, bars)


def test_bars_may_go_and_come_back():
    bars, run = walk(100), run_of(rsi.INDICATOR)
    for some in (bars, bars.cut(0, 0), bars.cut(0, 1), bars.cut(0, 60), bars):
        run.update(some)
        assert_whole(run, some)


def test_lacking_column_is_a_sentence_until_it_is_there():
    bars, run = walk(100), run_of(vwap.INDICATOR)
    run.update(msgspec.structs.replace(bars, day=None))
    assert run.problem == "the bars do not say to which session they belong; not drawn"
    assert run.outputs == ()
    run.update(bars, "sessions known")
    assert_whole(run, bars)


def _doubled(bars: Bars, params: StudyParams):
    return (bars.close * 2,)


def _all_but_nothing(bars: Bars, params: StudyParams):
    before = np.concatenate(([math.nan], bars.close[:-1]))[: len(bars)]
    return (bars.close - before,)


@pytest.mark.parametrize("reach", [0, 2])
@pytest.mark.parametrize("arrays", [_doubled, _all_but_nothing])
def test_study_over_arrays_grows_too(arrays, reach):
    spec = IndicatorSpec(
        name="own",
        title="Own",
        short="Own",
        params=StudyParams,
        outputs=(Output(name="x", title="X"),),
        category=Category.OWN,
        arrays=arrays,
        reach=reach,
    )
    bars, run = walk(200), StudyRun(spec, StudyParams())
    for end in (0, 1, 2, 50, 51, 60, 200):
        run.update(bars.cut(0, end))
        assert_whole(run, bars.cut(0, end))
        if end:
            changed = with_last(bars.cut(0, end), close=77.0)
            run.update(changed)
            assert_whole(run, changed)


@given(
    moves=st.lists(st.tuples(st.sampled_from("adcb"), st.integers(1, 9)), max_size=25),
    spec=st.sampled_from(SPECS),
)
def test_whatever_becomes_of_bars_the_newest_values_are_those_of_all_bars_seen(moves, spec):
    everything = walk(400, seed=8)
    first, end = 100, 160
    run = run_of(spec)
    run.update(everything.cut(first, end))
    seen_from = first
    for move, count in moves:
        last = {}
        if move == "a":
            end += count
        elif move == "d":
            first += count  # As a ring that is full.
            end += count
        elif move == "c":
            last = {"close": 80.0 + count}
        else:
            first -= count
            seen_from = first = max(0, first)
        bars = everything.cut(first, end)
        run.update(with_last(bars, **last) if last else bars)
        if move == "b" and first == 0:
            seen_from = 0
        whole = everything.cut(seen_from, end)
        whole = with_last(whole, **last) if last else whole
        outputs = [x[first - seen_from :] for x in spec.compute(whole, run.params)]
        assert_near(spec, whole, outputs, run.outputs)
