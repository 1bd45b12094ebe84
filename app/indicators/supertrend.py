"""Supertrend.

    bands = (high + low) / 2 +- w ATR(n); the upper only falls, the lower only rises, unless the
    close before lay beyond it
    the line is the lower band in a rise, until the close falls below it, and the upper in a fall

Source: O. Seban's Supertrend (2008), as platforms have it: 10 and 3. Begins as a rise if the first
close with a range lies above the middle of its bar, else as a fall. Warm-up: n bars.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from app.indicators.base import (
    Category,
    Columns,
    IndicatorSpec,
    Length,
    Output,
    Pane,
    Role,
    StudyParams,
    Width,
)
from app.indicators.engine.recursions import fold, wilder
from app.indicators.engine.values import Value
from app.indicators.words import true_range


class Params(StudyParams, frozen=True):
    """Length and width."""

    length: Length = 10
    width: Width = 3.0


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the line of a rise and the line of a fall: at each bar one of them."""
    width = wilder(true_range(bars), params.length) * params.width
    return fold(_step, None, (bars.median, width, bars.close), 2)


Trend = tuple[bool, float, float, float]
"""Is it a rise, lower band, upper band, close."""


def _step(
    trend: Trend | None, middle: float, width: float, close: float
) -> tuple[Trend, tuple[float, ...]]:
    lower, upper = middle - width, middle + width
    if trend is None:
        rise = close > middle
    else:
        rise, lower_1, upper_1, close_1 = trend
        if not close_1 < lower_1:
            lower = max(lower, lower_1)
        if not close_1 > upper_1:
            upper = min(upper, upper_1)
        rise = close >= lower if rise else close > upper
    shown = (lower, math.nan) if rise else (math.nan, upper)
    return (rise, lower, upper, close), shown


INDICATOR = IndicatorSpec(
    name="supertrend",
    title="Supertrend",
    short="ST {length},{width:g}",
    params=Params,
    outputs=(
        Output(name="rise", title="Rise", role=Role.UP, is_sparse=True),
        Output(name="fall", title="Fall", role=Role.DOWN, is_sparse=True),
    ),
    category=Category.TREND,
    pane=Pane.OVERLAY,
    rule=rule,
)
