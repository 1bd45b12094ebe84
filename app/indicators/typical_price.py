"""Typical price.

    (high + low + close) / 3

Source: TA-Lib's TYPPRICE. Warm-up: none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.indicators.base import Category, Columns, IndicatorSpec, Output, Pane, Quick, StudyParams
from app.indicators.engine.values import Value
from app.indicators.kernels import Floats, talib


def rule(bars: Columns, params: StudyParams) -> Sequence[Value]:
    """Return the price."""
    return (bars.typical,)


def _arrays(columns: Mapping[str, Floats], params: StudyParams) -> Sequence[Floats] | None:
    return (talib().TYPPRICE(columns["high"], columns["low"], columns["close"]),)


INDICATOR = IndicatorSpec(
    name="typical_price",
    title="Typical price",
    short="Typical price",
    params=StudyParams,
    outputs=(Output(name="price", title="Typical price"),),
    category=Category.PRICE,
    pane=Pane.OVERLAY,
    rule=rule,
    quick=Quick(_arrays),
)
