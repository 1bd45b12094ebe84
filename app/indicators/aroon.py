"""Aroon.

    up = 100 (n - bars since the highest high of the last n + 1) / n, down of the lowest low

Source: T. S. Chande, "Time Price Oscillator", Stocks & Commodities 13 (1995): 25. Of equal
extremes the newest counts. Warm-up: n bars.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.indicators.base import (
    Category,
    Columns,
    IndicatorSpec,
    Level,
    Output,
    Quick,
    Role,
    Span,
    StudyParams,
)
from app.indicators.engine.values import Value
from app.indicators.engine.windows import since_highest, since_lowest
from app.indicators.kernels import Floats, talib


class Params(StudyParams, frozen=True):
    """Length."""

    length: Span = 25


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return how new the extremes are, 0 to 100."""
    n = params.length
    up = (n - since_highest(bars.high, n + 1)) * (100 / n)
    down = (n - since_lowest(bars.low, n + 1)) * (100 / n)
    return up, down


def levels(params: Params) -> Sequence[Level]:
    """Return the levels that mean much."""
    return Level(30), Level(70)


def _arrays(columns: Mapping[str, Floats], params: Params) -> Sequence[Floats] | None:
    down, up = talib().AROON(columns["high"], columns["low"], params.length)
    return up, down


INDICATOR = IndicatorSpec(
    name="aroon",
    title="Aroon",
    short="Aroon {length}",
    params=Params,
    outputs=(
        Output(name="up", title="Up", role=Role.UP),
        Output(name="down", title="Down", role=Role.DOWN),
    ),
    category=Category.TREND,
    levels=levels,
    rule=rule,
    quick=Quick(_arrays),
)
