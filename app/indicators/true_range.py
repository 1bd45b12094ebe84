"""True range.

    TR = max(high, close[1]) - min(low, close[1])

Source: J. W. Wilder, "New Concepts in Technical Trading Systems" (1978), p. 21. Warm-up: 1 bar,
which has no close before it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.indicators import words
from app.indicators.base import Category, Columns, IndicatorSpec, Output, Quick, StudyParams
from app.indicators.engine.values import Value
from app.indicators.kernels import Floats, talib


def rule(bars: Columns, params: StudyParams) -> Sequence[Value]:
    """Return the range, in units of price."""
    return (words.true_range(bars),)


def _arrays(columns: Mapping[str, Floats], params: StudyParams) -> Sequence[Floats] | None:
    return (talib().TRANGE(columns["high"], columns["low"], columns["close"]),)


INDICATOR = IndicatorSpec(
    name="true_range",
    title="True range",
    short="TR",
    params=StudyParams,
    outputs=(Output(name="range", title="TR"),),
    category=Category.VOLATILITY,
    rule=rule,
    quick=Quick(_arrays),
)
