"""Moving average envelope.

    upper and lower = mean (1 +- p / 100)

Source: J. J. Murphy, "Technical Analysis of the Financial Markets" (1999), ch. 9. Warm-up: n - 1
bars.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from app.indicators.base import (
    Average,
    Category,
    Columns,
    IndicatorSpec,
    Kind,
    Length,
    Output,
    Pane,
    Price,
    Role,
    Source,
    StudyParams,
)
from app.indicators.engine.values import Value
from app.indicators.words import averaged


class Params(StudyParams, frozen=True):
    """Length, distance, way to average and price."""

    length: Length = 20
    percent: Annotated[float, Meta(title="Distance", description="per cent", gt=0, le=100)] = 2.5
    average: Annotated[Average, Meta(title="Average", description="way to average")] = Average.SMA
    source: Price = Source.CLOSE


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the upper line, the mean and the lower line."""
    middle = averaged(bars.price(params.source), params.length, params.average)
    share = params.percent / 100
    return middle * (1 + share), middle, middle * (1 - share)


INDICATOR = IndicatorSpec(
    name="envelope",
    title="Moving average envelope",
    short="Env {length},{percent:g}",
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
