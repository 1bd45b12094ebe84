"""Percentage price oscillator.

    PPO = 100 (EMA(x, fast) - EMA(x, slow)) / EMA(x, slow), signal = EMA(PPO, n)

Source: G. Appel's MACD in per cent: 12, 26, 9; see macd. TA-Lib's PPO begins with simple means
unless told otherwise. Warm-up: slow - 1 bars, the signal n - 1 more.
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
    Kind,
    Output,
    Price,
    Role,
    Source,
    StudyParams,
    zero_level,
)
from app.indicators.engine.recursions import ema
from app.indicators.engine.values import Value, ratio


class Params(StudyParams, frozen=True):
    """Lengths and price."""

    fast: Annotated[int, Meta(title="Fast", description="bars", ge=1, le=LENGTH_MAX)] = 12
    slow: Annotated[int, Meta(title="Slow", description="bars", ge=1, le=LENGTH_MAX)] = 26
    signal: Annotated[int, Meta(title="Signal", description="bars", ge=1, le=LENGTH_MAX)] = 9
    source: Price = Source.CLOSE


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the difference in per cent, its mean and what lies between."""
    x = bars.price(params.source)
    slow = ema(x, params.slow)
    line = ratio(ema(x, params.fast) - slow, slow, otherwise=0.0) * 100
    signal = ema(line, params.signal)
    return line, signal, line - signal


INDICATOR = IndicatorSpec(
    name="ppo",
    title="Percentage price oscillator",
    short="PPO {fast},{slow},{signal}",
    params=Params,
    outputs=(
        Output(name="ppo", title="PPO"),
        Output(name="signal", title="Signal", role=Role.SECOND),
        Output(name="histogram", title="Histogram", kind=Kind.HISTOGRAM, role=Role.SIGNED),
    ),
    category=Category.MOMENTUM,
    levels=zero_level,
    rule=rule,
)
