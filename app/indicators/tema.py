"""Triple exponential moving average.

    TEMA = 3 e1 - 3 e2 + e3, where e1 = EMA(x, n), e2 = EMA(e1, n), e3 = EMA(e2, n)

Source: P. G. Mulloy, "Smoothing Data with Faster Moving Averages", Stocks & Commodities 12 (1994).
Warm-up: 3 (n - 1) bars.
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
    n = params.length
    first = ema(bars.price(params.source), n)
    second = ema(first, n)
    return (first * 3 - second * 3 + ema(second, n),)


def _arrays(columns: Mapping[str, Floats], params: Params) -> Sequence[Floats] | None:
    if not (params.source in columns and params.length > 1):
        return None
    return (talib().TEMA(columns[params.source], params.length),)


def _fades(params: Params) -> int:
    return faded(*[params.length] * 3)


INDICATOR = IndicatorSpec(
    name="tema",
    title="Triple exponential moving average",
    short="TEMA {length}",
    params=Params,
    outputs=(Output(name="value", title="TEMA"),),
    category=Category.TREND,
    pane=Pane.OVERLAY,
    rule=rule,
    quick=Quick(_arrays, _fades),
)
