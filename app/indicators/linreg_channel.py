"""Linear regression channel.

    upper and lower = end of the line +- w standard error: the root of the mean square distance of
    the last n from their line, divided by n

Source: G. Raff, "Trading the Regression Channel" (1996), for the channel; the error's divisor is
that of a population, as of Bollinger bands. At each bar it is the channel's end as known then.
Warm-up: n - 1 bars.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.indicators.base import (
    Category,
    Columns,
    IndicatorSpec,
    Kind,
    Output,
    Pane,
    Price,
    Role,
    Source,
    Span,
    StudyParams,
    Width,
)
from app.indicators.engine.values import Value, root, where
from app.indicators.engine.windows import deviation
from app.indicators.words import straight


class Params(StudyParams, frozen=True):
    """Length, width and price."""

    length: Span = 100
    width: Width = 2.0
    source: Price = Source.CLOSE


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the upper line, the end of the line and the lower line."""
    x, n = bars.price(params.source), params.length
    line, spread = straight(x, n), deviation(x, n)
    whole = spread * spread
    rest = whole - line.slope * line.slope * ((n * n - 1) / 12)
    # What is left of points on a line is rounding.
    width = root(where(rest > whole * 1e-9, rest, 0.0)) * params.width
    return line.end + width, line.end, line.end - width


INDICATOR = IndicatorSpec(
    name="linreg_channel",
    title="Linear regression channel",
    short="LR channel {length},{width:g}",
    params=Params,
    outputs=(
        Output(name="upper", title="Upper"),
        Output(name="middle", title="Middle", role=Role.SECOND),
        Output(name="lower", title="Lower", kind=Kind.BAND, fill_to="upper"),
    ),
    category=Category.TREND,
    pane=Pane.OVERLAY,
    rule=rule,
)
