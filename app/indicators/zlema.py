"""Zero-lag exponential moving average.

    lag = (n - 1) / 2, cut to a whole number; ZLEMA = EMA(2 x - x[lag], n)

Source: J. Ehlers and R. Way, "Zero Lag (Well, Almost)", Stocks & Commodities 28 (2010), its first
form. Warm-up: n - 1 + lag bars.
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
from app.indicators.engine.recursions import ema
from app.indicators.engine.values import Value
from app.indicators.engine.windows import back


class Params(StudyParams, frozen=True):
    """Length and price."""

    length: Length = 20
    source: Price = Source.CLOSE


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the mean."""
    x, n = bars.price(params.source), params.length
    lag = (n - 1) // 2
    return (ema(x * 2 - back(x, lag) if lag else x, n),)


INDICATOR = IndicatorSpec(
    name="zlema",
    title="Zero-lag exponential moving average",
    short="ZLEMA {length}",
    params=Params,
    outputs=(Output(name="value", title="ZLEMA"),),
    category=Category.TREND,
    pane=Pane.OVERLAY,
    rule=rule,
)
