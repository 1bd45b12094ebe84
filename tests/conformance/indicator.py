"""Goal: whatever the study, a bar at a time gives what the whole gives, and none is foreseen."""

from __future__ import annotations

import importlib
import math
import re
import string

import msgspec
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.domain.errors import BadInput
from app.indicators.base import Bars, IndicatorSpec, Kind, Source, StudyParams

NEAR = 1e-9
"""Share of a study's greatest value by which two ways of computing it may differ."""
LEFT = 1e-12
"""Share of the greatest price that rounding may leave of a difference of prices."""
START_NS = 1_700_000_000_000_000_000
MINUTE_NS = 60_000_000_000
SESSION_BARS = 39


def bars_of(open_, high, low, close, volume) -> Bars:
    """Return bars a minute apart, with sessions and a delta."""
    size = len(close)
    rng = np.random.default_rng(size)
    share = rng.random(size).round(3)
    return Bars(
        start_ns=START_NS + MINUTE_NS * np.arange(size, dtype=np.int64),
        open=np.asarray(open_, dtype=np.float64),
        high=np.asarray(high, dtype=np.float64),
        low=np.asarray(low, dtype=np.float64),
        close=np.asarray(close, dtype=np.float64),
        volume=np.asarray(volume, dtype=np.float64),
        day=np.arange(size, dtype=np.int64) // SESSION_BARS,
        bought=np.asarray(volume * share, dtype=np.float64),
        sold=np.asarray(volume * (1 - share), dtype=np.float64),
    )


def walk(size=400, *, seed=1, price=100.0, tick=0.01) -> Bars:
    """Return a random walk on a grid of ticks: equal closes, equal bars and empty ones occur."""
    rng = np.random.default_rng(seed)
    close = price + np.round(rng.normal(0, 6, size)).cumsum() * tick
    close = np.maximum(close, 100 * tick)
    open_ = np.concatenate(([price], close[:-1]))[:size]
    high = np.maximum(open_, close) + rng.integers(0, 5, size) * tick
    low = np.minimum(open_, close) - rng.integers(0, 5, size) * tick
    volume = rng.integers(0, 50, size) * 100.0
    return bars_of(open_, high, low, close, volume)


def flat(size=300, price=10.1, volume=100.0) -> Bars:
    same = np.full(size, price)
    return bars_of(same, same, same, same, np.full(size, volume))


def with_holes(bars: Bars) -> Bars:
    """Return bars of which some have no number in some column."""
    columns = {name: getattr(bars, name).copy() for name in bars.__struct_fields__}
    for number, name in enumerate(("open", "high", "low", "close", "volume", "bought", "sold")):
        columns[name][3 + 7 * number :: 61] = math.nan if number % 2 else math.inf
    return Bars(**columns)


def _stepping() -> Bars:
    """Calm, then a jump of a thousand times and back, then calm."""
    base = walk(420, seed=3)
    factor = np.ones(420)
    factor[150:200] = 1_000.0
    values = [getattr(base, n) * factor for n in ("open", "high", "low", "close", "volume")]
    return bars_of(*values)


def _dying() -> Bars:
    """A walk that stops: no price and no volume moves for long."""
    base = walk(700, seed=4)
    columns = {n: getattr(base, n).copy() for n in ("open", "high", "low", "close", "volume")}
    for name, column in columns.items():
        column[200:] = 0.0 if name == "volume" else base.close[199]
    return bars_of(*columns.values())


def _straight() -> Bars:
    line = 50.0 + np.arange(400) * 0.25
    return bars_of(line, line + 0.5, line - 0.5, line + 0.25, np.full(400, 10.0))


SERIES = {
    "walk": walk(),
    "long": walk(3_000, seed=2),
    "flat": flat(),
    "flat_without_volume": flat(volume=0.0),
    "dying": _dying(),
    "stepping": _stepping(),
    "straight": _straight(),
    "price_1e-8": walk(price=1e-8, tick=1e-12),
    "price_1e9": walk(price=1e9, tick=0.5),
    "one_tick_at_1e9": bars_of(*[1e9 + 0.01 * (np.arange(300) % 2)] * 4, np.full(300, 1e12)),
    "zero": flat(price=0.0),
    "falls_through_zero": bars_of(
        *[np.linspace(5, -5, 300) + off for off in (0, 0.5, -0.5, 0.1)], np.full(300, 3.0)
    ),
    "with_holes": with_holes(walk(500, seed=5)),
    "one": walk(1),
    "two": walk(2),
    "none": walk(0),
}


