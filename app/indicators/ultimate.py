"""Ultimate oscillator.

    pressure = close - min(low, close[1]); A(n) = sum of pressure / sum of TR, over n
    UO = 100 (4 A(7) + 2 A(14) + A(28)) / 7; a share is 0 where there is no range

Source: L. Williams, "The Ultimate Oscillator", Stocks & Commodities 3 (1985). Warm-up: the longest
length.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from msgspec import Meta

from app.indicators.base import (
    LENGTH_MAX,
    Category,
    Columns,
    IndicatorSpec,
    Level,
    Output,
    Quick,
    StudyParams,
)
from app.indicators.engine.values import Value, lesser, ratio
from app.indicators.engine.windows import back, flow
from app.indicators.kernels import Floats, is_lively, talib
from app.indicators.words import true_range


class Params(StudyParams, frozen=True):
    """Lengths."""

    short: Annotated[int, Meta(title="Short", description="bars", ge=1, le=LENGTH_MAX)] = 7
    middle: Annotated[int, Meta(title="Middle", description="bars", ge=1, le=LENGTH_MAX)] = 14
    long: Annotated[int, Meta(title="Long", description="bars", ge=1, le=LENGTH_MAX)] = 28


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the oscillator, 0 to 100."""
    pressure = bars.close - lesser(bars.low, back(bars.close))
    size = true_range(bars)

    def share(n: int) -> Value:
        return ratio(flow(pressure, n), flow(size, n), otherwise=0.0)

    whole = share(params.short) * 4 + share(params.middle) * 2 + share(params.long)
    return (whole * (100 / 7),)


def levels(params: Params) -> Sequence[Level]:
    """Return the levels that mean much."""
    return Level(30), Level(70)


def _arrays(columns: Mapping[str, Floats], params: Params) -> Sequence[Floats] | None:
    if not (is_lively(columns, min(params.short, params.middle, params.long))):
        return None
    return (
        talib().ULTOSC(
            columns["high"],
            columns["low"],
            columns["close"],
            params.short,
            params.middle,
            params.long,
        ),
    )


INDICATOR = IndicatorSpec(
    name="ultimate",
    title="Ultimate oscillator",
    short="UO {short},{middle},{long}",
    params=Params,
    outputs=(Output(name="value", title="UO"),),
    category=Category.MOMENTUM,
    levels=levels,
    rule=rule,
    quick=Quick(_arrays),
)
