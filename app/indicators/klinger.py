"""Klinger volume oscillator.

    trend = 1 where high + low + close rose, else -1; dm = high - low
    cm = cm[1] + dm while the trend lasts, dm[1] + dm where it turns
    force = 100 volume |2 dm / cm - 1| trend; KVO = EMA(force, fast) - EMA(force, slow)

Source: S. J. Klinger, "Identifying Trends with Volume Analysis", Stocks & Commodities 15 (1997):
34, 55, 13. Without range the factor is 1. Warm-up: slow bars, the signal n - 1 more.
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
    Role,
    StudyParams,
    zero_level,
)
from app.indicators.engine.recursions import ema, fold
from app.indicators.engine.values import Value, ratio, where
from app.indicators.engine.windows import back
from app.indicators.words import moves


class Params(StudyParams, frozen=True):
    """Lengths."""

    fast: Annotated[int, Meta(title="Fast", description="bars", ge=1, le=LENGTH_MAX)] = 34
    slow: Annotated[int, Meta(title="Slow", description="bars", ge=1, le=LENGTH_MAX)] = 55
    signal: Annotated[int, Meta(title="Signal", description="bars", ge=1, le=LENGTH_MAX)] = 13


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the oscillator and its mean."""
    size = bars.high - bars.low
    rose = where(moves(bars.high + bars.low + bars.close) > 0, 1.0, -1.0)
    (walked,) = fold(_step, None, (rose, size, back(size)), 1)
    share = abs(ratio(size * 2, walked, otherwise=0.0, beside=bars.close) - 1)
    force = bars.volume * share * rose * 100
    line = ema(force, params.fast) - ema(force, params.slow)
    return line, ema(line, params.signal)


def _step(
    state: tuple[float, float] | None, rose: float, size: float, before: float
) -> tuple[tuple[float, float], tuple[float, ...]]:
    walked = size + (state[1] if state is not None and state[0] == rose else before)
    return (rose, walked), (walked,)


INDICATOR = IndicatorSpec(
    name="klinger",
    title="Klinger volume oscillator",
    short="KVO {fast},{slow},{signal}",
    params=Params,
    outputs=(
        Output(name="kvo", title="KVO"),
        Output(name="signal", title="Signal", role=Role.SECOND),
    ),
    category=Category.VOLUME,
    levels=zero_level,
    rule=rule,
)
