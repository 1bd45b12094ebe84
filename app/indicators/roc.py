"""Rate of change.

    ROC = 100 (x / x[n] - 1); 0 where x[n] is 0

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
from app.indicators.kernels import PRICE_MIN, Floats, talib
from app.indicators.words import growth


class Params(StudyParams, frozen=True):
    """Length and price."""

    length: Length = 10
    source: Price = Source.CLOSE


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the change in per cent."""
    return (growth(bars.price(params.source), params.length) * 100,)


def _arrays(columns: Mapping[str, Floats], params: Params) -> Sequence[Floats] | None:
    if not (params.source in columns and columns[params.source].min() > PRICE_MIN):
        return None
    return (talib().ROC(columns[params.source], params.length),)


INDICATOR = IndicatorSpec(
    name="roc",
    title="Rate of change",
    short="ROC {length}",
    params=Params,
    outputs=(Output(name="value", title="ROC"),),
    category=Category.MOMENTUM,
    levels=zero_level,
    rule=rule,
    quick=Quick(_arrays),
)
