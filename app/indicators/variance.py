"""Variance.

    mean square distance of the last n from their mean, divided by n (a population)

Source: TA-Lib's VAR. Warm-up: n - 1 bars.
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
    """Return the variance, in units of price squared."""
    size = deviation(bars.price(params.source), params.length)
    return (size * size,)


INDICATOR = IndicatorSpec(
    name="variance",
    title="Variance",
    short="Var {length}",
    params=Params,
    outputs=(Output(name="value", title="Var"),),
    category=Category.VOLATILITY,
    rule=rule,
)
