"""Slope of the linear regression.

    what the straight line nearest to the last n, by least squares, rises a bar

Source: TA-Lib's LINEARREG_SLOPE. Warm-up: n - 1 bars.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.indicators.base import (
    Category,
    Columns,
    IndicatorSpec,
    Output,
    Price,
    Quick,
    Source,
    Span,
    StudyParams,
    zero_level,
)
from app.indicators.engine.values import Value
from app.indicators.kernels import Floats, talib
from app.indicators.words import straight


class Params(StudyParams, frozen=True):
    """Length and price."""

    length: Span = 14
    source: Price = Source.CLOSE


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the slope, in units of price a bar."""
    return (straight(bars.price(params.source), params.length).slope,)


def _arrays(columns: Mapping[str, Floats], params: Params) -> Sequence[Floats] | None:
    if params.source not in columns:
        return None
    return (talib().LINEARREG_SLOPE(columns[params.source], params.length),)


INDICATOR = IndicatorSpec(
    name="linreg_slope",
    title="Linear regression slope",
    short="Slope {length}",
    params=Params,
    outputs=(Output(name="value", title="Slope"),),
    category=Category.TREND,
    levels=zero_level,
    rule=rule,
    quick=Quick(_arrays),
)
