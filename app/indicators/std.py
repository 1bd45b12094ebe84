"""Standard deviation.

    root of the mean square distance of the last n from their mean, divided by n (a population)

Source: TA-Lib's STDDEV; computed around a near middle, so that high prices with small moves keep
their digits. Warm-up: n - 1 bars.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.indicators.base import (
    Category,
    Columns,
    IndicatorSpec,
    Output,
    Price,
    Source,
    Span,
    StudyParams,
)
from app.indicators.engine.values import Value
from app.indicators.engine.windows import deviation


class Params(StudyParams, frozen=True):
    """Length and price."""

    length: Span = 20
    source: Price = Source.CLOSE


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the deviation, in units of price."""
    return (deviation(bars.price(params.source), params.length),)


INDICATOR = IndicatorSpec(
    name="std",
    title="Standard deviation",
    short="Std {length}",
    params=Params,
    outputs=(Output(name="value", title="Std"),),
    category=Category.VOLATILITY,
    rule=rule,
)
