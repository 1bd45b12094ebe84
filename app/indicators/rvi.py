"""Relative vigor index.

    w(x) = (x + 2 x[1] + 2 x[2] + x[3]) / 6
    RVI = sum of w(close - open) / sum of w(high - low), over n; signal = w(RVI)

Source: J. Ehlers, "Relative Vigor Index", Stocks & Commodities 20 (2002): 10. 0 where there is no
range. Warm-up: n + 2 bars, the signal 3 more.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.indicators.base import (
    Category,
    Columns,
    IndicatorSpec,
    Length,
    Output,
    Role,
    StudyParams,
    zero_level,
)
from app.indicators.engine.values import Value, ratio
from app.indicators.engine.windows import back, flow


class Params(StudyParams, frozen=True):
    """Length."""

    length: Length = 10


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the index and its mean."""
    n = params.length
    gained = flow(_smooth(bars.close - bars.open), n)
    line = ratio(gained, flow(_smooth(bars.high - bars.low), n), otherwise=0.0, beside=bars.close)
    return line, _smooth(line)


def _smooth(x: Value) -> Value:
    return (x + back(x) * 2 + back(x, 2) * 2 + back(x, 3)) / 6


INDICATOR = IndicatorSpec(
    name="rvi",
    title="Relative vigor index",
    short="RVI {length}",
    params=Params,
    outputs=(
        Output(name="rvi", title="RVI"),
        Output(name="signal", title="Signal", role=Role.SECOND),
    ),
    category=Category.MOMENTUM,
    levels=zero_level,
    rule=rule,
)
