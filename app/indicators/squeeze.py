"""Squeeze.

    on where the Bollinger bands of n and w lie within the Keltner channel SMA(close, n) +- k
      SMA(TR, n)
    momentum = end of the linear regression over n of
    close - ((highest high + lowest low) / 2 + SMA(close, n)) / 2

Source: J. F. Carter, "Mastering the Trade" (2005), ch. 11: 20, 2, 1.5; the momentum as platforms
have it. Warm-up: n bars, the momentum n - 2 more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from app.indicators.base import (
    Category,
    Columns,
    IndicatorSpec,
    Kind,
    Output,
    Role,
    Span,
    StudyParams,
    Width,
    zero_level,
)
from app.indicators.engine.values import Value
from app.indicators.engine.windows import deviation, highest, lowest, mean
from app.indicators.words import only, straight, true_range


class Params(StudyParams, frozen=True):
    """Length and widths."""

    length: Span = 20
    width: Width = 2.0
    channel: Annotated[float, Meta(title="Channel", description="times", gt=0, le=100)] = 1.5


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the momentum, and 0 where the squeeze is on."""
    x, n = bars.close, params.length
    middle = (highest(bars.high, n) + lowest(bars.low, n)) / 2
    line = straight(x - (middle + mean(x, n)) / 2, n).end
    inside = deviation(x, n) * params.width < mean(true_range(bars), n) * params.channel
    return line, only(inside, x * 0)


INDICATOR = IndicatorSpec(
    name="squeeze",
    title="Squeeze",
    short="Squeeze {length}",
    params=Params,
    outputs=(
        Output(name="momentum", title="Momentum", kind=Kind.HISTOGRAM, role=Role.SIGNED),
        Output(name="on", title="On", kind=Kind.POINTS, role=Role.SECOND, is_sparse=True),
    ),
    category=Category.VOLATILITY,
    levels=zero_level,
    rule=rule,
)
