"""Moving average convergence/divergence.

    MACD = EMA(x, fast) - EMA(x, slow), signal = EMA(MACD, n), histogram = MACD - signal

Source: G. Appel, "The Moving Average Convergence-Divergence Method" (1979): 12, 26, 9; the
histogram is T. Aspray's (1986). Each mean begins with the simple mean of its own first values;
TA-Lib begins the fast one later, and agrees after some 100 bars. Warm-up: slow - 1 bars, the signal
n - 1 more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from msgspec import Meta

from app.indicators.base import (
    LENGTH_MAX,
    Category,
    Columns,
    IndicatorSpec,
    Kind,
    Output,
    Price,
    Quick,
    Role,
    Source,
    StudyParams,
    faded,
    zero_level,
)
from app.indicators.engine.recursions import ema
from app.indicators.engine.values import Value
from app.indicators.kernels import Floats, talib


class Params(StudyParams, frozen=True):
    """Lengths and price."""

    fast: Annotated[int, Meta(title="Fast", description="bars", ge=1, le=LENGTH_MAX)] = 12
    slow: Annotated[int, Meta(title="Slow", description="bars", ge=1, le=LENGTH_MAX)] = 26
    signal: Annotated[int, Meta(title="Signal", description="bars", ge=1, le=LENGTH_MAX)] = 9
    source: Price = Source.CLOSE


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the difference, its mean and what lies between."""
    x = bars.price(params.source)
    line = ema(x, params.fast) - ema(x, params.slow)
    signal = ema(line, params.signal)
    return line, signal, line - signal


def _arrays(columns: Mapping[str, Floats], params: Params) -> Sequence[Floats] | None:
    if not (params.source in columns and 1 < params.fast < params.slow and params.signal > 1):
        return None
    x = columns[params.source]
    return tuple(talib().MACD(x, params.fast, params.slow, params.signal))


def _fades(params: Params) -> int:
    return faded(max(params.fast, params.slow), params.signal)


INDICATOR = IndicatorSpec(
    name="macd",
    title="Moving average convergence/divergence",
    short="MACD {fast},{slow},{signal}",
    params=Params,
    outputs=(
        Output(name="macd", title="MACD"),
        Output(name="signal", title="Signal", role=Role.SECOND),
        Output(name="histogram", title="Histogram", kind=Kind.HISTOGRAM, role=Role.SIGNED),
    ),
    category=Category.MOMENTUM,
    levels=zero_level,
    rule=rule,
    quick=Quick(_arrays, _fades),
)
