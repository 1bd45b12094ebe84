"""Triple exponential oscillator.

    TRIX = 100 (e3 / e3[1] - 1), where e3 = EMA(EMA(EMA(x, n), n), n); signal = SMA(TRIX, m)

Source: J. K. Hutson, "Good TRIX", Stocks & Commodities 1 (1983): 15. Warm-up: 3 (n - 1) + 1 bars.
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
    Length,
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
from app.indicators.engine.windows import mean
from app.indicators.kernels import Floats, talib
from app.indicators.words import growth


class Params(StudyParams, frozen=True):
    """Lengths and price."""

    length: Length = 15
    signal: Annotated[int, Meta(title="Signal", description="bars", ge=1, le=LENGTH_MAX)] = 9
    source: Price = Source.CLOSE


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the oscillator and its mean."""
    value = bars.price(params.source)
    for _ in range(3):
        value = ema(value, params.length)
    line = growth(value) * 100
    return line, mean(line, params.signal)


def _arrays(columns: Mapping[str, Floats], params: Params) -> Sequence[Floats] | None:
    if not (params.source in columns and params.length > 1 and params.signal > 1):
        return None
    line = talib().TRIX(columns[params.source], params.length)
    return line, talib().SMA(line, params.signal)


def _fades(params: Params) -> int:
    return faded(*[params.length] * 3)


INDICATOR = IndicatorSpec(
    name="trix",
    title="Triple exponential oscillator",
    short="TRIX {length},{signal}",
    params=Params,
    outputs=(
        Output(name="trix", title="TRIX"),
        Output(name="signal", title="Signal", role=Role.SECOND),
    ),
    category=Category.MOMENTUM,
    levels=zero_level,
    rule=rule,
    quick=Quick(_arrays, _fades),
)