def rows_of(spec: IndicatorSpec, params: StudyParams, bars: Bars):
    columns = [getattr(bars, name).tolist() for name in spec.needs(params)]
    return list(zip(*columns, strict=True))


def stepped(spec: IndicatorSpec, params: StudyParams, bars: Bars):
    """Return what the study says one bar at a time; a glance at each bar first changes nothing."""
    state, answer = spec.start(params), []
    for row in rows_of(spec, params, bars):
        seen = state.peek(*row)
        again = state.peek(*(value * 1.01 for value in row))
        assert len(again) == len(seen)
        answer.append(state.update(*row))
        assert np.array_equal(answer[-1], seen, equal_nan=True)
    return np.array(answer, dtype=np.float64).reshape(len(bars), len(spec.outputs)).T


def assert_near(spec: IndicatorSpec, bars: Bars, one, other) -> None:
    prices = np.concatenate((bars.high, bars.low))
    prices = np.abs(prices[np.isfinite(prices)])
    left = LEFT * prices.max(initial=0.0)
    for output, a, b in zip(spec.outputs, one, other, strict=True):
        assert np.array_equal(np.isnan(a), np.isnan(b)), output.name
        is_known = ~np.isnan(a)
        a, b = a[is_known], b[is_known]
        allowed = NEAR * np.abs(a).max(initial=0.0) + left
        worst = np.abs(a - b).max(initial=0.0)
        assert worst <= allowed, f"{output.name} differs by {worst:g}, may by {allowed:g}"


def fields_of(spec: IndicatorSpec):
    """Return the info msgspec has of each parameter."""
    return msgspec.inspect.type_info(spec.params).fields


@st.composite
def params_of(draw, spec: IndicatorSpec) -> StudyParams:
    """Draw parameters within their bounds; windows short enough for a test."""
    values = {}
    for field in fields_of(spec):
        kind = field.type.type if isinstance(field.type, msgspec.inspect.Metadata) else field.type
        if isinstance(kind, msgspec.inspect.IntType):
            values[field.name] = draw(st.integers(kind.ge or 0, min(kind.le or 60, 60)))
        elif isinstance(kind, msgspec.inspect.FloatType):
            least = kind.ge if kind.ge is not None else kind.gt + 0.01
            most = kind.le if kind.le is not None else kind.lt - 0.01
            values[field.name] = draw(st.floats(least, min(most, 100)).map(lambda x: round(x, 3)))
        elif isinstance(kind, msgspec.inspect.BoolType):
            values[field.name] = draw(st.booleans())
        else:
            values[field.name] = draw(st.sampled_from(list(kind.cls)))
    params = spec.params(**values)
    assume(spec.check is None or not spec.check(params))
    return params


