"""Median price.

    (high + low) / 2

Source: TA-Lib's MEDPRICE. Warm-up: none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.indicators.base import Category, Columns, IndicatorSpec, Output, Pane, Quick, StudyParams
from app.indicators.engine.values import Value
from app.indicators.kernels import Floats, talib


def rule(bars: Columns, params: StudyParams) -> Sequence[Value]:
    """Return the price."""
    return (bars.median,)


def _arrays(columns: Mapping[str, Floats], params: StudyParams) -> Sequence[Floats] | None:
    return (talib().MEDPRICE(columns["high"], columns["low"]),)


INDICATOR = IndicatorSpec(
    name="median_price",
    title="Median price",
    short="Median price",
    params=StudyParams,
    outputs=(Output(name="price", title="Median price"),),
    category=Category.PRICE,
    pane=Pane.OVERLAY,
    rule=rule,
    quick=Quick(_arrays),
)
