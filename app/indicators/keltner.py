"""Keltner channel.

    middle = EMA(x, n), upper and lower = middle +- w ATR(m)

Source: C. W. Keltner, "How To Make Money in Commodities" (1960), in L. B. Raschke's form with an
exponential mean and the average true range: 20, 10, 2. Warm-up: the longer of n - 1 and m bars.
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
    Kind,
    Length,
    Output,
    Pane,
    Price,
    Role,
    Source,
    StudyParams,
    Width,
)
from app.indicators.engine.recursions import ema, wilder
from app.indicators.engine.values import Value
from app.indicators.words import true_range


class Params(StudyParams, frozen=True):
    """Lengths, width and price."""

    length: Length = 20
    range_length: Annotated[int, Meta(title="ATR", description="bars", ge=1, le=LENGTH_MAX)] = 10
    width: Width = 2.0
    source: Price = Source.CLOSE


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the upper line, the mean and the lower line."""
    middle = ema(bars.price(params.source), params.length)
    width = wilder(true_range(bars), params.range_length) * params.width
    return middle + width, middle, middle - width


INDICATOR = IndicatorSpec(
    name="keltner",
    title="Keltner channel",
    short="KC {length},{width:g}",
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
