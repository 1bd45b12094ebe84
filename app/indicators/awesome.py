"""Awesome oscillator.

    SMA(median price, 5) - SMA(median price, 34)

Source: B. Williams, "New Trading Dimensions" (1998), ch. 6. Warm-up: 33 bars.
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


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the difference, in units of price."""
    return (mean(bars.median, params.fast) - mean(bars.median, params.slow),)


INDICATOR = IndicatorSpec(
    name="awesome",
    title="Awesome oscillator",
    short="AO",
    params=Params,
    outputs=(Output(name="value", title="AO", kind=Kind.HISTOGRAM, role=Role.SIGNED),),
    category=Category.MOMENTUM,
    levels=zero_level,
    rule=rule,
)
