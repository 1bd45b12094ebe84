"""Elder ray.

    bull power = high - EMA(close, n), bear power = low - EMA(close, n)

Source: A. Elder, "Trading for a Living" (1993), ch. 41: 13. Warm-up: n - 1 bars.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.indicators.base import (
    Category,
    Columns,
    IndicatorSpec,
    Kind,
    Length,
    Output,
    Role,
    StudyParams,
    zero_level,
)
from app.indicators.engine.recursions import ema
from app.indicators.engine.values import Value


class Params(StudyParams, frozen=True):
    """Length."""

    length: Length = 13


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the power of bulls and of bears, in units of price."""
    middle = ema(bars.close, params.length)
    return bars.high - middle, bars.low - middle


INDICATOR = IndicatorSpec(
    name="elder_ray",
    title="Elder ray",
    short="Elder ray {length}",
    params=Params,
    outputs=(
        Output(name="bull", title="Bull", kind=Kind.HISTOGRAM, role=Role.UP),
        Output(name="bear", title="Bear", kind=Kind.HISTOGRAM, role=Role.DOWN),
    ),
    category=Category.TREND,
    levels=zero_level,
    rule=rule,
)
