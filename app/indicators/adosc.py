"""Chaikin oscillator.

    EMA(A/D, fast) - EMA(A/D, slow)

Source: M. Chaikin, in S. B. Achelis, "Technical Analysis from A to Z" (1995): 3 and 10. The means
begin with the mean of their first values, those of TA-Lib with the first. Warm-up: slow - 1 bars.
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
    Output,
    Quick,
    StudyParams,
    faded,
    zero_level,
)
from app.indicators.engine.recursions import ema, running
from app.indicators.engine.values import Value
from app.indicators.kernels import Floats, talib
from app.indicators.words import close_place


class Params(StudyParams, frozen=True):
    """Lengths."""

    fast: Annotated[int, Meta(title="Fast", description="bars", ge=1, le=LENGTH_MAX)] = 3
    slow: Annotated[int, Meta(title="Slow", description="bars", ge=1, le=LENGTH_MAX)] = 10


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the difference, in units of volume."""
    line = running(bars.volume * close_place(bars))
    return (ema(line, params.fast) - ema(line, params.slow),)


def _arrays(columns: Mapping[str, Floats], params: Params) -> Sequence[Floats] | None:
    if not (params.fast > 1 and params.slow > 1):
        return None
    return (
        talib().ADOSC(
            columns["high"],
            columns["low"],
            columns["close"],
            columns["volume"],
            params.fast,
            params.slow,
        ),
    )


def _fades(params: Params) -> int:
    return faded(params.fast, params.slow)


INDICATOR = IndicatorSpec(
    name="adosc",
    title="Chaikin oscillator",
    short="ADOSC {fast},{slow}",
    params=Params,
    outputs=(Output(name="value", title="ADOSC"),),
    category=Category.VOLUME,
    levels=zero_level,
    rule=rule,
    quick=Quick(_arrays, _fades),
)
