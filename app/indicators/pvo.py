"""Percentage volume oscillator.

    PVO = 100 (EMA(volume, fast) - EMA(volume, slow)) / EMA(volume, slow), signal = EMA(PVO, n)

Source: G. Appel's MACD in per cent, of volume: 12, 26, 9. 0 where there is no volume. Warm-up:
slow - 1 bars, the signal n - 1 more.
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
    Role,
    StudyParams,
    zero_level,
)
from app.indicators.engine.recursions import ema
from app.indicators.engine.values import Value, ratio


class Params(StudyParams, frozen=True):
    """Lengths."""

    fast: Annotated[int, Meta(title="Fast", description="bars", ge=1, le=LENGTH_MAX)] = 12
    slow: Annotated[int, Meta(title="Slow", description="bars", ge=1, le=LENGTH_MAX)] = 26
    signal: Annotated[int, Meta(title="Signal", description="bars", ge=1, le=LENGTH_MAX)] = 9


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the difference in per cent, its mean and what lies between."""
    slow = ema(bars.volume, params.slow)
    line = ratio(ema(bars.volume, params.fast) - slow, slow, otherwise=0.0) * 100
    signal = ema(line, params.signal)
    return line, signal, line - signal


INDICATOR = IndicatorSpec(
    name="pvo",
    title="Percentage volume oscillator",
    short="PVO {fast},{slow},{signal}",
    params=Params,
    outputs=(
        Output(name="pvo", title="PVO"),
        Output(name="signal", title="Signal", role=Role.SECOND),
        Output(name="histogram", title="Histogram", kind=Kind.HISTOGRAM, role=Role.SIGNED),
    ),
    category=Category.VOLUME,
    levels=zero_level,
    rule=rule,
)
