"""Variable index dynamic average.

    share = |CMO(x, m)| / 100 * 2 / (n + 1), VIDYA = VIDYA[1] + share (x - VIDYA[1])

Source: T. S. Chande, "Adapting Moving Averages to Market Volatility", Stocks & Commodities 10
(1992), in the form with his momentum oscillator (1995). Begins from the price before. Warm-up: m
bars.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from app.indicators.base import (
    LENGTH_MAX,
    Category,
    Columns,
    IndicatorSpec,
    Length,
    Output,
    Pane,
    Price,
    Source,
    StudyParams,
)
from app.indicators.engine.recursions import adaptive
from app.indicators.engine.values import Value, ratio
from app.indicators.engine.windows import change, flow


class Params(StudyParams, frozen=True):
    """Lengths and price."""

    length: Length = 14
    momentum: Annotated[int, Meta(title="Momentum", description="bars", ge=1, le=LENGTH_MAX)] = 9
    source: Price = Source.CLOSE


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the mean."""
    x = bars.price(params.source)
    moved = flow(abs(change(x)), params.momentum)
    share = ratio(abs(change(x, params.momentum)), moved, otherwise=0.0, beside=x)
    return (adaptive(x, share * (2 / (params.length + 1))),)


INDICATOR = IndicatorSpec(
    name="vidya",
    title="Variable index dynamic average",
    short="VIDYA {length}",
    params=Params,
    outputs=(Output(name="value", title="VIDYA"),),
    category=Category.TREND,
    pane=Pane.OVERLAY,
    rule=rule,
)
