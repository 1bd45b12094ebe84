"""Volume-weighted moving average.

    VWMA = sum(x volume) / sum(volume) over n; the simple mean where there was no volume

Source: B. Buff, in "Volume-Weighted Moving Average", Stocks & Commodities 19 (2001). Warm-up: n - 1
bars.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.indicators.base import (
    Category,
    Columns,
    IndicatorSpec,
    Length,
    Output,
    Pane,
    Price,
    Source,
    StudyParams,
)
from app.indicators.engine.values import Value, ratio
from app.indicators.engine.windows import flow, mean


class Params(StudyParams, frozen=True):
    """Length and price."""

    length: Length = 20
    source: Price = Source.CLOSE


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the mean."""
    x, n = bars.price(params.source), params.length
    traded = flow(bars.volume, n)
    return (ratio(flow(x * bars.volume, n), traded, otherwise=mean(x, n)),)


INDICATOR = IndicatorSpec(
    name="vwma",
    title="Volume-weighted moving average",
    short="VWMA {length}",
    params=Params,
    outputs=(Output(name="value", title="VWMA"),),
    category=Category.TREND,
    pane=Pane.OVERLAY,
    rule=rule,
)
