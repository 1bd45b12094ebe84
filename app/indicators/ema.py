"""Exponential moving average.

    EMA = EMA[1] + (x - EMA[1]) * 2 / (n + 1), beginning with the simple mean of the first n

Source: P. N. Haurlan, "Measuring Trend Values" (1968); the beginning is that of J. J. Murphy,
"Technical Analysis of the Financial Markets" (1999), ch. 9, and of TA-Lib. Warm-up: n - 1 bars;
what the beginning contributes falls below a thousandth after 3.5 n bars.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.indicators.base import (
    Category,
    Columns,
    IndicatorSpec,
    Length,
    Output,
    Pane,
    Price,
    Quick,
    Source,
    StudyParams,
    faded,
)
from app.indicators.engine.recursions import ema
from app.indicators.engine.values import Value
from app.indicators.kernels import Floats, talib


class Params(StudyParams, frozen=True):
    """Length and price."""

    length: Length = 20
    source: Price = Source.CLOSE


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the mean."""
    return (ema(bars.price(params.source), params.length),)


def _arrays(columns: Mapping[str, Floats], params: Params) -> Sequence[Floats] | None:
    if not (params.source in columns and params.length > 1):
        return None
    return (talib().EMA(columns[params.source], params.length),)


def _fades(params: Params) -> int:
    return faded(params.length)


INDICATOR = IndicatorSpec(
    name="ema",
    title="Exponential moving average",
    short="EMA {length}",
    params=Params,
    outputs=(Output(name="mean", title="EMA"),),
    category=Category.TREND,
    pane=Pane.OVERLAY,
    rule=rule,
    quick=Quick(_arrays, _fades),
)
