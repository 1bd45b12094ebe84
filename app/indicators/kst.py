"""Know sure thing.

    KST = SMA(ROC 10, 10) + 2 SMA(ROC 15, 10) + 3 SMA(ROC 20, 10) + 4 SMA(ROC 30, 15), signal =
      SMA(KST, 9)

Source: M. J. Pring, "Summed Rate of Change (KST)", Stocks & Commodities 10 (1992), the short-term
weights. ROC in per cent. Warm-up: 44 bars, the signal 8 more.
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
    Output,
    Price,
    Role,
    Source,
    StudyParams,
    zero_level,
)
from app.indicators.engine.values import Value
from app.indicators.engine.windows import mean
from app.indicators.words import growth

_PARTS = ((1, 10, 10), (2, 15, 10), (3, 20, 10), (4, 30, 15))
"""Weight, length of the change, length of its mean."""


class Params(StudyParams, frozen=True):
    """Length of the signal, and price."""

    signal: Annotated[int, Meta(title="Signal", description="bars", ge=1, le=LENGTH_MAX)] = 9
    source: Price = Source.CLOSE


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the sum and its mean."""
    x = bars.price(params.source)
    parts = [mean(growth(x, n), m) * (100 * weight) for weight, n, m in _PARTS]
    line = parts[0] + parts[1] + parts[2] + parts[3]
    return line, mean(line, params.signal)


INDICATOR = IndicatorSpec(
    name="kst",
    title="Know sure thing",
    short="KST",
    params=Params,
    outputs=(
        Output(name="kst", title="KST"),
        Output(name="signal", title="Signal", role=Role.SECOND),
    ),
    category=Category.MOMENTUM,
    levels=zero_level,
    rule=rule,
)
