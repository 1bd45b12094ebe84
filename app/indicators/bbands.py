"""Bollinger bands.

    middle = SMA(x, n), upper and lower = middle +- w deviation(x, n)

Source: J. Bollinger, "Bollinger on Bollinger Bands" (2001), ch. 7: 20 and 2. The deviation is that
of a population, divided by n, as the book and TA-Lib have it; divided by n - 1 the bands would lie
2.6 % farther out at n = 20. Warm-up: n - 1 bars.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.indicators.base import (
    Category,
    Columns,
    IndicatorSpec,
    Kind,
    Output,
    Pane,
    Price,
    Role,
    Source,
    Span,
    StudyParams,
    Width,
)
from app.indicators.engine.values import Value
from app.indicators.engine.windows import deviation, mean


class Params(StudyParams, frozen=True):
    """Length, width and price."""

    length: Span = 20
    width: Width = 2.0
    source: Price = Source.CLOSE


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the upper band, the mean and the lower band."""
    x = bars.price(params.source)
    middle = mean(x, params.length)
    width = deviation(x, params.length) * params.width
    return middle + width, middle, middle - width


INDICATOR = IndicatorSpec(
    name="bbands",
    title="Bollinger bands",
    short="BB {length},{width:g}",
    params=Params,
    outputs=(
        Output(name="upper", title="Upper"),
        Output(name="middle", title="Middle", role=Role.SECOND),
        Output(name="lower", title="Lower", kind=Kind.BAND, fill_to="upper"),
    ),
    category=Category.VOLATILITY,
    pane=Pane.OVERLAY,
    rule=rule,
)
