"""Double exponential moving average.

    DEMA = 2 EMA(x, n) - EMA(EMA(x, n), n)

Source: P. G. Mulloy, "Smoothing Data with Faster Moving Averages", Stocks & Commodities 12 (1994).
Warm-up: 2 (n - 1) bars.
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
    first = ema(bars.price(params.source), params.length)
    return (first * 2 - ema(first, params.length),)


def _arrays(columns: Mapping[str, Floats], params: Params) -> Sequence[Floats] | None:
    if not (params.source in columns and params.length > 1):
        return None
    return (talib().DEMA(columns[params.source], params.length),)


def _fades(params: Params) -> int:
    return faded(params.length, params.length)


INDICATOR = IndicatorSpec(
    name="dema",
    title="Double exponential moving average",
    short="DEMA {length}",
    params=Params,
    outputs=(Output(name="value", title="DEMA"),),
    category=Category.TREND,
    pane=Pane.OVERLAY,
    rule=rule,
    quick=Quick(_arrays, _fades),
)
