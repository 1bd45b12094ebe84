"""Relative strength index, Wilder's.

    up = max(x - x[1], 0), down = max(x[1] - x, 0)
    RSI = 100 U / (U + D), where U and D are Wilder's means of up and down over n

Source: J. W. Wilder, "New Concepts in Technical Trading Systems" (1978), pp. 63-70: 14, with 30 and
70. Where nothing moves there is no strength either way, 50; TA-Lib gives 0. Warm-up: n bars.
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
    Percent,
    Price,
    Quick,
    Source,
    StudyParams,
    faded,
)
from app.indicators.engine.values import Value
from app.indicators.kernels import Floats, is_lively, talib
from app.indicators.words import strength


class Params(StudyParams, frozen=True):
    """Length, price and levels."""

    length: Length = 14
    source: Price = Source.CLOSE
    low: Percent = 30.0
    high: Percent = 70.0


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the index, 0 to 100."""
    return (strength(bars.price(params.source), params.length),)


def levels(params: Params) -> Sequence[Level]:
    """Return the levels that mean much."""
    return Level(params.low), Level(params.high)


def _arrays(columns: Mapping[str, Floats], params: Params) -> Sequence[Floats] | None:
    if not (
        params.source in columns and params.length > 1 and is_lively(columns, 8 * params.length)
    ):
        return None
    return (talib().RSI(columns[params.source], params.length),)


def _fades(params: Params) -> int:
    return faded(2 * params.length)


INDICATOR = IndicatorSpec(
    name="rsi",
    title="Relative strength index",
    short="RSI {length}",
    params=Params,
    outputs=(Output(name="index", title="RSI"),),
    category=Category.MOMENTUM,
    levels=levels,
    rule=rule,
    quick=Quick(_arrays, _fades),
)
