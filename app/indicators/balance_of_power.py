"""Balance of power.

    SMA((close - open) / (high - low), n); a bar without range counts 0

Source: I. Livshin, "Balance of Power", Stocks & Commodities 19 (2001): 14. Unsmoothed it is
TA-Lib's BOP. Warm-up: n - 1 bars.
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
from app.indicators.engine.values import Value, ratio
from app.indicators.engine.windows import mean


class Params(StudyParams, frozen=True):
    """Length."""

    length: Length = 14


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the balance, -1 to 1."""
    raw = ratio(bars.close - bars.open, bars.high - bars.low, otherwise=0.0)
    return (mean(raw, params.length),)


INDICATOR = IndicatorSpec(
    name="balance_of_power",
    title="Balance of power",
    short="BOP {length}",
    params=Params,
    outputs=(Output(name="value", title="BOP"),),
    category=Category.MOMENTUM,
    levels=zero_level,
    rule=rule,
)
