"""Coppock curve.

    WMA(ROC(x, 14) + ROC(x, 11), 10), ROC in per cent

Source: E. S. C. Coppock, "Practical Relative Strength Charting", Barron's (15 October 1962); made
for months. Warm-up: 14 + 9 bars.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from app.indicators.base import (
    LENGTH_MAX,
    Category,
    Columns,
    IndicatorSpec,
    Length,
    Output,
    Price,
    Source,
    StudyParams,
    zero_level,
)
from app.indicators.engine.values import Value
from app.indicators.engine.windows import weighted
from app.indicators.words import growth


class Params(StudyParams, frozen=True):
    """Lengths and price."""

    length: Length = 10
    long: Annotated[int, Meta(title="Long change", description="bars", ge=1, le=LENGTH_MAX)] = 14
    short: Annotated[int, Meta(title="Short change", description="bars", ge=1, le=LENGTH_MAX)] = 11
    source: Price = Source.CLOSE


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the curve."""
    x = bars.price(params.source)
    both = growth(x, params.long) + growth(x, params.short)
    return (weighted(both * 100, params.length),)


INDICATOR = IndicatorSpec(
    name="coppock",
    title="Coppock curve",
    short="Coppock {length}",
    params=Params,
    outputs=(Output(name="value", title="Coppock"),),
    category=Category.MOMENTUM,
    levels=zero_level,
    rule=rule,
)
