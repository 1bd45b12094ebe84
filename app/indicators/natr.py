"""Average true range in per cent of the close.

    NATR = 100 ATR / close; 0 where the close is 0

Source: J. Forman, "Cross-Market Evaluations With Normalized Average True Range", Stocks &
Commodities 24 (2006). Warm-up: n bars.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.indicators.base import (
    Category,
    Columns,
    IndicatorSpec,
    Length,
    Output,
    Quick,
    StudyParams,
    faded,
)
from app.indicators.engine.recursions import wilder
from app.indicators.engine.values import Value, ratio
from app.indicators.kernels import Floats, is_lively, talib
from app.indicators.words import true_range


class Params(StudyParams, frozen=True):
    """Length."""

    length: Length = 14


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the range, per cent."""
    size = wilder(true_range(bars), params.length)
    return (ratio(size * 100, bars.close, otherwise=0.0),)


def _arrays(columns: Mapping[str, Floats], params: Params) -> Sequence[Floats] | None:
    if not (params.length > 1 and is_lively(columns, 1_000)):
        return None
    return (talib().NATR(columns["high"], columns["low"], columns["close"], params.length),)


def _fades(params: Params) -> int:
    return faded(2 * params.length)


INDICATOR = IndicatorSpec(
    name="natr",
    title="Average true range, per cent",
    short="NATR {length}",
    params=Params,
    outputs=(Output(name="range", title="NATR"),),
    category=Category.VOLATILITY,
    rule=rule,
    quick=Quick(_arrays, _fades),
)
