"""Choppiness index.

    100 log(sum of TR over n / (highest high - lowest low)) / log n; 100 where there is no range

Source: E. W. Dreiss, in "The Choppiness Index" (1993): 14, with 38.2 and 61.8. Warm-up: n bars.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from app.indicators.base import Category, Columns, IndicatorSpec, Level, Output, Span, StudyParams
from app.indicators.engine.values import Value, log, ratio
from app.indicators.engine.windows import flow, highest, lowest
from app.indicators.words import true_range


class Params(StudyParams, frozen=True):
    """Length."""

    length: Span = 14


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the index, about 0 to 100."""
    n = params.length
    size = highest(bars.high, n) - lowest(bars.low, n)
    walked = ratio(flow(true_range(bars), n), size, otherwise=float(n))
    return (log(walked) * (100 / math.log(n)),)


def levels(params: Params) -> Sequence[Level]:
    """Return the levels that mean much."""
    return Level(38.2), Level(61.8)


INDICATOR = IndicatorSpec(
    name="choppiness",
    title="Choppiness index",
    short="CHOP {length}",
    params=Params,
    outputs=(Output(name="value", title="CHOP"),),
    category=Category.VOLATILITY,
    levels=levels,
    rule=rule,
)
