"""Momentum.

    x - x[n]

Source: J. J. Murphy, "Technical Analysis of the Financial Markets" (1999), ch. 10. Warm-up: n bars.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.indicators.base import (
    Category,
    Columns,
    IndicatorSpec,
    Length,
    Output,
    Price,
    Quick,
    Source,
    StudyParams,
    zero_level,
)
from app.indicators.engine.values import Value
from app.indicators.engine.windows import change
from app.indicators.kernels import Floats, talib


class Params(StudyParams, frozen=True):
    """Length and price."""

    length: Length = 10
    source: Price = Source.CLOSE


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the change, in units of price."""
    return (change(bars.price(params.source), params.length),)


def _arrays(columns: Mapping[str, Floats], params: Params) -> Sequence[Floats] | None:
    if params.source not in columns:
        return None
    return (talib().MOM(columns[params.source], params.length),)


INDICATOR = IndicatorSpec(
    name="mom",
    title="Momentum",
    short="Mom {length}",
    params=Params,
    outputs=(Output(name="value", title="Mom"),),
    category=Category.MOMENTUM,
    levels=zero_level,
    rule=rule,
    quick=Quick(_arrays),
)
