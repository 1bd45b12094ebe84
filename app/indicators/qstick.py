"""Qstick.

    SMA(close - open, n)

Source: T. S. Chande and S. Kroll, "The New Technical Trader" (1994), ch. 7: 8. Warm-up: n - 1 bars.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.indicators.base import (
    Category,
    Columns,
    IndicatorSpec,
    Length,
    Output,
    StudyParams,
    zero_level,
)
from app.indicators.engine.values import Value
from app.indicators.engine.windows import mean


class Params(StudyParams, frozen=True):
    """Length."""

    length: Length = 8


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the mean body, in units of price."""
    return (mean(bars.close - bars.open, params.length),)


INDICATOR = IndicatorSpec(
    name="qstick",
    title="Qstick",
    short="Qstick {length}",
    params=Params,
    outputs=(Output(name="value", title="Qstick"),),
    category=Category.MOMENTUM,
    levels=zero_level,
    rule=rule,
)
