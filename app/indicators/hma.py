"""Hull moving average.

    HMA = WMA(2 WMA(x, n / 2) - WMA(x, n), sqrt(n)), lengths rounded to the nearest, at least 1

Source: A. Hull, "How to reduce lag in a moving average" (2005). The article cuts n / 2 and sqrt(n)
to whole numbers for n = 16; rounding is ours, for lengths that have no whole root. Warm-up: n - 1
bars and those of the last mean.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from app.indicators.base import (
    Category,
    Columns,
    IndicatorSpec,
    Output,
    Pane,
    Price,
    Source,
    Span,
    StudyParams,
)
from app.indicators.engine.values import Value
from app.indicators.engine.windows import weighted


class Params(StudyParams, frozen=True):
    """Length and price."""

    length: Span = 20
    source: Price = Source.CLOSE


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the mean."""
    x, n = bars.price(params.source), params.length
    ahead = weighted(x, max(1, round(n / 2))) * 2 - weighted(x, n)
    return (weighted(ahead, max(1, round(math.sqrt(n)))),)


INDICATOR = IndicatorSpec(
    name="hma",
    title="Hull moving average",
    short="HMA {length}",
    params=Params,
    outputs=(Output(name="mean", title="HMA"),),
    category=Category.TREND,
    pane=Pane.OVERLAY,
    rule=rule,
)
