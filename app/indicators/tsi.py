"""True strength index.

    TSI = 100 EMA(EMA(m, slow), fast) / EMA(EMA(|m|, slow), fast), where m = x - x[1]
    signal = EMA(TSI, n); 0 where nothing has moved

Source: W. Blau, "True Strength Index", Stocks & Commodities 9 (1991): 25 and 13. Warm-up: slow +
fast - 1 bars.
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
    Output,
    Price,
    Role,
    Source,
    StudyParams,
    zero_level,
)
from app.indicators.engine.recursions import ema
from app.indicators.engine.values import Value, ratio
from app.indicators.engine.windows import change


class Params(StudyParams, frozen=True):
    """Lengths and price."""

    slow: Annotated[int, Meta(title="Slow", description="bars", ge=1, le=LENGTH_MAX)] = 25
    fast: Annotated[int, Meta(title="Fast", description="bars", ge=1, le=LENGTH_MAX)] = 13
    signal: Annotated[int, Meta(title="Signal", description="bars", ge=1, le=LENGTH_MAX)] = 7
    source: Price = Source.CLOSE


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the index, -100 to 100, and its mean."""
    x = bars.price(params.source)
    moved = change(x)
    up = ema(ema(moved, params.slow), params.fast)
    size = ema(ema(abs(moved), params.slow), params.fast)
    line = ratio(up, size, otherwise=0.0, beside=x) * 100
    return line, ema(line, params.signal)


INDICATOR = IndicatorSpec(
    name="tsi",
    title="True strength index",
    short="TSI {slow},{fast}",
    params=Params,
    outputs=(
        Output(name="tsi", title="TSI"),
        Output(name="signal", title="Signal", role=Role.SECOND),
    ),
    category=Category.MOMENTUM,
    levels=zero_level,
    rule=rule,
)
