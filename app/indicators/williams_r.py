"""Williams %R.

    -100 (highest high of n - close) / (highest high of n - lowest low of n); -50 without range

Source: L. Williams, "How I Made One Million Dollars" (1973): 14. Warm-up: n - 1 bars.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.indicators.base import (
    Category,
    Columns,
    IndicatorSpec,
    Length,
    Level,
    Output,
    Quick,
    StudyParams,
)
from app.indicators.engine.values import Value
from app.indicators.engine.windows import highest, lowest
from app.indicators.kernels import Floats, is_lively, talib
from app.indicators.words import place


class Params(StudyParams, frozen=True):
    """Length."""

    length: Length = 14


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the place below the high, -100 to 0."""
    n = params.length
    return (place(bars.close, highest(bars.high, n), lowest(bars.low, n)) - 100,)


def levels(params: Params) -> Sequence[Level]:
    """Return the levels that mean much."""
    return Level(-80), Level(-20)


def _arrays(columns: Mapping[str, Floats], params: Params) -> Sequence[Floats] | None:
    if not (params.length > 1 and is_lively(columns, params.length)):
        return None
    return (talib().WILLR(columns["high"], columns["low"], columns["close"], params.length),)


INDICATOR = IndicatorSpec(
    name="williams_r",
    title="Williams %R",
    short="%R {length}",
    params=Params,
    outputs=(Output(name="value", title="%R"),),
    category=Category.MOMENTUM,
    levels=levels,
    rule=rule,
    quick=Quick(_arrays),
)
