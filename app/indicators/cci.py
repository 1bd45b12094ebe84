"""Commodity channel index.

    tp = (high + low + close) / 3
    CCI = (tp - SMA(tp, n)) / (0.015 mean distance of the last n from their mean)

Source: D. R. Lambert, "Commodity Channel Index", Commodities (October 1980): 20, with -100 and 100.
0 where nothing has moved. Warm-up: n - 1 bars.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.indicators.base import Category, Columns, IndicatorSpec, Level, Output, Span, StudyParams
from app.indicators.engine.values import Value, ratio
from app.indicators.engine.windows import offsets


class Params(StudyParams, frozen=True):
    """Length."""

    length: Span = 20


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the index."""
    off, distance = offsets(bars.typical, params.length)
    return (ratio(off, distance * 0.015, otherwise=0.0, beside=bars.close),)


def levels(params: Params) -> Sequence[Level]:
    """Return the levels that mean much."""
    return Level(-100), Level(100)


INDICATOR = IndicatorSpec(
    name="cci",
    title="Commodity channel index",
    short="CCI {length}",
    params=Params,
    outputs=(Output(name="index", title="CCI"),),
    category=Category.MOMENTUM,
    levels=levels,
    rule=rule,
)
