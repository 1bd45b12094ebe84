"""Average true range.

    TR = max(high, close[1]) - min(low, close[1]), ATR = Wilder's mean of TR over n

Source: J. W. Wilder, "New Concepts in Technical Trading Systems" (1978), pp. 21-23: 14. The first
bar has no close before it and counts for none, as in TA-Lib. Warm-up: n bars.
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
from app.indicators.engine.values import Value
from app.indicators.kernels import Floats, talib
from app.indicators.words import true_range


class Params(StudyParams, frozen=True):
    """Length."""

    length: Length = 14


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the range, in units of price."""
    return (wilder(true_range(bars), params.length),)


def _arrays(columns: Mapping[str, Floats], params: Params) -> Sequence[Floats] | None:
    if not (params.length > 1):
        return None
    return (talib().ATR(columns["high"], columns["low"], columns["close"], params.length),)


def _fades(params: Params) -> int:
    return faded(2 * params.length)


INDICATOR = IndicatorSpec(
    name="atr",
    title="Average true range",
    short="ATR {length}",
    params=Params,
    outputs=(Output(name="range", title="ATR"),),
    category=Category.VOLATILITY,
    rule=rule,
    quick=Quick(_arrays, _fades),
)
