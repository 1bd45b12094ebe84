"""Negative volume index.

    NVI = NVI[1] close / close[1] on bars with less volume than the one before, beginning with 1,000
    signal = EMA(NVI, n)

Source: P. L. Dysart (1936), in N. G. Fosback, "Stock Market Logic" (1976): 255 days. Warm-up: 1
bar, the signal n - 1 more.
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
    Role,
    StudyParams,
)
from app.indicators.engine.recursions import compounded, ema
from app.indicators.engine.values import Value, ratio, where
from app.indicators.engine.windows import back, change


class Params(StudyParams, frozen=True):
    """Length of the signal."""

    signal: Annotated[int, Meta(title="Signal", description="bars", ge=1, le=LENGTH_MAX)] = 255


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the index and its mean."""
    x, moved = bars.close, change(bars.volume)
    factor = where(moved < 0, ratio(x, back(x), otherwise=1.0), 1.0)
    line = compounded(factor, 1_000.0)
    return line, ema(line, params.signal)


INDICATOR = IndicatorSpec(
    name="nvi",
    title="Negative volume index",
    short="NVI {signal}",
    params=Params,
    outputs=(
        Output(name="index", title="Index"),
        Output(name="signal", title="Signal", role=Role.SECOND),
    ),
    category=Category.VOLUME,
    rule=rule,
)
