"""Mass index.

    sum over n of EMA(high - low, 9) / EMA(EMA(high - low, 9), 9); 1 a bar where there is no range

Source: D. Dorsey, "The Mass Index", Stocks & Commodities 10 (1992): 25, with a bulge from 27 to
26.5. Warm-up: 2 * 8 + n - 1 bars.
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
    Level,
    Output,
    StudyParams,
)
from app.indicators.engine.recursions import ema
from app.indicators.engine.values import Value, ratio
from app.indicators.engine.windows import total


class Params(StudyParams, frozen=True):
    """Lengths."""

    length: Length = 25
    smooth: Annotated[int, Meta(title="Smooth", description="bars", ge=1, le=LENGTH_MAX)] = 9


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the index."""
    first = ema(bars.high - bars.low, params.smooth)
    part = ratio(first, ema(first, params.smooth), otherwise=1.0, beside=bars.close)
    return (total(part, params.length),)


def levels(params: Params) -> Sequence[Level]:
    """Return the levels that mean much."""
    return Level(26.5), Level(27)


INDICATOR = IndicatorSpec(
    name="mass_index",
    title="Mass index",
    short="Mass {length}",
    params=Params,
    outputs=(Output(name="value", title="Mass"),),
    category=Category.VOLATILITY,
    levels=levels,
    rule=rule,
)
