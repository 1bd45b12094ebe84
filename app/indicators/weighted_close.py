"""Weighted close.

    (high + low + 2 close) / 4

Source: TA-Lib's WCLPRICE. Warm-up: none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.indicators.base import (
    Category,
    Columns,
    IndicatorSpec,
    Output,
    Pane,
    Quick,
    Source,
    StudyParams,
)
from app.indicators.engine.values import Value
from app.indicators.kernels import Floats, talib


def rule(bars: Columns, params: StudyParams) -> Sequence[Value]:
    """Return the price."""
    return (bars.price(Source.HLCC4),)


def _arrays(columns: Mapping[str, Floats], params: StudyParams) -> Sequence[Floats] | None:
    return (talib().WCLPRICE(columns["high"], columns["low"], columns["close"]),)


INDICATOR = IndicatorSpec(
    name="weighted_close",
    title="Weighted close",
    short="Weighted close",
    params=StudyParams,
    outputs=(Output(name="price", title="Weighted close"),),
    category=Category.PRICE,
    pane=Pane.OVERLAY,
    rule=rule,
    quick=Quick(_arrays),
)
