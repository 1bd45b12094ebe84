"""Simple moving average.

    SMA = (x + x[1] + ... + x[n-1]) / n

Source: J. J. Murphy, "Technical Analysis of the Financial Markets" (1999), ch. 9. Common lengths
are 20, 50 and 200. Warm-up: n - 1 bars.
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
    return (mean(bars.price(params.source), params.length),)


def _arrays(columns: Mapping[str, Floats], params: Params) -> Sequence[Floats] | None:
    if not (params.source in columns and params.length > 1):
        return None
    return (talib().SMA(columns[params.source], params.length),)


INDICATOR = IndicatorSpec(
    name="sma",
    title="Simple moving average",
    short="SMA {length}",
    params=Params,
    outputs=(Output(name="mean", title="SMA"),),
    category=Category.TREND,
    pane=Pane.OVERLAY,
    rule=rule,
    quick=Quick(_arrays),
)
