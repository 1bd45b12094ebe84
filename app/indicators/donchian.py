"""Donchian channel.

    upper = highest high of n, lower = lowest low of n, middle = (upper + lower) / 2

Source: R. Donchian's four-week rule, in J. J. Murphy, "Technical Analysis of the Financial Markets"
(1999), ch. 9: 20 days. This bar counts; who trades the break of a channel looks at the one before.
Warm-up: n - 1 bars.
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
    Pane,
    Role,
    StudyParams,
)
from app.indicators.engine.values import Value
from app.indicators.engine.windows import highest, lowest


class Params(StudyParams, frozen=True):
    """Length."""

    length: Length = 20


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the upper line, the middle and the lower line."""
    upper, lower = highest(bars.high, params.length), lowest(bars.low, params.length)
    return upper, (upper + lower) / 2, lower


INDICATOR = IndicatorSpec(
    name="donchian",
    title="Donchian channel",
    short="DC {length}",
    params=Params,
    outputs=(
        Output(name="upper", title="Upper"),
        Output(name="middle", title="Middle", role=Role.SECOND),
        Output(name="lower", title="Lower", kind=Kind.BAND, fill_to="upper"),
    ),
    category=Category.VOLATILITY,
    pane=Pane.OVERLAY,
    rule=rule,
)
