"""T3 moving average.

    GD(x) = (1 + v) EMA(x, n) - v EMA(EMA(x, n), n), T3 = GD(GD(GD(x)))
    written out as (1 + v)^3 e3 - 3 v (1 + v)^2 e4 + 3 v^2 (1 + v) e5 - v^3 e6, six means one over
    another

Source: T. Tillson, "Smoothing Techniques for More Accurate Signals", Stocks & Commodities 16
(1998): 5 and 0.7. Warm-up: 6 (n - 1) bars.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from msgspec import Meta

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
    faded,
)
from app.indicators.engine.recursions import ema
from app.indicators.engine.values import Value
from app.indicators.kernels import Floats, talib


class Params(StudyParams, frozen=True):
    """Length, factor and price."""

    length: Length = 5
    volume_factor: Annotated[
        float, Meta(title="Volume factor", description="share", ge=0, le=1)
    ] = 0.7
    source: Price = Source.CLOSE


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the mean."""
    v, value, means = params.volume_factor, bars.price(params.source), []
    for _ in range(6):
        value = ema(value, params.length)
        means.append(value)
    third, fourth, fifth, sixth = means[2:]
    once = v + 1
    return (
        third * once**3 - fourth * (3 * v * once**2) + fifth * (3 * v * v * once) - sixth * v**3,
    )


def _arrays(columns: Mapping[str, Floats], params: Params) -> Sequence[Floats] | None:
    if not (params.source in columns and params.length > 1):
        return None
    return (talib().T3(columns[params.source], params.length, params.volume_factor),)


def _fades(params: Params) -> int:
    return faded(*[params.length] * 6)


INDICATOR = IndicatorSpec(
    name="t3",
    title="T3 moving average",
    short="T3 {length}",
    params=Params,
    outputs=(Output(name="value", title="T3"),),
    category=Category.TREND,
    pane=Pane.OVERLAY,
    rule=rule,
    quick=Quick(_arrays, _fades),
)