class IndicatorConformance:
    """What every study has to do; a subclass gives the parameter `spec`."""

    # What it says of itself

    def test_it_says_what_it_is_whence_and_when_it_begins(self, spec):
        text = importlib.import_module(spec.params.__module__).__doc__ or ""
        if spec.params is StudyParams:
            text = importlib.import_module(spec.rule.__module__).__doc__ or ""
        for word in ("Source:", "Warm-up:"):
            assert word in text
        assert re.search(r"^    \S", text, re.M), "it has no formula"
        assert re.fullmatch(r"[a-z][a-z0-9_]*", spec.name)
        assert spec.title[0].isupper() or spec.title[0] == "%"
        names = [output.name for output in spec.outputs]
        assert len(set(names)) == len(names) > 0
        for output in spec.outputs:
            assert (output.kind in (Kind.BAND, Kind.CLOUD)) == bool(output.fill_to)
            assert {output.fill_to, output.back, output.tip} <= {*names, ""}

    def test_every_parameter_has_a_title_bounds_and_a_place_in_no_other_label(self, spec):
        fields = fields_of(spec)
        for field in fields:
            kind = field.type
            assert isinstance(kind, msgspec.inspect.Metadata) or hasattr(kind, "cls"), field.name
        places = {name for _, name, _, _ in string.Formatter().parse(spec.short) if name}
        assert places <= {field.name for field in fields}
        assert spec.label(spec.params())
        assert msgspec.json.decode(msgspec.json.encode(spec.params()), type=spec.params)

    def test_levels_are_numbers(self, spec):
        for level in spec.levels(spec.params()) if spec.levels else ():
            assert math.isfinite(level.value)

    def test_bars_that_lack_a_column_are_told(self, spec):
        bars = msgspec.structs.replace(walk(50), day=None, bought=None, sold=None)
        lacks = {"day", "bought", "sold"} & set(spec.needs(spec.params()))
        if not lacks:
            spec.compute(bars, spec.params())
            return
        with pytest.raises(BadInput, match="do not say .*; not drawn"):
            spec.compute(bars, spec.params())

    # What it computes

    @pytest.mark.parametrize("series", SERIES)
    def test_one_bar_at_a_time_is_the_whole(self, spec, series):
        bars, params = SERIES[series], spec.params()
        whole = spec.compute(bars, params)
        assert len(whole) == len(spec.outputs)
        for array in whole:
            assert array.shape == (len(bars),)
            assert array.dtype == np.float64
            assert not np.isinf(array).any()
        assert_near(spec, bars, whole, stepped(spec, params, bars))

    @settings(max_examples=10)
    @given(data=st.data())
    def test_parameters_change_nothing_of_that(self, spec, data):
        bars, params = SERIES["walk"], data.draw(params_of(spec))
        assert_near(spec, bars, spec.compute(bars, params), stepped(spec, params, bars))

    @pytest.mark.parametrize("series", ["walk", "with_holes", "stepping"])
    def test_what_comes_later_changes_nothing(self, spec, series):
        bars, params = SERIES[series], spec.params()
        whole = spec.compute(bars, params)
        for end in (1, 2, 30, 120, 121, 399):
            part = spec.compute(bars.cut(0, end), params)
            assert_near(spec, bars.cut(0, end), [array[:end] for array in whole], part)

    def test_it_is_silent_for_as_long_as_it_says_and_then_speaks(self, spec):
        params = spec.params()
        lookbacks = spec.lookbacks(params)
        whole = spec.compute(SERIES["long"], params)
        for output, lookback, array in zip(spec.outputs, lookbacks, whole, strict=True):
            assert np.isnan(array[:lookback]).all(), output.name
            if not output.is_sparse:
                assert np.isfinite(array[lookback:]).all(), output.name
            else:
                assert np.isfinite(array[lookback:]).any() or output.name[0] in "rs", output.name

    def test_a_bar_without_numbers_is_as_if_it_were_not_there(self, spec):
        bars, params = SERIES["with_holes"], spec.params()
        used = [name for name in spec.needs(params)]
        is_whole = np.logical_and.reduce([np.isfinite(getattr(bars, name)) for name in used])
        assert is_whole.any()
        rest = Bars(**{n: getattr(bars, n)[is_whole] for n in bars.__struct_fields__})
        whole = spec.compute(bars, params)
        assert all(np.isnan(array[~is_whole]).all() for array in whole)
        without = spec.compute(rest, params)
        assert_near(spec, rest, [array[is_whole] for array in whole], without)

    @settings(max_examples=20)
    @given(data=st.data())
    def test_junk_gets_an_answer(self, spec, data):
        number = st.floats() | st.sampled_from([0.0, -0.0, 1.0, 1e300, 5e-324, math.nan])
        numbers = data.draw(st.lists(number, min_size=1, max_size=20))
        rng = np.random.default_rng(data.draw(st.integers(0, 99)))
        with np.errstate(invalid="ignore"):
            bars = bars_of(*rng.choice(np.array(numbers), (5, 90)))
        for array in spec.compute(bars, spec.params()):
            assert array.shape == (90,)
        state = spec.start(spec.params())
        for row in rows_of(spec, spec.params(), bars):
            assert len(state.update(*row)) == len(spec.outputs)
            assert len(state.peek(*row)) == len(spec.outputs)

    def test_a_source_is_a_price_of_the_bar(self, spec):
        if "source" not in spec.params.__struct_fields__:
            return
        bars = SERIES["walk"]
        made = [spec.compute(bars, spec.params(source=source))[0] for source in Source]
        assert len({array.tobytes() for array in made}) == len(Source)
