"""Average directional index rating.

    ADXR = (ADX + ADX[n - 1]) / 2

Source: J. W. Wilder, "New Concepts in Technical Trading Systems" (1978), p. 47: 14; n - 1 bars
apart, as in TA-Lib. Warm-up: 3 n - 2 bars.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.indicators.base import (
    Category,
    Columns,
    IndicatorSpec,
    Output,
    Quick,
    Span,
    StudyParams,
    faded,
)
from app.indicators.engine.recursions import wilder
from app.indicators.engine.values import Value
from app.indicators.engine.windows import back
from app.indicators.kernels import Floats, is_lively, talib
from app.indicators.words import directions


class Params(StudyParams, frozen=True):
    """Length."""

    length: Span = 14


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the rating, 0 to 100."""
    n = params.length
    index = wilder(directions(bars, n).dx, n)
    return ((index + back(index, n - 1)) / 2,)


def _arrays(columns: Mapping[str, Floats], params: Params) -> Sequence[Floats] | None:
    if not (is_lively(columns, 8 * params.length)):
        return None
    return (talib().ADXR(columns["high"], columns["low"], columns["close"], params.length),)


def _fades(params: Params) -> int:
    return faded(2 * params.length, 2 * params.length)


INDICATOR = IndicatorSpec(
    name="adxr",
    title="Average directional index rating",
    short="ADXR {length}",
    params=Params,
    outputs=(Output(name="rating", title="ADXR"),),
    category=Category.TREND,
    rule=rule,
    quick=Quick(_arrays, _fades),
)
