"""Weighted moving average.

    WMA = (n x + (n - 1) x[1] + ... + x[n-1]) / (n (n + 1) / 2)

Source: J. J. Murphy, "Technical Analysis of the Financial Markets" (1999), ch. 9, "linearly
weighted". Warm-up: n - 1 bars.
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
from app.indicators.engine.windows import weighted
from app.indicators.kernels import Floats, talib


class Params(StudyParams, frozen=True):
    """Length and price."""

    length: Length = 20
    source: Price = Source.CLOSE


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the mean."""
    return (weighted(bars.price(params.source), params.length),)


def _arrays(columns: Mapping[str, Floats], params: Params) -> Sequence[Floats] | None:
    if not (params.source in columns and params.length > 1):
        return None
    return (talib().WMA(columns[params.source], params.length),)


INDICATOR = IndicatorSpec(
    name="wma",
    title="Weighted moving average",
    short="WMA {length}",
    params=Params,
    outputs=(Output(name="mean", title="WMA"),),
    category=Category.TREND,
    pane=Pane.OVERLAY,
    rule=rule,
    quick=Quick(_arrays),
)
