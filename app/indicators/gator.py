"""Gator oscillator.

    upper = |jaw - teeth|, lower = -|teeth - lips|, of the alligator's lines as drawn: shifted by
      8, 5
    and 3 bars

Source: B. Williams, "New Trading Dimensions" (1998), ch. 5. Warm-up: 20 and 12 bars.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.indicators.base import (
    Category,
    Columns,
    IndicatorSpec,
    Kind,
    Output,
    Role,
    StudyParams,
    zero_level,
)
from app.indicators.engine.recursions import wilder
from app.indicators.engine.values import Value
from app.indicators.engine.windows import back


def rule(bars: Columns, params: StudyParams) -> Sequence[Value]:
    """Return how far jaw and teeth, and teeth and lips, lie apart."""
    x = bars.median
    jaw, teeth, lips = back(wilder(x, 13), 8), back(wilder(x, 8), 5), back(wilder(x, 5), 3)
    return abs(jaw - teeth), -abs(teeth - lips)


INDICATOR = IndicatorSpec(
    name="gator",
    title="Gator oscillator",
    short="Gator",
    params=StudyParams,
    outputs=(
        Output(name="upper", title="Upper", kind=Kind.HISTOGRAM, role=Role.UP),
        Output(name="lower", title="Lower", kind=Kind.HISTOGRAM, role=Role.DOWN),
    ),
    category=Category.TREND,
    levels=zero_level,
    rule=rule,
)
