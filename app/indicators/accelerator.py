"""Accelerator oscillator.

    AO - SMA(AO, 5), where AO = SMA(median price, 5) - SMA(median price, 34)

Source: B. Williams, "New Trading Dimensions" (1998), ch. 7. Warm-up: 37 bars.
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
from app.indicators.engine.values import Value
from app.indicators.engine.windows import mean


class Params(StudyParams, frozen=True):
    """Lengths."""

    fast: Annotated[int, Meta(title="Fast", description="bars", ge=1, le=LENGTH_MAX)] = 5
    slow: Annotated[int, Meta(title="Slow", description="bars", ge=1, le=LENGTH_MAX)] = 34
    smooth: Annotated[int, Meta(title="Smooth", description="bars", ge=1, le=LENGTH_MAX)] = 5


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the difference, in units of price."""
    line = mean(bars.median, params.fast) - mean(bars.median, params.slow)
    return (line - mean(line, params.smooth),)


INDICATOR = IndicatorSpec(
    name="accelerator",
    title="Accelerator oscillator",
    short="AC",
    params=Params,
    outputs=(Output(name="value", title="AC", kind=Kind.HISTOGRAM, role=Role.SIGNED),),
    category=Category.MOMENTUM,
    levels=zero_level,
    rule=rule,
)
