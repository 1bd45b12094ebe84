"""Chaikin volatility.

    100 (E / E[m] - 1), where E = EMA(high - low, n); 0 where E[m] is 0

Source: M. Chaikin, in S. B. Achelis, "Technical Analysis from A to Z" (1995): 10 and 10. Warm-up:
n - 1 + m bars.
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
    StudyParams,
    zero_level,
)
from app.indicators.engine.recursions import ema
from app.indicators.engine.values import Value, ratio
from app.indicators.engine.windows import back


class Params(StudyParams, frozen=True):
    """Lengths."""

    length: Length = 10
    change: Annotated[int, Meta(title="Change", description="bars", ge=1, le=LENGTH_MAX)] = 10


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the change of the range, per cent."""
    size = ema(bars.high - bars.low, params.length)
    before = back(size, params.change)
    return (ratio(size - before, before, otherwise=0.0, beside=bars.close) * 100,)


INDICATOR = IndicatorSpec(
    name="chaikin_volatility",
    title="Chaikin volatility",
    short="CV {length}",
    params=Params,
    outputs=(Output(name="value", title="CV"),),
    category=Category.VOLATILITY,
    levels=zero_level,
    rule=rule,
)
