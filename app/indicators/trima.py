"""Triangular moving average.

    TRIMA = SMA(SMA(x, a), b), where a = (n + 1) / 2 and b = n / 2 + 1, cut to whole numbers

Source: TA-Lib's TRIMA; for odd n both are (n + 1) / 2. Warm-up: n - 1 bars.
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
)
from app.indicators.engine.values import Value
from app.indicators.engine.windows import mean
from app.indicators.kernels import Floats, talib


class Params(StudyParams, frozen=True):
    """Length and price."""

    length: Length = 20
    source: Price = Source.CLOSE


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the mean."""
    x, n = bars.price(params.source), params.length
    return (mean(mean(x, (n + 1) // 2), n // 2 + 1),)


def _arrays(columns: Mapping[str, Floats], params: Params) -> Sequence[Floats] | None:
    if not (params.source in columns and params.length > 1):
        return None
    return (talib().TRIMA(columns[params.source], params.length),)


INDICATOR = IndicatorSpec(
    name="trima",
    title="Triangular moving average",
    short="TRIMA {length}",
    params=Params,
    outputs=(Output(name="value", title="TRIMA"),),
    category=Category.TREND,
    pane=Pane.OVERLAY,
    rule=rule,
    quick=Quick(_arrays),
)
