"""End of the linear regression.

    the height at this bar of the straight line nearest to the last n, by least squares

Source: TA-Lib's LINEARREG; also called least squares moving average. Warm-up: n - 1 bars.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.indicators.base import (
    Category,
    Columns,
    IndicatorSpec,
    Output,
    Pane,
    Price,
    Quick,
    Source,
    Span,
    StudyParams,
)
from app.indicators.engine.values import Value
from app.indicators.kernels import Floats, talib
from app.indicators.words import straight


class Params(StudyParams, frozen=True):
    """Length and price."""

    length: Span = 14
    source: Price = Source.CLOSE


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the end of the line."""
    return (straight(bars.price(params.source), params.length).end,)


def _arrays(columns: Mapping[str, Floats], params: Params) -> Sequence[Floats] | None:
    if params.source not in columns:
        return None
    return (talib().LINEARREG(columns[params.source], params.length),)


INDICATOR = IndicatorSpec(
    name="linreg",
    title="Linear regression",
    short="LinReg {length}",
    params=Params,
    outputs=(Output(name="value", title="LinReg"),),
    category=Category.TREND,
    pane=Pane.OVERLAY,
    rule=rule,
    quick=Quick(_arrays),
)
