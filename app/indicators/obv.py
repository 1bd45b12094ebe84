"""On-balance volume.

    OBV = OBV[1] + volume where close > close[1], - volume where close < close[1]

Source: J. E. Granville, "New Key to Stock Market Profits" (1963). Begins with 0 at the first bar
that has one before it; TA-Lib begins with the first bar's volume, so the lines run parallel.
Warm-up: 1 bar.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.indicators.base import Category, Columns, IndicatorSpec, Output, StudyParams
from app.indicators.engine.recursions import running
from app.indicators.engine.values import Value, sign
from app.indicators.engine.windows import change


def rule(bars: Columns, params: StudyParams) -> Sequence[Value]:
    """Return the running sum, in units of volume."""
    return (running(bars.volume * sign(change(bars.close))),)


INDICATOR = IndicatorSpec(
    name="obv",
    title="On-balance volume",
    short="OBV",
    params=StudyParams,
    outputs=(Output(name="sum", title="OBV"),),
    category=Category.VOLUME,
    rule=rule,
)
