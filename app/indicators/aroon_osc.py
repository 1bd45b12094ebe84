"""Aroon oscillator.

    Aroon up - Aroon down

Source: T. S. Chande, "Time Price Oscillator", Stocks & Commodities 13 (1995): 25. Warm-up: n bars.
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
    zero_level,
)
from app.indicators.engine.values import Value
from app.indicators.engine.windows import since_highest, since_lowest
from app.indicators.kernels import Floats, talib


class Params(StudyParams, frozen=True):
    """Length."""

    length: Span = 25


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the difference, -100 to 100."""
    n = params.length
    ages = since_lowest(bars.low, n + 1) - since_highest(bars.high, n + 1)
    return (ages * (100 / n),)


def _arrays(columns: Mapping[str, Floats], params: Params) -> Sequence[Floats] | None:
    return (talib().AROONOSC(columns["high"], columns["low"], params.length),)


INDICATOR = IndicatorSpec(
    name="aroon_osc",
    title="Aroon oscillator",
    short="Aroon osc {length}",
    params=Params,
    outputs=(Output(name="value", title="Aroon osc"),),
    category=Category.TREND,
    levels=zero_level,
    rule=rule,
    quick=Quick(_arrays),
)
